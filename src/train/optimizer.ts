// Gradient clipping and AdamW, in place on float32 arrays: one pass over memory, where as graph expressions it would be a dozen.
import { createOptimizerThreads } from "./optimizer-threads.ts";
import type { Optimized } from "./vector-kernels.ts";

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

/** Runs the optimizer's loops over all parameters, on as many threads as it was given; the numbers do not depend on how many. */
export interface Optimizer {
  /** Global L2 norm over all gradients. */
  norm(gradients: readonly Float32Array[]): Promise<number>;
  /** sum += part, in place, for each pair of gradients. */
  accumulate(pairs: readonly (readonly [sum: Float32Array, part: Float32Array])[]): Promise<void>;
  /**
   * One AdamW step with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2) for each parameter, in place:
   * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w (1 - rate * decay) - rate * (m / c1) / (sqrt(v / c2) + epsilon)
   * with c = 1 - b^number. In float32, as PyTorch does.
   */
  adamW(parameters: readonly (readonly [state: Optimized, step: AdamWStep])[]): Promise<void>;
  close(): Promise<void>;
}

/** An optimizer with AdamW's constants. */
export function createOptimizer(options: AdamWOptions, threads: number): Optimizer {
  const { beta1, beta2 } = options;
  const pool = createOptimizerThreads(threads);
  return {
    async norm(gradients) {
      const sums = await pool.run(gradients.map((gradient) => ({ arrays: [gradient] })));
      return Math.sqrt(sums.reduce((a, b) => a + b, 0));
    },
    async accumulate(pairs) {
      await pool.run(pairs.map((arrays) => ({ arrays })));
    },
    async adamW(parameters) {
      await pool.run(
        parameters.map(([{ weight, gradient, firstMoment, secondMoment }, step]) => ({
          arrays: [weight, gradient, firstMoment, secondMoment],
          scalars: {
            factor: step.factor,
            beta1,
            rest1: 1 - beta1,
            beta2,
            rest2: 1 - beta2,
            ...adamWScalars(step, options),
          },
        })),
      );
    },
    close: () => pool.close(),
  };
}

/** Seconds that AdamW takes for one parameter on this machine. */
export async function measureOptimizer(threads: number): Promise<number> {
  const values = (): Float32Array => new Float32Array(2 ** 22).fill(0.1);
  const state = { weight: values(), gradient: values(), firstMoment: values(), secondMoment: values() };
  const at = { number: 1, learningRate: 1e-9, decay: 0, factor: 1 };
  const optimizer = createOptimizer({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, threads);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const began = performance.now();
    await optimizer.adamW([[state, at]]);
    best = Math.min(best, performance.now() - began);
  }
  await optimizer.close();
  return best / 1000 / state.weight.length;
}
