// What a `/v1/chat/completions` request may say.
import { z } from "zod";
import type { ChatMessage } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import {
  check,
  type GenerationSettings,
  generationFields,
  generationSettings,
  integer,
  isEmptyList,
  MAX_ALTERNATIVES,
  optional,
  type Unsupported,
} from "./request.ts";
import { messagesSchema } from "./request-messages.ts";
import { readAnswerForm, toolFields } from "./request-tools.ts";
import type { ToolUse } from "./tools.ts";

/** A checked `/v1/chat/completions` request. */
export interface ChatRequest extends GenerationSettings {
  readonly messages: readonly ChatMessage[];
  /** Go on with the last message, which is the assistant's, instead of answering it. */
  readonly continueFinal: boolean;
  /** How strongly a proxy-tuned model is steered; absent: as it is served. */
  readonly alpha: number | undefined;
  /** The tools that the model is told of. */
  readonly toolUse: ToolUse | undefined;
}

const chatSchema = z.object({
  ...generationFields,
  ...toolFields,
  messages: messagesSchema,
  max_tokens: optional(integer.min(1)),
  max_completion_tokens: optional(integer.min(1)),
  logprobs: optional(z.boolean()),
  top_logprobs: optional(integer.min(0).max(MAX_ALTERNATIVES)),
  // Not OpenAI's but vLLM's: a last message of the assistant is gone on with.
  continue_final_message: optional(z.boolean()),
  // Not OpenAI's: for proxy-tuned models.
  alpha: optional(z.number().min(-10).max(10)),
});

const NOT_IN_CHATS: Unsupported = {
  functions: isEmptyList,
  modalities: (value) => Array.isArray(value) && value.every((kind) => kind === "text"),
  audio: () => false,
  web_search_options: () => false,
};

/** Checks a chat request. Throws `ApiError` 400 naming the field. */
export function parseChatRequest(body: unknown): ChatRequest {
  const request = check(chatSchema, body, NOT_IN_CHATS);
  if (request.top_logprobs !== undefined && request.logprobs !== true) {
    throw new ApiError(400, '"top_logprobs" needs "logprobs": true', { param: "top_logprobs" });
  }
  const continueFinal = request.continue_final_message ?? false;
  if (continueFinal && request.messages.at(-1)?.role !== "assistant") {
    throw new ApiError(400, '"continue_final_message" needs a last message of the assistant', {
      param: "continue_final_message",
    });
  }
  const form = readAnswerForm(request);
  if (form.toolUse !== undefined && request.logprobs === true) {
    throw new ApiError(400, '"logprobs" beside "tools" is not supported', {
      param: "logprobs",
      code: "unsupported_parameter",
    });
  }
  return {
    ...generationSettings(request),
    ...form,
    messages: request.messages,
    continueFinal,
    alpha: request.alpha,
    maxTokens: request.max_completion_tokens ?? request.max_tokens,
    topLogProbabilities: request.logprobs === true ? (request.top_logprobs ?? 0) : undefined,
  };
}
