// The medical tasks of lm-evaluation-harness as data: what it asks, what it scores, and which sources of XMedBench they are.
// Source: EleutherAI/lm-evaluation-harness 0.4.13, lm_eval/tasks/{medqa,medmcqa,pubmedqa,mmlu,cmmlu,headqa}.
import { UserError } from "../core/index.ts";
import { type Item, optionText } from "./item.ts";
import { type FormTexts, formChat, formChoices, formPrompt, type PromptForm } from "./prompt-form.ts";
import { goldLetters, type LeftOut, type Protocol, plainProtocol } from "./protocol.ts";

/** One task. */
interface Task {
  readonly form: PromptForm;
  /** `{subject}` of the description in the task's words; MMLU and CMMLU have a task for each subject. */
  readonly subjects?: "named" | Readonly<Record<string, string>>;
  /** The description of an item whose subject nobody says. */
  readonly withoutSubject?: string;
  /** Examples are the first of the pool, as published, rather than drawn. */
  readonly firstShots?: boolean;
  /** Options are the choices themselves, in lower case: yes, no, maybe. */
  readonly lowerCaseChoices?: boolean;
}

const LETTERED = { option: "{letter}. {text}", answer: "letter", delimiter: " ", between: "\n\n" } as const;

/** CMMLU's subjects that are medical or near it; the others are asked by their English name. */
const CMMLU_SUBJECTS: Readonly<Record<string, string>> = {
  anatomy: "解剖学",
  clinical_knowledge: "临床知识",
  college_medical_statistics: "大学医学统计",
  college_medicine: "大学医学",
  food_science: "食品科学",
  genetics: "遗传学",
  high_school_biology: "高中生物",
  nutrition: "营养学",
  sports_science: "体育学",
  traditional_chinese_medicine: "中医中药",
  virology: "病毒学",
};

const TASKS: Readonly<Record<string, Task>> = {
  medqa_4options: {
    form: { ...LETTERED, description: "", ask: "Question: {question}\n{options}\nAnswer:" },
  },
  medmcqa: {
    form: { ...LETTERED, description: "", ask: "Question: {question}\nChoices:\n{options}\nAnswer:" },
  },
  pubmedqa: {
    form: {
      ...LETTERED,
      description: "",
      ask: "Abstract: {context}\nQuestion: {question}\nAnswer:",
      answer: "text",
    },
    lowerCaseChoices: true,
  },
  mmlu: {
    form: {
      ...LETTERED,
      description: "The following are multiple choice questions (with answers) about {subject}.\n\n",
      ask: "{question}\n{options}\nAnswer:",
    },
    subjects: "named",
    withoutSubject: "The following are multiple choice questions (with answers).\n\n",
    firstShots: true,
  },
  cmmlu: {
    form: {
      ...LETTERED,
      description: "以下是关于{subject}的单项选择题，请直接给出正确答案的选项。\n\n",
      ask: "{question}\n{options}\n答案：",
    },
    subjects: CMMLU_SUBJECTS,
    withoutSubject: "以下是单项选择题，请直接给出正确答案的选项。\n\n",
    firstShots: true,
  },
  headqa: {
    form: { ...LETTERED, description: "", ask: "Question: {question}\nAnswer:", answer: "text" },
  },
};

/** Other names of a task. */
const ALIASES: Readonly<Record<string, string>> = {
  medqa: "medqa_4options",
  headqa_en: "headqa",
  headqa_es: "headqa",
};

/** The task that a source of XMedBench was made from. */
const SOURCE_TASKS: Readonly<Record<string, string>> = {
  "medqa-usmle": "medqa_4options",
  medmcqa: "medmcqa",
  pubmedqa: "pubmedqa",
  "mmlu-medical": "mmlu",
  "cmmlu-medical": "cmmlu",
  headqa: "headqa",
};
/** Sources to whose options XMedBench's release appended a full stop that the task does not have; MMLU's are its own. */
const STOPPED_SOURCES: readonly string[] = ["medqa-usmle", "medmcqa", "pubmedqa", "cmmlu-medical", "headqa"];

