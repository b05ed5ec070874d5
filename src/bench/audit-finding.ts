// What an audit says about a suite: one finding for each kind of fault and source.

/** The kinds of fault, gravest first. */
export const FINDING_CODES = [
  "off-topic",
  "dev-inside-test",
  "gold-outside-options",
  "refused",
  "conflicting-gold",
  "misaligned",
  "multiple-gold",
  "empty-option",
  "doubled-option",
  "missing-context",
  "language-mismatch",
  "duplicate",
  "duplicate-across-sources",
  "option-punctuation",
  "gold-imbalance",
] as const;
/** One of the kinds above. */
export type FindingCode = (typeof FINDING_CODES)[number];

/** One kind of fault in one source. */
export interface Finding {
  readonly code: FindingCode;
  readonly source: string;
  /** Items concerned: as many as `ids`. */
  readonly count: number;
  /** The items, in the order of the suite. */
  readonly ids: readonly string[];
  /** What was found, in words. */
  readonly detail: string;
}

/** What an audit found. */
export interface Audit {
  /** Items in the file, refused ones included. */
  readonly items: number;
  /** Gravest first; within a kind in the order of the suite. */
  readonly findings: readonly Finding[];
}

/** What each kind of fault means for a score, in words for people. */
export const FINDING_MEANINGS: Readonly<Record<FindingCode, string>> = {
  "off-topic": "near-copies of one text that replaced the questions; their right letters mean nothing",
  "dev-inside-test": "items that the other suite holds too: choosing or prompting with it leaks the answer",
  "gold-outside-options": "the right letter is not among the options; not scored",
  refused: "items that cannot be read as a question with options; not scored",
  "conflicting-gold": "the same question and options with different right answers",
  misaligned: "sets that should be each other's translations lose step here",
  "multiple-gold": "several right letters; scored only when an answer is generated",
  "empty-option": "an option without text",
  "doubled-option": "two options with the same text",
  "missing-context": "a figure, table or shared passage is spoken of and not there",
  "language-mismatch": "the question is in another language than its source",
  duplicate: "rows that repeat an earlier one of the same source: they count double",
  "duplicate-across-sources": "items that another source of the suite holds too",
  "option-punctuation": "doubled full stops, or the right option ends unlike all others",
  "gold-imbalance": "right letters unevenly spread: compare with the majority baseline, not with chance",
};

/** A finding from the items that it concerns. */
export function finding(
  code: FindingCode,
  source: string,
  items: readonly { readonly id: string }[],
  detail: string,
): Finding {
  return { code, source, count: items.length, ids: items.map((item) => item.id), detail };
}
