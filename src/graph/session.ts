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

/**
 * A value in a device's memory, until it is released or the session that made it is closed. Every session of that device can be
 * fed it; only a graph that gives it back reads it (`copyFromDevice`).
 */
export interface DeviceValue {
  readonly shape: readonly number[];
  release(): void;
}

/** What one run gives: results in memory, which lie where the run before left its own, and those that stay on the device. */
export interface DeviceResults {
  readonly read: Readonly<Record<string, TensorValue>>;
  readonly kept: Readonly<Record<string, DeviceValue>>;
}

/** A graph ready to run on a device. */
export interface DeviceSession {
  /** Runs once. */
  run(inputs: Readonly<Record<string, TensorValue | DeviceValue>>): Promise<DeviceResults>;
  /** Releases what it made and was not released yet, too. */
  close(): Promise<void>;
}

/** The element type of an array's values. */
export function typeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof BigInt64Array) return "int64";
  return "int32";
}
