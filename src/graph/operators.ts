// Differentiable operators over the small standard set that ONNX Runtime's CPU and WebGPU providers both run.
// Each appends its forward nodes and records its vector-Jacobian product. Shapes are checked when the graph is built.
import assert from "node:assert/strict";
import type { Tensor } from "./graph.ts";

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** NumPy broadcasting of two shapes. */
function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    assert.ok(left === right || left === 1 || right === 1, `shapes [${a}] and [${b}] do not broadcast`);
    return Math.max(left, right);
  });
}

/** Sums a gradient over the axes along which its operand of `shape` was broadcast. */
function unbroadcast(gradient: Tensor, shape: readonly number[]): Tensor {
  if (gradient.shape.join() === shape.join()) return gradient;
  const { graph } = gradient;
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, i) =>
    i < extra || (shape[i - extra] === 1 && size !== 1) ? [i] : [],
  );
  const kept = gradient.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const sum =
    axes.length === 0
      ? gradient
      : graph.emit("ReduceSum", [gradient, graph.integers(axes)], kept, { keepdims: 1 });
  return kept.join() === shape.join() ? sum : rawReshape(sum, shape);
}

/** `reshape` without a gradient: for operators that bring their own. */
export function rawReshape(x: Tensor, shape: readonly number[]): Tensor {
  return x.graph.emit("Reshape", [x, x.graph.integers(shape)], shape);
}

/** a + b, broadcast. */
export function add(a: Tensor, b: Tensor): Tensor {
  const y = a.graph.emit("Add", [a, b], broadcastShape(a.shape, b.shape));
  return a.graph.record([a, b], y, (dy, wanted) => [
    wanted(0) ? unbroadcast(dy, a.shape) : undefined,
    wanted(1) ? unbroadcast(dy, b.shape) : undefined,
  ]);
}

/** a * b elementwise, broadcast. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  const { graph } = a;
  const y = graph.emit("Mul", [a, b], broadcastShape(a.shape, b.shape));
  return graph.record([a, b], y, (dy, wanted) => [
    wanted(0) ? unbroadcast(graph.emit("Mul", [dy, b], y.shape), a.shape) : undefined,
    wanted(1) ? unbroadcast(graph.emit("Mul", [dy, a], y.shape), b.shape) : undefined,
  ]);
}

/** The same elements in another shape. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  assert.equal(product(shape), product(x.shape), `cannot reshape [${x.shape}] to [${shape}]`);
  return x.graph.record([x], rawReshape(x, shape), (dy) => [rawReshape(dy, x.shape)]);
}

/** Elements `from` (included) to `to` (not included) along an axis. */
export function slice(x: Tensor, axis: number, from: number, to: number): Tensor {
  const { graph } = x;
  const size = x.shape[axis]!;
  const y = rawSlice(x, axis, from, to);
  // Zeros where nothing was read.
  const padding = graph.integers([from, size - to]);
  return graph.record([x], y, (dy) => [
    graph.emit("Pad", [dy, padding, graph.scalar(0), graph.integers([axis])], x.shape),
  ]);
}

/** `slice` without a gradient; all of an axis is x itself. */
export function rawSlice(x: Tensor, axis: number, from: number, to: number): Tensor {
  const size = x.shape[axis]!;
  assert.ok(
    0 <= from && from < to && to <= size,
    `cannot slice ${from} to ${to} of axis ${axis} of [${x.shape}]`,
  );
  if (to - from === size) return x;
  const bounds = [[from], [to], [axis]].map((values) => x.graph.integers(values));
  return x.graph.emit("Slice", [x, ...bounds], x.shape.with(axis, to - from));
}

/** Permutes the axes: axis i of the result is axis `order[i]` of x. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const permute = (t: Tensor, perm: readonly number[]): Tensor =>
    t.graph.emit(
      "Transpose",
      [t],
      perm.map((axis) => t.shape[axis]!),
      { perm },
    );
  const inverse = order.map((_, i) => order.indexOf(i));
  return x.graph.record([x], permute(x, order), (dy) => [permute(dy, inverse)]);
}

/** How `matmul` reads its operands. */
export interface MatmulOptions {
  /** Use the transpose of a (of its last two axes). Default false. */
  readonly transposeA?: boolean;
  /** Use the transpose of b. Default false. */
  readonly transposeB?: boolean;
}

