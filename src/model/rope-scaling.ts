// Scaled rotary frequencies: all alike (linear), or by Llama 3.1's rule, which stretches long wavelengths, keeps short ones
// and interpolates between.
import type { ModelConfig } from "./config.ts";

/** `rope_scaling` of type `linear`: positions are divided by `factor`. */
export interface LinearScaling {
  readonly type: "linear";
  readonly factor: number;
}

/** `rope_scaling` of type `llama3`. */
export interface Llama3Scaling {
  readonly type: "llama3";
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  /** Positions that the model was first trained on. */
  readonly originalContextLength: number;
}

/** How rotary frequencies are scaled. */
export type RopeScaling = LinearScaling | Llama3Scaling;

/**
 * What each of the headSize / 2 rotary frequencies is divided by; `undefined` where nothing is scaled.
 * Source: `_compute_linear_scaling_rope_parameters` and `_compute_llama3_parameters`, transformers/modeling_rope_utils.py.
 */
export function rotaryDivisors(config: ModelConfig): Float64Array | undefined {
  const { ropeScaling: scaling, headSize, ropeTheta } = config;
  if (scaling === undefined) return undefined;
  if (scaling.type === "linear") return new Float64Array(headSize / 2).fill(scaling.factor);
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContextLength } = scaling;
  return Float64Array.from({ length: headSize / 2 }, (_, i) => {
    const turns = originalContextLength / (2 * Math.PI * ropeTheta ** ((2 * i) / headSize));
    if (turns > high) return 1;
    if (turns < low) return factor;
    const kept = (turns - low) / (high - low);
    return 1 / ((1 - kept) / factor + kept);
  });
}
