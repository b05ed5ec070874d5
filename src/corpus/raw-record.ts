// What a reader of a format finds: records with their places, and places where a record is broken.
import { UserError } from "../core/index.ts";
import type { ShapeFault } from "./record-shapes.ts";

/** Why a place of a file could not be read; also the code of the error. */
export type ProblemReason =
  | "bad-json"
  | "bad-encoding"
  | "lone-surrogate"
  | "too-large"
  | "bad-csv"
  | "bad-xml"
  | "bad-parquet"
  | "bad-archive"
  | "bad-columns"
  | ShapeFault;

/** Something broken. */
export interface Problem {
  readonly reason: ProblemReason;
  /** What was found and what was expected. */
  readonly message: string;
  readonly remedy: string;
  /** The very byte, where it is known better than the record's first one. */
  readonly at?: number;
  /** Nothing behind it in the file could be read. */
  readonly fatal?: true;
}

/** A record and where it stands: bytes of the file's content (unpacked, in UTF-8), or rows of a table. */
export type RawRecord = {
  /** First byte. */
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
  /** The record's own language, where the format tells it (TMX). */
  readonly language?: string;
} & ({ readonly value: unknown } | { readonly problem: Problem });

/** A record longer than this is a broken file rather than a document: a forgotten quote swallows everything after it. */
export const LARGEST_RECORD = 1 << 26;

/** The problem of a record that is longer. */
export function tooLarge(bytes: number, at: number): Problem {
  return {
    reason: "too-large",
    message: `a record of ${(bytes / 1e6).toFixed(0)} MB, expected at most ${LARGEST_RECORD >> 20} MiB`,
    remedy: "Look for a missing quote or bracket before it, or cut the document into parts.",
    at,
  };
}

/** A problem as the error that ends an import. */
export function problemError(file: string, problem: Problem, start: number, unit = "byte"): UserError {
  const { reason, message, remedy, at = start } = problem;
  return new UserError(reason, message, { file, at: `${unit} ${at}`, remedy });
}

/** What stands between two bytes of a format that is scanned block by block. */
export interface RecordScanner {
  /** Goes on with the next block; gives the records that it completes. */
  scan(block: Buffer): Iterable<RawRecord>;
  /** The content ends here. */
  finish(): Iterable<RawRecord>;
  /** True when nothing more is to be read. */
  readonly done: boolean;
  /** Bytes taken so far. */
  readonly position: number;
}

/** Runs a scanner over blocks; an error of the blocks' source ends the records with a problem at that place. */
export async function* scanRecords(
  blocks: AsyncIterable<Buffer>,
  scanner: RecordScanner,
): AsyncGenerator<RawRecord> {
  try {
    for await (const block of blocks) {
      yield* scanner.scan(block);
      if (scanner.done) return;
    }
  } catch (error) {
    const problem = contentProblem(error);
    if (problem === undefined) throw error;
    yield { start: scanner.position, end: scanner.position, problem };
    return;
  }
  yield* scanner.finish();
}

/** Content that cannot be unpacked or decoded is a problem of the file; any other error is not ours to judge. */
export function contentProblem(error: unknown): Problem | undefined {
  if (!(error instanceof UserError) || (error.code !== "bad-encoding" && error.code !== "bad-archive"))
    return undefined;
  const at = /^byte (\d+)$/u.exec(error.at ?? "")?.[1];
  return {
    reason: error.code,
    message: error.message,
    remedy: error.remedy ?? "",
    fatal: true,
    ...(at === undefined ? {} : { at: Number(at) }),
  };
}