/** Matrix product over the last two axes, batched (and broadcast) over the others. */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
  const y = rawMatmul(a, b, transposeA, transposeB);
  return a.graph.record([a, b], y, (dy, wanted) => [
    wanted(0)
      ? unbroadcast(
          transposeA ? rawMatmul(b, dy, transposeB, true) : rawMatmul(dy, b, false, !transposeB),
          a.shape,
        )
      : undefined,
    wanted(1)
      ? unbroadcast(
          transposeB ? rawMatmul(dy, a, true, transposeA) : rawMatmul(a, dy, !transposeA, false),
          b.shape,
        )
      : undefined,
  ]);
}

/** The transpose of a matrix, without a gradient. */
export function transposed(a: Tensor): Tensor {
  return a.graph.emit("Transpose", [a], a.shape.toReversed(), { perm: [1, 0] });
}

/** Columns and rows of a product from which its left operand is worth transposing. */
const TRANSPOSE_COLUMNS = 512;

/** `matmul` without a gradient. */
export function rawMatmul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const { graph } = a;
  const size = (t: Tensor, axis: number): number => t.shape.at(axis)!;
  const [rows, inner] = transposeA ? [size(a, -1), size(a, -2)] : [size(a, -2), size(a, -1)];
  const [innerB, columns] = transposeB ? [size(b, -1), size(b, -2)] : [size(b, -2), size(b, -1)];
  assert.equal(inner, innerB, `matmul of [${a.shape}] and [${b.shape}]: inner sizes differ`);
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  if (a.shape.length === 2 && b.shape.length === 2 && (transposeA || transposeB)) {
    // ONNX Runtime reads a transposed left operand slowly: 73-96 GFLOP/s where rows that lie in order give 86-132. Each of its values
    // is used once for every column, so it takes many to pay for moving it (run.ts keeps the two nodes apart).
    if (transposeA && !transposeB && columns >= TRANSPOSE_COLUMNS && rows >= TRANSPOSE_COLUMNS) {
      return graph.emit("Gemm", [transposed(a), b], shape, { transA: 0, transB: 0 });
    }
    // Gemm reads transposed operands in place; a Transpose node would copy the weight.
    return graph.emit("Gemm", [a, b], shape, { transA: Number(transposeA), transB: Number(transposeB) });
  }
  const swapped = (t: Tensor): Tensor => {
    const perm = t.shape.map((_, i) => i);
    perm.push(...perm.splice(-2).reverse());
    return graph.emit(
      "Transpose",
      [t],
      perm.map((axis) => t.shape[axis]!),
      { perm },
    );
  };
  return graph.emit("MatMul", [transposeA ? swapped(a) : a, transposeB ? swapped(b) : b], shape);
}

/** Sum over all elements, a scalar. */
export function sum(x: Tensor): Tensor {
  const { graph } = x;
  const y = graph.emit("ReduceSum", [x], [], { keepdims: 0 });
  return graph.record([x], y, (dy) => [graph.emit("Expand", [dy, graph.integers(x.shape)], x.shape)]);
}

/** x * sigmoid(x). */
export function silu(x: Tensor): Tensor {
  const { graph } = x;
  const gate = graph.emit("Sigmoid", [x], x.shape);
  const y = graph.emit("Mul", [x, gate], x.shape);
  return graph.record([x], y, (dy) => {
    // d silu = s + y (1 - s)
    const rest = graph.emit("Sub", [graph.scalar(1), gate], x.shape);
    const slope = graph.emit("Add", [gate, graph.emit("Mul", [y, rest], x.shape)], x.shape);
    return [graph.emit("Mul", [dy, slope], x.shape)];
  });
}

/** Rows of a matrix [rows, width] by int64 `indices` of any shape: [...indices, width]. Gradients of repeated rows add up. */
export function gatherRows(matrix: Tensor, indices: Tensor): Tensor {
  const { graph } = matrix;
  const [rows, width] = matrix.shape as [number, number];
  const y = graph.emit("Gather", [matrix, indices], [...indices.shape, width], { axis: 0 });
  return graph.record([matrix], y, (dy) => {
    const count = product(indices.shape);
    const flat = rawReshape(dy, [count, width]);
    // Into what the matrix has of gradients already (a tied head's), if anything: one pass over it less to make, and one to add.
    const into = (sum: Tensor | undefined): Tensor => {
      const zeros = (): Tensor =>
        graph.emit("Expand", [graph.scalar(0), graph.integers([rows, width])], [rows, width]);
      // Not ScatterND: with more than one thread ONNX Runtime 1.30 adds repeated rows at the same time, and some are lost.
      const places = graph.emit(
        "Expand",
        [rawReshape(indices, [count, 1]), graph.integers([count, width])],
        [count, width],
        {},
        "int64",
      );
      return graph.emit("ScatterElements", [sum ?? zeros(), places, flat], [rows, width], {
        axis: 0,
        reduction: "add",
      });
    };
    return [into];
  });
}
