// Puts items to a model as a protocol says and reads its answers. Knows only the `LanguageModel` seam.
import { hashBytes, UserError } from "../core/index.ts";
import type { ContinuationScore, GenerateRequest, LanguageModel, LogitModel } from "../engine/index.ts";
import type { Item } from "./item.ts";
import type { ShotPicker } from "./plan.ts";
import type { Protocol } from "./protocol.ts";
import { rotateItem } from "./rotations.ts";
import type { ChoiceRule, GeneratedSample, OptionScore, Sample, ScoredSample } from "./sample.ts";

/** Tokens for an answer in mode `generate`, as in the published protocol. */
const ANSWER_TOKENS = 128;

/** What answering needs besides the items. */
export interface AnswerOptions {
  readonly model: LanguageModel;
  readonly protocol: Protocol;
  readonly pickShots: ShotPicker;
  /** Where letters are scored: ask each item once for every cyclic shift of its options. */
  readonly rotations?: boolean;
  /** Ask through the model's chat template. */
  readonly chatTemplate?: boolean | undefined;
  /** Continuations scored without a question so far, by text. */
  readonly alone?: Map<string, number>;
  readonly signal?: AbortSignal | undefined;
}

/** Answers a batch; one sample an item, in order. An item that is too long loses worked examples until it fits. */
export async function answerItems(items: readonly Item[], options: AnswerOptions): Promise<Sample[]> {
  const asked = items.map((item) => ({ item, shots: options.pickShots(item) }));
  if (options.protocol.mode !== "generate") {
    try {
      return await scoreBatch(asked, options);
    } catch (error) {
      if (!isTooLong(error)) throw error;
    }
  }
  const samples: Sample[] = [];
  for (const { item, shots } of asked) samples.push(await answerOne(item, shots, options));
  return samples;
}

/** How an item's answers are had: the protocol's mode, unless it mixes tasks. */
function modeOf(protocol: Protocol, item: Item): Protocol["mode"] {
  return protocol.itemMode?.(item) ?? protocol.mode;
}

interface AskedItem {
  readonly item: Item;
  readonly shots: readonly Item[];
}

async function answerOne(item: Item, shots: readonly Item[], options: AnswerOptions): Promise<Sample> {
  for (let count = shots.length; count >= 0; count--) {
    const asked = { item, shots: shots.slice(0, count) };
    try {
      if (options.protocol.mode === "generate") return await generateAnswer(asked, options);
      const [sample] = await scoreBatch([asked], options);
      return sample!;
    } catch (error) {
      if (!isTooLong(error)) throw error;
    }
  }
  return {
    ...identity({ item, shots: [] }, options.protocol),
    mode: modeOf(options.protocol, item),
    choice: null,
    correct: false,
    unscored: "too-long",
  };
}

async function scoreBatch(batch: readonly AskedItem[], options: AnswerOptions): Promise<Sample[]> {
  // An item as written, then turned round; all of them share their worked examples, which the engine computes once.
  const turned = batch.map((asked) =>
    options.rotations === true && modeOf(options.protocol, asked.item) === "letter"
      ? asked.item.options.map((_, shift) => ({ ...asked, item: rotateItem(asked.item, shift) }))
      : [asked],
  );
  const requests = turned.flat().map((asked) => scoreRequest(asked, options));
  const scores = await options.model.score(requests);
  if (options.protocol.unconditional)
    await scoreAlone(
      requests.flatMap((request) => request.continuations),
      options,
    );
  let next = 0;
  return batch.map((asked, i) => {
    const own = scores.slice(next, next + turned[i]!.length);
    const sample = scoredSample(asked, options, requests[next]!.continuations, own[0]!);
    next += own.length;
    if (own.length === 1) return sample;
    return { ...sample, rotations: own.map((row) => row.map(({ logProbability }) => logProbability)) };
  });
}

/** Prompt and continuations of an item; in a chat the answer begins where the template ends. */
function scoreRequest({ item, shots }: AskedItem, { protocol, model, chatTemplate }: AnswerOptions) {
  const continuations = protocol.continuations(item).filter((text) => text !== undefined);
  if (chatTemplate !== true) return { prompt: protocol.prompt(item, shots), continuations };
  const { messages, lead } = protocol.chat(item, shots);
  const prompt = `${(model as LogitModel).formatChat(messages)}${lead}`;
  return {
    prompt,
    continuations: lead === "" ? continuations.map((text) => text.trimStart()) : continuations,
  };
}

/**
 * Scores continuations after an empty prompt, each once a run. A server gives no probability for a first token: there the choice
 * by mutual information is left out.
 */
