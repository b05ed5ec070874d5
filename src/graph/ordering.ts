// Order of execution, which ONNX Runtime otherwise chooses, and with it what is in memory at once.
import type { Tensor } from "./graph.ts";
import { ELEMENT_TYPES } from "./onnx.ts";

/**
 * x itself, but not before every one of `before` is computed: x + 0 * their first elements, which no optimiser may remove. Where
 * one of those is not finite x is not either; such a step is lost anyhow.
 */
export function barrier(x: Tensor, ...before: readonly Tensor[]): Tensor {
  if (before.length === 0) return x;
  const { graph } = x;
  const sum = before.map(first).reduce((a, b) => graph.emit("Add", [a, b], []));
  return graph.emit("Add", [x, graph.emit("Mul", [sum, graph.scalar(0)], [])], x.shape);
}

/**
 * A constant, of any type and without a copy, that is not to be had before `before` is computed: ONNX Runtime would widen all
 * half-precision weights first and keep them. Its shape is computed from `before`, whatever stands there.
 */
export function shapedAfter(constant: Tensor, before: Tensor): Tensor {
  const { graph } = constant;
  const corner = first(before);
  const same = graph.emit("Equal", [corner, corner], [], {}, "bool");
  const truth = graph.emit("Cast", [same], [], { to: ELEMENT_TYPES.int64 }, "int64");
  const nothing = graph.emit("Mul", [truth, graph.integers([0])], [1], {}, "int64");
  const rank = [constant.shape.length];
  const shape = graph.emit("Add", [graph.integers(constant.shape), nothing], rank, {}, "int64");
  return graph.emit("Reshape", [constant, shape], constant.shape);
}

/** The first element, a scalar. */
function first(x: Tensor): Tensor {
  const { graph } = x;
  const axes = x.shape.map((_, i) => i);
  const bounds = [axes.map(() => 0), axes.map(() => 1), axes].map((values) => graph.integers(values));
  const ones = axes.map(() => 1);
  const corner = axes.length === 0 ? x : graph.emit("Slice", [x, ...bounds], ones);
  return graph.emit("Reshape", [corner, graph.integers([])], []);
}
