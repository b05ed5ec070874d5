// What stands in a folder of packed rows besides the tokenizer: names and shapes that writer and readers share.
import type { CorpusFileKind } from "./corpus-files.ts";
import type { Curriculum } from "./curriculum.ts";
import type { Decision, Origin } from "./document.ts";

/** The rows. */
export const PACKED_FILE = "packed.parquet";
/** The documents that rows name by number: line 0, 1, ... */
export const DOCUMENTS_FILE = "documents.jsonl";

/** A line of `documents.jsonl`. */
export interface PackedDocument {
  readonly id: string;
  /** The corpus file that it was packed from, without its folder. */
  readonly file: string;
  /** The file that it was imported from. */
  readonly origin: Origin;
  /** What each step decided on it; absent in rows that an earlier version packed. */
  readonly decisions?: readonly Decision[];
}

/** What packing gives. */
export interface PackResult {
  readonly documents: number;
  readonly rows: number;
  readonly length: number;
  /** Positions that hold a token. */
  readonly tokens: number;
  /** Positions that are learnt. */
  readonly labelTokens: number;
  /** tokens / (rows x length). */
  readonly utilisation: number;
  /** What did not stay whole, by reason. */
  readonly cut: Readonly<Record<string, number>>;
}

/** What the manifest says besides. */
export interface PackReport extends PackResult {
  /** Tokens in rows by category and language; documents of several epochs count each time. */
  readonly tokensBySource: Readonly<Record<string, number>>;
  /** Which sources come when; absent in rows that an earlier version packed. */
  readonly curriculum?: Curriculum;
}

/** The name of a source in `tokensBySource`. */
export function sourceName({ category, language }: Pick<CorpusFileKind, "category" | "language">): string {
  return `${category}_${language}`;
}
