// A protocol: how an item is put to a model and how its answer is read. The runs know nothing else about how they ask; the
// published exams' own ways, lm-evaluation-harness's and a suite's are each one of these.
import type { ChatMessage } from "../engine/index.ts";
import type { FindingCode } from "./audit-finding.ts";
import { type ExtractionRule, extractAnswer } from "./extract-answer.ts";
import { type Item, optionText } from "./item.ts";
import { type BenchMode, itemContinuations, itemMessages, itemPrompt } from "./prompts.ts";
import type { PublishedRule } from "./published-extraction.ts";
import type { ChoiceRule } from "./sample.ts";
import type { Suite } from "./suite.ts";

/** An answer found in words. */
export interface ReadAnswer {
  /** Letters, ascending: `"B"`, `"ACE"`. */
  readonly choice: string;
  readonly rule: ExtractionRule | PublishedRule;
}

/** A prompt as a conversation. */
export interface ChatPrompt {
  readonly messages: readonly ChatMessage[];
  /** What the assistant's answer begins with; the continuation follows it. */
  readonly lead: string;
}

/** Why a protocol leaves an item of the suite out. */
export type LeftOut =
  | `audit: ${FindingCode}`
  | "kept-for-examples"
  | "over-budget"
  | "no-published-prompt"
  | "no-lm-eval-task";

/** What a protocol scores, and what it may draw worked examples from. */
export interface Selection {
  readonly items: readonly Item[];
  readonly pool: readonly Item[];
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>;
}

/** What a selection is made from. */
export interface SelectionInput {
  readonly suite: Suite;
  readonly shotSuite: Suite | undefined;
  /** Ids of the items that an audit found fault with, by kind. */
  readonly faults: ReadonlyMap<FindingCode, ReadonlySet<string>>;
}

/** How items are put to a model and answers are read. */
export interface Protocol {
  /** `letters`, `apollo`, `lm-eval:headqa`, ... */
  readonly name: string;
  readonly mode: BenchMode;
  /** What decides prompts and grades besides the name, recorded in the run; absent for the plain modes. */
  readonly settings?: unknown;
  /** Worked examples when the caller names no number. */
  readonly shots: number;
  /** Which rule decides `choice` of a scored item. */
  readonly choiceRule: ChoiceRule;
  /** Also score each continuation alone, for the choice by mutual information. */
  readonly unconditional: boolean;
  /** The mode of one item, where a protocol mixes tasks that score letters and texts. */
  itemMode?(item: Item): BenchMode;
  /** Default: all items, worked examples from the other suite or else from the suite itself. */
  select?(input: SelectionInput): Selection;
  /** Worked examples are the first of the item's source and subject, as MMLU is asked, rather than drawn. */
  firstShots?(item: Item): boolean;
  /** Worked examples come from the suite itself, whatever other suite is given: so were the published ones. */
  readonly examplesFromSuite?: boolean;
  /** An item's repetitions may be its examples: the published draw leaves out the item itself alone. */
  readonly repeatedShots?: boolean;
  /** Examples of those drawn that go into the item's prompt; default all. */
  fitShots?(item: Item, drawn: readonly Item[]): Item[];
  prompt(item: Item, shots: readonly Item[]): string;
  /** The same as a conversation, for models with a chat template. */
  chat(item: Item, shots: readonly Item[]): ChatPrompt;
  /** Continuations to score; `undefined` for an option that cannot be. */
  continuations(item: Item): (string | undefined)[];
  /** Texts whose length the normalised choices divide by, one an option. */
  measured(item: Item): string[];
  /** Letters of the right options. */
  gold(item: Item): string;
  read(response: string, item: Item): ReadAnswer | undefined;
  /** A second, stricter reading beside `read`. */
  readStrictly?(response: string, item: Item): string | undefined;
  /** Texts that end a generated answer. */
  readonly stop: readonly string[];
}

/** Letters of the right options, e.g. `"ACE"`. */
export function goldLetters(item: Item): string {
  return item.gold.map((option) => item.letters[option]).join("");
}

/** Reads an answer by the rules that never guess (`extractAnswer`). */
export function readRobustly(response: string, item: Item): ReadAnswer | undefined {
  const answer = extractAnswer(response, item);
  if (answer === undefined) return undefined;
  return { choice: answer.choice.map((option) => item.letters[option]).join(""), rule: answer.rule };
}

/** Names of the plain protocols, by mode. */
const PLAIN_NAMES: Readonly<Record<BenchMode, string>> = {
  letter: "letters",
  text: "cloze",
  generate: "generate",
};

/** Our own prompts, the item's language, one of the three modes. */
export function plainProtocol(mode: BenchMode): Protocol {
  return {
    name: PLAIN_NAMES[mode],
    mode,
    shots: 0,
    choiceRule: mode === "text" ? "acc_bytes" : "acc",
    unconditional: false,
    prompt: (item, shots) => itemPrompt(item, mode, shots),
    chat: (item, shots) => itemMessages(item, mode, shots),
    continuations: (item) =>
      mode === "generate" ? item.options.map(() => undefined) : itemContinuations(item, mode),
    measured: (item) => (mode === "text" ? item.options.map(optionText) : [...item.letters]),
    gold: goldLetters,
    read: readRobustly,
    stop: ["\nUser:", "User:"],
  };
}
