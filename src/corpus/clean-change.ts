// What cleaning does, by name: rules that can be switched off, and the reasons they count.

/** The rules, in the order in which they are applied. */
export const CLEAN_RULES = [
  "unicode",
  "control-characters",
  "white-space",
  "boilerplate",
  "common-lines",
  "repeats",
  "language",
  "length",
  "personal-data",
] as const;
/** One of them. */
export type CleanRule = (typeof CLEAN_RULES)[number];

/** What was changed inside a document. */
export type ChangeReason =
  | "lone-surrogate"
  | "not-nfc"
  | "control-character"
  | "white-space"
  | "boilerplate-line"
  | "common-line"
  | "repeated-paragraph"
  | "repeated-line"
  | "wrong-language-turn"
  | "short-question"
  | "long-turn"
  | "empty-turn"
  | `masked-${"email" | "phone" | "id" | "record-number" | "url" | "ip" | "birth-date"}`;

/** Why a whole document went. */
export type CleanDropReason = "nothing-left" | "wrong-language" | "too-short" | "too-long";

/** Told of every change: what stood there, and what stands there now ("" when it went). */
export type ChangeNote = (reason: ChangeReason, before: string, after: string) => void;

/** Kinds of text in which lines repeat for good reasons, and words are not a language. */
const CODE_CATEGORIES = new Set(["code", "math"]);

/** True for a category of program code or formulas: only characters and personal data are cleaned there. */
export function isCodeCategory(category: string): boolean {
  return CODE_CATEGORIES.has(category);
}
