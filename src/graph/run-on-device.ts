// Runs graphs on a GPU through WebGPU, with results that stay in its memory until they are fed again.
import assert from "node:assert/strict";
import type * as ort from "onnxruntime-node";
import { Graph } from "./graph.ts";
import { loadWithBinding, type SessionOptions, toOrt } from "./run.ts";
import type { TensorData, TensorValue } from "./session.ts";

/**
 * A float32 value in the device's memory, until it is released or the session that made it is closed. Every session can be fed it.
 * It is not handed out as the binding's tensor: to read that (`getData`), or to release it after its session, ends the process with
 * ONNX Runtime 1.30.
 */
export interface DeviceValue {
  readonly shape: readonly number[];
  release(): void;
}

/** What ONNX Runtime knows values by. */
const tensors = new WeakMap<DeviceValue, ort.Tensor>();

/** What one run gives: results read into memory, and those that stay on the device. */
export interface DeviceResults {
  readonly read: Readonly<Record<string, TensorValue>>;
  readonly kept: Readonly<Record<string, DeviceValue>>;
}

/** A graph ready to run on the device. */
export interface DeviceSession {
  /** Runs once. */
  run(inputs: Readonly<Record<string, TensorValue | DeviceValue>>): Promise<DeviceResults>;
  /** Releases what it made and was not released yet, too. */
  close(): Promise<void>;
}

/**
 * Loads an encoded graph (`Graph.encode()`) onto the device, its constants once for all runs; results named in `kept` stay there.
 * `UserError` where there is no device.
 */
export async function createDeviceSession(
  model: Uint8Array,
  {
    kept = [],
    ...options
  }: Pick<SessionOptions, "weightFolder"> & { readonly kept?: readonly string[] } = {},
): Promise<DeviceSession> {
  // Packed layouts are for processors.
  const session = await loadWithBinding(model, { ...options, provider: "webgpu", mapWeights: true }, kept);
  const own = new Set<DeviceValue>();
  const keep = (tensor: ort.Tensor): DeviceValue => {
    const value = {
      shape: tensor.dims,
      release() {
        if (own.delete(value)) tensor.dispose();
      },
    };
    own.add(value);
    tensors.set(value, tensor);
    return value;
  };
  return {
    async run(inputs) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const [name, value] of Object.entries(inputs))
        feeds[name] = "data" in value ? toOrt(value) : tensors.get(value)!;
      const read: Record<string, TensorValue> = {};
      const values: Record<string, DeviceValue> = {};
      for (const [name, tensor] of Object.entries(await session.run(feeds))) {
        if (tensor.location === "gpu-buffer") values[name] = keep(tensor);
        else read[name] = { data: tensor.data as TensorData, shape: tensor.dims };
      }
      return { read, kept: values };
    },
    async close() {
      for (const value of own) value.release();
      await session.release();
    },
  };
}

/** Values in memory, copied from where they are, by name: a graph that gives its inputs back does it, the binding cannot. */
export async function copyFromDevice(
  values: ReadonlyMap<string, TensorValue | DeviceValue>,
): Promise<Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> {
  const graph = new Graph();
  for (const [name, { shape }] of values) graph.output(graph.input(name, shape), `copy/${name}`);
  const session = await createDeviceSession(graph.encode());
  const { read } = await session.run(Object.fromEntries(values)).finally(() => session.close());
  return new Map(
    [...values].map(([name, { shape }]) => [
      name,
      { shape: [...shape], data: read[`copy/${name}`]!.data as Float32Array },
    ]),
  );
}

/** Computes something on the device; `UserError` where there is none. */
export async function requireDevice(): Promise<void> {
  const data = Float32Array.of(1, 2);
  const back = await copyFromDevice(new Map([["x", { data, shape: [2] }]]));
  assert.deepEqual(back.get("x")!.data, data);
}
