// How far one next-token distribution lies from another.
import { type LogNormaliser, logNormaliser } from "./log-softmax.ts";

/** Below this share (3e-20) a token adds nothing that a double could hold. */
const NEGLIGIBLE = -45;

/**
 * KL(p || q) = sum p (ln p - ln q) in nats, p = softmax(logits), q = softmax(base), computed in 64 bits; never negative, and
 * exactly 0 for equal logits. `baseNormaliser` may be handed in where it is known.
 */
export function klDivergence(
  logits: Float32Array,
  base: Float32Array,
  baseNormaliser: LogNormaliser = logNormaliser(base),
): number {
  const { logSum } = logNormaliser(logits);
  let sum = 0;
  for (let id = 0; id < logits.length; id++) {
    const logProbability = logits[id]! - logSum;
    if (logProbability > NEGLIGIBLE)
      sum += Math.exp(logProbability) * (logProbability - (base[id]! - baseNormaliser.logSum));
  }
  // Rounding may leave a hair below zero.
  return Math.max(0, sum);
}