async function scoreAlone(continuations: readonly string[], { model, alone }: AnswerOptions): Promise<void> {
  if (alone === undefined) return;
  const missing = [...new Set(continuations)].filter((text) => !alone.has(text));
  if (missing.length === 0) return;
  try {
    const [scores] = await model.score([{ prompt: "", continuations: missing }]);
    missing.forEach((text, i) => {
      alone.set(text, scores![i]!.logProbability);
    });
  } catch (error) {
    if (!(error instanceof UserError && error.code === "empty-prompt")) throw error;
  }
}

function scoredSample(
  asked: AskedItem,
  { protocol, alone }: AnswerOptions,
  texts: readonly string[],
  scores: readonly ContinuationScore[],
): ScoredSample {
  const { item } = asked;
  const scorable = protocol.continuations(item).flatMap((text, i) => (text === undefined ? [] : [i]));
  const measured = protocol.measured(item);
  const differing = protocol.mode === "text" || protocol.unconditional;
  const options: OptionScore[] = scores.map((score, i) => {
    const option = scorable[i]!;
    const text = measured[option]!;
    const unconditional = protocol.unconditional ? alone?.get(texts[i]!) : undefined;
    return {
      letter: item.letters[option]!,
      logProbability: score.logProbability,
      tokens: score.tokens,
      ...(differing ? { characters: [...text].length, bytes: Buffer.byteLength(text) } : {}),
      ...(unconditional === undefined ? {} : { unconditional }),
    };
  });
  const choices = differing
    ? choicesByRule(options)
    : { acc: best(options, (option) => option.logProbability) };
  const choice = choices[protocol.choiceRule]!;
  return {
    ...identity(asked, protocol),
    mode: modeOf(protocol, item) as "letter" | "text",
    choice,
    correct: choice === protocol.gold(item),
    options,
    ...(differing ? { choices } : {}),
  };
}

/** The option that each rule of lm-evaluation-harness chooses. */
function choicesByRule(options: readonly OptionScore[]): Partial<Record<ChoiceRule, string>> {
  const by = (length: (option: OptionScore) => number): string =>
    best(options, (option) => option.logProbability / length(option));
  return {
    acc: by(() => 1),
    acc_norm: by((option) => option.characters!),
    acc_bytes: by((option) => option.bytes!),
    acc_tokens: by((option) => option.tokens),
    ...(options.every((option) => option.unconditional !== undefined)
      ? { acc_mutual_info: best(options, (option) => option.logProbability - option.unconditional!) }
      : {}),
  };
}

/** The letter of the best option; the first wins a tie, as in lm-evaluation-harness. */
function best(options: readonly OptionScore[], value: (option: OptionScore) => number): string {
  return options.reduce((chosen, option) => (value(option) > value(chosen) ? option : chosen)).letter;
}

async function generateAnswer(asked: AskedItem, options: AnswerOptions): Promise<GeneratedSample> {
  const { item, shots } = asked;
  const { protocol, model, chatTemplate } = options;
  const input: GenerateRequest["input"] =
    chatTemplate === true
      ? { messages: protocol.chat(item, shots).messages }
      : { prompt: protocol.prompt(item, shots) };
  let response = "";
  let usage = { promptTokens: 0, completionTokens: 0 };
  for await (const chunk of model.generate({
    input,
    maxTokens: ANSWER_TOKENS,
    stop: protocol.stop,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })) {
    response += chunk.text;
    // What a cache had depends on what was asked before: it is no part of the evidence, which a continued run must repeat.
    if (chunk.usage !== undefined) {
      const { promptTokens, completionTokens } = chunk.usage;
      usage = { promptTokens, completionTokens };
    }
  }
  // An aborted generation is cut short: its answer would differ from an undisturbed run's.
  options.signal?.throwIfAborted();
  const answer = protocol.read(response, item);
  const choice = answer?.choice ?? null;
  return {
    ...identity(asked, protocol),
    mode: "generate",
    choice,
    correct: choice === protocol.gold(item),
    response,
    ...(answer === undefined ? {} : { rule: answer.rule }),
    ...(protocol.readStrictly === undefined ? {} : { strict: protocol.readStrictly(response, item) ?? null }),
    ...usage,
  };
}

function identity({ item, shots }: AskedItem, protocol: Protocol) {
  return {
    id: item.id,
    source: item.source,
    language: item.language,
    gold: protocol.gold(item),
    shots: shots.length,
    ...(item.context === undefined ? {} : { passage: hashBytes(item.context).slice(0, 12) }),
  };
}

function isTooLong(error: unknown): boolean {
  return error instanceof UserError && error.code === "context-length-exceeded";
}
