// Runs graphs on a device, with results that stay in its memory until they are fed again.
import assert from "node:assert/strict";
import { UserError } from "../core/index.ts";
import { Graph } from "./graph.ts";
import { matmul } from "./operators.ts";
import { loadOrtLibrary } from "./ort-library.ts";
import { noDevice, type Provider } from "./providers.ts";
import { sessionConfig } from "./run.ts";
import { type BoundOptions, createBoundSession } from "./run-bound.ts";
import type { DeviceSession, DeviceValue, TensorValue } from "./session.ts";

/** Options of `createDeviceSession`. */
export interface DeviceOptions extends Pick<BoundOptions, "provider" | "results" | "kept"> {
  /** The folder in which the files of `external` weights lie. */
  readonly weightFolder?: string;
}

/**
 * Loads an encoded graph (`Graph.encode()`) onto a device, its constants once for all runs; results named in `kept` stay there.
 * The CPU is a device too, whose memory is this process's. `UserError` where there is no such device.
 */
export async function createDeviceSession(
  model: Uint8Array,
  { provider, results, kept = [], ...options }: DeviceOptions,
): Promise<DeviceSession> {
  const library = loadOrtLibrary();
  if (library === undefined)
    throw new UserError("no-gpu", `no ONNX Runtime here for ${process.platform} on ${process.arch}`, {
      remedy: "Run it where onnxruntime-node has a library.",
    });
  // Packed layouts are for processors.
  const config = sessionConfig({ ...options, mapWeights: true });
  return createBoundSession(library, model, { provider, results, kept, config, threads: 1 });
}

/**
 * Values in memory, copied from where they are, by name: a graph that gives its input back does it. One value after the other, since
 * the device makes a copy first.
 */
export async function copyFromDevice(
  provider: Provider,
  values: ReadonlyMap<string, TensorValue | DeviceValue>,
): Promise<Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> {
  const copies = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  const byShape = new Map<string, [string, TensorValue | DeviceValue][]>();
  for (const [name, value] of values) {
    const key = value.shape.join("x");
    byShape.set(key, [...(byShape.get(key) ?? []), [name, value]]);
  }
  for (const alike of byShape.values()) {
    const shape = [...alike[0]![1].shape];
    const graph = new Graph();
    graph.output(graph.input("value", shape), "copy");
    const session = await createDeviceSession(graph.encode(), { provider, results: graph.outputs });
    try {
      for (const [name, value] of alike) {
        const { read } = await session.run({ value });
        copies.set(name, { shape, data: (read.copy!.data as Float32Array).slice() });
      }
    } finally {
      await session.close();
    }
  }
  return copies;
}

/** Tries the device with a product and a reduction, which need different libraries of CUDA; `UserError` where there is none. */
export async function requireDevice(provider: Exclude<Provider, "cpu">): Promise<void> {
  const graph = new Graph();
  const x = graph.input("x", [2, 2]);
  graph.output(matmul(x, x), "product");
  graph.output(graph.emit("ReduceMax", [x, graph.integers([-1])], [2], { keepdims: 0 }), "largest");
  const value = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
  try {
    const session = await createDeviceSession(graph.encode(), { provider, results: graph.outputs });
    const { read } = await session.run({ x: value }).finally(() => session.close());
    assert.deepEqual([...read.product!.data, ...read.largest!.data], [7, 10, 15, 22, 2, 4]);
  } catch (error) {
    throw error instanceof UserError || error instanceof assert.AssertionError
      ? error
      : noDevice(provider, error);
  }
}

/** Whether the device, which is there, takes a single float32 tensor of so many bytes. It is tried: what a driver allows cannot be asked. */
export async function deviceHolds(provider: Provider, bytes: number): Promise<boolean> {
  const count = Math.ceil(bytes / Float32Array.BYTES_PER_ELEMENT);
  const graph = new Graph();
  const value = graph.input("value", []);
  graph.output(graph.emit("Expand", [value, graph.integers([count])], [count]), "tensor");
  const results = graph.outputs;
  const session = await createDeviceSession(graph.encode(), { provider, results, kept: ["tensor"] });
  try {
    await session.run({ value: { data: Float32Array.of(1), shape: [] } });
    return true;
  } catch {
    return false;
  } finally {
    await session.close();
  }
}
