// The formats in which the sources of XMedBench are published, each turned into items as XMedBench released them.
import { z } from "zod";
import type { ImportFile } from "./import-file.ts";
import { hubItem } from "./import-hub.ts";
import { type ImportRefusal, item, MMLU_SUBJECTS, type ReleasedItem, stopped } from "./import-item.ts";
import { parseJsonRecords, withOrderedKeys } from "./json-records.ts";
import type { TableRow } from "./xlsx.ts";

/** What a record gives. */
export type ImportedItem = ReleasedItem | ImportRefusal;

/** One published format. */
export interface ImportFormat {
  /** Extensions of its files, for folders. */
  readonly extensions: readonly string[];
  /** Files of a folder that are taken, without extension and `_test`; all when absent. XMedBench took these. */
  readonly files?: readonly string[];
  /** What a record looks like, for people. */
  readonly shape: string;
  /** The source of an item without another name. */
  readonly source: string;
  /** Reads all files of an import: some publishers keep the answers in a file of their own. */
  readonly read: (files: readonly ImportFile[]) => Promise<ImportedItem[]>;
}

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
const cmbRecord = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  question: z.string(),
  option: z.record(z.string(), z.string()),
  answer: z.string().optional(),
  question_type: z.string().optional(),
});
/** A line of the file of answers; it has no options. */
const cmbAnswer = z.object({
  id: z.union([z.string(), z.number()]),
  answer: z.string(),
  option: z.undefined().optional(),
});

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
  pubmedqa: {
    extensions: [".json"],
    files: ["ori_pqal"],
    shape: '{"PMID": {"QUESTION", "CONTEXTS", "final_decision"}}',
    source: "pubmedqa",
    read: eachFile(async (file) =>
      parseJsonRecords(withOrderedKeys(await file.text()), file.path, Object.values).map((record) => {
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
    ),
  },
  medqa: {
    extensions: [".jsonl"],
    shape: '{"question", "options": {"A": ...}, "answer_idx"} a line',
    source: "medqa-usmle",
    read: eachFile(async (file) =>
      (await file.records()).map((record) => {
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
    ),
  },
  headqa: {
    extensions: [".json"],
    shape: '{"exams": {NAME: {"data": [{"qtext", "ra", "answers": [{"aid", "atext"}]}]}}}',
    source: "headqa",
    read: eachFile(async (file) =>
      parseJsonRecords(await file.text(), file.path, (value) => {
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
    ),
  },
  frenchmedmcqa: {
    extensions: [".json"],
    shape: '[{"question", "answers": {"a": ...}, "correct_answers": ["a"]}]',
    source: "frenchmedmcqa",
    read: eachFile(async (file) =>
      (await file.records()).map((record) => {
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
    ),
  },
  medmcqa: {
    extensions: [".json"],
    shape: '{"question", "opa", "opb", "opc", "opd", "cop"} a line',
    source: "medmcqa",
    read: eachFile(async (file) => {
      const records = (await file.records()).map((record) => medmcqaRecord.safeParse(record).data);
      // The original counts answers from 1, Hugging Face's copy from 0.
      const first = records.some((record) => record?.cop === 0) ? 0 : 1;
      return records.map((record) => {
        if (record === undefined) return "unreadable-record";
        const { question, opa, opb, opc, opd, cop } = record;
        const options = stopped([opa, opb, opc, opd]);
        return item({ question, options, gold: [cop - first], source: "medmcqa", context: "" });
      });
    }),
  },
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
  cmb: {
    extensions: [".json"],
    shape: '[{"id", "question", "option": {"A": ...}, "answer"}], or the answers in a file of their own',
    source: "cmb-single",
    read: readCmb,
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

/** A format whose files stand for themselves. */
function eachFile(read: (file: ImportFile) => Promise<ImportedItem[]>): ImportFormat["read"] {
  return async (files) => {
    const items: ImportedItem[][] = [];
    for (const file of files) items.push(await read(file));
    return items.flat();
  };
}

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

/** The test's answers are published apart from its questions, joined by id. */
async function readCmb(files: readonly ImportFile[]): Promise<ImportedItem[]> {
  const questions: unknown[] = [];
  const answers = new Map<string, string>();
  for (const file of files) {
    for (const record of await file.records()) {
      const { data } = cmbAnswer.safeParse(record);
      if (data === undefined) questions.push(record);
      else answers.set(String(data.id), data.answer);
    }
  }
  return questions.map((record) => {
    const { data } = cmbRecord.safeParse(record);
    if (data === undefined) return "unreadable-record";
    const answer = (data.answer ?? answers.get(String(data.id)) ?? "").trim();
    // XMedBench holds its questions with one right answer.
    if (answer.length > 1 || data.question_type === "多项选择题") return "several-answers";
    const letters = Object.keys(data.option).sort();
    // Some rows have a sixth option that is empty throughout; the fifth is kept, as released.
    while (letters.length > 5 && data.option[letters.at(-1)!]!.trim() === "") letters.pop();
    return item({
      question: data.question,
      options: stopped(letters.map((letter) => data.option[letter]!)),
      gold: [letters.indexOf(answer)],
      source: "cmb-single",
    });
  });
}

function withoutHeader(rows: readonly TableRow[], firstTitle: string): readonly TableRow[] {
  return rows[0]?.fields[0]?.toLowerCase() === firstTitle ? rows.slice(1) : rows;
}
