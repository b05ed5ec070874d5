// Runs a graph through ONNX Runtime's C interface, on any of its devices, with every result bound to a place before the run: to
// memory that stays where it is, or to the device that computes it. The Node binding gives every result of every run as a new copy,
// which for the gradients of a large model is a fifth of a training step and four times their size in memory.
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import koffi from "koffi";
import { ELEMENT_TYPES, type ElementType, type OnnxValue } from "./onnx.ts";
import { describeMemory, made, type OrtLibrary, type Pointer, succeed } from "./ort-library.ts";
import { appendProvider, deviceFailure, type Provider, providerMemory } from "./providers.ts";
import {
  type DeviceSession,
  type DeviceValue,
  type TensorData,
  type TensorValue,
  typeOf,
} from "./session.ts";

/** How to run. */
export interface BoundOptions {
  readonly provider: Provider;
  readonly threads: number;
  /** ONNX Runtime's session configuration entries. */
  readonly config: Readonly<Record<string, string>>;
  /** The graph's outputs. */
  readonly results: readonly OnnxValue[];
  /** Names of those that stay on the device. */
  readonly kept?: readonly string[];
}

/** An input as the library knows it: as long as it is fed the same array, its value stays. */
interface Fed {
  readonly data: TensorData;
  readonly value: Pointer;
}

/** Where values on devices are. */
const addresses = new WeakMap<DeviceValue, Pointer>();

/**
 * A session of bound results. Calls block, as the Node binding's do: an asynchronous one would run on a stack of 128 KiB, of which
 * a single matrix product takes half.
 */
export function createBoundSession(
  library: OrtLibrary,
  model: Uint8Array,
  { results, kept = [], ...options }: BoundOptions,
): DeviceSession {
  const session = load(library, model, options);
  const binding = made(library, (out) => library.createBinding(session, out));
  const device = describeMemory(library, providerMemory(options.provider));
  const tensor = (data: TensorData, shape: readonly number[]): Pointer => {
    const sizes = BigInt64Array.from(shape, BigInt);
    const type = ELEMENT_TYPES[typeOf(data)];
    return made(library, (out) =>
      library.createTensor(library.memory, data, data.byteLength, sizes, shape.length, type, out),
    );
  };
  const shapes = new Map(results.map(({ name, shape }) => [name, shape]));
  const own = results
    .filter(({ name }) => !kept.includes(name))
    .map(({ name, shape, type }) => {
      const data = allocate(type, shape);
      return { name, data, shape, value: tensor(data, shape) };
    });
  const read = Object.fromEntries(own.map(({ name, data, shape }) => [name, { data, shape }]));
  const fed = new Map<string, Fed>();
  const values = new Set<DeviceValue>();

  const feed = (name: string, input: TensorValue | DeviceValue): Pointer => {
    const known = fed.get(name);
    if (known !== undefined) {
      if ("data" in input && known.data === input.data) return known.value;
      library.releaseValue(known.value);
      fed.delete(name);
    }
    if (!("data" in input)) return addresses.get(input) ?? assert.fail(`${name} was released`);
    const value = tensor(input.data, input.shape);
    fed.set(name, { data: input.data, value });
    return value;
  };
  const keep = (name: string, address: Pointer): DeviceValue => {
    const value = {
      shape: shapes.get(name)!,
      release() {
        if (!values.delete(value)) return;
        addresses.delete(value);
        library.releaseValue(address);
      },
    };
    values.add(value);
    addresses.set(value, address);
    return value;
  };
  return {
    async run(inputs) {
      // Whatever waits (Ctrl-C, a page to be served) has its turn before the thread is taken.
      await turn();
      const bound = (status: unknown): void => succeed(library, status);
      try {
        for (const [name, input] of Object.entries(inputs))
          bound(library.bindInput(binding, name, feed(name, input)));
        for (const name of kept) bound(library.bindOutputToMemory(binding, name, device));
        for (const { name, value } of own) bound(library.bindOutput(binding, name, value));
        succeed(library, library.runBound(session, null, binding));
        const found = kept.length === 0 ? [] : boundOutputs(library, binding);
        for (const value of found.slice(kept.length)) library.releaseValue(value);
        return { read, kept: Object.fromEntries(kept.map((name, i) => [name, keep(name, found[i]!)])) };
      } catch (error) {
        throw deviceFailure(options.provider, error);
      } finally {
        // What is bound is held: released values would stay in the device's memory.
        library.clearInputs(binding);
        library.clearOutputs(binding);
      }
    },
    async close() {
      for (const value of values) value.release();
      for (const { value } of [...fed.values(), ...own]) library.releaseValue(value);
      library.releaseBinding(binding);
      library.releaseMemory(device);
      library.releaseSession(session);
    },
  };
}

/** All results of a run, in the order in which they were bound; each is to be released. */
function boundOutputs(library: OrtLibrary, binding: Pointer): Pointer[] {
  const allocator = made(library, (out) => library.defaultAllocator(out));
  const count = new BigUint64Array(1);
  const array = made(library, (out) => library.boundOutputs(binding, allocator, out, count));
  const found = koffi.decode(array, koffi.array("uint64_t", Number(count[0]))) as (number | bigint)[];
  succeed(library, library.free(allocator, array));
  return found.map(BigInt);
}

function load(
  library: OrtLibrary,
  model: Uint8Array,
  { provider, threads, config }: Pick<BoundOptions, "provider" | "threads" | "config">,
): Pointer {
  const options = made(library, (out) => library.createOptions(out));
  try {
    succeed(library, library.setIntraOpThreads(options, threads));
    succeed(library, library.setInterOpThreads(options, 1));
    // 4 = nothing: errors come back as errors, and the optimiser warns about every constant it could not fold.
    succeed(library, library.setLogLevel(options, 4));
    for (const [key, value] of Object.entries(config))
      succeed(library, library.addConfigEntry(options, key, value));
    appendProvider(library, options, provider);
    const bytes = model.byteLength;
    return made(library, (out) => library.createSession(library.env, model, bytes, options, out));
  } catch (error) {
    throw deviceFailure(provider, error);
  } finally {
    library.releaseOptions(options);
  }
}

function allocate(type: ElementType, shape: readonly number[]): TensorData {
  const count = shape.reduce((a, b) => a * b, 1);
  switch (type) {
    case "float32":
      return new Float32Array(count);
    case "float64":
      return new Float64Array(count);
    case "int64":
      return new BigInt64Array(count);
    case "int32":
      return new Int32Array(count);
    default:
      return assert.fail(`no results of type ${type}`);
  }
}
