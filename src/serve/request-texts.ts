// What requests that generate nothing may say: texts to embed, to score and to tokenise.
import { z } from "zod";
import type { ChatMessage } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import { check, integer, modelName, optional, type Prompt, promptList, textsOrTokens } from "./request.ts";
import { messagesSchema } from "./request-messages.ts";

/** OpenAI's own limit. */
const MAX_EMBEDDINGS = 2048;

/** A checked `/v1/embeddings` request. */
export interface EmbeddingRequest {
  readonly model: string | undefined;
  readonly inputs: readonly Prompt[];
  readonly encoding: "float" | "base64";
  readonly dimensions: number | undefined;
}

/** How `/v1/score` makes choices of different lengths comparable. */
export type Normalization = "none" | "token" | "character" | "byte";

/** A checked `/v1/score` request. */
export interface ChoiceScoreRequest {
  readonly model: string | undefined;
  readonly prompt: string | readonly ChatMessage[];
  readonly choices: readonly string[];
  readonly normalize: Normalization;
}

/** A checked `/tokenize` request. */
export interface TokenizeRequest {
  readonly model: string | undefined;
  readonly input: string | readonly ChatMessage[];
  /** The shape of the answer: llama-server's or vLLM's. */
  readonly shape: "llama-server" | "vllm";
  /** Put the model's beginning-of-text token first. */
  readonly addSpecial: boolean;
  /** Spellings of special tokens become those tokens. */
  readonly parseSpecial: boolean;
  /** Give each token's text as well. */
  readonly pieces: boolean;
}

/** A checked `/detokenize` request. */
export interface DetokenizeRequest {
  readonly model: string | undefined;
  readonly tokens: readonly number[];
}

const embeddingSchema = z.object({
  model: modelName,
  input: textsOrTokens,
  encoding_format: optional(z.enum(["float", "base64"])),
  dimensions: optional(integer.min(1)),
});

const scoreSchema = z.object({
  model: modelName,
  prompt: optional(z.string()),
  messages: optional(messagesSchema),
  choices: z.array(z.string().min(1, "must not be empty")).min(1, "must not be empty").max(1000),
  normalize: optional(z.enum(["none", "token", "character", "byte"])),
});

const tokenizeSchema = z.object({
  model: modelName,
  content: optional(z.string()),
  prompt: optional(z.string()),
  messages: optional(messagesSchema),
  add_special: optional(z.boolean()),
  add_special_tokens: optional(z.boolean()),
  parse_special: optional(z.boolean()),
  with_pieces: optional(z.boolean()),
  return_token_strs: optional(z.boolean()),
});

const detokenizeSchema = z.object({ model: modelName, tokens: z.array(integer.min(0)) });

/** Checks an embedding request. Throws `ApiError` 400 naming the field. */
export function parseEmbeddingRequest(body: unknown): EmbeddingRequest {
  const request = check(embeddingSchema, body);
  const inputs = promptList(request.input);
  if (inputs.length > MAX_EMBEDDINGS) {
    throw new ApiError(
      400,
      `${inputs.length} texts were given, at most ${MAX_EMBEDDINGS} are embedded at once`,
      {
        param: "input",
      },
    );
  }
  return {
    model: request.model,
    inputs,
    encoding: request.encoding_format ?? "float",
    dimensions: request.dimensions,
  };
}

/** Checks a scoring request. Throws `ApiError` 400 naming the field. */
export function parseScoreRequest(body: unknown): ChoiceScoreRequest {
  const request = check(scoreSchema, body);
  const prompt = request.prompt ?? request.messages;
  if (prompt === undefined || (request.prompt !== undefined && request.messages !== undefined)) {
    throw new ApiError(400, 'give either "prompt" or "messages"', { param: "prompt" });
  }
  return { model: request.model, prompt, choices: request.choices, normalize: request.normalize ?? "none" };
}

/**
 * Checks a tokenising request: `content` as llama-server has it, `prompt` or `messages` as vLLM does, each with that server's
 * defaults. Throws `ApiError` 400 naming the field.
 */
export function parseTokenizeRequest(body: unknown): TokenizeRequest {
  const request = check(tokenizeSchema, body, {
    // Conversations are formatted ready for an answer.
    add_generation_prompt: (value) => value === true,
  });
  const { content, prompt, messages } = request;
  const given = [content, prompt, messages].filter((input) => input !== undefined);
  if (given.length !== 1)
    throw new ApiError(400, 'give one of "content", "prompt" and "messages"', { param: "content" });
  const shape = content === undefined ? "vllm" : "llama-server";
  return {
    model: request.model,
    input: given[0]!,
    shape,
    addSpecial: request.add_special_tokens ?? request.add_special ?? shape === "vllm",
    parseSpecial: request.parse_special ?? true,
    pieces: (shape === "vllm" ? request.return_token_strs : request.with_pieces) ?? false,
  };
}

/** Checks a detokenising request. Throws `ApiError` 400 naming the field. */
export function parseDetokenizeRequest(body: unknown): DetokenizeRequest {
  const { model, tokens } = check(detokenizeSchema, body);
  return { model, tokens };
}
