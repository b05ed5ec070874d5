// Reads the elements of one big JSON array as a stream, each with its byte range, in any layout; memory holds one block and
// one element, never the file.
import { createReadStream } from "node:fs";
import { asFileError, UserError } from "../core/index.ts";

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

/** Yields the elements of the array in `file`; `UserError` with the byte where it stops being a JSON array in UTF-8. */
export async function* readJsonArray(file: string): AsyncGenerator<JsonElement> {
  const scanner = createScanner(file);
  try {
    const blocks = createReadStream(file, { highWaterMark: BLOCK_BYTES });
    for await (const block of blocks as AsyncIterable<Buffer>) yield* scanner.scan(block);
  } catch (error) {
    throw asFileError(error, file);
  }
  scanner.finish();
}

/** Finds the elements' bounds byte by byte; `JSON.parse` judges what is inside them. */
function createScanner(file: string): { scan(block: Buffer): Generator<JsonElement>; finish(): void } {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let state: State = "before-array";
  let base = 0;
  let start = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let pending: Buffer[] = [];

  const fail = (message: string, byte: number, cause?: unknown): UserError =>
    new UserError("bad-json", message, {
      file,
      at: `byte ${byte}`,
      remedy: "Expected one JSON array in UTF-8.",
      cause,
    });

  const parse = (end: number, last: Buffer): JsonElement => {
    const bytes = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    state = "after-element";
    try {
      return { value: JSON.parse(decoder.decode(bytes)), start, end };
    } catch (error) {
      const reason = error instanceof SyntaxError ? `not valid JSON (${error.message})` : "not valid UTF-8";
      throw fail(reason, start, error);
    }
  };

  /** Goes on inside an element; gives the index after its last byte, or -1 when the block ends first. */
  const skipElement = (block: Buffer, from: number): number => {
    for (let i = from; i < block.length; i++) {
      const byte = block[i]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inString = false;
          if (depth === 0) return i + 1;
        }
      } else if (byte === QUOTE) {
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
    }
    return -1;
  };

  return {
    *scan(block) {
      let i = base === 0 ? byteOrderMark(block, fail) : 0;
      while (i < block.length) {
        const byte = block[i]!;
        if (state === "element") {
          const end = skipElement(block, i);
          const from = Math.max(0, start - base);
          if (end < 0) {
            pending.push(block.subarray(from));
            break;
          }
          yield parse(base + end, block.subarray(from, end));
          i = end;
        } else if (isSpace(byte)) {
          i++;
        } else if (state === "before-array" && byte === OPEN_ARRAY) {
          state = "before-element";
          i++;
        } else if (state === "after-element" && byte === COMMA) {
          state = "before-next-element";
          i++;
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
          throw fail(`found "${String.fromCharCode(byte)}", expected ${EXPECTED[state]}`, base + i);
        }
      }
      base += block.length;
    },
    finish() {
      // A bare number or word at the very end leaves the array open, like every other state but one.
      if (state !== "end") throw fail(`the file ends early: expected ${EXPECTED[state]}`, base);
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

/** Bytes of a UTF-8 byte order mark; another encoding's mark is refused. */
function byteOrderMark(block: Buffer, fail: (message: string, byte: number) => UserError): number {
  if (block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf) return 3;
  if ((block[0] === 0xff && block[1] === 0xfe) || (block[0] === 0xfe && block[1] === 0xff))
    throw fail("the file is in UTF-16", 0);
  return 0;
}
