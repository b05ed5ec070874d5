// A prompt as data: what stands before and between the parts of a question, and what is scored after it. The tasks of
// lm-evaluation-harness and the prompts of a suite of one's own are each such a form.
import type { ChatMessage } from "../engine/index.ts";
import type { Item } from "./item.ts";
import type { ChatPrompt } from "./protocol.ts";

/** How an item is written out. */
export interface PromptForm {
  /** Stands once before everything. `{subject}` is filled in. */
  readonly description: string;
  /** The question; `{question}`, `{context}`, `{options}` and `{subject}` are filled in. */
  readonly ask: string;
  /** One option's line; `{letter}` and `{text}` are filled in. Lines are joined by a newline. */
  readonly option: string;
  /** What is scored, and what worked examples show: the option's letter or its text. */
  readonly answer: "letter" | "text";
  /** Stands between the question and the answer. */
  readonly delimiter: string;
  /** Stands between worked examples. */
  readonly between: string;
}

/** What an item's texts are in a form: changed where a task writes them otherwise. */
export interface FormTexts {
  readonly options: readonly string[];
  readonly context: string;
  readonly subject: string;
}

/** The prompt of an item after worked examples. */
export function formPrompt(
  form: PromptForm,
  item: Item,
  shots: readonly Item[],
  textsOf: (item: Item) => FormTexts,
): string {
  const examples = shots.map(
    (shot) =>
      `${askOf(form, shot, textsOf(shot))}${form.delimiter}${answerOf(form, shot, textsOf(shot))}${form.between}`,
  );
  return `${descriptionOf(form, textsOf(item))}${examples.join("")}${askOf(form, item, textsOf(item))}`;
}

/** The same as a conversation, as lm-evaluation-harness has it: the description from the system, each worked example a turn. */
export function formChat(
  form: PromptForm,
  item: Item,
  shots: readonly Item[],
  textsOf: (item: Item) => FormTexts,
): ChatPrompt {
  const system = descriptionOf(form, textsOf(item));
  const turns = shots.flatMap((shot): ChatMessage[] => [
    { role: "user", content: askOf(form, shot, textsOf(shot)) },
    { role: "assistant", content: answerOf(form, shot, textsOf(shot)) },
  ]);
  return {
    messages: [
      ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
      ...turns,
      { role: "user", content: askOf(form, item, textsOf(item)) },
    ],
    lead: "",
  };
}

/** What is scored for each option, without the delimiter; its length is what normalised choices divide by. */
export function formChoices(form: PromptForm, item: Item, texts: FormTexts): string[] {
  return form.answer === "letter" ? [...item.letters] : [...texts.options];
}

function answerOf(form: PromptForm, item: Item, texts: FormTexts): string {
  const choices = formChoices(form, item, texts);
  return item.gold.map((option) => choices[option]).join(", ");
}

function descriptionOf(form: PromptForm, { subject }: FormTexts): string {
  return fill(form.description, { subject });
}

function askOf(form: PromptForm, item: Item, { options, context, subject }: FormTexts): string {
  const lines = options.map((text, i) => fill(form.option, { letter: item.letters[i]!, text }));
  return fill(form.ask, { question: item.question, context, subject, options: lines.join("\n") });
}

/** Fills `{name}`s in one pass, so that braces in a question stay what they are. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{([a-z]+)\}/gu, (whole, name: string) => values[name] ?? whole);
}
