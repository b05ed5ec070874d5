// POST /v1/score: how likely each of several continuations is after a prompt, whatever their lengths, in one call.
import type { ContinuationScore, LanguageModel } from "../engine/index.ts";
import { onceInTurn } from "./generation.ts";
import { characters } from "./log-probabilities.ts";
import { requireLogits, type ServedModel } from "./models.ts";
import { type ReplyContext, replyHead } from "./reply.ts";
import type { ChoiceScoreRequest, Normalization } from "./request-texts.ts";

/**
 * Scores the choices. `logprob` is the natural log-probability of the whole choice, `normalized_logprob` that divided by the
 * choice's length in the unit asked for, and `probability` the softmax of the latter over the choices.
 */
export async function replyToScore(
  served: ServedModel,
  request: ChoiceScoreRequest,
  context: ReplyContext,
): Promise<Response> {
  const scores = await onceInTurn(served, context, async (model) => {
    const [scored] = await model.score([
      { prompt: promptOf(model, request), continuations: request.choices },
    ]);
    return scored!;
  });
  const normalized = scores.map(
    (score, i) => score.logProbability / lengthOf(request.choices[i]!, score, request.normalize),
  );
  const probabilities = softmax(normalized);
  const best = normalized.reduce((top, value, i) => (value > normalized[top]! ? i : top), 0);
  return Response.json({
    ...replyHead("score", served),
    object: "score",
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

function promptOf(model: LanguageModel, { prompt }: ChoiceScoreRequest): string {
  if (typeof prompt === "string") return prompt;
  return requireLogits(model, '"messages"').formatChat(prompt);
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
