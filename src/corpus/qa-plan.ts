// What a generation will ask, before anything is asked: its options checked, its passages counted, its tokens and price estimated.
import { UserError } from "../core/index.ts";
import { sortCounts } from "./counts.ts";
import { type BudgetOptions, costOf, type QaPrice, type Spent } from "./qa-budget.ts";
import { estimateExchange, type QaKind } from "./qa-exchange.ts";
import { type PassageOptions, readPassages } from "./qa-passages.ts";
import { fillPrompt, type LanguagePrompts, type QaPrompts } from "./qa-prompts.ts";
import { estimateTokens, type TokenCount } from "./qa-tokens.ts";

/** What to ask, and how. */
export interface QaOptions extends BudgetOptions {
  readonly prompts: QaPrompts;
  /** Default: pairs of question and answer. */
  readonly kinds?: readonly QaKind[] | undefined;
  /** Default: all. */
  readonly languages?: readonly string[] | undefined;
  /** Most tokens of a passage. Default 512. */
  readonly passageTokens?: number | undefined;
  /** Pairs, or conversations, for each passage. Default 1. */
  readonly perPassage?: number | undefined;
  /** Replies to one prompt until one is taken. Default 2. */
  readonly attempts?: number | undefined;
  /** Most tokens of a reply. Default 768. */
  readonly maxTokens?: number | undefined;
  /** Default 0.7. */
  readonly temperature?: number | undefined;
  /** Default 0.9. */
  readonly topP?: number | undefined;
  /** Default 42. */
  readonly seed?: number | undefined;
  /** Most passages, from the first. Default: all. */
  readonly limit?: number | undefined;
  /** Counts tokens as the model does; `name` is recorded. Default: an estimate by script. */
  readonly tokenizer?: { readonly name: string; readonly count: TokenCount } | undefined;
}

/** The options with their defaults. */
export interface QaSetting {
  readonly kinds: readonly QaKind[];
  readonly perPassage: number;
  readonly attempts: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly countTokens: TokenCount;
  readonly passages: PassageOptions;
  readonly price: QaPrice | undefined;
}

/** What there is to ask. */
export interface QaPlan {
  readonly passages: number;
  readonly passageTokens: number;
  readonly byLanguage: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
  /** Requests when every first reply is taken, and what they take and cost. */
  readonly requests: number;
  readonly likely: Spent & { readonly cost?: number };
  /** When no reply is taken before the last attempt, and each is as long as it may be. */
  readonly most: Spent & { readonly cost?: number };
  /** The first prompt of each language and kind, filled in. */
  readonly examples: readonly { readonly language: string; readonly role: string; readonly prompt: string }[];
}

/** Puts the defaults in; `UserError` for values that make no sense. */
export function checkQaOptions(options: QaOptions): QaSetting {
  const { kinds = ["qa"], passageTokens = 512, perPassage = 1, attempts = 2, maxTokens = 768 } = options;
  const {
    temperature = 0.7,
    topP = 0.9,
    seed = 42,
    limit = Number.POSITIVE_INFINITY,
    languages = [],
  } = options;
  const { tokens, money, price } = options;
  const countTokens = options.tokenizer?.count ?? estimateTokens;
  const wholes = {
    "passage-tokens": passageTokens,
    "per-passage": perPassage,
    attempts,
    "max-tokens": maxTokens,
  };
  for (const [name, value] of Object.entries(wholes))
    if (!(Number.isInteger(value) && value >= 1))
      throw new UserError("bad-option", `--${name} must be a whole number from 1, found ${value}`);
  for (const [name, value] of Object.entries({ "budget-tokens": tokens, "budget-money": money, limit }))
    if (value !== undefined && !(value > 0))
      throw new UserError("bad-option", `--${name} must be more than 0, found ${value}`);
  if (!(temperature >= 0))
    throw new UserError("bad-option", `--temperature must be 0 or more, found ${temperature}`);
  if (money !== undefined && price === undefined)
    throw new UserError("bad-option", "--budget-money needs prices", {
      remedy: "Give --price-prompt and --price-completion, for a million tokens each.",
    });
  return {
    kinds,
    perPassage,
    attempts,
    maxTokens,
    temperature,
    topP,
    seed,
    countTokens,
    passages: { budget: passageTokens, countTokens, languages, limit },
    price,
  };
}

