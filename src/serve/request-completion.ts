// What a `/v1/completions` request may say.
import { z } from "zod";
import { ApiError } from "./errors.ts";
import {
  check,
  type GenerationSettings,
  generationFields,
  generationSettings,
  integer,
  isEmptyList,
  MAX_ALTERNATIVES,
  MAX_CHOICES,
  optional,
  type Prompt,
  promptList,
  textsOrTokens,
  type Unsupported,
} from "./request.ts";

/** A checked `/v1/completions` request. */
export interface CompletionRequest extends GenerationSettings {
  readonly prompts: readonly Prompt[];
  readonly echo: boolean;
  /** Name tokens by id in log-probabilities. */
  readonly tokensAsIds: boolean;
}

const completionSchema = z.object({
  ...generationFields,
  prompt: textsOrTokens,
  max_tokens: optional(integer.min(0)),
  logprobs: optional(integer.min(0).max(MAX_ALTERNATIVES)),
  echo: optional(z.boolean()),
  // Not OpenAI's but vLLM's: tokens in log-probabilities are named token_id:N, so that none is mistaken for another.
  return_tokens_as_token_ids: optional(z.boolean()),
});

const NOT_IN_COMPLETIONS: Unsupported = {
  response_format: (value) => (value as { type?: unknown }).type === "text",
  tools: isEmptyList,
  suffix: (value) => value === "",
  best_of: (value) => value === 1,
};

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
