// A document of a corpus and what makes two documents the same.
import { hashBytes } from "../core/index.ts";

/** Where a document was read: a file and its byte range in it. */
export interface Origin {
  /** A path; of an entry of a zip file, with its name behind it. */
  readonly file: string;
  /** First byte. */
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
  /** When `start` and `end` are not the file's own bytes: those of its content (unpacked, in UTF-8), or rows of a table. */
  readonly of?: "content" | "rows";
}

/** When a document is trained on in Apollo's published layout: mixed pretraining files or instruction files. */
export type Stage = "pretrain" | "sft";

/** What a document says: running text, or turns `[q1, a1, q2, a2, ...]`. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "qa"; readonly turns: readonly string[] };

/** Something that happened to a document, kept in the ledger. */
export interface Decision {
  /** The step that decided: `"import"`, `"decontaminate"`. */
  readonly step: string;
  readonly decision: "keep" | "drop" | "quarantine";
  /** Why; for a drop always, for a keep when there is something to say. */
  readonly reason?: string;
}

/** One document. */
export type Document = Content & {
  /** The first 16 hex digits of SHA-256 over the normalised content: equal documents have equal ids, wherever they stand. */
  readonly id: string;
  /** e.g. `"medicalBook"`. */
  readonly category: string;
  /** ISO 639-1. */
  readonly language: string;
  readonly stage: Stage;
  readonly origin: Origin;
  readonly decisions: readonly Decision[];
};

/** White space but for a single plain space, which stays as it is: most runs are that. */
const ODD_SPACE = /[^\S ]\s*| \s+/gu;

/** The id of a document: case and wording count; Unicode composition and white space do not. */
export function documentId(content: Content): string {
  const parts = content.kind === "text" ? [content.text] : content.turns;
  const normalised = parts.map((part) => part.normalize("NFC").replace(ODD_SPACE, " ").trim());
  // The kind is not part of it, but turns are: a text never equals a pair.
  return hashBytes(JSON.stringify(normalised)).slice(0, 16);
}

/** What an element of a corpus file holds, or why it holds no document. */
export type ContentOrReason = { readonly content: Content } | { readonly reason: DropReason };

/** Why a document is not taken; each is counted. */
export type DropReason =
  | "empty"
  | "empty-turn"
  | "odd-length"
  | "not-a-string"
  | "wrong-shape"
  | "exact-duplicate";

/** Reads an element of an Apollo file: a string (or a list of one) in a text file, a flat list of turns in a qa file. */
export function readContent(value: unknown, kind: Content["kind"]): ContentOrReason {
  if (kind === "text") {
    const text = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
    if (typeof text !== "string") return { reason: Array.isArray(value) ? "wrong-shape" : "not-a-string" };
    return text.trim() === "" ? { reason: "empty" } : { content: { kind, text } };
  }
  if (!Array.isArray(value)) return { reason: "wrong-shape" };
  if (value.length === 0) return { reason: "empty" };
  if (!value.every((turn) => typeof turn === "string")) return { reason: "not-a-string" };
  if (value.length % 2 === 1) return { reason: "odd-length" };
  if (value.some((turn) => turn.trim() === "")) return { reason: "empty-turn" };
  return { content: { kind, turns: value } };
}

/** The texts of a document: its one text, or its turns. */
export function documentTexts(content: Content): readonly string[] {
  return content.kind === "text" ? [content.text] : content.turns;
}
