// Gradient clipping and AdamW, in place on float32 arrays. As graph expressions the same arithmetic is a dozen passes over
// memory and copies weights and moments out of every step: at 100M parameters a third of the whole step.

/** AdamW's constants. */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** What changes from step to step. */
export interface AdamWStep {
  /** Counted from 1, for the bias correction. */
  readonly number: number;
  readonly learningRate: number;
  /** Weight decay of this weight. */
  readonly decay: number;
  /** What the gradient is multiplied by first. */
  readonly factor: number;
}

/** Global L2 norm over all gradients. */
export function globalNorm(gradients: Iterable<Float32Array>): number {
  let total = 0;
  for (const gradient of gradients) {
    // Four sums at once: one would wait for each addition before the next.
    const sums = [0, 0, 0, 0] as [number, number, number, number];
    const whole = gradient.length - (gradient.length % 4);
    for (let i = 0; i < whole; i += 4) {
      sums[0] += gradient[i]! ** 2;
      sums[1] += gradient[i + 1]! ** 2;
      sums[2] += gradient[i + 2]! ** 2;
      sums[3] += gradient[i + 3]! ** 2;
    }
    for (let i = whole; i < gradient.length; i++) sums[0] += gradient[i]! ** 2;
    total += sums[0] + sums[1] + sums[2] + sums[3];
  }
  return Math.sqrt(total);
}

/** The factor that brings gradients of `norm` down to `limit`; 1 when they are small enough. */
export function clipFactor(norm: number, limit: number): number {
  return Math.min(1, limit / (norm + 1e-6));
}

/**
 * One AdamW step with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), in place:
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w (1 - rate * decay) - rate * (m / c1) / (sqrt(v / c2) + epsilon)
 * with c = 1 - b^number. Computed in float64, rounded once.
 */
export function adamW(
  state: {
    readonly weight: Float32Array;
    readonly gradient: Float32Array;
    readonly firstMoment: Float32Array;
    readonly secondMoment: Float32Array;
  },
  { number, learningRate, decay, factor }: AdamWStep,
  { beta1, beta2, epsilon }: AdamWOptions,
): void {
  const { weight, gradient, firstMoment, secondMoment } = state;
  const [rest1, rest2] = [1 - beta1, 1 - beta2];
  // Both corrections moved out of the loop: sqrt(v / c2) + epsilon = (sqrt(v) + epsilon sqrt(c2)) / sqrt(c2).
  const root = Math.sqrt(1 - beta2 ** number);
  const rate = (learningRate * root) / (1 - beta1 ** number);
  const floor = epsilon * root;
  const kept = 1 - learningRate * decay;
  for (let i = 0; i < weight.length; i++) {
    const g = gradient[i]! * factor;
    const m = beta1 * firstMoment[i]! + rest1 * g;
    const v = beta2 * secondMoment[i]! + rest2 * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    weight[i] = weight[i]! * kept - (rate * m) / (Math.sqrt(v) + floor);
  }
}