/** What decides the result besides texts, model and answers; budgets do not: a run that they stopped goes on. */
export function describeQa({ prompts, tokenizer }: QaOptions, setting: QaSetting): Record<string, unknown> {
  const { countTokens: _counted, price: _paid, passages, ...own } = setting;
  const { languages, limit, budget } = passages;
  return {
    ...own,
    languages,
    passageTokens: budget,
    ...(Number.isFinite(limit) ? { limit } : {}),
    tokenizer: tokenizer?.name ?? "estimate",
    prompts: { id: prompts.id, version: prompts.version },
  };
}

/** Reads the corpus and says what would be asked. `UserError` when there are no passages, or no prompts for a language. */
export async function planQa(folder: string, options: QaOptions): Promise<QaPlan> {
  const setting = checkQaOptions(options);
  const { kinds, price } = setting;
  const skipped: Record<string, number> = {};
  const byLanguage: Record<string, number> = {};
  const examples: { language: string; role: string; prompt: string }[] = [];
  const likely = { promptTokens: 0, completionTokens: 0 };
  const most = { promptTokens: 0, completionTokens: 0 };
  let [passages, passageTokens, requests] = [0, 0, 0];
  for await (const passage of readPassages(folder, setting.passages, skipped)) {
    const { language } = passage.document;
    const prompts = promptsFor(options.prompts, language, kinds);
    if (byLanguage[language] === undefined) {
      const values = { text: passage.text, reference: passage.text };
      const roles = [
        ...(kinds.includes("qa") ? (["question", "answer"] as const) : []),
        ...(kinds.includes("dialogue") ? (["dialogue"] as const) : []),
      ];
      for (const role of roles) examples.push({ language, role, prompt: fillPrompt(prompts[role]!, values) });
    }
    passages++;
    passageTokens += passage.tokens;
    byLanguage[language] = (byLanguage[language] ?? 0) + 1;
    const estimate = estimateExchange(passage, { ...setting, prompts });
    requests += estimate.requests;
    add(likely, estimate.likely);
    add(most, estimate.most);
  }
  if (passages === 0)
    throw new UserError(
      "no-passages",
      `nothing to ask about (left out: ${JSON.stringify(sortCounts(skipped))})`,
      {
        file: folder,
        remedy:
          "Questions are made from running texts: files {category}_{language}_text.json, as `apollo corpus import --kind text` makes them.",
      },
    );
  const priced = (spent: Spent) => (price === undefined ? spent : { ...spent, cost: costOf(spent, price) });
  return {
    passages,
    passageTokens,
    byLanguage: sortCounts(byLanguage),
    skipped: sortCounts(skipped),
    requests,
    likely: priced(likely),
    most: priced(most),
    examples,
  };
}

function promptsFor(prompts: QaPrompts, language: string, kinds: readonly QaKind[]): LanguagePrompts {
  const own = prompts.languages[language];
  const missing =
    own === undefined ||
    (kinds.includes("qa") && (own.question === undefined || own.answer === undefined)) ||
    (kinds.includes("dialogue") && own.dialogue === undefined);
  if (!missing) return own;
  throw new UserError("no-prompts", `${prompts.id} has no prompts of this kind for "${language}"`, {
    remedy: `It has some for ${Object.keys(prompts.languages).join(", ")}: choose with --language, or add them to a copy of recipes/qa-prompts.yaml.`,
  });
}

function add(sum: { promptTokens: number; completionTokens: number }, part: Spent): void {
  sum.promptTokens += part.promptTokens;
  sum.completionTokens += part.completionTokens;
}
