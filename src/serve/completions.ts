// POST /v1/completions: the legacy shape, with `echo` and log-probabilities of the prompt for those who score through it.
import { ApiError } from "./errors.ts";
import { eventStream } from "./event-stream.ts";
import { type AnswerEvent, generateAnswers, inTurn, planAnswers } from "./generation.ts";
import {
  characters,
  type LegacyLogProbabilities,
  legacyLogProbabilities,
  type PlacedToken,
} from "./log-probabilities.ts";
import { isLogitModel, type ServedModel } from "./models.ts";
import { scorePromptTokens } from "./prompt-scores.ts";
import { newId, type ReplyContext, type Usage, usageOf } from "./reply.ts";
import type { CompletionRequest, Prompt } from "./request.ts";

/** A prompt made ready: its text, its length, and its scores when they are asked for. */
interface PreparedPrompt {
  readonly text: string;
  readonly tokens: readonly PlacedToken[];
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
  const prompts = request.prompts.map((prompt) => promptText(served, prompt, request));
  const events = inTurn(served, context.signal, () =>
    completionEvents(served, prompts, request, context.signal),
  );
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
      logprobs: request.topLogProbabilities === undefined ? null : legacyLogProbabilities(tokens, 0),
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
  served: ServedModel,
  prompts: readonly string[],
  request: CompletionRequest,
  signal: AbortSignal,
): AsyncGenerator<CompletionEvent, void> {
  const prepared: PreparedPrompt[] = [];
  for (const [p, text] of prompts.entries()) {
    prepared.push({ text, tokens: await echoTokens(served, request.prompts[p]!, request, signal) });
  }
  const echo = (index: number): CompletionEvent[] => {
    const { text, tokens } = prepared[Math.floor(index / request.n)]!;
    return request.echo ? [{ type: "text", index, text, tokens }] : [];
  };
  const plans = planAnswers(
    prompts.map((prompt) => ({ prompt })),
    request,
  );
  if (request.maxTokens === 0) {
    for (const { index } of plans) {
      yield { type: "start", index };
      yield* echo(index);
      yield { type: "finish", index, reason: "length" };
    }
    const lengths = request.prompts.map((prompt) => promptLength(served, prompt));
    yield {
      type: "usage",
      promptTokens: lengths.reduce((sum, length) => sum + length, 0),
      completionTokens: 0,
    };
    return;
  }
  for await (const event of generateAnswers(served.model, plans, request, signal)) {
    if (event.type === "text") {
      yield {
        type: "text",
        index: event.index,
        text: event.text,
        tokens: event.token === undefined ? [] : [event.token],
      };
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
          logprobs = legacyLogProbabilities(event.tokens, offset);
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

/** The text of a prompt. Token ids must mean the same tokens when read back, since generation starts from text. */
function promptText(served: ServedModel, prompt: Prompt, request: CompletionRequest): string {
  if (typeof prompt === "string") return prompt;
  const { tokenizer } = logitModel(served, "prompts of token ids");
  const high = prompt.find((id) => id >= tokenizer.vocabularySize);
  if (high !== undefined) {
    throw new ApiError(400, `token id ${high} is outside the vocabulary of ${tokenizer.vocabularySize}`, {
      param: "prompt",
    });
  }
  const text = tokenizer.decode(prompt, { special: true });
  if (request.maxTokens !== 0) {
    const again = tokenizer.encode(text, { special: "parse" });
    if (again.length !== prompt.length || again.some((id, i) => id !== prompt[i])) {
      throw new ApiError(
        400,
        "these token ids are not how the model's tokenizer writes their text: send the text",
        {
          param: "prompt",
        },
      );
    }
  }
  return text;
}

async function echoTokens(
  served: ServedModel,
  prompt: Prompt,
  request: CompletionRequest,
  signal: AbortSignal,
): Promise<PlacedToken[]> {
  if (!request.echo || request.topLogProbabilities === undefined) return [];
  const model = logitModel(served, '"echo" with "logprobs"');
  const ids = typeof prompt === "string" ? model.tokenizer.encode(prompt) : prompt;
  // A model trained with a beginning-of-text id needs it to score text well; a client that sends ids sends its own.
  const prefix =
    typeof prompt === "string" && model.tokenizer.addBos && model.tokenizer.bosId !== undefined
      ? [model.tokenizer.bosId]
      : [];
  return scorePromptTokens(model, ids, { prefix, top: request.topLogProbabilities, signal });
}

function promptLength(served: ServedModel, prompt: Prompt): number {
  if (typeof prompt !== "string") return prompt.length;
  return isLogitModel(served.model) ? served.model.tokenizer.encode(prompt, { bos: true }).length : 0;
}

function logitModel(served: ServedModel, what: string) {
  if (isLogitModel(served.model)) return served.model;
  throw new ApiError(400, `${what} needs a model whose logits can be had, "${served.id}" is a remote one`, {
    code: "unsupported_parameter",
  });
}
