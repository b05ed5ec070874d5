// POST /v1/completions: the legacy shape, with `echo` and log-probabilities of the prompt for those who score through it.
import type { LanguageModel } from "../engine/index.ts";
import { eventStream } from "./event-stream.ts";
import { type AnswerEvent, type AnswerSource, generateAnswers, inTurn, planAnswers } from "./generation.ts";
import {
  characters,
  type LegacyLogProbabilities,
  legacyLogProbabilities,
  type PlacedToken,
} from "./log-probabilities.ts";
import { isLogitModel, requireLogits, type ServedModel } from "./models.ts";
import { scorePromptTokens } from "./prompt-scores.ts";
import { newId, type ReplyContext, type Usage, usageOf } from "./reply.ts";
import type { CompletionRequest, Prompt } from "./request.ts";
import { readTokenIds, withTokenPrompt } from "./token-prompt.ts";

/** A prompt made ready: what it is generated from, and what of it is known. */
interface PreparedPrompt extends AnswerSource {
  readonly text: string;
  /** Present when the model's tokens can be had. */
  readonly ids: Int32Array | undefined;
  /** Put in front of `ids` when they are scored. */
  readonly prefix: readonly number[];
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
  const events = inTurn(served, context, (model) => {
    if (request.echo && request.topLogProbabilities !== undefined)
      requireLogits(model, '"echo" with "logprobs"');
    const prompts = request.prompts.map((prompt) => preparePrompt(model, prompt));
    return completionEvents(prompts, request, context);
  });
  const head = {
    id: newId("cmpl"),
    object: "text_completion",
    created: Math.floor(Date.now() / 1000),
    model: served.id,
    system_fingerprint: served.fingerprint,
  };
  if (request.stream) return eventStream(completionChunks(events, head, request), context);

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
  return Response.json({
    ...head,
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
  });
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
  const scores: PlacedToken[][] = [];
  for (const prompt of prompts) {
    context.signal.throwIfAborted();
    scores.push(await echoTokens(prompt, request));
  }
  const echo = (index: number): CompletionEvent[] => {
    const p = Math.floor(index / request.n);
    return request.echo ? [{ type: "text", index, text: prompts[p]!.text, tokens: scores[p]! }] : [];
  };
  const plans = planAnswers(prompts, request);
  if (request.maxTokens === 0) {
    for (const { index } of plans) {
      yield { type: "start", index };
      yield* echo(index);
      yield { type: "finish", index, reason: "length" };
    }
    const promptTokens = prompts.reduce(
      (sum, { ids, prefix }) => sum + (ids?.length ?? 0) + prefix.length,
      0,
    );
    yield { type: "usage", promptTokens, completionTokens: 0 };
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

async function* completionChunks(
  events: AsyncIterable<CompletionEvent>,
  head: object,
  request: CompletionRequest,
): AsyncGenerator<unknown, void> {
  const chunk = (choices: readonly unknown[], usage: Usage | null = null): object => ({
    ...head,
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
    if (!isLogitModel(model)) return { ...source, ids: undefined, prefix: [] };
    const { tokenizer } = model;
    // A model trained with a beginning-of-text id needs it to score text well; a client that sends ids sends its own.
    const prefix = tokenizer.addBos && tokenizer.bosId !== undefined ? [tokenizer.bosId] : [];
    return { ...source, ids: tokenizer.encode(prompt, { special: "parse" }), prefix };
  }
  const { text, ids } = readTokenIds(model, prompt, "prompt");
  return {
    model: withTokenPrompt(requireLogits(model, ""), ids),
    input: { prompt: "" },
    text,
    ids,
    prefix: [],
  };
}

async function echoTokens(
  { model, ids, prefix }: PreparedPrompt,
  { echo, topLogProbabilities: top }: CompletionRequest,
): Promise<PlacedToken[]> {
  if (!echo || top === undefined || ids === undefined || !isLogitModel(model)) return [];
  return scorePromptTokens(model, ids, { prefix, top });
}
