// POST /v1/completions: the legacy shape, with `echo` and log-probabilities of the prompt for those who score through it.
import type { LanguageModel, LogitModel } from "../engine/index.ts";
import { type AnswerEvent, type AnswerSource, generateAnswers, planAnswers } from "./generation.ts";
import {
  characters,
  type LegacyLogProbabilities,
  legacyLogProbabilities,
  type PlacedToken,
} from "./log-probabilities.ts";
import { isLogitModel, requireLogits, type ServedModel } from "./models.ts";
import { type PromptScores, scorePromptTokens } from "./prompt-scores.ts";
import { type ReplyContext, type ReplyHead, type Usage, usageOf } from "./reply.ts";
import type { Prompt } from "./request.ts";
import type { CompletionRequest } from "./request-completion.ts";
import { sendAnswers } from "./send-answers.ts";
import { readTokenIds, withTokenPrompt } from "./token-prompt.ts";

/** A prompt made ready: what it is generated from, and what of it is known. */
interface PreparedPrompt extends AnswerSource {
  readonly text: string;
  /** Present when the model's tokens can be had. */
  readonly ids: Int32Array | undefined;
  /** Put in front of `ids` when they are scored. */
  readonly prefix: readonly number[];
  /** The model that scores `ids`. */
  readonly scorer: LogitModel | undefined;
}

interface Choice {
  readonly index: number;
  text: string;
  tokens: PlacedToken[];
  finish: "stop" | "length";
}

/** Answers a legacy completion request. */
export async function replyToCompletion(
  served: ServedModel,
  request: CompletionRequest,
  context: ReplyContext,
): Promise<Response> {
  return sendAnswers({
    served,
    context,
    stream: request.stream,
    prefix: "cmpl",
    events(model) {
      if (request.echo && request.topLogProbabilities !== undefined)
        requireLogits(model, '"echo" with "logprobs"');
      const prompts = request.prompts.map((prompt) => preparePrompt(model, prompt));
      return completionEvents(prompts, request, context);
    },
    chunks: (events, head) => completionChunks(events, head, request),
    whole: (events, head) => wholeCompletion(events, head, request),
  });
}

/** The answers in one piece. */
async function wholeCompletion(
  events: AsyncIterable<CompletionEvent>,
  head: ReplyHead,
  request: CompletionRequest,
): Promise<object> {
  const choices: Choice[] = [];
  let usage: Usage | undefined;
  for await (const event of events) {
    if (event.type === "usage") usage = usageOf(event);
    else if (event.type === "start")
      choices.push({ index: event.index, text: "", tokens: [], finish: "stop" });
    else {
      const choice = choices.at(-1)!;
      if (event.type === "finish") choice.finish = event.reason;
      else {
        choice.text += event.text;
        choice.tokens.push(...event.tokens);
      }
    }
  }
  return {
    ...head,
    object: "text_completion",
    choices: choices.map(({ index, text, tokens, finish }) => ({
      index,
      text,
      logprobs:
        request.topLogProbabilities === undefined
          ? null
          : legacyLogProbabilities(tokens, 0, request.tokensAsIds),
      finish_reason: finish,
    })),
    usage,
  };
}

type CompletionEvent =
  | Exclude<AnswerEvent, { type: "text" }>
  | {
      readonly type: "text";
      readonly index: number;
      readonly text: string;
      readonly tokens: readonly PlacedToken[];
    };

/** Each prompt's own text first when it is to be echoed, then what the model adds to it. */
async function* completionEvents(
  prompts: readonly PreparedPrompt[],
  request: CompletionRequest,
  context: ReplyContext,
): AsyncGenerator<CompletionEvent, void> {
  const next = asksOnlyForScores(request);
  const scores: (PromptScores | undefined)[] = [];
  for (const prompt of prompts) {
    context.signal.throwIfAborted();
    scores.push(await echoScores(prompt, request, next));
  }
  const echo = (index: number): CompletionEvent[] => {
    const p = Math.floor(index / request.n);
    return request.echo
      ? [{ type: "text", index, text: prompts[p]!.text, tokens: scores[p]?.tokens ?? [] }]
      : [];
  };
  const plans = planAnswers(prompts, request);
  const scored = scores.every((score) => score?.next !== undefined);
  if (request.maxTokens === 0 || (next && scored)) {
    for (const { index, model } of plans) {
      yield { type: "start", index };
      yield* echo(index);
      const token = scores[index]?.next;
      if (token !== undefined) yield { type: "text", index, text: shownText(model, token), tokens: [token] };
      yield { type: "finish", index, reason: token && isEnd(model, token) ? "stop" : "length" };
    }
    const promptTokens = prompts.reduce(
      (sum, { ids, prefix }) => sum + (ids?.length ?? 0) + prefix.length,
      0,
    );
    yield { type: "usage", promptTokens, completionTokens: request.maxTokens === 0 ? 0 : plans.length };
    return;
  }
  for await (const event of generateAnswers(plans, request, context)) {
    if (event.type === "text") {
      const { index, text, token } = event;
      yield { type: "text", index, text, tokens: token === undefined ? [] : [token] };
    } else {
      yield event;
      if (event.type === "start") yield* echo(event.index);
    }
  }
}

