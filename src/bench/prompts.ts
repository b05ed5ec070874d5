// What a model is asked, as data: an instruction and labels in six languages, and how an item becomes a prompt with the
// continuations to score. The chat frame `User:` / `Assistant:` is the one Apollo's models were trained with.
import type { ChatMessage } from "../engine/index.ts";
import { type Item, optionText } from "./item.ts";

/** How an item is put to a model and its answer read. */
export const BENCH_MODES = ["letter", "text", "generate"] as const;

/**
 * `letter`: options shown, the letters scored. `text`: only the question shown, the option texts scored.
 * `generate`: options shown, the answer generated and extracted.
 */
export type BenchMode = (typeof BENCH_MODES)[number];

interface PromptTexts {
  /** `{last}` stands for the last option's letter. */
  readonly instruction: string;
  readonly context: string;
  readonly question: string;
  readonly options: string;
  /** What the answer begins with; a space and the letter follow. */
  readonly lead: string;
}

const PROMPT_TEXTS: Readonly<Record<string, PromptTexts>> = {
  en: {
    instruction:
      "You are a doctor sitting a medical examination. Choose the one correct option from A to {last}.",
    context: "Context:",
    question: "Question:",
    options: "Options:",
    lead: "The correct answer is option",
  },
  zh: {
    instruction: "您是一名医生，正在参加医学考试。请从A到{last}中选出唯一正确的选项。",
    context: "背景：",
    question: "问题：",
    options: "选项：",
    lead: "正确答案：",
  },
  fr: {
    instruction:
      "Vous êtes médecin et vous passez un examen médical. Choisissez la seule bonne réponse, de A à {last}.",
    context: "Contexte :",
    question: "Question :",
    options: "Propositions :",
    lead: "La bonne réponse est la proposition",
  },
  es: {
    instruction:
      "Usted es médico y se presenta a un examen de medicina. Elija la única opción correcta, de la A a la {last}.",
    context: "Contexto:",
    question: "Pregunta:",
    options: "Opciones:",
    lead: "La respuesta correcta es la opción",
  },
  hi: {
    instruction: "आप एक डॉक्टर हैं और चिकित्सा की परीक्षा दे रहे हैं। A से {last} तक एक सही विकल्प चुनिए।",
    context: "संदर्भ:",
    question: "प्रश्न:",
    options: "विकल्प:",
    lead: "सही उत्तर है विकल्प",
  },
  ar: {
    instruction: "أنت طبيب تؤدي امتحانًا في الطب. اختر الإجابة الصحيحة الوحيدة من A إلى {last}.",
    context: "السياق:",
    question: "السؤال:",
    options: "الخيارات:",
    lead: "الإجابة الصحيحة هي الخيار",
  },
};

/** Separates worked examples from each other and from the question (lm-evaluation-harness's delimiter). */
const SHOT_DELIMITER = "\n\n";

/** The prompt of an item, after `shots` worked examples. */
export function itemPrompt(item: Item, mode: BenchMode, shots: readonly Item[] = []): string {
  const plain = (asked: Item): string => `User:${ask(asked, mode)}\nAssistant:${lead(asked, mode)}`;
  return [...shots.map((shot) => `${plain(shot)}${answerOf(shot, mode)}`), plain(item)].join(SHOT_DELIMITER);
}

/** The same as a conversation, each worked example a turn; `lead` is what the answer begins with. */
export function itemMessages(
  item: Item,
  mode: BenchMode,
  shots: readonly Item[] = [],
): { readonly messages: readonly ChatMessage[]; readonly lead: string } {
  const turns = shots.flatMap((shot): ChatMessage[] => [
    { role: "user", content: ask(shot, mode) },
    { role: "assistant", content: `${lead(shot, mode)}${answerOf(shot, mode)}` },
  ]);
  return { messages: [...turns, { role: "user", content: ask(item, mode) }], lead: lead(item, mode) };
}

/** What a strict reading wants an answer to begin with, in the item's language. */
export function answerLead(item: Item): string {
  return textsFor(item).lead;
}

/** The continuation scored for each option; `undefined` for one that cannot be scored because its text is empty. */
export function itemContinuations(item: Item, mode: "letter" | "text"): (string | undefined)[] {
  return item.options.map((option, i) =>
    mode === "letter" ? ` ${item.letters[i]}` : optionText(option) || undefined,
  );
}

function ask(item: Item, mode: BenchMode): string {
  if (mode === "text") {
    return `${item.context === undefined ? "" : `${item.context}\n`}${item.question}`;
  }
  const texts = textsFor(item);
  return [
    texts.instruction.replace("{last}", item.letters.at(-1) ?? "A"),
    ...(item.context === undefined ? [] : [`${texts.context} ${item.context}`]),
    `${texts.question} ${item.question}`,
    texts.options,
    ...item.options.map((option, i) => `${item.letters[i]}. ${option}`),
  ].join("\n");
}

function lead(item: Item, mode: BenchMode): string {
  return mode === "letter" ? textsFor(item).lead : "";
}

function answerOf(shot: Item, mode: BenchMode): string {
  const gold = shot.gold[0] ?? 0;
  if (mode === "text") return optionText(shot.options[gold] ?? "");
  const letters = shot.gold.map((option) => shot.letters[option]).join(", ");
  return mode === "letter" ? ` ${letters}` : `${textsFor(shot).lead} ${letters}`;
}

function textsFor(item: Item): PromptTexts {
  return (PROMPT_TEXTS[item.language] ?? PROMPT_TEXTS.en) as PromptTexts;
}
