// The decoder's composite operators with hand-derived gradients: RMSNorm, rotary position embedding.
// Written out in standard operators: ONNX Runtime's fused kernels have gaps on WebGPU (their second outputs are wrong there).
import assert from "node:assert/strict";
import type { Graph, Tensor } from "./graph.ts";

/**
 * Root mean square normalisation over the last axis: y = x / sqrt(mean(x^2) + epsilon) * weight.
 * x: [rows, width], weight: [width]. Source: Zhang and Sennrich 2019, eq. 4, epsilon inside the root as in Llama.
 */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  const { graph } = x;
  const [rows, width] = x.shape as [number, number];
  assert.deepEqual(weight.shape, [width], "rmsNorm: weight does not fit");
  const column = [rows, 1];
  const meanSquare = graph.emit(
    "ReduceMean",
    [graph.emit("Mul", [x, x], x.shape), graph.integers([-1])],
    column,
    { keepdims: 1 },
  );
  const root = graph.emit("Sqrt", [graph.emit("Add", [meanSquare, graph.scalar(epsilon)], column)], column);
  const scale = graph.emit("Reciprocal", [root], column);
  const normal = graph.emit("Mul", [x, scale], x.shape);
  const y = graph.emit("Mul", [normal, weight], x.shape);
  return graph.record([x, weight], y, (dy, wanted) => {
    // dx = scale * (g - normal * mean(g * normal)) with g = dy * weight
    const g = graph.emit("Mul", [dy, weight], x.shape);
    const mean = graph.emit(
      "ReduceMean",
      [graph.emit("Mul", [g, normal], x.shape), graph.integers([-1])],
      column,
      { keepdims: 1 },
    );
    const inner = graph.emit("Sub", [g, graph.emit("Mul", [normal, mean], x.shape)], x.shape);
    // A product with a row of ones sums over rows as one GEMM: ReduceSum over axis 0 is slow on CPU.
    const weightGradient = (): Tensor => {
      const ones = graph.constant(new Float32Array(rows).fill(1), [1, rows]);
      const total = graph.emit("MatMul", [ones, graph.emit("Mul", [dy, normal], x.shape)], [1, width]);
      return graph.emit("Reshape", [total, graph.integers([width])], [width]);
    };
    return [
      wanted(0) ? graph.emit("Mul", [inner, scale], x.shape) : undefined,
      wanted(1) ? weightGradient() : undefined,
    ];
  });
}

/**
 * Rotary position embedding in the half-split ("NeoX") form of every Hugging Face checkpoint here: pairs (i, i + d/2).
 * x: [batch, heads, time, d]; cos, sin: rows of `rotaryTables`, broadcastable. No gradient flows to the tables.
 */
export function rotaryEmbedding(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const { graph } = x;
  // A rotation's transpose is the rotation back.
  return graph.record([x], rotate(x, cos, sin, false), (dy) => [rotate(dy, cos, sin, true)]);
}

function rotate(x: Tensor, cos: Tensor, sin: Tensor, back: boolean): Tensor {
  const { graph } = x;
  const d = x.shape.at(-1)!;
  const half = [...x.shape.slice(0, -1), d / 2];
  const slice = (from: number, to: number): Tensor =>
    graph.emit("Slice", [x, graph.integers([from]), graph.integers([to]), graph.integers([-1])], half);
  const swapped = graph.emit("Concat", [slice(d / 2, d), slice(0, d / 2)], x.shape, { axis: -1 });
  const parts = [graph.emit("Mul", [x, cos], x.shape), graph.emit("Mul", [swapped, sin], x.shape)];
  return graph.emit(back ? "Sub" : "Add", parts, x.shape);
}

/**
 * Tables for `rotaryEmbedding`, [positions, d]: cos and sin of position * theta^(-2i/d) / divisors[i]. Both halves of a row hold the same
 * angles; in its first half the sine is negated, as a rotation has it for the first of each pair. Without `divisors` (d/2 of them) the frequencies are as they are.
 */
export function rotaryTables(
  graph: Graph,
  positions: number,
  d: number,
  theta: number,
  divisors?: Float64Array,
): { cos: Tensor; sin: Tensor } {
  const cos = new Float64Array(positions * d);
  const sin = new Float64Array(positions * d);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < d / 2; i++) {
      const angle = (position * theta ** ((-2 * i) / d)) / (divisors?.[i] ?? 1);
      for (const column of [i, i + d / 2]) {
        cos[position * d + column] = Math.cos(angle);
        sin[position * d + column] = column < d / 2 ? -Math.sin(angle) : Math.sin(angle);
      }
    }
  }
  return { cos: graph.constant(cos, [positions, d]), sin: graph.constant(sin, [positions, d]) };
}
