// An item as XMedBench released it, made from the parts that a published format gives.

/** An item as XMedBench writes it. */
export interface ReleasedItem {
  readonly question: string;
  readonly context?: string;
  /** `"(A) x\n(B) y"`. */
  readonly options: string;
  /** `"(A)"`; several letters for several right options. */
  readonly answer: string;
  readonly source: string;
}

/** Why a record of a file gives no item. */
export type ImportRefusal =
  | "unreadable-record"
  | "no-question"
  | "too-few-options"
  | "bad-answer"
  | "several-answers"
  /** Of a subject that XMedBench did not take. */
  | "other-subject";

/** XMedBench's release appended a full stop to each option of these sources, also where there was one. */
export function stopped(options: readonly string[]): string[] {
  return options.map((option) => `${option}.`);
}

/** The item, or why the parts give none. `gold` are places in `options`. */
export function item(fields: {
  readonly question: string;
  readonly options: readonly string[];
  readonly gold: readonly number[];
  readonly source: string;
  readonly context?: string;
}): ReleasedItem | ImportRefusal {
  const { question, options, gold, source, context } = fields;
  if (question.trim() === "") return "no-question";
  if (options.length < 2) return "too-few-options";
  if (gold.length === 0 || gold.some((index) => index < 0 || index >= options.length)) return "bad-answer";
  const letter = (index: number): string => String.fromCharCode(65 + index);
  return {
    question,
    ...(context === undefined ? {} : { context }),
    options: options.map((text, i) => `(${letter(i)}) ${text}`).join("\n"),
    answer: `(${gold.map(letter).join("")})`,
    source,
  };
}

/** Subjects of MMLU in XMedBench, in its order. */
export const MMLU_SUBJECTS: readonly string[] = [
  "anatomy",
  "clinical_knowledge",
  "college_biology",
  "college_medicine",
  "high_school_biology",
  "medical_genetics",
  "nutrition",
  "professional_medicine",
  "virology",
];
