// What a graph that is ready to run takes and gives, however it is run.
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
  /** Runs once; inputs are not copied, results are new buffers (but see `results`). */
  run(inputs: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>>;
  close(): Promise<void>;
}

/** The element type of an array's values. */
export function typeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof BigInt64Array) return "int64";
  return "int32";
}
