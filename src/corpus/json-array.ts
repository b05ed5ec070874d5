// Finds the elements of one big JSON array as a stream, each with its byte range, in any layout; memory holds one block and
// one element, never the file. May begin within the array, behind a comma between two elements, and stop at another.
import { createReadStream } from "node:fs";
import { asFileError } from "../core/index.ts";
import { parseJson } from "./parse-json.ts";
import {
  LARGEST_RECORD,
  type Problem,
  problemError,
  type RawRecord,
  type RecordScanner,
  scanRecords,
  tooLarge,
} from "./raw-record.ts";

/** An element of the array and where it stands. */
export interface JsonElement {
  readonly value: unknown;
  /** First byte of the element. */
  readonly start: number;
  /** The byte after its last. */
  readonly end: number;
}

const BLOCK_BYTES = 1 << 20;

/** Where the scanner stands between two bytes. */
type State = "before-array" | "before-element" | "before-next-element" | "element" | "after-element" | "end";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Yields the elements of the array in `file`, or of a part of it; `UserError` with the byte where it stops being a JSON array in UTF-8. */
export async function* readJsonArray(file: string, part?: ArrayPart): AsyncGenerator<JsonElement> {
  const blocks = createReadStream(file, { highWaterMark: BLOCK_BYTES, start: part?.from ?? 0 });
  try {
    for await (const record of scanRecords(blocks as AsyncIterable<Buffer>, createArrayScanner(part))) {
      if ("problem" in record) throw problemError(file, record.problem, record.start);
      yield record;
    }
  } catch (error) {
    throw asFileError(error, file);
  }
}

/** A part of an array: begins behind a separating comma at byte `from` (0: at the file's), ends at the first one at or behind `to`. */
export interface ArrayPart {
  readonly from: number;
  /** Default: the end of the file. */
  readonly to?: number | undefined;
}

/** A scanner that may stop within the array. */
export interface ArrayScanner extends RecordScanner {
  /** The byte behind the comma that it stopped at; `undefined` when it did not. */
  readonly next: number | undefined;
}

/** What is made of the bytes of an element, which stand at `start`. */
type ElementReader = (bytes: Buffer, start: number) => RawRecord;

/**
 * Scans a whole array or a part of one. Bounds of elements are found by brackets and quotes alone; the parser judges what is
 * inside, so a broken element is one problem and the next one is read. What breaks the array itself is a fatal problem.
 */
export function createArrayScanner(part?: ArrayPart, readElement: ElementReader = parseJson): ArrayScanner {
  const stop = part?.to ?? Number.POSITIVE_INFINITY;
  let state: State = part === undefined || part.from === 0 ? "before-array" : "before-next-element";
  let base = part?.from ?? 0;
  let next: number | undefined;
  let broken = false;
  let start = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const fail = (message: string, byte: number): RawRecord => {
    broken = true;
    const remedy = "Expected one JSON array in UTF-8: the file may be cut off.";
    const problem: Problem = { reason: "bad-json", message, remedy, at: byte, fatal: true };
    return { start: state === "element" ? start : byte, end: byte, problem };
  };

  const keep = (bytes: Buffer): void => {
    pendingBytes += bytes.length;
    // The end of an element that is too large is still looked for, so that the next one can be read.
    if (pendingBytes > LARGEST_RECORD) pending = [];
    else pending.push(bytes);
  };

  const take = (end: number, last: Buffer): RawRecord => {
    keep(last);
    const size = pendingBytes;
    const bytes = pending.length === 1 ? pending[0]! : Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    state = "after-element";
    if (size > LARGEST_RECORD) return { start, end, problem: tooLarge(size, start) };
    return readElement(bytes, start);
  };

  /** Goes on inside a string; gives the index behind its closing quote, or -1 when the block ends first. */
  const skipString = (block: Buffer, from: number): number => {
    let i = from;
    for (;;) {
      const quote = block.indexOf(QUOTE, i);
      const end = quote < 0 ? block.length : quote;
      let slashes = end;
      while (slashes > i && block[slashes - 1] === BACKSLASH) slashes--;
      // A backslash at the end of the block before goes on here.
      const odd = (((end - slashes) & 1) === 1) !== (slashes === i && escaped);
      escaped = quote < 0 && odd;
      if (quote < 0) return -1;
      i = quote + 1;
      if (!odd) {
        inString = false;
        return i;
      }
    }
  };

  /** Goes on inside an element; gives the index after its last byte, or -1 when the block ends first. */
  const skipElement = (block: Buffer, from: number): number => {
    let i = from;
    while (i < block.length) {
      if (inString) {
        i = skipString(block, i);
        if (i < 0) return -1;
        if (depth === 0) return i;
        continue;
      }
      const byte = block[i]!;
      if (byte === QUOTE) {
        inString = true;
      } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        depth++;
      } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
        // A number or a word ends where the array does.
        if (depth === 0) return i;
        if (--depth === 0) return i + 1;
      } else if (depth === 0 && (byte === COMMA || isSpace(byte))) {
        return i;
      }
      i++;
    }
    return -1;
  };

  return {
    get done() {
      return broken || next !== undefined;
    },
    get next() {
      return next;
    },
    get position() {
      return base;
    },
    *scan(block) {
      let i = base === 0 && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0;
      while (i < block.length) {
        const byte = block[i]!;
        if (state === "element") {
          const end = skipElement(block, i);
          const from = Math.max(0, start - base);
          if (end < 0) {
            keep(block.subarray(from));
            break;
          }
          yield take(base + end, block.subarray(from, end));
          i = end;
        } else if (isSpace(byte)) {
          i++;
        } else if (state === "before-array" && byte === OPEN_ARRAY) {
          state = "before-element";
          i++;
        } else if (state === "after-element" && byte === COMMA) {
          state = "before-next-element";
          i++;
          if (base + i > stop) {
            next = base + i;
            return;
          }
        } else if ((state === "after-element" || state === "before-element") && byte === CLOSE_ARRAY) {
          state = "end";
          i++;
        } else if (
          (state === "before-element" || state === "before-next-element") &&
          byte !== COMMA &&
          byte !== CLOSE_ARRAY &&
          byte !== CLOSE_OBJECT
        ) {
          state = "element";
          start = base + i;
          depth = 0;
        } else {
          yield fail(`found ${shown(byte)}, expected ${EXPECTED[state]}`, base + i);
          return;
        }
      }
      base += block.length;
    },
    *finish() {
      // A bare number or word at the very end leaves the array open, like every other state but one.
      if (state === "end") return;
      yield state === "element" && pendingBytes > LARGEST_RECORD
        ? { start, end: base, problem: { ...tooLarge(pendingBytes, start), fatal: true } }
        : fail(`the file ends early: expected ${EXPECTED[state]}`, base);
    },
  };
}

const EXPECTED: Readonly<Record<State, string>> = {
  "before-array": '"["',
  "before-element": 'an element or "]"',
  "before-next-element": "an element",
  element: "the rest of an element",
  "after-element": '"," or "]"',
  end: "nothing more",
};

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function shown(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16)}`;
}
