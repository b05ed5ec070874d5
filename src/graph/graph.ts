// A graph under construction: nodes with checked static shapes, and a tape for reverse-mode differentiation.
// Operators (operators.ts) append to it; nothing here knows what any operator computes.
import assert from "node:assert/strict";
import {
  type Attribute,
  ELEMENT_TYPES,
  type ElementType,
  encodeOnnx,
  type OnnxConstant,
  type OnnxNode,
  type OnnxValue,
} from "./onnx.ts";
import { barrier, shapedAfter } from "./ordering.ts";

/** A value in a graph: its name, static shape and element type. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** A gradient to add, or how to add it to the sum of those before it (`undefined`: it is the first). */
export type GradientPart = Tensor | ((sum: Tensor | undefined) => Tensor);

/**
 * The vector-Jacobian product of one operator: from the gradient of its output, the gradients of its inputs
 * (`undefined` where none flows). `wanted(i)` says whether input i's gradient is needed at all.
 */
export type Backward = (
  gradient: Tensor,
  wanted: (input: number) => boolean,
) => readonly (GradientPart | undefined)[];

interface TapeEntry {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly backward: Backward;
}

/** Options of a graph. */
export interface GraphOptions {
  /** Type of every floating-point tensor; float64 is for gradient checks. Default float32. */
  readonly floatType?: "float32" | "float64";
  /**
   * Widen half-precision constants once, when the graph is loaded, instead of for each use: for a device that does not know
   * them, and for a layout that is packed then. Default false.
   */
  readonly widenOnce?: boolean;
}

/** A graph under construction. */
export class Graph {
  readonly floatType: "float32" | "float64";
  readonly #widenOnce: boolean;
  #nodes: OnnxNode[] = [];
  #inputs: OnnxValue[] = [];
  #outputs: OnnxValue[] = [];
  #constants: OnnxConstant[] = [];
  #constantByKey = new Map<string, Tensor>();
  /** Half-precision constants, by the name of the float32 tensor that stands for them. */
  #halves = new Map<string, Tensor>();
  #tape: TapeEntry[] = [];
  #recording = true;
  #count = 0;

  constructor(options: GraphOptions = {}) {
    this.floatType = options.floatType ?? "float32";
    this.#widenOnce = options.widenOnce ?? false;
  }

