// How much of a GPU's memory a run will take, by kind, from its shape alone.
import { headChunkRows } from "../graph/index.ts";
import { parameterShapes } from "../model/index.ts";
import { estimateMemory, type MemoryShape } from "./memory-estimate.ts";

/** Bytes by kind, on the device. */
export interface DeviceMemory {
  /** Frozen weights, widened to float32. */
  readonly frozen: number;
  /** Weights that are trained, and what they become, which lies beside them until the step is done. */
  readonly weights: number;
  /** Both moments of AdamW, and what they become. */
  readonly optimizer: number;
  /** Gradients; where micro-batches are summed the sum, a part, and their sum. */
  readonly gradients: number;
  readonly activations: number;
  readonly total: number;
  /** The largest single tensor. */
  readonly largest: { readonly name: string; readonly bytes: number };
}

const FLOAT = 4;
/** Of what the CPU's runtime holds for activations: there is no second copy of them as a memory pattern (`graph/providers.ts`). */
const ACTIVATION_SHARE = 0.65;

/** Estimates the peak of a run's memory on a device. */
export function estimateDeviceMemory(shape: MemoryShape): DeviceMemory {
  const { config, recipe, length } = shape;
  const { weights, optimizer, activations } = estimateMemory(shape);
  const parameters = parameterShapes(config).map(({ name, shape: sides }) => ({
    name,
    bytes: bytesOf(sides),
  }));
  const frozen = recipe.lora === undefined ? 0 : parameters.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = recipe.batch / recipe.accumulate;
  const positions = rows * length;
  const { vocabularySize, intermediateSize } = config;
  const largest = [
    ...parameters,
    {
      name: "a chunk of logits",
      bytes: bytesOf([Math.min(positions, headChunkRows(vocabularySize)), vocabularySize]),
    },
    { name: "a layer's inner activations", bytes: bytesOf([positions, intermediateSize]) },
  ].reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const kinds = {
    frozen,
    weights: 2 * weights,
    optimizer: 2 * optimizer,
    gradients: weights * (recipe.accumulate > 1 ? 3 : 1),
    activations: ACTIVATION_SHARE * activations,
  };
  return { ...kinds, total: Object.values(kinds).reduce((a, b) => a + b, 0), largest };
}

function bytesOf(shape: readonly number[]): number {
  return FLOAT * shape.reduce((a, b) => a * b, 1);
}
