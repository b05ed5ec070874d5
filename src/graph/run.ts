// Runs encoded graphs with ONNX Runtime. Types and buffers only: nothing here knows how graphs are made.
import * as ort from "onnxruntime-node";
import type { OnnxValue } from "./onnx.ts";
import { loadOrtLibrary } from "./ort-library.ts";
import { createBoundSession } from "./run-bound.ts";
import { type GraphSession, type TensorData, type TensorValue, typeOf } from "./session.ts";

/** Options of `createSession`. */
export interface SessionOptions {
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
  /** The folder in which the files of `external` weights lie. */
  readonly weightFolder?: string;
  /** Graphs of `external` weights: leave them memory-mapped instead of copying them into a packed layout. Default false. */
  readonly mapWeights?: boolean;
  /**
   * The graph's outputs (`Graph.outputs`). Given, the results of a run may lie where the run before left its own: nothing is copied,
   * and who wants to keep some copies them. Default: every run gives new buffers.
   */
  readonly results?: readonly OnnxValue[];
}

/** ONNX Runtime's session configuration entries for every graph of ours. */
export function sessionConfig({
  weightFolder,
  mapWeights = false,
}: Pick<SessionOptions, "weightFolder" | "mapWeights">): Record<string, string> {
  return {
    // A fused kernel that exists for float32 alone, and gives other bits than the operators that it stands for: a layer that is
    // computed twice must be the same both times.
    // Another would put a transposed operand back into its product, which is slower (operators.ts, rawMatmul). The last makes a
    // kernel that CUDA alone has.
    "optimization.disable_specified_optimizers": "QuickGeluFusion;GemmTransposeFusion;BiasSoftmaxFusion",
    ...(mapWeights ? { "session.disable_prepacking": "1" } : {}),
    ...(weightFolder === undefined
      ? {}
      : { "session.model_external_initializers_file_folder_path": weightFolder }),
  };
}

/** Loads an encoded graph (`Graph.encode()`) onto the CPU. */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<GraphSession> {
  const { threads = 1, results } = options;
  const config = sessionConfig(options);
  const library = results === undefined ? undefined : loadOrtLibrary();
  if (library !== undefined) {
    const bound = createBoundSession(library, model, { provider: "cpu", threads, config, results: results! });
    return { run: async (inputs) => (await bound.run(inputs)).read, close: () => bound.close() };
  }
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // 3 = errors only: the optimiser warns about every constant it could not fold.
    logSeverityLevel: 3,
    extra: config,
  });
  return {
    async run(inputs) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const [name, value] of Object.entries(inputs)) feeds[name] = toOrt(value);
      const found = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(found).map(([name, tensor]) => [
          name,
          { data: tensor.data as TensorData, shape: tensor.dims },
        ]),
      );
    },
    close: () => session.release(),
  };
}

/** A value as the binding takes it; the array is not copied. */
function toOrt({ data, shape }: TensorValue): ort.Tensor {
  return new ort.Tensor(typeOf(data) as "float32", data as Float32Array, shape);
}
