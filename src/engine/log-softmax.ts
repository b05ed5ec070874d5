// Log-probabilities from logits, in 64-bit arithmetic.

/** The largest logit, where it is (lowest id on a tie), and ln of the sum of exp over all: the softmax's normaliser. */
export interface LogNormaliser {
  readonly argmax: number;
  readonly max: number;
  /** ln sum exp(logit); a token's log-probability is its logit less this. */
  readonly logSum: number;
}

/**
 * Terms below exp(-45) = 3e-20 of the largest are left out: a million of them would change the sum by less than one unit
 * in the last place of a double.
 */
const NEGLIGIBLE = -45;

/** ln sum_i exp(logits_i), computed as max + ln sum_i exp(logits_i - max). */
export function logNormaliser(logits: Float32Array): LogNormaliser {
  let argmax = 0;
  let max = logits[0]!;
  for (let i = 1; i < logits.length; i++) {
    if (logits[i]! > max) {
      max = logits[i]!;
      argmax = i;
    }
  }
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const difference = logits[i]! - max;
    if (difference > NEGLIGIBLE) sum += Math.exp(difference);
  }
  return { argmax, max, logSum: max + Math.log(sum) };
}
