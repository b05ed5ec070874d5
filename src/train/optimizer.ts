// Gradient clipping and AdamW, in place on float32 arrays: one pass over memory, where as graph expressions it would be a dozen.
import { type Optimized, sumOfSquares, updateWeights } from "./vector-kernels.ts";

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
  for (const gradient of gradients) total += sumOfSquares(gradient);
  return Math.sqrt(total);
}

/** The factor that brings gradients of `norm` down to `limit`; 1 when they are small enough. */
export function clipFactor(norm: number, limit: number): number {
  return Math.min(1, limit / (norm + 1e-6));
}

/**
 * What a step subtracts with, both bias corrections c = 1 - b^number in it: they are constants of a step, for
 * sqrt(v / c2) + epsilon = (sqrt(v) + epsilon sqrt(c2)) / sqrt(c2).
 */
export function adamWScalars(
  { number, learningRate, decay }: Omit<AdamWStep, "factor">,
  { beta1, beta2, epsilon }: AdamWOptions,
): { shrinkage: number; rate: number; floor: number } {
  const root = Math.sqrt(1 - beta2 ** number);
  return {
    shrinkage: learningRate * decay,
    rate: (learningRate * root) / (1 - beta1 ** number),
    floor: epsilon * root,
  };
}

/**
 * One AdamW step with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), in place:
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w (1 - rate * decay) - rate * (m / c1) / (sqrt(v / c2) + epsilon)
 * with c = 1 - b^number. In float32, as PyTorch does.
 */
export function adamW(state: Optimized, step: AdamWStep, options: AdamWOptions): void {
  const { beta1, beta2 } = options;
  updateWeights(state, {
    factor: step.factor,
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    ...adamWScalars(step, options),
  });
}
