// JSON Lines, read as a stream with the place of each record, and written atomically.
import { createReadStream } from "node:fs";
import { asFileError, UserError } from "./errors.ts";
import { type AtomicFile, createAtomicFile } from "./files.ts";

/** One record and where it stood. */
export interface JsonLine {
  readonly value: unknown;
  /** Line number, from 1. */
  readonly line: number;
  /** First byte of the line and the byte after its last. */
  readonly start: number;
  readonly end: number;
}

/** A stretch of a JSONL file. */
export interface JsonLinesPart {
  /** Where a line begins. */
  readonly from: number;
  /** Its number, from 1. */
  readonly line: number;
  /** The byte after the last one to read. Default: the whole rest. */
  readonly to?: number | undefined;
}

const WHOLE: JsonLinesPart = { from: 0, line: 1 };

/**
 * Reads a JSONL file, or a part of it, line by line; empty lines are skipped, a malformed one is a `UserError` with its line.
 */
export async function* readJsonLines(path: string, part = WHOLE): AsyncGenerator<JsonLine> {
  const decoder = new TextDecoder("utf-8");
  let line = part.line - 1;
  let start = part.from;
  let pending: Buffer[] = [];
  const parse = (bytes: Buffer): JsonLine | undefined => {
    line++;
    const from = start;
    start += bytes.length + 1;
    const text = decoder.decode(bytes).trim();
    if (text === "") return undefined;
    try {
      return { value: JSON.parse(text), line, start: from, end: from + bytes.length };
    } catch (error) {
      throw new UserError("bad-json", `not valid JSON (${(error as Error).message})`, {
        file: path,
        at: `line ${line}`,
        remedy: "Each line must be one JSON value.",
        cause: error,
      });
    }
  };
  try {
    const range = part.to === undefined ? { start: part.from } : { start: part.from, end: part.to - 1 };
    if (part.to !== undefined && part.to <= part.from) return;
    const blocks = createReadStream(path, { highWaterMark: 1 << 20, ...range });
    for await (const chunk of blocks as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        const record = parse(Buffer.concat([...pending, chunk.subarray(from, at)]));
        pending = [];
        from = at + 1;
        if (record !== undefined) yield record;
      }
      if (from < chunk.length) pending.push(chunk.subarray(from));
    }
  } catch (error) {
    throw asFileError(error, path);
  }
  if (pending.length > 0) {
    const record = parse(Buffer.concat(pending));
    if (record !== undefined) yield record;
  }
}

/** Writes records one a line; the file appears when `commit` is called. */
export interface JsonLinesWriter {
  write(record: unknown): Promise<void>;
  readonly count: number;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Opens an atomic JSONL file; records are buffered to blocks of about 1 MiB. */
export async function createJsonLinesWriter(path: string): Promise<JsonLinesWriter> {
  const file: AtomicFile = await createAtomicFile(path);
  let buffer: string[] = [];
  let size = 0;
  let count = 0;
  const flush = async (): Promise<void> => {
    const block = buffer.join("");
    buffer = [];
    size = 0;
    if (block !== "") await file.write(block);
  };
  return {
    get count() {
      return count;
    },
    async write(record) {
      const text = `${JSON.stringify(record)}\n`;
      buffer.push(text);
      size += text.length;
      count++;
      if (size >= 1 << 20) await flush();
    },
    async commit() {
      await flush();
      await file.commit();
    },
    abort: () => file.abort(),
  };
}
