// POST /v1/score: how likely each of several continuations is after a prompt, whatever their lengths, in one call.
import type { ContinuationScore } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import { characters } from "./log-probabilities.ts";
import { isLogitModel, type ServedModel } from "./models.ts";
import { newId } from "./reply.ts";
import type { ChoiceScoreRequest, Normalization } from "./request.ts";

/**
 * Scores the choices. `logprob` is the natural log-probability of the whole choice, `normalized_logprob` that divided by the
 * choice's length in the unit asked for, and `probability` the softmax of the latter over the choices.
 */
export async function replyToScore(
  served: ServedModel,
  request: ChoiceScoreRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { model } = served;
  const prompt = promptOf(served, request);
  const release = await served.queue.acquire(signal);
  let scores: readonly ContinuationScore[];
  try {
    scores = (await model.score([{ prompt, continuations: request.choices }]))[0]!;
  } finally {
    release();
  }
  const normalized = scores.map(
    (score, i) => score.logProbability / lengthOf(request.choices[i]!, score, request.normalize),
  );
  const probabilities = softmax(normalized);
  const best = normalized.reduce((top, value, i) => (value > normalized[top]! ? i : top), 0);
  return Response.json({
    id: newId("score"),
    object: "score",
    created: Math.floor(Date.now() / 1000),
    model: served.id,
    system_fingerprint: served.fingerprint,
    normalize: request.normalize,
    best,
    choices: scores.map((score, index) => ({
      index,
      text: request.choices[index],
      logprob: score.logProbability,
      tokens: score.tokens,
      greedy: score.greedy,
      normalized_logprob: normalized[index],
      probability: probabilities[index],
    })),
  });
}

function promptOf(served: ServedModel, request: ChoiceScoreRequest): string {
  if (typeof request.prompt === "string") return request.prompt;
  if (isLogitModel(served.model)) return served.model.formatChat(request.prompt);
  throw new ApiError(400, `"messages" needs a model whose chat template can be had: send "prompt"`, {
    param: "messages",
    code: "unsupported_parameter",
  });
}

function lengthOf(text: string, score: ContinuationScore, unit: Normalization): number {
  switch (unit) {
    case "none":
      return 1;
    case "token":
      return Math.max(score.tokens, 1);
    case "character":
      return characters(text);
    case "byte":
      return Buffer.byteLength(text);
    default:
      return unit satisfies never;
  }
}

function softmax(values: readonly number[]): number[] {
  const max = Math.max(...values);
  const weights = values.map((value) => Math.exp(value - max));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
