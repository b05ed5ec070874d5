// Order of execution, which ONNX Runtime otherwise chooses, and with it what is in memory at once.
import type { Tensor } from "./graph.ts";

/**
 * x itself, but not before every one of `before` is computed: x + 0 * their first elements, which no optimiser may remove. Where
 * one of those is not finite x is not either; such a step is lost anyhow.
 */
export function barrier(x: Tensor, ...before: readonly Tensor[]): Tensor {
  const { graph } = x;
  const firsts = before.map((t) => {
    const axes = t.shape.map((_, i) => i);
    const bounds = [axes.map(() => 0), axes.map(() => 1), axes].map((values) => graph.integers(values));
    const corner = graph.emit(
      "Slice",
      [t, ...bounds],
      axes.map(() => 1),
    );
    return graph.emit("Reshape", [corner, graph.integers([])], []);
  });
  if (firsts.length === 0) return x;
  const sum = firsts.reduce((a, b) => graph.emit("Add", [a, b], []));
  return graph.emit("Add", [x, graph.emit("Mul", [sum, graph.scalar(0)], [])], x.shape);
}
