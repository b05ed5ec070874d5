// What requests have in common: how a field is checked, and the sampling and limits that both completion endpoints take.
// `null` counts as absent and unknown fields are ignored, as OpenAI-compatible servers do; a known field that asks for something
// this server cannot do is refused, never silently dropped.
import { z } from "zod";
import type { SamplingOptions } from "../engine/index.ts";
import { ApiError } from "./errors.ts";

/**
 * Alternatives reported at a token; many more than OpenAI's 5, for those who combine this model's distribution with others
 * (a proxy-tuned trio with its base here).
 */
export const MAX_ALTERNATIVES = 1000;
/** A request may ask for this many answers in all (prompts x n). */
export const MAX_CHOICES = 128;

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

/** One prompt: text, or token ids of the model's own vocabulary. */
export type Prompt = string | readonly number[];

/** Fields this server knows but cannot honour, with the values that ask for nothing. */
export type Unsupported = Readonly<Record<string, (value: unknown) => boolean>>;

/** For `Unsupported`: a list that holds nothing. */
export const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** A field that may be missing or `null`. */
export const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => (value === null ? undefined : value));

/** A model's name. */
export const modelName = optional(z.string().min(1));
/** A whole number. */
export const integer = z.number().int();
/** Zod fields of both completion endpoints. */
export const generationFields = {
  model: modelName,
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

/** A prompt or several. */
export const textsOrTokens = z.union(
  [
    z.string(),
    z.array(z.string()).min(1),
    z.array(integer.min(0)).min(1),
    z.array(z.array(integer.min(0)).min(1)).min(1),
  ],
  { error: "must be text, a list of texts, a list of token ids or a list of such lists" },
);

/**
 * Checks a body against a schema. Throws `ApiError` 400 naming the field that is wrong, or one that asks for what `unsupported` lists.
 */
export function check<T extends z.ZodType>(
  schema: T,
  body: unknown,
  unsupported: Unsupported = {},
): z.output<T> {
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

type Common = z.output<z.ZodObject<typeof generationFields>>;

/** The settings that generation fields stand for. Throws `ApiError` 400 for stream options without a stream, as OpenAI does. */
export function generationSettings(
  request: Common,
): Omit<GenerationSettings, "maxTokens" | "topLogProbabilities" | "grammar"> {
  const stop = request.stop ?? [];
  const stream = request.stream ?? false;
  if (request.stream_options !== undefined && !stream)
    throw new ApiError(400, '"stream_options" needs "stream": true', { param: "stream_options" });
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
    stream,
    includeUsage: request.stream_options?.include_usage ?? false,
  };
}

/** What `textsOrTokens` took, as a list. */
export function promptList(prompt: string | string[] | number[] | number[][]): Prompt[] {
  if (typeof prompt === "string") return [prompt];
  return typeof prompt[0] === "number" ? [prompt as number[]] : (prompt as Prompt[]);
}
