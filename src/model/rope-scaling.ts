// Llama 3.1's scaling of rotary frequencies: long wavelengths are stretched, short ones kept, those between interpolated.
import type { ModelConfig } from "./config.ts";

/** `rope_scaling` of type `llama3`. */
export interface Llama3Scaling {
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  /** Positions that the model was first trained on. */
  readonly originalContextLength: number;
}

/**
 * What each of the headSize / 2 rotary frequencies is divided by; `undefined` where nothing is scaled.
 * Source: `_compute_llama3_parameters`, transformers/modeling_rope_utils.py.
 */
export function rotaryDivisors(config: ModelConfig): Float64Array | undefined {
  const { ropeScaling: scaling, headSize, ropeTheta } = config;
  if (scaling === undefined) return undefined;
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContextLength } = scaling;
  return Float64Array.from({ length: headSize / 2 }, (_, i) => {
    const turns = originalContextLength / (2 * Math.PI * ropeTheta ** ((2 * i) / headSize));
    if (turns > high) return 1;
    if (turns < low) return factor;
    const kept = (turns - low) / (high - low);
    return 1 / ((1 - kept) / factor + kept);
  });
}
