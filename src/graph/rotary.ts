// Rotary position embedding (Su et al. 2021, arXiv 2104.09864) in the half-split form of every Hugging Face checkpoint here: a head's
// values i and i + D/2 are turned together. Shapes: B batch, H heads, T time, D head size.
import assert from "node:assert/strict";
import type { Graph, Tensor } from "./graph.ts";
import { rawReshape, rawSlice } from "./operators.ts";

/** Cosines and sines of the turns at each position, [positions, D/2]. Constants: no gradient flows to them. */
export interface RotaryTables {
  readonly cos: Tensor;
  readonly sin: Tensor;
  /** The sines of the turns back. */
  readonly back: Tensor;
}

/** How `rotaryTables` differ from position * theta^(-2i/D). */
export interface RotaryOptions {
  /** What each of the D/2 frequencies is divided by. Default: nothing. */
  readonly divisors?: Float64Array | undefined;
  /** What turned values are multiplied by. Default 1. */
  readonly scale?: number;
}

/** Tables for `rotaryEmbedding` of heads of size `d` at so many positions. */
export function rotaryTables(
  graph: Graph,
  positions: number,
  d: number,
  theta: number,
  { divisors, scale = 1 }: RotaryOptions = {},
): RotaryTables {
  const half = d / 2;
  const table = (of: (angle: number) => number): Tensor => {
    const values = Float64Array.from({ length: positions * half }, (_, at) => {
      const [position, i] = [Math.floor(at / half), at % half];
      return scale * of((position * theta ** ((-2 * i) / d)) / (divisors?.[i] ?? 1));
    });
    return graph.constant(values, [positions, half]);
  };
  return { cos: table(Math.cos), sin: table(Math.sin), back: table((angle) => -Math.sin(angle)) };
}

/** x [B, H, T, D] turned as its `positions` (int64 [B, T]) say. */
export function rotaryEmbedding(x: Tensor, positions: Tensor, { cos, sin, back }: RotaryTables): Tensor {
  const [B, , T, D] = x.shape as [number, number, number, number];
  assert.deepEqual(positions.shape, [B, T], "rotaryEmbedding: positions do not fit");
  assert.equal(cos.shape[1], D / 2, "rotaryEmbedding: the tables are for another head size");
  // One pass over memory instead of six; but the runtime has it in float32 alone.
  const turn = x.graph.floatType === "float32" ? turnAtOnce : turnWrittenOut;
  // A rotation's transpose is the rotation back.
  return x.graph.record([x], turn(x, positions, cos, sin), (dy) => [turn(dy, positions, cos, back)]);
}

function turnAtOnce(x: Tensor, positions: Tensor, cos: Tensor, sin: Tensor): Tensor {
  return x.graph.emit("RotaryEmbedding", [x, positions, cos, sin], x.shape, { interleaved: 0 });
}

function turnWrittenOut(x: Tensor, positions: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const { graph } = x;
  const [B, , T, D] = x.shape as [number, number, number, number];
  const rows = (table: Tensor): Tensor =>
    rawReshape(graph.emit("Gather", [table, positions], [B, T, D / 2], { axis: 0 }), [B, 1, T, D / 2]);
  const [first, second] = [rawSlice(x, 3, 0, D / 2), rawSlice(x, 3, D / 2, D)];
  const part = (operator: string, a: Tensor, b: Tensor): Tensor =>
    graph.emit(
      operator,
      [graph.emit("Mul", [a, rows(cos)], a.shape), graph.emit("Mul", [b, rows(sin)], a.shape)],
      a.shape,
    );
  return graph.emit("Concat", [part("Sub", first, second), part("Add", second, first)], x.shape, {
    axis: -1,
  });
}
