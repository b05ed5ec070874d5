// Records of unsigned 32-bit numbers in partitions on disk: written in any order, read one partition at a time. Memory is a buffer for
// each partition, however many records there are.
import { closeSync, existsSync, fstatSync, openSync, readSync, writeSync } from "node:fs";

/** Partitions being written. */
export interface Spill {
  /** Appends a record; its numbers are copied. */
  add(partition: number, record: ArrayLike<number>): void;
  /** Writes what is still in memory. */
  flush(): void;
}

/** Numbers of a partition in memory: 16 KiB. */
const BUFFER_NUMBERS = 1 << 12;

/** Starts partitions at `pathOf(partition)`; one without records gets no file. Files that stand there already are appended to. */
export function createSpill(pathOf: (partition: number) => string): Spill {
  const buffers = new Map<number, { readonly numbers: Uint32Array; count: number }>();
  const write = (partition: number, numbers: Uint32Array): void => {
    // Opened anew each time: hundreds of partitions would meet the limit on open files.
    const file = openSync(pathOf(partition), "a");
    try {
      writeWhole(file, numbers);
    } finally {
      closeSync(file);
    }
  };
  return {
    add(partition, record) {
      let buffer = buffers.get(partition);
      if (buffer === undefined) {
        buffer = { numbers: new Uint32Array(BUFFER_NUMBERS), count: 0 };
        buffers.set(partition, buffer);
      }
      if (buffer.count + record.length > BUFFER_NUMBERS) {
        write(partition, buffer.numbers.subarray(0, buffer.count));
        buffer.count = 0;
      }
      buffer.numbers.set(record, buffer.count);
      buffer.count += record.length;
    },
    flush() {
      for (const [partition, buffer] of buffers) {
        if (buffer.count > 0) write(partition, buffer.numbers.subarray(0, buffer.count));
        buffer.count = 0;
      }
    },
  };
}

/** All numbers of a partition; none when it has no file. */
export function readSpilled(path: string): Uint32Array {
  if (!existsSync(path)) return new Uint32Array(0);
  const file = openSync(path, "r");
  try {
    const numbers = new Uint32Array(fstatSync(file).size / 4);
    readAt(file, path, numbers, 0);
    return numbers;
  } finally {
    closeSync(file);
  }
}

/** Sorts records of two numbers, [value, key], by key and then by value, in place. */
export function sortPairs(pairs: Uint32Array): Uint32Array {
  // As one number of 64 bits the second half counts first; sorted so, no comparison calls back.
  new BigUint64Array(pairs.buffer, pairs.byteOffset, pairs.length / 2).sort();
  return pairs;
}

/** Places of records of `width` numbers in the order of their number `field`; those that are equal stay in order. */
export function orderRecords(records: Uint32Array, width: number, field: number): Uint32Array {
  const count = records.length / width;
  const pairs = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) {
    pairs[2 * i] = i;
    pairs[2 * i + 1] = records[i * width + field]!;
  }
  sortPairs(pairs);
  return Uint32Array.from({ length: count }, (_, i) => pairs[2 * i]!);
}

/** Fills `into` with the bytes of an open file from `position` on. */
export function readAt(file: number, path: string, into: NodeJS.TypedArray, position: number): void {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const got = readSync(file, bytes, done, bytes.length - done, position + done);
    if (got === 0) throw new Error(`${path} became shorter while it was read`);
    done += got;
  }
}

/** Appends all bytes of `data` to an open file. */
export function writeWhole(file: number, data: NodeJS.TypedArray): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
}
