// The optimizer's loops over every weight as WebAssembly vector instructions, four float32 at a time: JavaScript has no vectors,
// and no float32 square root. A kernel sees a block of each array, copied to its own memory, which fits the processor's cache.

/** Values of a block. */
const BLOCK = 8192;
const BLOCK_BYTES = 4 * BLOCK;
const VECTOR_BYTES = 16;

/** Value types, as the format numbers them. */
const TYPE = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

type Code = readonly number[];

/** Unsigned LEB128, the format's integers. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
/** A vector instruction on the values that its operands leave on the stack. */
const vector =
  (instruction: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(instruction)];
const splat = vector(0x13);
const add = vector(0xe4);
const subtract = vector(0xe5);
const multiply = vector(0xe6);
const divide = vector(0xe7);
const squareRoot = vector(0xe3);
const addWide = vector(0xf0);
const multiplyWide = vector(0xf2);
/** The lower two float32 as float64. */
const widenLow = vector(0x5f);
const widenHigh = (value: Code): Code =>
  widenLow([...value, ...value, 0xfd, 0x0d, ...[8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]]);
const lane = (value: Code, index: number): Code => [...value, 0xfd, 0x21, index];

/** Every function takes the place in its blocks, in bytes, as local 0, which is fed 0, and their end as local 1. */
const [PLACE, END] = [0, 1];
const load = (block: number): Code => [...get(PLACE), 0xfd, 0x00, 4, ...unsigned(block * BLOCK_BYTES)];
const store = (block: number, value: Code): Code => [
  ...get(PLACE),
  ...value,
  0xfd,
  0x0b,
  4,
  ...unsigned(block * BLOCK_BYTES),
];
/** Runs `body` for every vector of the blocks: loop, place += 16, again while place < end. */
const eachVector = (...body: readonly Code[]): Code => [
  ...[0x03, 0x40],
  ...body.flat(),
  ...[...get(PLACE), 0x41, VECTOR_BYTES, 0x6a, 0x22, PLACE],
  ...[...get(END), 0x49, 0x0d, 0, 0x0b],
];

/** What lies in which block. */
const [WEIGHT, GRADIENT, FIRST, SECOND] = [0, 1, 2, 3];

/** Scalars of `adamW`, from local 2 on. */
const SCALARS = ["factor", "beta1", "rest1", "beta2", "rest2", "shrinkage", "rate", "floor"] as const;

/** What `updateWeights` computes with. */
export type UpdateScalars = Readonly<Record<(typeof SCALARS)[number], number>>;

function adamWBody(): Code {
  const first = 2 + SCALARS.length;
  const scalar = (name: (typeof SCALARS)[number]): Code => get(first + SCALARS.indexOf(name));
  const square = (value: Code): Code => multiply(value, value);
  const [g, m, v] = [0, 1, 2].map((i) => first + SCALARS.length + i) as [number, number, number];
  const step = divide(multiply(scalar("rate"), get(m)), add(squareRoot(get(v)), scalar("floor")));
  const shrunk = multiply(load(WEIGHT), scalar("shrinkage"));
  return [
    ...SCALARS.flatMap((_, i) => set(first + i, splat(get(2 + i)))),
    ...eachVector(
      set(g, multiply(load(GRADIENT), scalar("factor"))),
      set(m, add(multiply(load(FIRST), scalar("beta1")), multiply(get(g), scalar("rest1")))),
      set(v, add(multiply(load(SECOND), scalar("beta2")), multiply(square(get(g)), scalar("rest2")))),
      store(FIRST, get(m)),
      store(SECOND, get(v)),
      // One small number, then one subtraction: (1 - shrinkage) w would lose what a small learning rate takes from 1.
      store(WEIGHT, subtract(load(WEIGHT), add(shrunk, step))),
    ),
  ];
}

/** Two float64 sums of two values each: locals 2 and 3; the value is local 4. */
function sumOfSquaresBody(): Code {
  const square = (value: Code): Code => multiplyWide(value, value);
  const total = addWide(get(2), get(3));
  return [
    ...eachVector(
      set(4, load(GRADIENT)),
      set(2, addWide(get(2), square(widenLow(get(4))))),
      set(3, addWide(get(3), square(widenHigh(get(4))))),
    ),
    ...[...lane(total, 0), ...lane(total, 1), 0xa0],
  ];
}

