// RMSNorm with a hand-derived gradient, written out in standard operators: ONNX Runtime's fused kernel for it gives
// a wrong second output on WebGPU.
import assert from "node:assert/strict";
import type { Tensor } from "./graph.ts";

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
