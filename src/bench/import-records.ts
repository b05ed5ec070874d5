// The sources of XMedBench that are published as JSON: a schema for each one's records, and what an item takes from them.
import { z } from "zod";
import type { ImportFile } from "./import-file.ts";
import { eachFile, type ImportedItem, type ImportFormat } from "./import-format.ts";
import { item, stopped } from "./import-item.ts";
import { parseJsonRecords, withOrderedKeys } from "./json-records.ts";

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

/** The formats of JSON records by name. */
export const RECORD_FORMATS = {
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
  cmb: {
    extensions: [".json"],
    shape: '[{"id", "question", "option": {"A": ...}, "answer"}], or the answers in a file of their own',
    source: "cmb-single",
    read: readCmb,
  },
} as const satisfies Readonly<Record<string, ImportFormat>>;

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
