// How fast training steps are here, from real ones on a slice of the model.
import type { Provider } from "../graph/index.ts";
import { type ModelConfig, parameterCount } from "../model/index.ts";
import { flopsPerToken } from "./arithmetic.ts";
import { createDeviceStep } from "./device-step.ts";
import { fullTraining } from "./method.ts";
import { measureOptimizer } from "./optimizer.ts";
import type { Recipe } from "./recipe.ts";
import { createTrainingStep, freshState } from "./training-step.ts";

/** A slice: two layers of the real width, with fewer rows of the embedding. */
const SLICE = { layers: 2, vocabularySize: 4096, seconds: 1, shortest: 64, bytes: 2 ** 31, weight: 0.01 };
const BYTES_PER_TRAINED = 4 * 8;

/** What of the machine and the rows decides how large a slice is measured, and where. */
export interface SliceOptions {
  readonly length: number;
  readonly threads: number;
  /** Operations a second of the CPU's matrix products. */
  readonly matmulRate: number;
  /** Bytes that could be had now. */
  readonly available: number;
  /** A GPU to measure on. Default: the CPU. */
  readonly provider?: Exclude<Provider, "cpu"> | undefined;
}

/**
 * Operations a second of real steps on a slice of the model, the CPU's optimizer not counted; `undefined` where even that is too
 * large.
 */
export async function measureSlice(
  config: ModelConfig,
  recipe: Recipe,
  at: SliceOptions,
): Promise<number | undefined> {
  const slice: ModelConfig = {
    ...config,
    layers: Math.min(SLICE.layers, config.layers),
    vocabularySize: Math.min(SLICE.vocabularySize, config.vocabularySize),
  };
  const parameters = parameterCount(slice);
  const affordable = (length: number): boolean =>
    flopsPerToken(slice, length, true) * length <= SLICE.seconds * at.matmulRate;
  let { length } = at;
  let rows = recipe.batch / recipe.accumulate;
  while (length > SLICE.shortest && !affordable(length)) length = Math.floor(length / 2);
  while (rows > 1 && !affordable(length * rows)) rows = Math.floor(rows / 2);
  if (parameters * BYTES_PER_TRAINED > Math.min(SLICE.bytes, at.available / 2) || !affordable(length))
    return undefined;
  const method = fullTraining(slice);
  // Values do not matter to the time, and drawing them would take longer than the steps.
  const state = freshState(
    new Map(
      method.parameters.map(({ name, shape }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, { shape, data: new Float32Array(size).fill(SLICE.weight) }];
      }),
    ),
  );
  const { lora: _none, ...settings } = { ...recipe, batch: rows, accumulate: 1 };
  const { provider, threads } = at;
  const step = await (provider === undefined
    ? createTrainingStep(method, settings, state, { length, threads })
    : createDeviceStep(method, settings, state, { length, provider }));
  const tokens = rows * length;
  const ids = Int32Array.from({ length: tokens }, (_, i) => (i * 31) % slice.vocabularySize);
  const batch = {
    inputIds: ids,
    labels: ids,
    positionIds: Int32Array.from({ length: tokens }, (_, i) => i % length),
    segmentIds: new Int32Array(tokens),
  };
  let best = Number.POSITIVE_INFINITY;
  try {
    // The first run also allocates.
    for (let round = 1; round <= 3; round++) {
      const began = performance.now();
      await step.run(batch, round, 1e-9);
      best = Math.min(best, (performance.now() - began) / 1000);
    }
  } finally {
    await step.close();
  }
  const optimizer = provider === undefined ? parameters * (await measureOptimizer(threads)) : 0;
  const graphSeconds = Math.max(best / 2, best - optimizer);
  return (flopsPerToken(slice, length, true) * tokens) / graphSeconds;
}
