// Puts items to a model in one of the three modes and reads its answers. Knows only the `LanguageModel` seam.
import { hashBytes, UserError } from "../core/index.ts";
import type { ContinuationScore, LanguageModel } from "../engine/index.ts";
import { extractAnswer } from "./extract-answer.ts";
import type { ShotPicker } from "./plan.ts";
import { type BenchMode, itemContinuations, itemPrompt } from "./prompts.ts";
import { rotateItem } from "./rotations.ts";
import type { GeneratedSample, OptionScore, Sample, ScoredSample } from "./sample.ts";
import { type Item, optionText } from "./suite.ts";

/** Tokens for an answer in mode `generate`, as in the published protocol. */
const ANSWER_TOKENS = 128;

/** What answering needs besides the items. */
export interface AnswerOptions {
  readonly model: LanguageModel;
  readonly mode: BenchMode;
  readonly pickShots: ShotPicker;
  /** Mode `letter`: ask each item once for every cyclic shift of its options. */
  readonly rotations?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Answers a batch; one sample an item, in order. An item that is too long loses worked examples until it fits. */
export async function answerItems(items: readonly Item[], options: AnswerOptions): Promise<Sample[]> {
  const asked = items.map((item) => ({ item, shots: options.pickShots(item) }));
  if (options.mode === "generate") {
    const samples: Sample[] = [];
    for (const { item, shots } of asked) samples.push(await answerOne(item, shots, options));
    return samples;
  }
  try {
    return await scoreBatch(asked, options.mode, options);
  } catch (error) {
    if (!isTooLong(error)) throw error;
  }
  const samples: Sample[] = [];
  for (const { item, shots } of asked) samples.push(await answerOne(item, shots, options));
  return samples;
}

interface AskedItem {
  readonly item: Item;
  readonly shots: readonly Item[];
}

async function answerOne(item: Item, shots: readonly Item[], options: AnswerOptions): Promise<Sample> {
  for (let count = shots.length; count >= 0; count--) {
    const asked = { item, shots: shots.slice(0, count) };
    try {
      if (options.mode === "generate") return await generateAnswer(asked, options);
      const [sample] = await scoreBatch([asked], options.mode, options);
      return sample!;
    } catch (error) {
      if (!isTooLong(error)) throw error;
    }
  }
  return {
    ...identity({ item, shots: [] }),
    mode: options.mode,
    choice: null,
    correct: false,
    unscored: "too-long",
  };
}

async function scoreBatch(
  batch: readonly AskedItem[],
  mode: "letter" | "text",
  options: AnswerOptions,
): Promise<Sample[]> {
  // An item as written, then turned round; all of them share their worked examples, which the engine computes once.
  const turned = batch.map(({ item }) =>
    options.rotations === true ? item.options.map((_, shift) => rotateItem(item, shift)) : [item],
  );
  const requests = batch.flatMap(({ shots }, i) =>
    turned[i]!.map((item) => ({
      prompt: itemPrompt(item, mode, shots),
      continuations: itemContinuations(item, mode).filter((text) => text !== undefined),
    })),
  );
  const scores = await options.model.score(requests);
  let next = 0;
  return batch.map((asked, i) => {
    const own = scores.slice(next, next + turned[i]!.length);
    next += own.length;
    const sample = scoredSample(asked, mode, own[0]!);
    if (options.rotations !== true) return sample;
    return { ...sample, rotations: own.map((row) => row.map(({ logProbability }) => logProbability)) };
  });
}

function scoredSample(
  asked: AskedItem,
  mode: "letter" | "text",
  scores: readonly ContinuationScore[],
): ScoredSample {
  const { item } = asked;
  const scorable = itemContinuations(item, mode).flatMap((text, i) => (text === undefined ? [] : [i]));
  const options: OptionScore[] = scores.map((score, i) => {
    const option = scorable[i]!;
    return {
      letter: item.letters[option]!,
      logProbability: score.logProbability,
      tokens: score.tokens,
      ...(mode === "text" ? { bytes: Buffer.byteLength(optionText(item.options[option]!)) } : {}),
    };
  });
  const gold = goldLetters(item);
  const bySum = argmax(options, (option) => option.logProbability);
  const choice =
    mode === "letter" ? bySum : argmax(options, (option) => option.logProbability / option.bytes!);
  return {
    ...identity(asked),
    mode,
    choice,
    correct: choice === gold,
    options,
    ...(mode === "text" ? { choiceBySum: bySum, correctBySum: bySum === gold } : {}),
  };
}

/** The letter of the best option; the first wins a tie, as in lm-evaluation-harness. */
function argmax(options: readonly OptionScore[], value: (option: OptionScore) => number): string {
  return options.reduce((best, option) => (value(option) > value(best) ? option : best)).letter;
}

async function generateAnswer(asked: AskedItem, options: AnswerOptions): Promise<GeneratedSample> {
  const { item, shots } = asked;
  let response = "";
  let usage = { promptTokens: 0, completionTokens: 0 };
  for await (const chunk of options.model.generate({
    input: { prompt: itemPrompt(item, "generate", shots) },
    maxTokens: ANSWER_TOKENS,
    stop: ["\nUser:", "User:"],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })) {
    response += chunk.text;
    if (chunk.usage !== undefined) usage = chunk.usage;
  }
  // An aborted generation is cut short: its answer would differ from an undisturbed run's.
  options.signal?.throwIfAborted();
  const answer = extractAnswer(response, item);
  const choice = answer === undefined ? null : answer.choice.map((option) => item.letters[option]).join("");
  return {
    ...identity(asked),
    mode: "generate",
    choice,
    correct: choice === goldLetters(item),
    response,
    ...(answer === undefined ? {} : { rule: answer.rule }),
    ...usage,
  };
}

function identity({ item, shots }: AskedItem) {
  return {
    id: item.id,
    source: item.source,
    language: item.language,
    gold: goldLetters(item),
    shots: shots.length,
    ...(item.context === undefined ? {} : { passage: hashBytes(item.context).slice(0, 12) }),
  };
}

/** Letters of the right options, e.g. `"ACE"`. */
export function goldLetters(item: Item): string {
  return item.gold.map((option) => item.letters[option]).join("");
}

function isTooLong(error: unknown): boolean {
  return error instanceof UserError && error.code === "context-length-exceeded";
}
