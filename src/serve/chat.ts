// POST /v1/chat/completions: events of a generation in OpenAI's chat shapes, whole or streamed.
import type { ChatMessage, LanguageModel, TokenLogProbability } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import { eventStream } from "./event-stream.ts";
import { type AnswerEvent, type AnswerSource, generateAnswers, inTurn, planAnswers } from "./generation.ts";
import { chatTokenLogProbability } from "./log-probabilities.ts";
import { atAlpha, isLogitModel, type ServedModel } from "./models.ts";
import type { ReplyContext } from "./reply.ts";
import { newId, type Usage, usageOf } from "./reply.ts";
import type { ChatRequest } from "./request.ts";
import { withTokenPrompt } from "./token-prompt.ts";

type ChatTokenLogProbability = ReturnType<typeof chatTokenLogProbability>;

interface ChatChoice {
  index: number;
  text: string;
  logprobs: ChatTokenLogProbability[] | null;
  finish: "stop" | "length";
}

/** Answers a chat request. */
export async function replyToChat(
  served: ServedModel,
  request: ChatRequest,
  context: ReplyContext,
): Promise<Response> {
  const model = atAlpha(served.model, request.alpha);
  const source = request.continueFinal ? continued(model, request.messages) : { model, input: request };
  const plans = planAnswers([source], request);
  const events = inTurn(served, context.signal, () => generateAnswers(plans, request, context.signal));
  const head = {
    id: newId("chatcmpl"),
    created: Math.floor(Date.now() / 1000),
    model: served.id,
    system_fingerprint: served.fingerprint,
  };
  const bytes = tokenBytes(served);
  if (request.stream) return eventStream(chatChunks(events, head, request, bytes), context);

  const choices: ChatChoice[] = [];
  let usage: Usage | undefined;
  for await (const event of events) {
    if (event.type === "start") {
      const logprobs = request.topLogProbabilities === undefined ? null : [];
      choices.push({ index: event.index, text: "", logprobs, finish: "stop" });
    } else if (event.type === "usage") {
      usage = usageOf(event);
    } else {
      const choice = choices.at(-1)!;
      if (event.type === "finish") choice.finish = event.reason;
      else {
        choice.text += event.text;
        if (event.token !== undefined) choice.logprobs?.push(chatTokenLogProbability(event.token, bytes));
      }
    }
  }
  return Response.json({
    ...head,
    object: "chat.completion",
    choices: choices.map(({ index, text, logprobs, finish }) => ({
      index,
      message: { role: "assistant", content: text, refusal: null },
      logprobs: logprobs === null ? null : { content: logprobs, refusal: null },
      finish_reason: finish,
    })),
    usage,
  });
}

/** The chunks of a stream, in the order clients rely on: role, content, finish reason, then the counts when asked for. */
async function* chatChunks(
  events: AsyncIterable<AnswerEvent>,
  head: object,
  request: ChatRequest,
  bytes: (token: TokenLogProbability) => Uint8Array,
): AsyncGenerator<unknown, void> {
  const chunk = (choices: readonly unknown[], usage: Usage | null = null): object => ({
    ...head,
    object: "chat.completion.chunk",
    choices,
    ...(request.includeUsage ? { usage } : {}),
  });
  for await (const event of events) {
    switch (event.type) {
      case "start":
        yield chunk([
          {
            index: event.index,
            delta: { role: "assistant", content: "" },
            logprobs: null,
            finish_reason: null,
          },
        ]);
        break;
      case "text": {
        const reported = request.topLogProbabilities === undefined ? undefined : event.token;
        if (event.text === "" && reported === undefined) break;
        const logprobs =
          reported === undefined
            ? null
            : { content: [chatTokenLogProbability(reported, bytes)], refusal: null };
        yield chunk([{ index: event.index, delta: { content: event.text }, logprobs, finish_reason: null }]);
        break;
      }
      case "finish":
        yield chunk([{ index: event.index, delta: {}, logprobs: null, finish_reason: event.reason }]);
        break;
      case "usage":
        if (request.includeUsage) yield chunk([], usageOf(event));
        break;
      default:
        event satisfies never;
    }
  }
}

/** The conversation with its last message begun: the tokens of what came before, and those of the message after them. */
function continued(model: LanguageModel, messages: readonly ChatMessage[]): AnswerSource {
  if (!isLogitModel(model)) {
    throw new ApiError(
      400,
      `"continue_final_message" needs a model whose tokens can be had, "${model.id}" is remote`,
      {
        param: "continue_final_message",
      },
    );
  }
  const before = model.encodeChat(messages.slice(0, -1));
  const begun = model.tokenizer.encode(messages.at(-1)!.content);
  return { model: withTokenPrompt(model, Int32Array.of(...before, ...begun)), input: { prompt: "" } };
}

/** A token's own bytes where its vocabulary can be had: its text alone shows a part of a character as U+FFFD. */
function tokenBytes(served: ServedModel): (token: TokenLogProbability) => Uint8Array {
  const { model } = served;
  const fromText = (token: TokenLogProbability): Uint8Array => new TextEncoder().encode(token.text);
  if (!isLogitModel(model)) return fromText;
  // Padding rows of the logits stand for no token.
  return (token) =>
    token.id < model.tokenizer.vocabularySize ? model.tokenizer.bytes(token.id) : fromText(token);
}