/** What `--protocol lm-eval:` may be followed by. */
const LM_EVAL_TASKS: readonly string[] = Object.keys(TASKS);

/**
 * The protocol of a task (`headqa`, `mmlu_anatomy`), or without a name that of each source's own task; sources that have none
 * are left out and counted. `UserError` when there is no such task.
 */
export function lmEvalProtocol(name: string | undefined): Protocol {
  const [forced, subject] = name === undefined ? [] : findTask(name);
  const taskOf = (item: Item): string | undefined => forced ?? SOURCE_TASKS[item.source];
  const of = (item: Item) => {
    const task = TASKS[taskOf(item)!]!;
    const texts = textsOf(item, task, subject);
    const unnamed = texts.subject === "" && task.withoutSubject !== undefined;
    const form = unnamed ? { ...task.form, description: task.withoutSubject! } : task.form;
    return { task, texts, form, textsOf: (other: Item) => textsOf(other, task, subject) };
  };
  const modeOf = (task: Task): "letter" | "text" => task.form.answer;
  const single = forced === undefined ? undefined : TASKS[forced]!;
  const mode = single === undefined ? "letter" : modeOf(single);
  return {
    ...plainProtocol(mode),
    name: name === undefined ? "lm-eval" : `lm-eval:${name}`,
    settings: { version: "0.4.13" },
    unconditional: true,
    itemMode: (item) => modeOf(of(item).task),
    firstShots: (item) => of(item).task.firstShots === true,
    // All these tasks list acc first.
    choiceRule: "acc",
    ...(forced === undefined
      ? {
          select({ suite, shotSuite }) {
            const items = suite.items.filter((item) => taskOf(item) !== undefined);
            const missing = suite.items.length - items.length;
            const leftOut: Partial<Record<LeftOut, number>> =
              missing === 0 ? {} : { "no-lm-eval-task": missing };
            return { items, pool: (shotSuite ?? suite).items, leftOut };
          },
        }
      : {}),
    prompt(item, shots) {
      const { form, textsOf: texts } = of(item);
      return formPrompt(form, item, shots, texts);
    },
    chat(item, shots) {
      const { form, textsOf: texts } = of(item);
      return formChat(form, item, shots, texts);
    },
    continuations(item) {
      const { form, texts } = of(item);
      return formChoices(form, item, texts).map((choice) => `${form.delimiter}${choice}`);
    },
    measured(item) {
      const { form, texts } = of(item);
      return formChoices(form, item, texts);
    },
    gold: goldLetters,
  };
}

function findTask(name: string): [task: string, subject: string | undefined] {
  const task = ALIASES[name] ?? name;
  if (Object.hasOwn(TASKS, task)) return [task, undefined];
  const [, family = "", subject = ""] = /^(c?mmlu)_([a-z_]+)$/u.exec(task) ?? [];
  if (subject !== "") return [family, subject];
  throw new UserError("bad-option", `there is no prompt of lm-evaluation-harness's task "${name}" here`, {
    remedy: `There are: ${LM_EVAL_TASKS.join(", ")}, and mmlu_SUBJECT and cmmlu_SUBJECT.`,
  });
}

function textsOf(item: Item, task: Task, subject: string | undefined): FormTexts {
  const stopped = STOPPED_SOURCES.includes(item.source);
  const options = item.options.map((option) => {
    const text = stopped ? option.replace(/\.$/u, "").trimEnd() : option;
    return task.lowerCaseChoices === true ? optionText(text).toLowerCase() : text;
  });
  const named = (subject ?? item.subject ?? "").replaceAll(" ", "_");
  const words =
    typeof task.subjects === "object" && task.subjects[named] !== undefined
      ? task.subjects[named]
      : named.replaceAll("_", " ");
  return { options, context: item.context ?? "", subject: words };
}
