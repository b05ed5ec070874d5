// Finds the values of a JSON Lines file as a stream with their byte ranges; a broken line is one problem, the next one is read.
import { parseJson } from "./parse-json.ts";
import { LARGEST_RECORD, type RawRecord, type RecordScanner, tooLarge } from "./raw-record.ts";

/** A scanner that may stop between lines. */
export interface LineScanner extends RecordScanner {
  /** The first byte of the line that it stopped before; `undefined` when it did not. */
  readonly next: number | undefined;
}

/** Scans lines from byte `from`, where one begins, to the first that begins behind `to`. Empty lines are skipped. */
export function createLineScanner(from = 0, to = Number.POSITIVE_INFINITY): LineScanner {
  let base = from;
  let start = from;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let next: number | undefined;
  const keep = (bytes: Buffer): void => {
    pendingBytes += bytes.length;
    if (pendingBytes > LARGEST_RECORD) pending = [];
    else pending.push(bytes);
  };
  const take = (): RawRecord | undefined => {
    const size = pendingBytes;
    const whole = pending.length === 1 ? pending[0]! : Buffer.concat(pending);
    const lineStart = start;
    pending = [];
    pendingBytes = 0;
    start += size + 1;
    if (size > LARGEST_RECORD)
      return { start: lineStart, end: lineStart + size, problem: tooLarge(size, lineStart) };
    const { first, last } = trim(whole, lineStart === 0);
    return first === last ? undefined : parseJson(whole.subarray(first, last), lineStart + first);
  };
  return {
    get done() {
      return next !== undefined;
    },
    get next() {
      return next;
    },
    get position() {
      return base;
    },
    *scan(block) {
      let i = 0;
      for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, i)) {
        keep(block.subarray(i, at));
        i = at + 1;
        const record = take();
        if (record !== undefined) yield record;
        if (start > to) {
          next = start;
          return;
        }
      }
      if (i < block.length) keep(block.subarray(i));
      base += block.length;
    },
    *finish() {
      const record = pendingBytes === 0 ? undefined : take();
      if (record !== undefined) yield record;
    },
  };
}

/** The bounds of a line without white space around it and, in the first line, without a byte order mark. */
function trim(line: Buffer, mayHaveMark: boolean): { first: number; last: number } {
  const space = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0d || byte === 0x09;
  let first = mayHaveMark && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : 0;
  let last = line.length;
  while (first < last && space(line[first])) first++;
  while (last > first && space(line[last - 1])) last--;
  return { first, last };
}
