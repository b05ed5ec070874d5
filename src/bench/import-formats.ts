// The formats in which the sources of XMedBench are published, each turned into items as XMedBench released them.
import { z } from "zod";
import { type CsvRow, parseCsv } from "../core/index.ts";
import { parseJsonRecords, withOrderedKeys } from "./json-records.ts";

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
  | "several-answers";

/** One published format. */
export interface ImportFormat {
  /** Extension of its files, for folders. */
  readonly extension: string;
  /** Files of a folder that are taken, without extension and `_test`; all when absent. XMedBench took these. */
  readonly files?: readonly string[];
  /** What a record looks like, for people. */
  readonly shape: string;
  /** The source of an item without another name. */
  readonly source: string;
  /** Reads a whole file. */
  readonly read: (text: string, file: string) => (ReleasedItem | ImportRefusal)[];
}

const MMLU_SUBJECTS = [
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
const CMMLU_SUBJECTS = [
  "anatomy",
  "clinical_knowledge",
  "college_medicine",
  "genetics",
  "nutrition",
  "traditional_chinese_medicine",
  "virology",
];
const PUBMEDQA_ANSWERS = ["yes", "no", "maybe"];

const pubmedqaRecord = z.object({
  QUESTION: z.string(),
  CONTEXTS: z.array(z.string()).min(1),
  final_decision: z.string(),
});
const medqaRecord = z.object({
  question: z.string(),
  options: z.record(z.string(), z.string()),
  answer_idx: z.string(),
});
const headqaFile = z.object({
  exams: z.record(z.string(), z.object({ data: z.array(z.unknown()) })),
});
const headqaRecord = z.object({
  qtext: z.string(),
  ra: z.coerce.number().int(),
  answers: z.array(z.object({ aid: z.coerce.number().int(), atext: z.string() })),
});
const frenchRecord = z.object({
  question: z.string(),
  answers: z.record(z.string(), z.string()),
  correct_answers: z.array(z.string()).min(1),
});
const medmcqaRecord = z.object({
  question: z.string(),
  opa: z.string(),
  opb: z.string(),
  opc: z.string(),
  opd: z.string(),
  cop: z.coerce.number().int(),
});

/** The known formats by the name that `apollo bench import` takes. */
export const IMPORT_FORMATS = {
  mmlu: {
    extension: ".csv",
    files: MMLU_SUBJECTS,
    shape: "question, four options, and the answer as A to D or 0 to 3",
    source: "mmlu-medical",
    read: (text, file) =>
      withoutHeader(parseCsv(text, file), "question").map(({ fields }) => mmluItem(fields)),
  },
  cmmlu: {
    extension: ".csv",
    files: CMMLU_SUBJECTS,
    shape: "number, Question, A, B, C, D, Answer",
    source: "cmmlu-medical",
    read: (text, file) =>
      withoutHeader(parseCsv(text, file), "").map(({ fields }) => {
        const [, question, a, b, c, d, answer] = fields;
        if (fields.length !== 7) return "unreadable-record";
        return item({
          question: question!,
          options: stopped([a!, b!, c!, d!]),
          gold: ["ABCD".indexOf(answer!.trim() || "?")],
          source: "cmmlu-medical",
        });
      }),
  },
  pubmedqa: {
    extension: ".json",
    files: ["ori_pqal"],
    shape: '{"PMID": {"QUESTION", "CONTEXTS", "final_decision"}}',
    source: "pubmedqa",
    read: (text, file) =>
      parseJsonRecords(withOrderedKeys(text), file, Object.values).map((record) => {
        const { data } = pubmedqaRecord.safeParse(record);
        if (data === undefined) return "unreadable-record";
        // XMedBench kept the first paragraph of the abstract only.
        return item({
          question: data.QUESTION,
          context: data.CONTEXTS[0]!,
          options: ["Yes.", "No.", "Maybe."],
          gold: [PUBMEDQA_ANSWERS.indexOf(data.final_decision)],
          source: "pubmedqa",
        });
      }),
  },
  medqa: {
    extension: ".jsonl",
    shape: '{"question", "options": {"A": ...}, "answer_idx"} a line',
    source: "medqa-usmle",
    read: (text, file) =>
      parseJsonRecords(text, file).map((record) => {
        const { data } = medqaRecord.safeParse(record);
        if (data === undefined) return "unreadable-record";
        const letters = Object.keys(data.options).sort();
        const chinese = /\p{Script=Han}/u.test(data.question);
        return item({
          question: data.question,
          options: stopped(letters.map((letter) => data.options[letter]!)),
          gold: [letters.indexOf(data.answer_idx)],
          source: chinese ? "medqa-mcmle" : "medqa-usmle",
          ...(chinese ? {} : { context: "" }),
        });
      }),
  },
  headqa: {
    extension: ".json",
    shape: '{"exams": {NAME: {"data": [{"qtext", "ra", "answers": [{"aid", "atext"}]}]}}}',
    source: "headqa",
    read: (text, file) =>
      parseJsonRecords(text, file, (value) => {
        const { data } = headqaFile.safeParse(value);
        return data && Object.values(data.exams).flatMap((exam) => exam.data);
      }).map((record) => {
        const { data } = headqaRecord.safeParse(record);
        if (data === undefined) return "unreadable-record";
        return item({
          question: data.qtext,
          options: stopped(data.answers.map(({ atext }) => atext)),
          gold: [data.answers.findIndex(({ aid }) => aid === data.ra)],
          source: "headqa",
        });
      }),
  },
  frenchmedmcqa: {
    extension: ".json",
    shape: '[{"question", "answers": {"a": ...}, "correct_answers": ["a"]}]',
    source: "frenchmedmcqa",
    read: (text, file) =>
      parseJsonRecords(text, file).map((record) => {
        const { data } = frenchRecord.safeParse(record);
        if (data === undefined) return "unreadable-record";
        // XMedBench holds those of its questions that have one right answer.
        if (data.correct_answers.length > 1) return "several-answers";
        const letters = Object.keys(data.answers).sort();
        return item({
          question: data.question,
          options: stopped(letters.map((letter) => data.answers[letter]!)),
          gold: [letters.indexOf(data.correct_answers[0]!)],
          source: "frenchmedmcqa",
        });
      }),
  },
  medmcqa: {
    extension: ".json",
    shape: '{"question", "opa", "opb", "opc", "opd", "cop"} a line',
    source: "medmcqa",
    read: (text, file) => {
      const records = parseJsonRecords(text, file).map((record) => medmcqaRecord.safeParse(record).data);
      // The original counts answers from 1, Hugging Face's copy from 0.
      const first = records.some((record) => record?.cop === 0) ? 0 : 1;
      return records.map((record) => {
        if (record === undefined) return "unreadable-record";
        const { question, opa, opb, opc, opd, cop } = record;
        const options = stopped([opa, opb, opc, opd]);
        return item({ question, options, gold: [cop - first], source: "medmcqa", context: "" });
      });
    },
  },
  cmexam: {
    extension: ".csv",
    shape: "columns Question, Options (a line each: A text) and Answer",
    source: "cmexam",
    read: (text, file) => {
      const [head, ...rows] = parseCsv(text, file);
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
          options: stopped(texts.map((line) => line.trim().replace(/^[A-H][\s.．、:：]*/u, ""))),
          gold: [...answer.trim()].map((letter) => "ABCDEFGH".indexOf(letter)),
          source: "cmexam",
        });
      });
    },
  },
} as const satisfies Readonly<Record<string, ImportFormat>>;

/** A format's name. */
export type ImportFormatName = keyof typeof IMPORT_FORMATS;

function mmluItem(fields: readonly string[]): ReleasedItem | ImportRefusal {
  if (fields.length !== 6) return "unreadable-record";
  const answer = fields[5]!.trim();
  const gold = /^[0-3]$/u.test(answer) ? Number(answer) : "ABCD".indexOf(answer || "?");
  return item({
    question: fields[0]!,
    options: fields.slice(1, 5),
    gold: [gold],
    source: "mmlu-medical",
    context: "",
  });
}

function withoutHeader(rows: readonly CsvRow[], firstTitle: string): readonly CsvRow[] {
  return rows[0]?.fields[0]?.toLowerCase() === firstTitle ? rows.slice(1) : rows;
}

/** XMedBench's release appended a full stop to each option of these sources, also where there was one. */
function stopped(options: readonly string[]): string[] {
  return options.map((option) => `${option}.`);
}

function item(fields: {
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
