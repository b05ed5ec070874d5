// The formats in which the sources of XMedBench are published, each turned into items as XMedBench released them; here those that are tables.
import { eachFile, type ImportedItem, type ImportFormat } from "./import-format.ts";
import { hubItem } from "./import-hub.ts";
import { item, MMLU_SUBJECTS, stopped } from "./import-item.ts";
import { RECORD_FORMATS } from "./import-records.ts";
import type { TableRow } from "./xlsx.ts";

/** The six that its Arabic and Hindi translations have. */
const TRANSLATED_SUBJECTS = MMLU_SUBJECTS.filter(
  (subject) => !["high_school_biology", "nutrition", "virology"].includes(subject),
);
const CMMLU_SUBJECTS = [
  "anatomy",
  "clinical_knowledge",
  "college_medicine",
  "genetics",
  "nutrition",
  "traditional_chinese_medicine",
  "virology",
];

/** The known formats by the name that `apollo bench import` takes. */
export const IMPORT_FORMATS = {
  mmlu: {
    extensions: [".csv"],
    files: MMLU_SUBJECTS,
    shape: "question, four options, and the answer as A to D or 0 to 3",
    source: "mmlu-medical",
    read: eachFile(async (file) => mmluItems(await file.rows(), { source: "mmlu-medical", context: "" })),
  },
  cmmlu: {
    extensions: [".csv"],
    files: CMMLU_SUBJECTS,
    shape: "number, Question, A, B, C, D, Answer",
    source: "cmmlu-medical",
    read: eachFile(async (file) =>
      withoutHeader(await file.rows(), "").map(({ fields }) => {
        const [, question, a, b, c, d, answer] = fields;
        if (fields.length !== 7) return "unreadable-record";
        return item({
          question: question!,
          options: stopped([a!, b!, c!, d!]),
          gold: ["ABCD".indexOf(answer!.trim() || "?")],
          source: "cmmlu-medical",
        });
      }),
    ),
  },
  ...RECORD_FORMATS,
  cmexam: {
    extensions: [".csv", ".xlsx"],
    shape: "columns Question, Options (a line each: A text) and Answer",
    source: "cmexam",
    read: eachFile(async (file) => {
      const [head, ...rows] = await file.rows();
      const columns = ["Question", "Options", "Answer"].map((name) => head?.fields.indexOf(name) ?? -1);
      return rows.map(({ fields }) => {
        const [question, options, answer] = columns.map((column) => fields[column]);
        if (question === undefined || options === undefined || answer === undefined)
          return "unreadable-record";
        const texts = options.split("\n").filter((line) => line.trim() !== "");
        if (!texts.every((line, i) => line.trim().startsWith("ABCDEFGH"[i] ?? "?")))
          return "unreadable-record";
        return item({
          question,
          // Spaces around an option are kept, as released.
          options: stopped(texts.map((line) => line.replace(/^\s*[A-H][\s.．、:：]?|\r$/gu, ""))),
          gold: [...answer.trim()].map((letter) => "ABCDEFGH".indexOf(letter)),
          source: "cmexam",
        });
      });
    }),
  },
  "mmlu-ar": translatedMmlu("mmlu-medical-ar"),
  "mmlu-hi": translatedMmlu("mmlu-medical-hi"),
  hub: {
    extensions: [".parquet"],
    shape:
      "columns as on the Hugging Face hub: MedMCQA, MedQA, PubMedQA, MMLU, MMMLU, CMMLU, HEAD-QA, FrenchMedMCQA",
    source: "by the columns",
    read: eachFile(async (file) => (await file.records()).map(hubItem)),
  },
} as const satisfies Readonly<Record<string, ImportFormat>>;

/** A format's name. */
export type ImportFormatName = keyof typeof IMPORT_FORMATS;

function translatedMmlu(source: string): ImportFormat {
  return {
    extensions: [".csv"],
    files: TRANSLATED_SUBJECTS,
    shape: "question, four options, and the answer as A to D or 0 to 3",
    source,
    read: eachFile(async (file) => mmluItems(await file.rows(), { source })),
  };
}

function mmluItems(
  rows: readonly TableRow[],
  origin: { readonly source: string; readonly context?: string },
): ImportedItem[] {
  return withoutHeader(rows, "question").map(({ fields }) => {
    if (fields.length !== 6) return "unreadable-record";
    const answer = fields[5]!.trim();
    const gold = /^[0-3]$/u.test(answer) ? Number(answer) : "ABCD".indexOf(answer || "?");
    return item({ question: fields[0]!, options: fields.slice(1, 5), gold: [gold], ...origin });
  });
}

function withoutHeader(rows: readonly TableRow[], firstTitle: string): readonly TableRow[] {
  return rows[0]?.fields[0]?.toLowerCase() === firstTitle ? rows.slice(1) : rows;
}