  /** A value fed at every run. */
  input(name: string, shape: readonly number[], type: ElementType = this.floatType): Tensor {
    assert.ok(!this.#inputs.some((input) => input.name === name), `input "${name}" is declared twice`);
    this.#inputs.push({ name, shape, type });
    return { graph: this, name, shape, type };
  }

  /** Makes `tensor` a result of every run, under `name`. */
  output(tensor: Tensor, name: string): void {
    assert.ok(!this.#outputs.some((output) => output.name === name), `output "${name}" is declared twice`);
    this.#nodes.push({ operator: "Identity", inputs: [tensor.name], outputs: [name], attributes: {} });
    this.#outputs.push({ name, shape: tensor.shape, type: tensor.type });
  }

  /** What every run gives. */
  get outputs(): readonly OnnxValue[] {
    return this.#outputs;
  }

  /** A floating-point constant, row-major. */
  constant(values: ArrayLike<number>, shape: readonly number[]): Tensor {
    const data = this.floatType === "float32" ? Float32Array.from(values) : Float64Array.from(values);
    return this.#addConstant(data, shape, this.floatType);
  }

  /** A floating-point scalar. */
  scalar(value: number): Tensor {
    return this.constant([value], []);
  }

  /** A 1-D int64 constant: axes, shapes, slice bounds. */
  integers(values: readonly number[]): Tensor {
    return this.#addConstant(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  /**
   * A constant lying in another file (a safetensors weight): memory-mapped by ONNX Runtime, not copied. `file` is its name in
   * the session's `weightFolder`: the runtime refuses other folders. One in half precision is a float32 tensor to its users, widened
   * anew for each of them, so that only what is in use exists in float32.
   */
  external(
    name: string,
    shape: readonly number[],
    type: ElementType,
    place: { file: string; offset: number; bytes: number },
  ): Tensor {
    this.#constants.push({ name, shape, type, data: place });
    const stored: Tensor = { graph: this, name, shape, type };
    if (type !== "float16" && type !== "bfloat16") return stored;
    if (this.#widenOnce) return this.#widen(stored);
    const wide: Tensor = { ...stored, name: `${name} widened`, type: "float32" };
    this.#halves.set(wide.name, stored);
    return wide;
  }

  /** Appends one operator call with one result. */
  emit(
    operator: string,
    inputs: readonly (Tensor | undefined)[],
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
    type?: ElementType,
  ): Tensor {
    const half = inputs.findIndex((input) => this.#halves.has(input?.name ?? ""));
    if (half !== -1) return this.#emitWidened(operator, inputs, half, shape, attributes);
    const name = `${operator.toLowerCase()}_${this.#count++}`;
    for (const input of inputs)
      assert.ok(input === undefined || input.graph === this, "operands of different graphs");
    this.#nodes.push({
      operator,
      inputs: inputs.map((input) => input?.name ?? ""),
      outputs: [name],
      attributes,
    });
    const resultType = type ?? inputs[0]?.type ?? this.floatType;
    return { graph: this, name, shape, type: resultType };
  }

  /** `emit` with the half-precision constant at `inputs[at]` widened for this one use. */
  #emitWidened(
    operator: string,
    inputs: readonly (Tensor | undefined)[],
    at: number,
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>>,
  ): Tensor {
    const stored = this.#halves.get(inputs[at]!.name)!;
    // Of an embedding only the rows that are read.
    if (operator === "Gather")
      return this.#widen(this.emit(operator, inputs.with(at, stored), shape, attributes));
    const other = inputs.find((input, i) => i !== at && input?.type === "float32");
    const ready = stored.shape.length < 2 || other === undefined ? stored : shapedAfter(stored, other);
    return this.emit(operator, inputs.with(at, this.#widen(ready)), shape, attributes);
  }

  #widen(x: Tensor): Tensor {
    return this.emit("Cast", [x], x.shape, { to: ELEMENT_TYPES.float32 }, "float32");
  }

  /** Puts an operator on the tape, so that gradients flow from `output` to `inputs`; gives `output` back. */
  record(inputs: readonly Tensor[], output: Tensor, backward: Backward): Tensor {
    if (this.#recording) this.#tape.push({ inputs, output, backward });
    return output;
  }

  /**
   * Gradients of the scalar `loss` with respect to `parameters`, by reverse-mode differentiation over the tape.
   * A parameter that does not influence the loss is an error of ours.
   */
  gradients(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
    assert.deepEqual(loss.shape, [], "the loss must be a scalar");
    this.#recording = false;
    const gradients = this.#propagate(this.#tape, parameters, [loss, this.scalar(1)]);
    this.#recording = true;
    return parameters.map((parameter) => {
      const gradient = gradients.get(parameter.name);
      assert.ok(gradient !== undefined, `${parameter.name} does not influence the loss`);
      return gradient;
    });
  }

  /**
   * body(x), of which nothing in between is kept for its gradient: that computes body once more (activation checkpointing, Chen
   * et al. 2016). Left alone, ONNX Runtime would merge both computations or run the second right after the first, so it is made
   * to wait for the gradient; and what lies before waits until the gradients of body's weights are done.
   */
  recomputed(x: Tensor, body: (x: Tensor) => Tensor): Tensor {
    if (!this.#recording) return body(x);
    const [y, tape] = this.#taped(() => body(x));
    const inner = new Set(tape.map(({ output }) => output.name));
    const outer = tape.flatMap(({ inputs }) => inputs).filter(({ name }) => !inner.has(name));
    const inputs = [...new Map([x, ...outer].map((input) => [input.name, input])).values()];
    return this.record(inputs, y, (dy, wanted) => {
      const start = barrier(x, dy);
      const [again, secondTape] = this.#taped(() => body(start));
      const leaves = inputs.map((input, i) => (i === 0 ? start : input));
      const asked = leaves.filter((_, i) => wanted(i));
      const gradients = this.#propagate(secondTape, asked, [again, dy]);
      const [dx, ...others] = leaves.map(({ name }) => gradients.get(name));
      return [
        dx === undefined ? undefined : barrier(dx, ...others.filter((t) => t !== undefined)),
        ...others,
      ];
    });
  }

  /** What `build` gives, and its part of the tape, which does not go onto the graph's own. */
  #taped<T>(build: () => T): [T, TapeEntry[]] {
    const [tape, recording] = [this.#tape, this.#recording];
    this.#tape = [];
    this.#recording = true;
    const result = build();
    const own = this.#tape;
    this.#tape = tape;
    this.#recording = recording;
    return [result, own];
  }

  /** Gradients by name of everything that lies between `wanted` and `output` on a tape, from the gradient of the output. */
  #propagate(
    tape: readonly TapeEntry[],
    wanted: readonly Tensor[],
    [output, seed]: readonly [Tensor, Tensor],
  ): Map<string, Tensor> {
    const needed = new Set(wanted.map(({ name }) => name));
    for (const { inputs, output } of tape) {
      if (inputs.some((input) => needed.has(input.name))) needed.add(output.name);
    }
    const gradients = new Map<string, Tensor>([[output.name, seed]]);
    for (const { inputs, output, backward } of tape.toReversed()) {
      const gradient = gradients.get(output.name);
      if (gradient === undefined || !needed.has(output.name)) continue;
      const flowing = backward(gradient, (i) => needed.has(inputs[i]?.name ?? ""));
      inputs.forEach((input, i) => {
        const part = flowing[i];
        if (part === undefined || !needed.has(input.name)) return;
        const sum = gradients.get(input.name);
        const total = typeof part === "function" ? part(sum) : this.#sum(sum, part);
        assert.deepEqual(total.shape, input.shape, `gradient of ${input.name} has the wrong shape`);
        gradients.set(input.name, total);
      });
    }
    return gradients;
  }

  #sum(sum: Tensor | undefined, part: Tensor): Tensor {
    return sum === undefined ? part : this.emit("Add", [sum, part], part.shape);
  }

  /** The graph as ONNX model bytes, without the nodes and constants that no output needs. */
  encode(): Uint8Array {
    const live = new Set(this.#outputs.map((output) => output.name));
    const nodes = this.#nodes
      .toReversed()
      .filter((node) => {
        if (!node.outputs.some((name) => live.has(name))) return false;
        for (const name of node.inputs) live.add(name);
        return true;
      })
      .reverse();
    const constants = this.#constants.filter((constant) => live.has(constant.name));
    return encodeOnnx({ nodes, inputs: this.#inputs, outputs: this.#outputs, constants });
  }

  #addConstant(
    data: Float32Array | Float64Array | BigInt64Array,
    shape: readonly number[],
    type: ElementType,
  ): Tensor {
    assert.equal(
      data.length,
      shape.reduce((a, b) => a * b, 1),
      "constant does not fill its shape",
    );
    // Small constants (axes, scalars) recur all over a model: one copy of each is enough.
    const key = data.length <= 16 ? `${type}|${shape}|${data.join()}` : "";
    const known = this.#constantByKey.get(key);
    if (known !== undefined) return known;
    const name = `constant_${this.#count++}`;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.#constants.push({ name, shape, type, data: bytes });
    const tensor: Tensor = { graph: this, name, shape, type };
    if (key !== "") this.#constantByKey.set(key, tensor);
    return tensor;
  }
}
