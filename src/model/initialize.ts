// Seeded random weights for training from scratch.
import { createRandom } from "../core/index.ts";
import { ARCHITECTURE_TRAITS, type WeightRole } from "./architectures.ts";
import type { ModelConfig } from "./config.ts";
import { type ParameterShape, parameterShapes } from "./parameters.ts";

/** Standard deviation of GPT-2, Llama and Qwen initialisations. */
const STANDARD_DEVIATION = 0.02;

/** Matrices that write into the residual stream. */
const RESIDUAL: ReadonlySet<WeightRole> = new Set<WeightRole>(["attention-output", "mlp-down"]);

/**
 * Random weights: norms 1 (0 where checkpoints store the difference from 1), biases 0, matrices normal with standard deviation 0.02; those that write into the residual stream
 * are smaller by sqrt(2 * layers), so that its variance does not grow with depth (Radford et al. 2019, section 2.3).
 */
export function initializeWeights(
  config: ModelConfig,
  seed: number,
): Map<string, { shape: readonly number[]; data: Float32Array }> {
  const unit = 1 - ARCHITECTURE_TRAITS[config.architecture].normOffset;
  const residual = STANDARD_DEVIATION / Math.sqrt(2 * config.layers);
  return new Map(
    parameterShapes(config).map((parameter) => {
      const deviation = RESIDUAL.has(parameter.role) ? residual : STANDARD_DEVIATION;
      return [parameter.name, { shape: parameter.shape, data: fill(parameter, { unit, deviation }, seed) }];
    }),
  );
}

function fill(
  { name, shape, role, kind }: ParameterShape,
  { unit, deviation }: { unit: number; deviation: number },
  seed: number,
): Float32Array {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (role.endsWith("-norm")) return data.fill(unit);
  if (kind === "bias") return data;
  // A stream of its own for each weight: adding a layer leaves the others as they were.
  const random = createRandom(`${seed}/${name}`);
  for (let i = 0; i < data.length; i++) data[i] = random.normal() * deviation;
  return data;
}
