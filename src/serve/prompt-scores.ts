// Log-probabilities of a prompt's own tokens, for `echo`: one evaluation of the prompt, whatever its length.
import { type LogitModel, logNormaliser } from "../engine/index.ts";
import type { PlacedToken } from "./log-probabilities.ts";

/**
 * Scores every token of `ids` given those before it, with `top` alternatives each. The first is reported without a
 * probability, as clients expect, even when `prefix` (a beginning-of-text id, itself not reported) stands before it.
 * `UserError` when they do not fit the context.
 */
export async function scorePromptTokens(
  model: LogitModel,
  ids: Int32Array,
  options: { readonly prefix: readonly number[]; readonly top: number },
): Promise<PlacedToken[]> {
  const textOf = (id: number): string => model.tokenizer.decode([id], { special: true });
  const [first, rest] = [ids.subarray(0, 1), ids.subarray(1)];
  const placed: PlacedToken[] = [...first].map((id) => ({
    id,
    text: textOf(id),
    logProbability: undefined,
    top: [],
  }));
  if (rest.length === 0) return placed;
  await model.visitLogits(Int32Array.of(...options.prefix, ...first), [rest], (logits, _, position) => {
    const { logSum } = logNormaliser(logits);
    const describe = (id: number) => ({ id, text: textOf(id), logProbability: logits[id]! - logSum });
    placed.push({
      ...describe(rest[position]!),
      top: largest(logits, model.tokenizer.vocabularySize, options.top).map(describe),
    });
  });
  return placed;
}

/** Ids of the `count` largest logits, largest first, the lowest id first among equals. Rows past `size` are padding. */
function largest(logits: Float32Array, size: number, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < size && count > 0; id++) {
    if (best.length === count && logits[id]! <= logits[best[count - 1]!]!) continue;
    let place = best.length;
    while (place > 0 && logits[best[place - 1]!]! < logits[id]!) place--;
    best.splice(place, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}
