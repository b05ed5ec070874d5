// POST /v1/chat/completions: events of a generation in OpenAI's chat shapes, whole or streamed.
import { UserError } from "../core/index.ts";
import type { ChatMessage, LanguageModel, TokenLogProbability } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import { type AnswerSource, generateAnswers, planAnswers } from "./generation.ts";
import { chatTokenLogProbability } from "./log-probabilities.ts";
import { atAlpha, isLogitModel, requireLogits, type ServedModel } from "./models.ts";
import { type ReplyContext, type ReplyHead, type Usage, usageOf } from "./reply.ts";
import type { ChatRequest } from "./request-chat.ts";
import { sendAnswers } from "./send-answers.ts";
import { withTokenPrompt } from "./token-prompt.ts";
import { readToolCalls, type ToolEvent } from "./tool-events.ts";
import { toolInstructions, withInstructions } from "./tools.ts";

type ChatTokenLogProbability = ReturnType<typeof chatTokenLogProbability>;

interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; arguments: string };
}

interface ChatChoice {
  index: number;
  text: string;
  calls: ToolCall[];
  logprobs: ChatTokenLogProbability[] | null;
  finish: "stop" | "length" | "tool_calls";
}

/** What is sent: events, with log-probabilities in their final shape. */
type ChatEvent =
  | Exclude<ToolEvent, { type: "text" }>
  | {
      readonly type: "text";
      readonly index: number;
      readonly text: string;
      readonly logprob: ChatTokenLogProbability | undefined;
    };

/** Answers a chat request. */
export async function replyToChat(
  served: ServedModel,
  request: ChatRequest,
  context: ReplyContext,
): Promise<Response> {
  return sendAnswers({
    served,
    context,
    stream: request.stream,
    prefix: "chatcmpl",
    events: (model) => chatEvents(atAlpha(model, request.alpha), request, context),
    chunks: (events, head) => chatChunks(events, head, request),
    whole: (events, head) => wholeChat(events, head, request),
  });
}

/** The answers in one piece. */
async function wholeChat(
  events: AsyncIterable<ChatEvent>,
  head: ReplyHead,
  request: ChatRequest,
): Promise<object> {
  const choices: ChatChoice[] = [];
  let usage: Usage | undefined;
  for await (const event of events) {
    if (event.type === "start") {
      const logprobs = request.topLogProbabilities === undefined ? null : [];
      choices.push({ index: event.index, text: "", calls: [], logprobs, finish: "stop" });
      continue;
    }
    const choice = choices.at(-1)!;
    switch (event.type) {
      case "text":
        choice.text += event.text;
        if (event.logprob !== undefined) choice.logprobs?.push(event.logprob);
        break;
      case "call":
        choice.calls.push({ id: event.id, type: "function", function: { name: event.name, arguments: "" } });
        break;
      case "arguments":
        choice.calls[event.call]!.function.arguments += event.text;
        break;
      case "finish":
        choice.finish = event.reason;
        break;
      case "usage":
        usage = usageOf(event);
        break;
      default:
        event satisfies never;
    }
  }
  return {
    ...head,
    object: "chat.completion",
    choices: choices.map(({ index, text, calls, logprobs, finish }) => ({
      index,
      message: {
        role: "assistant",
        content: text === "" && calls.length > 0 ? null : text,
        refusal: null,
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      },
      logprobs: logprobs === null ? null : { content: logprobs, refusal: null },
      finish_reason: finish,
    })),
    usage,
  };
}

async function* chatEvents(
  model: LanguageModel,
  request: ChatRequest,
  context: ReplyContext,
): AsyncGenerator<ChatEvent, void> {
  if (request.grammar !== undefined && !(isLogitModel(model) && model.constrain !== undefined)) {
    const param = request.toolUse === undefined ? "response_format" : "tools";
    throw new ApiError(400, `"${param}" needs a model that can follow a grammar: a GGUF model can`, {
      param,
      code: "unsupported_parameter",
    });
  }
  const messages = conversation(model, request);
  const source = request.continueFinal ? continued(model, messages) : { model, input: { messages } };
  const plans = planAnswers([source], request);
  const answers = generateAnswers(plans, request, context);
  const bytes = tokenBytes(model);
  for await (const event of request.toolUse === undefined ? answers : readToolCalls(answers)) {
    if (event.type !== "text") yield event;
    else {
      const { index, text, token } = event;
      const reported = request.topLogProbabilities === undefined ? undefined : token;
      const logprob = reported === undefined ? undefined : chatTokenLogProbability(reported, bytes);
      if (text !== "" || logprob !== undefined) yield { type: "text", index, text, logprob };
    }
  }
}

/** The messages, with what the model must be told of its tools. */
function conversation(model: LanguageModel, { messages, toolUse }: ChatRequest): readonly ChatMessage[] {
  if (toolUse === undefined) return messages;
  return withInstructions(messages, toolInstructions(toolUse), (placed) => {
    if (!isLogitModel(model)) return true;
    try {
      model.formatChat(placed);
      return true;
    } catch (error) {
      // Some templates refuse a system message.
      if (error instanceof UserError) return false;
      throw error;
    }
  });
}

/** The chunks of a stream, in the order clients rely on: role, content, finish reason, then the counts when asked for. */
async function* chatChunks(
  events: AsyncIterable<ChatEvent>,
  head: ReplyHead,
  request: ChatRequest,
): AsyncGenerator<unknown, void> {
  const chunk = (choices: readonly unknown[], usage: Usage | null = null): object => ({
    ...head,
    object: "chat.completion.chunk",
    choices,
    ...(request.includeUsage ? { usage } : {}),
  });
  const choice = (
    index: number,
    delta: object,
    finish: string | null = null,
    logprobs: object | null = null,
  ): object => chunk([{ index, delta, logprobs, finish_reason: finish }]);
  for await (const event of events) {
    switch (event.type) {
      case "start":
        yield choice(event.index, { role: "assistant", content: "" });
        break;
      case "text": {
        const { index, text, logprob } = event;
        yield choice(
          index,
          { content: text },
          null,
          logprob === undefined ? null : { content: [logprob], refusal: null },
        );
        break;
      }
      case "call": {
        const { index, call, id, name } = event;
        yield choice(index, {
          tool_calls: [{ index: call, id, type: "function", function: { name, arguments: "" } }],
        });
        break;
      }
      case "arguments": {
        const { index, call, text } = event;
        yield choice(index, { tool_calls: [{ index: call, function: { arguments: text } }] });
        break;
      }
      case "finish":
        yield choice(event.index, {}, event.reason);
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
  const logits = requireLogits(model, '"continue_final_message"');
  const before = logits.encodeChat(messages.slice(0, -1));
  const begun = logits.tokenizer.encode(messages.at(-1)!.content);
  return { model: withTokenPrompt(logits, Int32Array.of(...before, ...begun)), input: { prompt: "" } };
}

/** A token's own bytes where its vocabulary can be had: its text alone shows a part of a character as U+FFFD. */
function tokenBytes(model: LanguageModel): (token: TokenLogProbability) => Uint8Array {
  const fromText = (token: TokenLogProbability): Uint8Array => new TextEncoder().encode(token.text);
  if (!isLogitModel(model)) return fromText;
  // Padding rows of the logits stand for no token.
  return (token) =>
    token.id < model.tokenizer.vocabularySize ? model.tokenizer.bytes(token.id) : fromText(token);
}