/** The sum of a gradient and another part of it, over the weights' block. */
function addBody(): Code {
  return eachVector(store(WEIGHT, add(load(WEIGHT), load(GRADIENT))));
}

/** What we use of WebAssembly, which the compiler's library knows of browsers alone. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  adamW(place: number, end: number, ...scalars: readonly number[]): void;
  sumOfSquares(place: number, end: number): number;
  add(place: number, end: number): void;
}

/** The module: a memory of four blocks, and the functions. */
function assemble(): Uint8Array<ArrayBuffer> {
  const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
  const listed = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, items: readonly Code[]): Code => [id, ...sized(listed(items))];
  const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);
  const type = (parameters: Code, results: Code): Code => [
    0x60,
    ...listed(parameters.map((own) => [own])),
    ...listed(results.map((own) => [own])),
  ];
  const body = (vectors: number, code: Code): Code =>
    sized([...listed([[...unsigned(vectors), TYPE.v128]]), ...code, 0x0b]);
  const { i32, f32, f64 } = TYPE;
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      type([i32, i32, ...SCALARS.map(() => f32)], []),
      type([i32, i32], [f64]),
      type([i32, i32], []),
    ]),
    ...section(3, [[0], [1], [2]]),
    ...section(5, [[0, ...unsigned((4 * BLOCK_BYTES) / 65_536)]]),
    ...section(7, [
      [...name("memory"), 2, 0],
      [...name("adamW"), 0, 0],
      [...name("sumOfSquares"), 0, 1],
      [...name("add"), 0, 2],
    ]),
    ...section(10, [body(SCALARS.length + 3, adamWBody()), body(3, sumOfSquaresBody()), body(0, addBody())]),
  ]);
}

/** Arrays of one length that `updateWeights` works on. */
export interface Optimized {
  readonly weight: Float32Array;
  readonly gradient: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

const kernels = new WebAssembly.Instance(new WebAssembly.Module(assemble())).exports as Kernels;
const blocks = [WEIGHT, GRADIENT, FIRST, SECOND].map(
  (block) => new Float32Array(kernels.memory.buffer, block * BLOCK_BYTES, BLOCK),
);

/** The sum of the squares of all values, in float64. */
export function sumOfSquares(values: Float32Array): number {
  let total = 0;
  for (let from = 0; from < values.length; from += BLOCK)
    total += kernels.sumOfSquares(0, fill(GRADIENT, values, from));
  return total;
}

/** sum += values, in place. */
export function addValues(sum: Float32Array, values: Float32Array): void {
  for (let from = 0; from < sum.length; from += BLOCK) {
    fill(GRADIENT, values, from);
    kernels.add(0, fill(WEIGHT, sum, from));
    sum.set(result(WEIGHT, sum, from), from);
  }
}

/**
 * With g = factor * gradient, in place and in float32: m = beta1 m + rest1 g; v = beta2 v + rest2 g^2;
 * w = w - (shrinkage w + rate m / (sqrt(v) + floor)).
 */
export function updateWeights(state: Optimized, scalars: UpdateScalars): void {
  const { weight, gradient, firstMoment, secondMoment } = state;
  const values = SCALARS.map((name) => scalars[name]);
  for (let from = 0; from < weight.length; from += BLOCK) {
    fill(GRADIENT, gradient, from);
    fill(FIRST, firstMoment, from);
    fill(SECOND, secondMoment, from);
    kernels.adamW(0, fill(WEIGHT, weight, from), ...values);
    weight.set(result(WEIGHT, weight, from), from);
    firstMoment.set(result(FIRST, firstMoment, from), from);
    secondMoment.set(result(SECOND, secondMoment, from), from);
  }
}

/** Copies values from `from` on into a block; gives the end of its last whole vector, in bytes, filled up with zeros. */
function fill(block: number, values: Float32Array, from: number): number {
  const count = Math.min(BLOCK, values.length - from);
  const own = blocks[block]!;
  own.set(values.subarray(from, from + count));
  const end = VECTOR_BYTES * Math.ceil((4 * count) / VECTOR_BYTES);
  own.fill(0, count, end / 4);
  return end;
}

/** The part of a block that belongs to `values` from `from` on. */
function result(block: number, values: Float32Array, from: number): Float32Array {
  return blocks[block]!.subarray(0, Math.min(BLOCK, values.length - from));
}
