// Log-probabilities of a prompt's own tokens, for `echo`. One token a step over a session: what the seam offers today.
import type { LogitModel, TokenLogProbability } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import type { PlacedToken } from "./log-probabilities.ts";

/**
 * Scores every token of `ids` given those before it; the first has no probability, unless `prefix` (a beginning-of-text id,
 * itself not reported) comes before it: even then it is reported without one, as clients expect. `top` alternatives each.
 */
export async function scorePromptTokens(
  model: LogitModel,
  ids: ArrayLike<number>,
  options: { readonly prefix: readonly number[]; readonly top: number; readonly signal: AbortSignal },
): Promise<PlacedToken[]> {
  const length = options.prefix.length + ids.length;
  if (length > model.contextLength) {
    throw new ApiError(
      400,
      `the prompt has ${length} tokens, the model's context holds ${model.contextLength}`,
      {
        param: "prompt",
        code: "context_length_exceeded",
      },
    );
  }
  const textOf = (id: number): string => model.tokenizer.decode([id], { special: true });
  const placed: PlacedToken[] = [];
  const session = model.open();
  try {
    if (options.prefix.length > 0) await session.advance(Int32Array.from(options.prefix));
    for (let i = 0; i < ids.length; i++) {
      options.signal.throwIfAborted();
      const id = ids[i]!;
      if (i === 0) placed.push({ text: textOf(id), logProbability: undefined, top: [] });
      if (i + 1 === ids.length) break;
      const logits = await session.advance(Int32Array.of(id));
      const next = ids[i + 1]!;
      const normalizer = logSumExp(logits, model.tokenizer.vocabularySize);
      placed.push({
        text: textOf(next),
        logProbability: logits[next]! - normalizer,
        top: largest(logits, model.tokenizer.vocabularySize, options.top).map(
          (best): TokenLogProbability => ({
            id: best,
            text: textOf(best),
            logProbability: logits[best]! - normalizer,
          }),
        ),
      });
    }
  } finally {
    session.dispose();
  }
  return placed;
}

function logSumExp(logits: Float32Array, size: number): number {
  let max = -Infinity;
  for (let i = 0; i < size; i++) if (logits[i]! > max) max = logits[i]!;
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.exp(logits[i]! - max);
  return max + Math.log(sum);
}

/** Ids of the `count` largest logits, largest first, the lowest id first among equals. */
function largest(logits: Float32Array, size: number, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < size; id++) {
    if (best.length === count && (count === 0 || logits[id]! <= logits[best[count - 1]!]!)) continue;
    let place = best.length;
    while (place > 0 && logits[best[place - 1]!]! < logits[id]!) place--;
    best.splice(place, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}
