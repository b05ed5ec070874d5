// Runs a graph on the CPU with its results in memory that stays where it is: the Node binding gives every result of every run as a
// new copy, which for the gradients of a large model is a fifth of a training step and four times their size in memory.
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import koffi from "koffi";
import { ELEMENT_TYPES, type ElementType, type OnnxValue } from "./onnx.ts";
import { made, type OrtLibrary, type Pointer, succeed } from "./ort-library.ts";
import { type GraphSession, type TensorData, type TensorValue, typeOf } from "./session.ts";

/** How to run in place. */
export interface InPlaceOptions {
  readonly threads: number;
  /** ONNX Runtime's session configuration entries. */
  readonly config: Readonly<Record<string, string>>;
  /** The graph's outputs. */
  readonly results: readonly OnnxValue[];
}

/** An input as the library knows it: as long as it is fed the same array, its value stays. */
interface Fed {
  readonly data: TensorData;
  readonly value: Pointer;
}

/**
 * A session whose results lie in the same memory after every run. Calls block, as the binding's do: an asynchronous one would run
 * on a stack of 128 KiB, of which a single matrix product takes half.
 */
export function createInPlaceSession(
  library: OrtLibrary,
  model: Uint8Array,
  { threads, config, results }: InPlaceOptions,
): GraphSession {
  const session = load(library, model, threads, config);
  const tensor = (data: TensorData, shape: readonly number[]): Pointer => {
    const sizes = BigInt64Array.from(shape, BigInt);
    const type = ELEMENT_TYPES[typeOf(data)];
    return made(library, (out) =>
      library.createTensor(library.memory, data, data.byteLength, sizes, shape.length, type, out),
    );
  };
  const own = results.map(({ name, shape, type }) => ({ name, shape, data: allocate(type, shape) }));
  const outputs = BigUint64Array.from(own, ({ data, shape }) => tensor(data, shape));
  const outputNames = cStrings(own.map(({ name }) => name));
  const fed = new Map<string, Fed>();
  let inputNames = cStrings([]);
  const found = Object.fromEntries(own.map(({ name, data, shape }) => [name, { data, shape }]));

  const feed = (inputs: Readonly<Record<string, TensorValue>>): BigUint64Array => {
    const names = Object.keys(inputs);
    if (names.join("\n") !== inputNames.of.join("\n")) inputNames = cStrings(names);
    return BigUint64Array.from(names, (name) => {
      const { data, shape } = inputs[name]!;
      const known = fed.get(name);
      if (known?.data === data) return known.value;
      if (known !== undefined) library.releaseValue(known.value);
      const value = tensor(data, shape);
      fed.set(name, { data, value });
      return value;
    });
  };
  return {
    async run(inputs) {
      const values = feed(inputs);
      const names = [inputNames.addresses, outputNames.addresses] as const;
      const [inputCount, outputCount] = [values.length, outputs.length];
      // Whatever waits (Ctrl-C, a page to be served) has its turn before the thread is taken.
      await turn();
      succeed(
        library,
        library.run(session, null, names[0], values, inputCount, names[1], outputCount, outputs),
      );
      return found;
    },
    async close() {
      for (const { value } of fed.values()) library.releaseValue(value);
      for (const value of outputs) library.releaseValue(value);
      library.releaseSession(session);
    },
  };
}

function load(
  library: OrtLibrary,
  model: Uint8Array,
  threads: number,
  config: Readonly<Record<string, string>>,
): Pointer {
  const options = made(library, (out) => library.createOptions(out));
  try {
    succeed(library, library.setIntraOpThreads(options, threads));
    succeed(library, library.setInterOpThreads(options, 1));
    succeed(library, library.setLogLevel(options, 3));
    for (const [key, value] of Object.entries(config))
      succeed(library, library.addConfigEntry(options, key, value));
    const bytes = model.byteLength;
    return made(library, (out) => library.createSession(library.env, model, bytes, options, out));
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

/** An array of C strings; `bytes` must live as long as `addresses` is used. */
function cStrings(of: readonly string[]): {
  readonly of: readonly string[];
  readonly bytes: readonly Uint8Array[];
  readonly addresses: BigUint64Array;
} {
  const bytes = of.map((text) => new TextEncoder().encode(`${text}\0`));
  return { of, bytes, addresses: BigUint64Array.from(bytes, (text) => koffi.address(text)) };
}
