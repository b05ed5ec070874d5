// One pass over an input: its hash, and places where it can be cut between two records, so that many tasks can each read a part of it.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { asFileError } from "../core/index.ts";
import { createArrayScanner } from "./json-array.ts";

/** How a file can be cut: between the elements of an array, between lines, or (`"none"`) not at all. */
export type FileLayout = "json" | "jsonl" | "none";

/** A place between two records. */
export interface FileBorder {
  /** The byte after the record before it. */
  readonly end: number;
  /** The first byte of the record behind it. */
  readonly start: number;
  /** Lines before `start`, in JSON Lines; else 0. */
  readonly lines: number;
  /** The same record's line in the ledger beside the file, where there is one. */
  readonly ledger?: { readonly from: number; readonly line: number };
}

/** What is known about a file. JSON. */
export interface FileIndex {
  readonly sha256: string;
  readonly bytes: number;
  /** Ascending. */
  readonly borders: readonly FileBorder[];
  /** True when a ledger stands beside it. */
  readonly hasLedger: boolean;
}

/** A border that is still to be found in the ledger. */
type FoundBorder = Omit<FileBorder, "ledger"> & { readonly records: number };

const BLOCK_BYTES = 1 << 20;
const LINE_END = 10;

/**
 * Reads `file` once. A border is noted behind every `step` bytes, between two records as the readers of corpora see them; behind a fault in the
 * file there are none: whoever reads that part meets it. With `ledger`, the lines of the records behind the borders are looked up there.
 */
export async function indexFile(
  file: string,
  layout: FileLayout,
  step: number,
  ledger?: string,
): Promise<FileIndex> {
  const hash = createHash("sha256");
  let bytes = 0;
  const found: FoundBorder[] = [];
  let due = step;
  /** End of the record before. */
  let last = 0;
  let records = 0;
  const meet = (start: number, end: number, lines: number): void => {
    if (records > 0 && start >= due) {
      found.push({ end: last, start, lines, records });
      due = start + step;
    }
    last = end;
    records++;
  };
  const scanner =
    layout === "json" ? createBorderScanner(meet) : layout === "jsonl" ? createLineFinder(meet) : undefined;
  for await (const block of blocksOf(file)) {
    hash.update(block);
    bytes += block.length;
    scanner?.(block);
  }
  const borders = found.map(({ records: _, ...border }) => border);
  return {
    sha256: hash.digest("hex"),
    bytes,
    borders: ledger === undefined ? borders : await findInLedger(ledger, found),
    hasLedger: ledger !== undefined,
  };
}

async function* blocksOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: BLOCK_BYTES }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw asFileError(error, file);
  }
}

/** Told of each record: its first byte, the byte after its last, the lines before it. */
type Meet = (start: number, end: number, lines: number) => void;

/** Elements of an array, by brackets and quotes alone. */
function createBorderScanner(meet: Meet): (block: Buffer) => void {
  const scanner = createArrayScanner(undefined, (bytes, start) => ({
    start,
    end: start + bytes.length,
    value: undefined,
  }));
  return (block) => {
    if (scanner.done) return;
    for (const record of scanner.scan(block))
      if (!("problem" in record && record.problem.fatal)) meet(record.start, record.end, 0);
  };
}

/** Lines that are not empty. A first line that is still open at the end of the file has no border behind it. */
function createLineFinder(meet: Meet): (block: Buffer) => void {
  let base = 0;
  let start = 0;
  let lines = 0;
  let isBlank = true;
  return (block) => {
    let from = 0;
    for (let at = block.indexOf(LINE_END); at >= 0; at = block.indexOf(LINE_END, from)) {
      isBlank &&= isBlankText(block.subarray(from, at));
      if (!isBlank) meet(start, base + at, lines);
      lines++;
      from = at + 1;
      start = base + from;
      isBlank = true;
    }
    isBlank &&= isBlankText(block.subarray(from));
    base += block.length;
  };
}

function isBlankText(bytes: Buffer): boolean {
  const first = bytes[0];
  if (first === undefined) return true;
  if (first > 0x20 && first < 0x7f) return false;
  return bytes.toString("utf8").trim() === "";
}

/** The line of the record behind each border: the records before it have one line each. */
async function findInLedger(ledger: string, borders: readonly FoundBorder[]): Promise<FileBorder[]> {
  const found: FileBorder[] = [];
  let entries = 0;
  let end = 0;
  let endLine = 1;
  const find = createLineFinder((from, to, lines) => {
    const border = borders[found.length];
    if (border?.records === entries) {
      const { records: _, ...place } = border;
      found.push({ ...place, ledger: { from, line: lines + 1 } });
    }
    entries++;
    end = to;
    endLine = lines + 2;
  });
  for await (const block of blocksOf(ledger)) find(block);
  // A ledger that is too short: its end is where the reader will find nothing.
  return [
    ...found,
    ...borders
      .slice(found.length)
      .map(({ records: _, ...place }) => ({ ...place, ledger: { from: end + 1, line: endLine } })),
  ];
}
