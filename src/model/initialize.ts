// Seeded random weights for training from scratch.
import { createRandom } from "../core/index.ts";
import { type ModelConfig, type ParameterShape, parameterShapes } from "./config.ts";

/** Standard deviation of GPT-2, Llama and Qwen initialisations. */
const STANDARD_DEVIATION = 0.02;

/**
 * Random weights: norms 1, biases 0, matrices normal with standard deviation 0.02; those that write into the residual stream
 * are smaller by sqrt(2 * layers), so that its variance does not grow with depth (Radford et al. 2019, section 2.3).
 */
export function initializeWeights(
  config: ModelConfig,
  seed: number,
): Map<string, { shape: readonly number[]; data: Float32Array }> {
  const residual = STANDARD_DEVIATION / Math.sqrt(2 * config.layers);
  return new Map(
    parameterShapes(config).map(({ name, shape }) => {
      const deviation = /\.(?:o_proj|down_proj)\.weight$/u.test(name) ? residual : STANDARD_DEVIATION;
      return [name, { shape, data: fill({ name, shape }, deviation, seed) }];
    }),
  );
}

function fill({ name, shape }: ParameterShape, deviation: number, seed: number): Float32Array {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (name.endsWith("norm.weight")) return data.fill(1);
  if (name.endsWith(".bias")) return data;
  // A stream of its own for each weight: adding a layer leaves the others as they were.
  const random = createRandom(`${seed}/${name}`);
  for (let i = 0; i < data.length; i++) data[i] = random.normal() * deviation;
  return data;
}
