// The scaling of rotary frequencies as a `config.json` states it.
import { z } from "zod";
import { check, type Refuse } from "./config-check.ts";
import type { RopeScaling } from "./rope-scaling.ts";

/** `rope_scaling` of transformers 4, `rope_parameters` of 5. */
export const ropeParameters = z.looseObject({
  rope_theta: z.number().positive().nullish(),
  rope_type: z.string().nullish(),
  type: z.string().nullish(),
});

const linearParameters = z.object({ factor: z.number().min(1) });

const llama3Parameters = z.object({
  factor: z.number().min(1),
  low_freq_factor: z.number().positive(),
  high_freq_factor: z.number().positive(),
  original_max_position_embeddings: z.number().int().positive(),
});

interface ScaledConfig {
  readonly rope_scaling?: z.infer<typeof ropeParameters> | null | undefined;
  readonly rope_parameters?: z.infer<typeof ropeParameters> | null | undefined;
}

/** How frequencies are scaled; `undefined` where they are not. `UserError` for a kind that is not known, or not `allowed` in this architecture. */
export function readScaling(
  raw: ScaledConfig,
  allowed: boolean,
  file: string,
  refuse: Refuse,
): RopeScaling | undefined {
  const at = raw.rope_scaling ? "rope_scaling" : "rope_parameters";
  const scaling = raw[at];
  const type = scaling?.rope_type ?? scaling?.type ?? "default";
  if (type === "default") return undefined;
  if (type === "linear" && allowed) {
    return { type, factor: check(z.object({ [at]: linearParameters }), raw, file)[at]!.factor };
  }
  if (type !== "llama3" || !allowed) {
    return refuse(at, type, allowed ? "no rope scaling, linear or llama3" : "no rope scaling");
  }
  const parameters = check(z.object({ [at]: llama3Parameters }), raw, file)[at]!;
  if (parameters.high_freq_factor <= parameters.low_freq_factor) {
    refuse(`${at}.high_freq_factor`, parameters.high_freq_factor, "more than low_freq_factor");
  }
  return {
    type,
    factor: parameters.factor,
    lowFrequencyFactor: parameters.low_freq_factor,
    highFrequencyFactor: parameters.high_freq_factor,
    originalContextLength: parameters.original_max_position_embeddings,
  };
}
