// Runs the answers of one request on one model, one after the other in one turn of its queue, as a single series of events.
import { randomInt } from "node:crypto";
import { createRandom } from "../core/index.ts";
import type { ChatMessage, GenerateChunk, LanguageModel, TokenLogProbability } from "../engine/index.ts";
import type { ServedModel } from "./models.ts";
import type { ReplyContext, TokenCounts } from "./reply.ts";
import type { GenerationSettings } from "./request.ts";

/** A generated token with its alternatives. */
export type GeneratedToken = TokenLogProbability & { readonly top: readonly TokenLogProbability[] };

/** What answers are generated from: a model and its input. */
export interface AnswerSource {
  readonly model: LanguageModel;
  readonly input: { readonly prompt: string } | { readonly messages: readonly ChatMessage[] };
}

/** One answer to produce. */
export interface AnswerPlan extends AnswerSource {
  /** The answer's place in `choices`. */
  readonly index: number;
  /** True for the first answer to its prompt: its prompt tokens are counted, those of the others are the same tokens. */
  readonly countPrompt: boolean;
  readonly seed: number;
}

/** Something that happened while answering. */
export type AnswerEvent =
  | { readonly type: "start"; readonly index: number }
  | {
      readonly type: "text";
      readonly index: number;
      readonly text: string;
      readonly token: GeneratedToken | undefined;
    }
  | { readonly type: "finish"; readonly index: number; readonly reason: "stop" | "length" }
  | ({ readonly type: "usage" } & TokenCounts);

/** The largest seed drawn when a request gives none. */
const SEED_LIMIT = 2 ** 31;

/** Plans n answers for each source; with n > 1 each has a seed of its own, derived from the request's. */
export function planAnswers(sources: readonly AnswerSource[], settings: GenerationSettings): AnswerPlan[] {
  const seed = settings.seed ?? randomInt(SEED_LIMIT);
  return sources.flatMap((source, p) =>
    Array.from({ length: settings.n }, (_, k) => ({
      index: p * settings.n + k,
      ...source,
      countPrompt: k === 0,
      seed: k === 0 ? seed : createRandom(`${seed}/choice-${k}`).integer(SEED_LIMIT),
    })),
  );
}

/** Produces the planned answers in order, then one `usage` event. Ends by throwing when `signal` aborts. */
export async function* generateAnswers(
  plans: readonly AnswerPlan[],
  settings: GenerationSettings,
  { signal, maxTokens: most }: Pick<ReplyContext, "signal" | "maxTokens">,
): AsyncGenerator<AnswerEvent, void> {
  const maxTokens = Math.min(settings.maxTokens ?? Number.POSITIVE_INFINITY, most);
  let promptTokens = 0;
  let completionTokens = 0;
  let reusedTokens: number | undefined;
  for (const { index, model, input, countPrompt, seed } of plans) {
    let last: GenerateChunk | undefined;
    for await (const chunk of model.generate({
      input,
      ...settings.sampling,
      seed,
      stop: settings.stop,
      ...(maxTokens === Number.POSITIVE_INFINITY ? {} : { maxTokens }),
      ...(settings.grammar === undefined ? {} : { grammar: settings.grammar }),
      ...(settings.topLogProbabilities === undefined
        ? {}
        : { topLogProbabilities: settings.topLogProbabilities }),
      signal,
    })) {
      signal.throwIfAborted();
      // Not earlier: a request that the model refuses must fail before anything has been sent.
      if (last === undefined) yield { type: "start", index };
      if (chunk.text !== "" || chunk.token !== undefined) {
        yield { type: "text", index, text: chunk.text, token: chunk.token };
      }
      last = chunk;
    }
    signal.throwIfAborted();
    yield { type: "finish", index, reason: last?.finish ?? "length" };
    if (countPrompt) {
      promptTokens += last?.usage?.promptTokens ?? 0;
      if (last?.usage?.reusedTokens !== undefined)
        reusedTokens = (reusedTokens ?? 0) + last.usage.reusedTokens;
    }
    completionTokens += last?.usage?.completionTokens ?? 0;
  }
  yield {
    type: "usage",
    promptTokens,
    completionTokens,
    ...(reusedTokens === undefined ? {} : { reusedTokens }),
  };
}

/** What is counted of a series of events. */
export type Countable = { readonly type: string } & Partial<
  Pick<Extract<AnswerEvent, { type: "usage" }>, "promptTokens" | "completionTokens">
> & { readonly reason?: string };

/** Holds a turn of the model's queue for as long as `events` lasts, and counts them; the turn is given back however it ends. */
export async function* inTurn<T extends Countable>(
  served: ServedModel,
  context: ReplyContext,
  events: (model: LanguageModel) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const record = context.metrics.begin(served.id);
  const stopClock = context.startClock();
  try {
    const { model, release } = await served.acquire(context.signal);
    record.started();
    try {
      for await (const event of events(model)) {
        if (event.type === "text") record.token();
        else if (event.type === "finish") record.answered(event.reason ?? "stop");
        else if (event.type === "usage") {
          record.counted(event.promptTokens ?? 0, event.completionTokens ?? 0);
        }
        yield event;
      }
    } finally {
      release();
    }
  } finally {
    stopClock();
    record.ended();
  }
}

/** Holds a turn of the model's queue for one piece of work that gives no events. */
export async function onceInTurn<T>(
  served: ServedModel,
  context: ReplyContext,
  work: (model: LanguageModel) => Promise<T>,
): Promise<T> {
  const record = context.metrics.begin(served.id);
  const stopClock = context.startClock();
  try {
    const { model, release } = await served.acquire(context.signal);
    record.started();
    try {
      return await work(model);
    } finally {
      release();
    }
  } finally {
    stopClock();
    record.ended();
  }
}