/**
 * True for what lm-evaluation-harness sends: the scores of a prompt, and one token more because a completion must have one. Its
 * token is read off the evaluation of the prompt.
 */
function asksOnlyForScores({ echo, n, maxTokens, stop, sampling, ...request }: CompletionRequest): boolean {
  const { temperature, repetitionPenalty, frequencyPenalty, presencePenalty, logitBias } = sampling;
  const plain =
    temperature === 0 && repetitionPenalty === 1 && !frequencyPenalty && !presencePenalty && !logitBias?.size;
  return (
    echo &&
    request.topLogProbabilities !== undefined &&
    n === 1 &&
    maxTokens === 1 &&
    stop.length === 0 &&
    plain
  );
}

function isEnd(model: LanguageModel, { id }: PlacedToken): boolean {
  return isLogitModel(model) && model.tokenizer.isEnd(id);
}

/** A token's text as `generate` gives it: special tokens have none. */
function shownText(model: LanguageModel, { id, text }: PlacedToken): string {
  return isLogitModel(model) && (model.tokenizer.isSpecial(id) || model.tokenizer.isEnd(id)) ? "" : text;
}

async function* completionChunks(
  events: AsyncIterable<CompletionEvent>,
  head: ReplyHead,
  request: CompletionRequest,
): AsyncGenerator<unknown, void> {
  const chunk = (choices: readonly unknown[], usage: Usage | null = null): object => ({
    ...head,
    object: "text_completion",
    choices,
    ...(request.includeUsage ? { usage } : {}),
  });
  let offset = 0;
  for await (const event of events) {
    switch (event.type) {
      case "start":
        offset = 0;
        break;
      case "text": {
        let logprobs: LegacyLogProbabilities | null = null;
        if (request.topLogProbabilities !== undefined) {
          logprobs = legacyLogProbabilities(event.tokens, offset, request.tokensAsIds);
          for (const token of event.tokens) offset += characters(token.text);
        } else if (event.text === "") break;
        yield chunk([{ index: event.index, text: event.text, logprobs, finish_reason: null }]);
        break;
      }
      case "finish":
        yield chunk([{ index: event.index, text: "", logprobs: null, finish_reason: event.reason }]);
        break;
      case "usage":
        if (request.includeUsage) yield chunk([], usageOf(event));
        break;
      default:
        event satisfies never;
    }
  }
}

function preparePrompt(model: LanguageModel, prompt: Prompt): PreparedPrompt {
  if (typeof prompt === "string") {
    const source = { model, input: { prompt }, text: prompt };
    if (!isLogitModel(model)) return { ...source, ids: undefined, prefix: [], scorer: undefined };
    const { tokenizer } = model;
    // A model trained with a beginning-of-text id needs it to score text well; a client that sends ids sends its own.
    const prefix = tokenizer.addBos && tokenizer.bosId !== undefined ? [tokenizer.bosId] : [];
    return { ...source, ids: tokenizer.encode(prompt, { special: "parse" }), prefix, scorer: model };
  }
  const { text, ids } = readTokenIds(model, prompt, "prompt");
  const scorer = requireLogits(model, "");
  return { model: withTokenPrompt(scorer, ids), input: { prompt: "" }, text, ids, prefix: [], scorer };
}

async function echoScores(
  { scorer, ids, prefix }: PreparedPrompt,
  { echo, topLogProbabilities: top }: CompletionRequest,
  next: boolean,
): Promise<PromptScores | undefined> {
  if (!echo || top === undefined || ids === undefined || scorer === undefined) return undefined;
  const room = ids.length > 0 && prefix.length + ids.length < scorer.contextLength;
  return scorePromptTokens(scorer, ids, { prefix, top, next: next && room });
}
