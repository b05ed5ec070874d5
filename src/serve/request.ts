// Requests as they come over the wire, checked and turned into what the rest of the room works with.
// `null` counts as absent and unknown fields are ignored, as OpenAI-compatible servers do; a known field that asks for something
// this server cannot do is refused, never silently dropped.
import { z } from "zod";
import type { ChatMessage, SamplingOptions } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import { messagesSchema } from "./request-messages.ts";
import { readAnswerForm, toolFields } from "./request-tools.ts";
import type { ToolUse } from "./tools.ts";

/**
 * Alternatives reported at a token; many more than OpenAI's 5, for those who combine this model's distribution with others
 * (a proxy-tuned trio with its base here).
 */
const MAX_ALTERNATIVES = 1000;
/** A request may ask for this many answers in all (prompts x n). */
const MAX_CHOICES = 128;
/** OpenAI's own limit. */
const MAX_EMBEDDINGS = 2048;

/** Sampling and limits, as both completion endpoints take them. */
export interface GenerationSettings {
  /** The served model's name; absent when the request named none. */
  readonly model: string | undefined;
  readonly sampling: Omit<SamplingOptions, "seed">;
  readonly seed: number | undefined;
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  /** Answers for each prompt. */
  readonly n: number;
  readonly stream: boolean;
  /** Send a last chunk with the token counts. */
  readonly includeUsage: boolean;
  /** Report log-probabilities with this many alternatives. */
  readonly topLogProbabilities: number | undefined;
  /** GBNF that every answer follows. */
  readonly grammar: string | undefined;
}

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

/** One prompt: text, or token ids of the model's own vocabulary. */
export type Prompt = string | readonly number[];

/** A checked `/v1/completions` request. */
export interface CompletionRequest extends GenerationSettings {
  readonly prompts: readonly Prompt[];
  readonly echo: boolean;
  /** Name tokens by id in log-probabilities. */
  readonly tokensAsIds: boolean;
}

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

const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => (value === null ? undefined : value));

const name = optional(z.string().min(1));
const integer = z.number().int();
const common = {
  model: name,
  temperature: optional(z.number().min(0).max(2)),
  top_p: optional(z.number().gt(0).max(1)),
  top_k: optional(integer.min(-1)),
  min_p: optional(z.number().min(0).max(1)),
  repetition_penalty: optional(z.number().gt(0).max(10)),
  frequency_penalty: optional(z.number().min(-2).max(2)),
  presence_penalty: optional(z.number().min(-2).max(2)),
  logit_bias: optional(
    z.record(z.string().regex(/^\d{1,9}$/, "token ids are whole numbers"), z.number().min(-100).max(100)),
  ),
  seed: optional(integer),
  stop: optional(
    z.union([z.string(), z.array(z.string()).max(4)], { error: "must be text or at most 4 texts" }),
  ),
  n: optional(integer.min(1).max(MAX_CHOICES)),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_usage: optional(z.boolean()) })),
};

