// Runs graphs on a device, with results that stay in its memory until they are fed again.
import assert from "node:assert/strict";
import { UserError } from "../core/index.ts";
import { Graph } from "./graph.ts";
import { loadOrtLibrary } from "./ort-library.ts";
import type { Provider } from "./providers.ts";
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

/** Values in memory, copied from where they are, by name: a graph that gives its inputs back does it. */
export async function copyFromDevice(
  provider: Provider,
  values: ReadonlyMap<string, TensorValue | DeviceValue>,
): Promise<Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> {
  const graph = new Graph();
  for (const [name, { shape }] of values) graph.output(graph.input(name, shape), `copy/${name}`);
  const session = await createDeviceSession(graph.encode(), { provider, results: graph.outputs });
  const { read } = await session.run(Object.fromEntries(values)).finally(() => session.close());
  return new Map(
    [...values].map(([name, { shape }]) => [
      name,
      { shape: [...shape], data: read[`copy/${name}`]!.data as Float32Array },
    ]),
  );
}

/** Computes something on the device; `UserError` where there is none. */
export async function requireDevice(provider: Provider): Promise<void> {
  const data = Float32Array.of(1, 2);
  const back = await copyFromDevice(provider, new Map([["x", { data, shape: [2] }]]));
  assert.deepEqual(back.get("x")!.data, data);
}
