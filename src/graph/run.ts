// Runs encoded graphs with ONNX Runtime. Types and buffers only: nothing here knows how graphs are made.
import * as ort from "onnxruntime-node";
import { UserError } from "../core/index.ts";
import type { ElementType } from "./onnx.ts";

/** A typed array for an element type. */
export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array;

/** A value to feed, or a result. */
export interface TensorValue {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

/** A graph ready to run. */
export interface GraphSession {
  /** Runs once; inputs are not copied, results are new buffers. */
  run(inputs: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>>;
  close(): Promise<void>;
}

/** Options of `createSession`. */
export interface SessionOptions {
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
  /** `"cpu"` (default) or `"webgpu"`. */
  readonly provider?: "cpu" | "webgpu";
  /** The folder in which the files of `external` weights lie. */
  readonly weightFolder?: string;
  /** Graphs of `external` weights: leave them memory-mapped instead of copying them into a packed layout. Default false. */
  readonly mapWeights?: boolean;
}

/** Loads an encoded graph (`Graph.encode()`); `UserError` when the provider has no device here. */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<GraphSession> {
  const { weightFolder } = options;
  const create = ort.InferenceSession.create(model, {
    executionProviders: [options.provider ?? "cpu"],
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    // 3 = errors only: the optimiser warns about every constant it could not fold.
    logSeverityLevel: 3,
    extra: {
      // A fused kernel that exists for float32 alone, and gives other bits than the operators that it stands for: a layer that is
      // computed twice must be the same both times.
      optimization: { disable_specified_optimizers: "QuickGeluFusion" },
      session: {
        ...(options.mapWeights ? { disable_prepacking: "1" } : {}),
        ...(weightFolder === undefined ? {} : { model_external_initializers_file_folder_path: weightFolder }),
      },
    },
  });
  const session = await create.catch((error: unknown) => {
    if (options.provider !== "webgpu" || !/WebGPU|adapter|backend/iu.test(String(error))) throw error;
    throw new UserError("no-gpu", "no GPU here that WebGPU can use", {
      remedy: "Use the CPU, or install the GPU's driver (on Linux Vulkan: libvulkan.so.1).",
      cause: error,
    });
  });
  return {
    async run(inputs) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const [name, { data, shape }] of Object.entries(inputs)) feeds[name] = toOrt(data, shape);
      const results = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name,
          { data: tensor.data as TensorData, shape: tensor.dims },
        ]),
      );
    },
    close: () => session.release(),
  };
}

function toOrt(data: TensorData, shape: readonly number[]): ort.Tensor {
  return new ort.Tensor(typeOf(data) as "float32", data as Float32Array, shape);
}

function typeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof BigInt64Array) return "int64";
  return "int32";
}
