// Exams as the Hugging Face hub holds them (Parquet, or what is exported from it), recognised by their columns and turned into
// items as XMedBench released them.
import { z } from "zod";
import { type ImportRefusal, item, MMLU_SUBJECTS, type ReleasedItem, stopped } from "./import-item.ts";

/** Whole numbers; Parquet's 64-bit ones come as texts. */
const integer = z.coerce.number().int();
const text = z.string();
const texts = z.array(z.string());

type Reading = ReleasedItem | ImportRefusal;

/** A shape of records: what it must hold, and what item it gives. */
interface HubShape {
  readonly read: (record: unknown) => Reading | undefined;
}

function shape<T>(schema: z.ZodType<T>, read: (record: T) => Reading): HubShape {
  return {
    read: (record) => {
      const { data } = schema.safeParse(record);
      return data === undefined ? undefined : read(data);
    },
  };
}

const YES_NO_MAYBE = ["yes", "no", "maybe"];

/** The first shape that fits a record reads it. */
const SHAPES: readonly HubShape[] = [
  // openlifescienceai/medmcqa; the split without answers has -1.
  shape(z.object({ question: text, opa: text, opb: text, opc: text, opd: text, cop: integer }), (record) =>
    item({
      question: record.question,
      options: stopped([record.opa, record.opb, record.opc, record.opd]),
      gold: [record.cop],
      source: "medmcqa",
      context: "",
    }),
  ),
  // GBaker/MedQA-USMLE-4-options-hf
  shape(
    z.object({ sent1: text, ending0: text, ending1: text, ending2: text, ending3: text, label: integer }),
    ({ sent1, ending0, ending1, ending2, ending3, label }) =>
      medqa(sent1, { A: ending0, B: ending1, C: ending2, D: ending3 }, "ABCD"[label] ?? ""),
  ),
  // GBaker/MedQA-USMLE-4-options and the original lines
  shape(
    z.object({ question: text, options: z.record(z.string(), z.string().nullable()), answer_idx: text }),
    ({ question, options, answer_idx }) => medqa(question, options, answer_idx),
  ),
  // openlifescienceai/medqa, mmlu_*, pubmedqa, headqa: one struct
  shape(
    z.object({
      data: z.object({
        Question: text,
        Options: z.record(z.string(), z.string().nullable()),
        "Correct Option": text,
        Context: z.union([text, texts]).nullish(),
      }),
      subject_name: text.nullish(),
    }),
    ({ data, subject_name: subject }) => {
      const [context = ""] = [data.Context ?? ""].flat();
      const letters = filledLetters(data.Options);
      const source = context !== "" ? "pubmedqa" : subject?.includes("MMLU") ? "mmlu-medical" : "medqa-usmle";
      return item({
        question: data.Question,
        options: letters.map((letter) => data.Options[letter]!),
        gold: [letters.indexOf(data["Correct Option"])],
        source,
        context,
      });
    },
  ),
  // qiaojin/PubMedQA; XMedBench kept the first paragraph of the abstract only.
  shape(
    z.object({ question: text, context: z.object({ contexts: texts.min(1) }), final_decision: text }),
    ({ question, context, final_decision }) => pubmedqa(question, context.contexts[0]!, final_decision),
  ),
  // bigbio/pubmed_qa (source schema)
  shape(
    z.object({ QUESTION: text, CONTEXTS: texts.min(1), final_decision: text }),
    ({ QUESTION, CONTEXTS, final_decision }) => pubmedqa(QUESTION, CONTEXTS[0]!, final_decision),
  ),
  // cais/mmlu
  shape(
    z.object({ question: text, choices: texts, answer: integer, subject: text.nullish() }),
    ({ question, choices, answer, subject }) =>
      isMedical(subject)
        ? item({ question, options: choices, gold: [answer], source: "mmlu-medical", context: "" })
        : "other-subject",
  ),
  // openai/MMMLU: translations; which language, `--source` says.
  shape(
    z.object({ Question: text, A: text, B: text, C: text, D: text, Answer: text, Subject: text.nullish() }),
    ({ Question, A, B, C, D, Answer, Subject }) =>
      Subject === undefined || Subject === null
        ? // haonan-li/cmmlu has no subject: a file is one.
          item({
            question: Question,
            options: stopped([A, B, C, D]),
            gold: ["ABCD".indexOf(Answer.trim() || "?")],
            source: "cmmlu-medical",
          })
        : isMedical(Subject)
          ? item({
              question: Question,
              options: [A, B, C, D],
              gold: ["ABCD".indexOf(Answer.trim() || "?")],
              source: "mmlu-medical",
            })
          : "other-subject",
  ),
  // dvilares/head_qa; lists of structs may come as a struct of lists.
  shape(
    z.object({
      qtext: text,
      ra: integer,
      answers: z.union([
        z.array(z.object({ aid: integer, atext: text })),
        z
          .object({ aid: z.array(integer), atext: texts })
          .transform(({ aid, atext }) => aid.map((id, i) => ({ aid: id, atext: atext[i] ?? "" }))),
      ]),
    }),
    ({ qtext, ra, answers }) =>
      item({
        question: qtext,
        options: stopped(answers.map(({ atext }) => atext)),
        gold: [answers.findIndex(({ aid }) => aid === ra)],
        source: "headqa",
      }),
  ),
  // qanastek/frenchmedmcqa
  shape(
    z.object({
      question: text,
      answer_a: text,
      answer_b: text,
      answer_c: text,
      answer_d: text,
      answer_e: text,
      correct_answers: z.array(integer).min(1),
    }),
    (record) =>
      record.correct_answers.length > 1
        ? "several-answers"
        : item({
            question: record.question,
            options: stopped([
              record.answer_a,
              record.answer_b,
              record.answer_c,
              record.answer_d,
              record.answer_e,
            ]),
            gold: record.correct_answers,
            source: "frenchmedmcqa",
          }),
  ),
];

/** The item of a record, by the first shape that it has. */
export function hubItem(record: unknown): Reading {
  for (const { read } of SHAPES) {
    const found = read(record);
    if (found !== undefined) return found;
  }
  return "unreadable-record";
}

/** Letters of the options that are there: a struct in Parquet has all keys of all records. */
function filledLetters(options: Readonly<Record<string, string | null>>): string[] {
  return Object.keys(options)
    .filter((letter) => options[letter] !== null)
    .sort();
}

function medqa(question: string, options: Readonly<Record<string, string | null>>, answer: string): Reading {
  const letters = filledLetters(options);
  const chinese = /\p{Script=Han}/u.test(question);
  return item({
    question,
    options: stopped(letters.map((letter) => options[letter]!)),
    gold: [letters.indexOf(answer)],
    source: chinese ? "medqa-mcmle" : "medqa-usmle",
    ...(chinese ? {} : { context: "" }),
  });
}

function pubmedqa(question: string, context: string, decision: string): Reading {
  return item({
    question,
    context,
    options: ["Yes.", "No.", "Maybe."],
    gold: [YES_NO_MAYBE.indexOf(decision)],
    source: "pubmedqa",
  });
}

/** Files of one subject may leave it out. */
function isMedical(subject: string | null | undefined): boolean {
  return subject === undefined || subject === null || subject === "" || MMLU_SUBJECTS.includes(subject);
}
