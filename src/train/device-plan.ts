// A run on a GPU before it is begun: what it takes there and here, and, where such a GPU is there, how long. Needs no weights.
import { UserError } from "../core/index.ts";
import { availableMemory } from "../engine/index.ts";
import { deviceHolds, type Provider, requireDevice } from "../graph/index.ts";
import { flopsPerToken, measureMatmulRate } from "./arithmetic.ts";
import { type DeviceMemory, estimateDeviceMemory } from "./device-memory.ts";
import { estimateMemory } from "./memory-estimate.ts";
import type { PlanOptions } from "./plan.ts";
import { type RunSize, readRunSize } from "./run-size.ts";
import { measureSlice } from "./step-rate.ts";

/** What a run on a GPU would take. */
export interface DevicePlan extends RunSize {
  readonly device: Exclude<Provider, "cpu">;
  /** On the device. How much it has cannot be asked through ONNX Runtime. */
  readonly memory: DeviceMemory;
  /** This process's, at most: frozen weights while they are widened, copies of the state for checkpoints, evaluations. */
  readonly processMemory: number;
  /** Bytes that could be had now, of this machine. */
  readonly available: number;
  /** Whether `processMemory` is there, and nothing says that the device takes too little. */
  readonly fits: boolean;
  /** Why nothing could be tried on the device; the members below are absent then. */
  readonly missing?: string;
  /** Whether the device takes the largest tensor. */
  readonly holdsLargest?: boolean;
  /** From steps on a slice of the model, on the device; absent where even a slice is too large. */
  readonly tokensPerSecond?: number;
  readonly seconds?: number;
  readonly stepRate?: number;
}

/** Plans a run on a GPU. `UserError` where neither rows nor recipe say how long it is; a GPU need not be there. */
export async function planOnDevice(
  device: Exclude<Provider, "cpu">,
  options: PlanOptions,
): Promise<DevicePlan> {
  const { recipe, threads = 1, available = availableMemory() } = options;
  const { size, shape } = await readRunSize(options);
  const memory = estimateDeviceMemory(shape);
  const { weights, optimizer, runtime, evaluation } = estimateMemory(shape);
  // The state as it began, and a copy of what it has become.
  const processMemory = Math.max(memory.frozen, 2 * (weights + optimizer)) + runtime + evaluation;
  const planned = { ...size, device, memory, processMemory, available, fits: processMemory <= available };
  try {
    await requireDevice(device);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...planned, missing: error.message };
  }
  const holdsLargest = await deviceHolds(device, memory.largest.bytes);
  const tried = { ...planned, holdsLargest, fits: planned.fits && holdsLargest };
  options.signal?.throwIfAborted();
  if (options.probe === false) return tried;
  const { config, length } = shape;
  const matmulRate = await measureMatmulRate(threads);
  const stepRate = await measureSlice(config, recipe, {
    length,
    threads,
    matmulRate,
    available,
    provider: device,
  });
  if (stepRate === undefined) return tried;
  const flops = flopsPerToken(config, length, recipe.lora === undefined) * recipe.batch * length;
  const stepSeconds = flops / stepRate;
  return {
    ...tried,
    tokensPerSecond: (recipe.batch * length) / stepSeconds,
    seconds: stepSeconds * size.steps,
    stepRate,
  };
}
