// Sorted runs: files of records that are a few numbers each, ascending by the first, and many of them read as one. What does not fit the
// memory is sorted so, on one machine or on many.
import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** Bytes held of each run that is read, and of one that is written. */
const BUFFER_BYTES = 1 << 16;
const NUMBER_BYTES = 8;

/** A run being written. */
export interface RunWriter {
  /** Appends a record; records must come in ascending order of their first number. */
  push(record: ArrayLike<number>): void;
  close(): void;
}

/** Begins a run of records of `width` numbers. */
export function createRunWriter(path: string, width: number): RunWriter {
  const file = openSync(path, "w");
  const buffer = new Float64Array(width * Math.floor(BUFFER_BYTES / NUMBER_BYTES / width));
  let used = 0;
  const flush = (): void => {
    const bytes = new Uint8Array(buffer.buffer, 0, NUMBER_BYTES * used);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
    used = 0;
  };
  return {
    push(record) {
      if (used === buffer.length) flush();
      buffer.set(record, used);
      used += width;
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}

/** Records in any order, which become runs. */
export interface RunSorter {
  push(record: ArrayLike<number>): void;
  /** Writes what is held; gives the number of runs. */
  finish(): number;
}

/**
 * Sorts records of `width` numbers, `held` at once, into runs at `pathOf(0)`, `pathOf(1)`, ...; records with the same first number stay in order,
 * within a run and from run to run. Memory: 8 bytes a number and 12 a record.
 */
export function createRunSorter(pathOf: (run: number) => string, width: number, held: number): RunSorter {
  // The system gives memory to what is written alone: few records take little of it.
  const records = new Float64Array(width * held);
  let count = 0;
  let runs = 0;
  const flush = (): void => {
    const order = Uint32Array.from({ length: count }, (_, record) => record);
    order.sort((a, b) => records[a * width]! - records[b * width]! || a - b);
    const run = createRunWriter(pathOf(runs++), width);
    for (const record of order) run.push(records.subarray(record * width, (record + 1) * width));
    run.close();
    count = 0;
  };
  return {
    push(record) {
      if (count === held) flush();
      records.set(record, width * count++);
    },
    finish() {
      if (count > 0) flush();
      return runs;
    },
  };
}

interface RunReader {
  /** The record that is next; `undefined` at the end. Overwritten by `skip`. */
  readonly head: Float64Array | undefined;
  skip(): void;
  close(): void;
}

function openRun(path: string, width: number): RunReader {
  const file = openSync(path, "r");
  const buffer = new Float64Array(width * Math.floor(BUFFER_BYTES / NUMBER_BYTES / width));
  const bytes = new Uint8Array(buffer.buffer);
  let at = 0;
  let filled = 0;
  const fill = (): void => {
    let got = 0;
    while (got < bytes.length) {
      const n = readSync(file, bytes, got, bytes.length - got, null);
      if (n === 0) break;
      got += n;
    }
    at = 0;
    filled = got / NUMBER_BYTES;
    head = filled === 0 ? undefined : buffer.subarray(0, width);
  };
  let head: Float64Array | undefined;
  fill();
  return {
    get head() {
      return head;
    },
    skip() {
      at += width;
      if (at >= filled) fill();
      else head = buffer.subarray(at, at + width);
    },
    close: () => closeSync(file),
  };
}

/**
 * The records of all runs, ascending by their first number, those of an earlier run first where it is the same; `run` is the number of the run
 * it is from. The record is overwritten by the next one. Memory: 64 KiB a run.
 */
export function* mergeRuns(
  paths: readonly string[],
  width: number,
): Generator<{ readonly record: Float64Array; readonly run: number }> {
  const runs: RunReader[] = [];
  try {
    for (const path of paths) runs.push(openRun(path, width));
    /** Numbers of runs that have a record left, as a heap: the least first. */
    const heap: number[] = [];
    const before = (a: number, b: number): boolean => {
      const difference = runs[a]!.head![0]! - runs[b]!.head![0]!;
      return difference < 0 || (difference === 0 && a < b);
    };
    const sink = (from: number): void => {
      for (let at = from; ; ) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
        if (least === at) return;
        [heap[at], heap[least]] = [heap[least]!, heap[at]!];
        at = least;
      }
    };
    for (const [run, { head }] of runs.entries()) if (head !== undefined) heap.push(run);
    for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(at);
    while (heap.length > 0) {
      const run = heap[0]!;
      yield { record: runs[run]!.head!, run };
      runs[run]!.skip();
      if (runs[run]!.head === undefined) {
        const last = heap.pop()!;
        if (heap.length > 0) heap[0] = last;
      }
      sink(0);
    }
  } finally {
    for (const run of runs) run.close();
  }
}
