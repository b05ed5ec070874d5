// Comma-separated values as RFC 4180 has them, found block by block: fields in quotes may hold commas, line breaks and doubled quotes.
import { UserError } from "./errors.ts";
import { firstInvalidByte } from "./utf8.ts";

/** One row and where it stands. */
export interface CsvRow {
  readonly fields: readonly string[];
  /** The line it begins in, from 1. */
  readonly line: number;
  /** First byte and the byte after the last, without the line break. */
  readonly start: number;
  readonly end: number;
  /** The first byte that is not UTF-8; absent when all are. */
  readonly badByte?: number;
}

/** Finds rows in blocks of bytes. */
export interface CsvScanner {
  /** Goes on with the next block of UTF-8; gives the rows that it completes. Empty lines are left out. */
  scan(block: Buffer): Generator<CsvRow>;
  /** The content ends here; gives the last row when no line break is behind it. */
  finish(): Generator<CsvRow>;
  /** Where the quoted field that is still open begins; `undefined` when none is. */
  readonly openQuote: number | undefined;
  /** Bytes of the row that is not complete yet. */
  readonly pendingBytes: number;
}

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A scanner for rows with `delimiter` between fields, by default a comma. Memory: one block and one row. */
export function createCsvScanner(delimiter = ","): CsvScanner {
  const separator = delimiter.charCodeAt(0);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let state: "field" | "plain" | "quoted" | "closed" = "field";
  let base = 0;
  let start = 0;
  let line = 1;
  let rowLine = 1;
  let quoteAt: number | undefined;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const row = (last: Buffer): CsvRow | undefined => {
    const bytes = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    pendingBytes = 0;
    const from = start;
    const fromLine = rowLine;
    start += bytes.length + 1;
    rowLine = line;
    state = "field";
    let text = decoder.decode(bytes);
    if (from === 0) text = text.replace(/^\uFEFF/u, "");
    if (text.endsWith("\r")) text = text.slice(0, -1);
    if (text === "") return undefined;
    const invalid = firstInvalidByte(bytes);
    return {
      fields: splitRow(text, delimiter),
      line: fromLine,
      start: from,
      end: from + bytes.length,
      ...(invalid === undefined ? {} : { badByte: from + invalid }),
    };
  };
  return {
    get openQuote() {
      return state === "quoted" ? quoteAt : undefined;
    },
    get pendingBytes() {
      return pendingBytes;
    },
    *scan(block) {
      let from = 0;
      let i = base === 0 && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0;
      for (; i < block.length; i++) {
        const byte = block[i]!;
        if (byte === NEWLINE) line++;
        if (state === "quoted") {
          if (byte === QUOTE) state = "closed";
        } else if (state === "closed" && byte === QUOTE) {
          state = "quoted";
        } else if (
          byte === NEWLINE ||
          (byte === RETURN && block[i + 1] !== NEWLINE && i + 1 < block.length)
        ) {
          // A carriage return alone ends a row, too: old spreadsheets write it.
          if (byte === RETURN) line++;
          const found = row(block.subarray(from, i));
          from = i + 1;
          if (found !== undefined) yield found;
        } else if (byte === separator) {
          state = "field";
        } else if (state === "field" && byte === QUOTE) {
          state = "quoted";
          quoteAt = base + i;
        } else {
          state = "plain";
        }
      }
      if (from < block.length) {
        pending.push(block.subarray(from));
        pendingBytes += block.length - from;
      }
      base += block.length;
    },
    *finish() {
      const found = pendingBytes > 0 ? row(Buffer.alloc(0)) : undefined;
      if (found !== undefined) yield found;
    },
  };
}

/** Splits a whole text into rows; `UserError` when a quote is never closed. */
export function parseCsv(text: string, file: string): CsvRow[] {
  const scanner = createCsvScanner();
  const rows = [...scanner.scan(Buffer.from(text))];
  if (scanner.openQuote !== undefined) {
    const line = text.slice(0, scanner.openQuote).split("\n").length;
    throw new UserError("bad-csv", "a quoted field is never closed", {
      file,
      at: `line ${line}`,
      remedy: "The file may be cut off: fetch it again.",
    });
  }
  return [...rows, ...scanner.finish()];
}

/** The fields of one row. Whatever stands behind a closing quote belongs to the field as it is. */
function splitRow(text: string, delimiter: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    }
    const next = text.indexOf(delimiter, at);
    if (next < 0) {
      fields.push(field + text.slice(at));
      return fields;
    }
    fields.push(field + text.slice(at, next));
    at = next + 1;
  }
}

/** Index of the quote that ends a field: the first that is not doubled; the end of the text without one. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return text.length;
}
