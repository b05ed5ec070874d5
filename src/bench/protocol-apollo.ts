// The published benchmark as it was run, faults included: shots from the test set, a budget in characters, answers read
// loosely. Its prompts come from a file; only the draw is ours, because the published one had no seed.
// Source: FreedomIntelligence/Apollo, src/process/prepare/data_process_test_gemma.py and src/evaluate/eval_gemma.py.
import { z } from "zod";
import { hashValue, readJson, UserError } from "../core/index.ts";
import { type Item, parseOptions, writtenOptions } from "./item.ts";
import type { LeftOut, Protocol } from "./protocol.ts";
import { plainProtocol } from "./protocol.ts";
import { readAsPublished } from "./published-extraction.ts";

/** Characters (code points) of a prompt: examples that would reach it are left out, longer questions are not asked. */
const CHARACTER_BUDGET = 4096;

const fileSchema = z.object({
  /** Templates by name; `{question}`, `{options}`, `{answer}`, `{context}` and `<eos>` are filled in. */
  gemma: z.record(z.string(), z.string()),
  /** Sources, separated by commas, to the template of a worked example and that of the question. */
  source_to_prompt: z.record(z.string(), z.tuple([z.string(), z.string()])),
});

/** The templates that a source is asked with. */
interface SourcePrompts {
  readonly example: string;
  readonly question: string;
}

/** A protocol file, read. */
export interface PublishedPrompts {
  readonly file: string;
  readonly hash: string;
  /** By source name, and by `language xx` for sources that the file does not name. */
  readonly prompts: ReadonlyMap<string, SourcePrompts>;
}

/** Reads a protocol file such as `apollo-2024.json`; `UserError` names the field that is wrong. */
export async function loadPublishedPrompts(file: string): Promise<PublishedPrompts> {
  const raw = await readJson(file);
  const parsed = fileSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError("bad-protocol", issue?.message ?? "not a protocol file", {
      file,
      at: issue?.path.join("."),
      remedy: "It holds `gemma` (templates by name) and `source_to_prompt` (which source uses which).",
    });
  }
  const { gemma: templates, source_to_prompt: sources } = parsed.data;
  const prompts = new Map<string, SourcePrompts>();
  const template = (name: string, at: string): string => {
    // The file may add a remark: "question_prompt_en_choice (sic)".
    const found = templates[name.split(" ")[0]!];
    if (found !== undefined) return found;
    throw new UserError("bad-protocol", `there is no template "${name}"`, {
      file,
      at: `source_to_prompt.${at}`,
      remedy: `It has: ${Object.keys(templates).join(", ")}.`,
    });
  };
  for (const [names, [example, question]] of Object.entries(sources)) {
    const pair = { example: template(example, names), question: template(question, names) };
    for (const name of names.split(",")) prompts.set(name.trim(), pair);
  }
  for (const [name, question] of Object.entries(templates)) {
    const language = /^question_prompt_([a-z]{2})_choice$/u.exec(name)?.[1];
    const example = templates[`${name}_shot`];
    if (language !== undefined && example !== undefined)
      prompts.set(`language ${language}`, { example, question });
  }
  return { file, hash: hashValue(raw), prompts };
}

/** The published protocol with the prompts of `published`; `endOfText` is what the model's end-of-text token is written as. */
export function apolloProtocol(published: PublishedPrompts, endOfText: string): Protocol {
  const promptsOf = (item: Item): SourcePrompts | undefined =>
    published.prompts.get(item.source) ?? published.prompts.get(`language ${item.language}`);
  const question = (item: Item): string => fill(promptsOf(item)!.question, item, endOfText);
  // Examples stand in the words of the item that is asked, also when they come from elsewhere.
  const example = (shot: Item, item: Item): string => fill(promptsOf(item)!.example, shot, endOfText);
  return {
    ...plainProtocol("generate"),
    name: "apollo",
    settings: { prompts: published.hash, endOfText },
    shots: 3,
    examplesFromSuite: true,
    repeatedShots: true,
    select({ suite }) {
      const leftOut: Partial<Record<LeftOut, number>> = {};
      const items = suite.items.filter((item) => {
        const reason =
          promptsOf(item) === undefined
            ? "no-published-prompt"
            : length(question(item)) > CHARACTER_BUDGET
              ? "over-budget"
              : undefined;
        if (reason !== undefined) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
        return reason === undefined;
      });
      return { items, pool: suite.items, leftOut };
    },
    fitShots(item, drawn) {
      const asked = length(question(item));
      let used = 0;
      return drawn.filter((shot) => {
        const more = length(example(shot, item));
        if (used + asked + more >= CHARACTER_BUDGET) return false;
        used += more;
        return true;
      });
    },
    prompt: (item, shots) => shots.map((shot) => example(shot, item)).join("") + question(item),
    chat(item, shots) {
      const turns = shots.flatMap((shot) => splitTurns(example(shot, item), endOfText));
      return { messages: [...turns, splitTurns(question(item), endOfText)[0]!], lead: "" };
    },
    // Of several right letters the published grading keeps the first.
    gold: (item) => item.letters[item.gold[0]!]!,
    read: (response) => readAsPublished(response),
    stop: [],
  };
}

function fill(template: string, item: Item, endOfText: string): string {
  const written =
    item.written !== undefined && sameOptions(item.written.options, item.options) ? item.written : undefined;
  const values: Readonly<Record<string, string>> = {
    question: written?.question ?? item.question,
    options: written?.options ?? writtenOptions(item.options),
    answer: `(${item.gold.map((option) => item.letters[option]).join("")})`,
    context: item.context ?? "",
  };
  return template.replace(/<eos>|\{(question|options|answer|context)\}/gu, (_, name?: string) =>
    name === undefined ? endOfText : values[name]!,
  );
}

/** False when the options were changed since they were read, as by a rotation. */
function sameOptions(written: string, options: readonly string[]): boolean {
  const parsed = parseOptions(written);
  return parsed?.length === options.length && parsed.every((option, i) => option === options[i]);
}

/** Code points, as Python counts them. */
function length(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** A template's `User:` and `Assistant:` parts as turns, for models with a chat template of their own. */
function splitTurns(text: string, endOfText: string) {
  const [user = "", assistant = ""] = text.replace(/^User:/u, "").split("\nAssistant:");
  const answer = endOfText === "" ? assistant : assistant.replace(endOfText, "");
  return [
    { role: "user" as const, content: user },
    { role: "assistant" as const, content: answer.trim() },
  ];
}