const chatSchema = z.object({
  ...common,
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

const textsOrTokens = z.union(
  [
    z.string(),
    z.array(z.string()).min(1),
    z.array(integer.min(0)).min(1),
    z.array(z.array(integer.min(0)).min(1)).min(1),
  ],
  { error: "must be text, a list of texts, a list of token ids or a list of such lists" },
);

const completionSchema = z.object({
  ...common,
  prompt: textsOrTokens,
  max_tokens: optional(integer.min(0)),
  logprobs: optional(integer.min(0).max(MAX_ALTERNATIVES)),
  echo: optional(z.boolean()),
  // Not OpenAI's but vLLM's: tokens in log-probabilities are named token_id:N, so that none is mistaken for another.
  return_tokens_as_token_ids: optional(z.boolean()),
});

const embeddingSchema = z.object({
  model: name,
  input: textsOrTokens,
  encoding_format: optional(z.enum(["float", "base64"])),
  dimensions: optional(integer.min(1)),
});

const scoreSchema = z.object({
  model: name,
  prompt: optional(z.string()),
  messages: optional(messagesSchema),
  choices: z.array(z.string().min(1, "must not be empty")).min(1, "must not be empty").max(1000),
  normalize: optional(z.enum(["none", "token", "character", "byte"])),
});

/** Fields this server knows but cannot honour, with the values that ask for nothing. */
type Unsupported = Readonly<Record<string, (value: unknown) => boolean>>;
const empty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const NOT_IN_CHATS: Unsupported = { functions: empty };
const NOT_IN_COMPLETIONS: Unsupported = {
  response_format: (value) => (value as { type?: unknown }).type === "text",
  tools: empty,
  suffix: (value) => value === "",
  best_of: (value) => value === 1,
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

/** Checks a legacy completion request. Throws `ApiError` 400 naming the field. */
export function parseCompletionRequest(body: unknown): CompletionRequest {
  const request = check(completionSchema, body, NOT_IN_COMPLETIONS);
  const prompts = promptList(request.prompt);
  const settings = generationSettings(request);
  if (prompts.length * settings.n > MAX_CHOICES) {
    throw new ApiError(
      400,
      `prompts times n is ${prompts.length * settings.n}, at most ${MAX_CHOICES} allowed`,
      {
        param: "prompt",
      },
    );
  }
  return {
    ...settings,
    prompts,
    grammar: undefined,
    echo: request.echo ?? false,
    tokensAsIds: request.return_tokens_as_token_ids ?? false,
    maxTokens: request.max_tokens ?? 16,
    topLogProbabilities: request.logprobs,
  };
}

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

function check<T extends z.ZodType>(schema: T, body: unknown, unsupported: Unsupported = {}): z.output<T> {
  const result = schema.safeParse(body);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const param = issue.path.reduce<string>(
      (path, part) =>
        typeof part === "number"
          ? `${path}[${part}]`
          : path === ""
            ? String(part)
            : `${path}.${String(part)}`,
      "",
    );
    throw new ApiError(
      400,
      param === "" ? "the body must be a JSON object" : `"${param}": ${issue.message}`,
      {
        param: param === "" ? undefined : param,
      },
    );
  }
  for (const [field, asksNothing] of Object.entries(unsupported)) {
    const value = (body as Record<string, unknown>)[field];
    if (value !== undefined && value !== null && !asksNothing(value)) {
      throw new ApiError(400, `"${field}" is not supported by this server`, {
        param: field,
        code: "unsupported_parameter",
      });
    }
  }
  return result.data;
}

type Common = z.output<z.ZodObject<typeof common>>;

function generationSettings(
  request: Common,
): Omit<GenerationSettings, "maxTokens" | "topLogProbabilities" | "grammar"> {
  const stop = request.stop ?? [];
  return {
    model: request.model,
    // OpenAI's defaults; the seam's own are greedy.
    sampling: {
      temperature: request.temperature ?? 1,
      topP: request.top_p ?? 1,
      topK: Math.max(request.top_k ?? 0, 0),
      minP: request.min_p ?? 0,
      repetitionPenalty: request.repetition_penalty ?? 1,
      frequencyPenalty: request.frequency_penalty ?? 0,
      presencePenalty: request.presence_penalty ?? 0,
      ...(request.logit_bias === undefined
        ? {}
        : { logitBias: new Map(Object.entries(request.logit_bias).map(([id, bias]) => [Number(id), bias])) }),
    },
    seed: request.seed,
    // An empty stop text would end every answer before it began.
    stop: (typeof stop === "string" ? [stop] : stop).filter((text) => text !== ""),
    n: request.n ?? 1,
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
  };
}

function promptList(prompt: string | string[] | number[] | number[][]): Prompt[] {
  if (typeof prompt === "string") return [prompt];
  return typeof prompt[0] === "number" ? [prompt as number[]] : (prompt as Prompt[]);
}
