// The prompts of a suite of one's own in place of ours: one form for scored letters, scored texts and written answers.

import type { Item } from "./item.ts";
import { type FormTexts, formChat, formChoices, formPrompt, type PromptForm } from "./prompt-form.ts";
import type { Protocol } from "./protocol.ts";
import type { SuiteConfig } from "./suite-config.ts";

/** `plain` as the configuration asks it: its prompt and its number of worked examples. */
export function suiteProtocol({ prompt, shots }: SuiteConfig, plain: Protocol): Protocol {
  const counted = { ...plain, shots: shots ?? plain.shots };
  if (prompt === undefined) return counted;
  const form: PromptForm = { ...prompt, answer: plain.mode === "text" ? "text" : "letter", between: "\n\n" };
  const choices = (item: Item): string[] => formChoices(form, item, textsOf(item));
  return {
    ...counted,
    settings: { prompt },
    prompt: (item, examples) => formPrompt(form, item, examples, textsOf),
    chat: (item, examples) => formChat(form, item, examples, textsOf),
    continuations: (item) =>
      choices(item).map((choice) => (choice.trim() === "" ? undefined : `${form.delimiter}${choice}`)),
    measured: choices,
    // A model that goes on after its answer writes the next worked example.
    stop: plain.mode === "generate" ? ["\n\n"] : [],
  };
}

function textsOf(item: Item): FormTexts {
  return { options: item.options, context: item.context ?? "", subject: item.subject ?? "" };
}
