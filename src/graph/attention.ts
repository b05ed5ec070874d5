// Causal attention with a hand-derived gradient, a block of queries at a time: what no query of a block may see is never
// computed, and the softmax's gradient reads the scores half as often as operator by operator.
// Shapes: B batch, T time, H heads, K key/value heads, D head size; a block has n queries and m keys.
import assert from "node:assert/strict";
import { softcapSlope } from "./activations.ts";
import type { Graph, Tensor } from "./graph.ts";
import { rawMatmul, rawReshape, rawSlice } from "./operators.ts";

/** Masked scores; large enough to vanish in float32, small enough not to overflow when added to. */
const MASKED = -1e9;

/** Smaller blocks make products too small to be fast. */
const LEAST_BLOCK = 64;
const BLOCKS = 8;

/** Queries `from` to `to` and the keys that any of them may see. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly keysFrom: number;
  /** Added to the scores: [n, m], or [B, 1, n, m]. */
  readonly mask: Tensor;
}

/** Who sees whom: made once, used by every layer of its kind. */
export interface AttentionMask {
  readonly length: number;
  readonly blocks: readonly Block[];
}

/** What a mask hides besides the future. */
export interface MaskOptions {
  /** Document of each position, int64 [B, T]: others are hidden. Absent: each row is one document. */
  readonly segments?: Tensor | undefined;
  /** Keys this far back or further are hidden. Default: none. */
  readonly window?: number;
  /** Queries of a block. Default: an eighth of `length`, 64 at least. */
  readonly block?: number;
}

/** A causal mask over `length` positions. */
export function causalMask(graph: Graph, length: number, options: MaskOptions = {}): AttentionMask {
  const { segments, window = length } = options;
  const size = options.block ?? Math.max(LEAST_BLOCK, Math.ceil(length / BLOCKS));
  const blocks: Block[] = [];
  for (let from = 0; from < length; from += size) {
    const to = Math.min(length, from + size);
    const keysFrom = Math.max(0, from - window + 1);
    blocks.push({ from, to, keysFrom, mask: blockMask(graph, { from, to, keysFrom, window, segments }) });
  }
  return { length, blocks };
}

function blockMask(
  graph: Graph,
  at: { from: number; to: number; keysFrom: number; window: number; segments: Tensor | undefined },
): Tensor {
  const [n, m] = [at.to - at.from, at.to - at.keysFrom];
  const hidden = new Float32Array(n * m);
  for (let row = 0; row < n; row++) {
    const query = at.from + row;
    for (let column = 0; column < m; column++) {
      const key = at.keysFrom + column;
      if (key > query || query - key >= at.window) hidden[row * m + column] = MASKED;
    }
  }
  const causal = graph.constant(hidden, [n, m]);
  if (at.segments === undefined) return causal;
  const B = at.segments.shape[0]!;
  const side = (from: number, shape: readonly number[]): Tensor =>
    rawReshape(rawSlice(at.segments!, 1, from, at.to), shape);
  const shape = [B, 1, n, m];
  const sides = [side(at.from, [B, 1, n, 1]), side(at.keysFrom, [B, 1, 1, m])];
  const same = graph.emit("Equal", sides, shape, {}, "bool");
  return graph.emit("Where", [same, causal, graph.scalar(MASKED)], shape, {}, graph.floatType);
}

/**
 * softmax(q k^T + mask) v, the scores bent by `softcap` before they are masked. q: [B, H, T, D], already scaled; k, v:
 * [B, K, T, D], each shared by H / K consecutive query heads. Gives [B, H, T, D].
 */
export function causalAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: AttentionMask,
  softcap?: number,
): Tensor {
  const { graph } = q;
  const [B, H, T, D] = q.shape as [number, number, number, number];
  const K = k.shape[1]!;
  assert.equal(T, mask.length, "the mask is for another length");
  const emit = (operator: string, shape: readonly number[], ...inputs: Tensor[]): Tensor =>
    graph.emit(operator, inputs, shape);
  const parts = mask.blocks.map(({ from, to, keysFrom, mask: hidden }) => {
    const [n, m] = [to - from, to - keysFrom];
    // The H / K query heads that share a key head become more rows of one product: keys need not be repeated.
    const grouped = (x: Tensor, width: number): Tensor => rawReshape(x, [B, K, (H / K) * n, width]);
    const heads = (x: Tensor, width: number): Tensor => rawReshape(x, [B, H, n, width]);
    const queries = grouped(rawSlice(q, 2, from, to), D);
    const keys = rawSlice(k, 2, keysFrom, to);
    const values = rawSlice(v, 2, keysFrom, to);
    const raw = heads(rawMatmul(queries, keys, false, true), m);
    const bent =
      softcap === undefined
        ? undefined
        : emit("Tanh", raw.shape, emit("Div", raw.shape, raw, graph.scalar(softcap)));
    const scores = bent === undefined ? raw : emit("Mul", raw.shape, bent, graph.scalar(softcap!));
    const masked = emit("Add", raw.shape, scores, hidden);
    const weights = graph.emit("Softmax", [masked], raw.shape, { axis: -1 });
    const mixed = heads(rawMatmul(grouped(weights, m), values, false, false), D);
    return { from, to, keysFrom, n, m, grouped, heads, queries, keys, values, bent, weights, mixed };
  });
  const y =
    parts.length === 1
      ? parts[0]!.mixed
      : graph.emit(
          "Concat",
          parts.map(({ mixed }) => mixed),
          q.shape,
          { axis: 2 },
        );
  return graph.record([q, k, v], y, (dy) => {
    const gradients = parts.map((part) => {
      const { from, to, keysFrom, n, m, grouped, heads, weights, mixed } = part;
      const dMixed = rawSlice(dy, 2, from, to);
      const rows = grouped(dMixed, D);
      const dWeights = heads(rawMatmul(rows, part.values, false, true), m);
      // sum_j dw_j w_j = dy . y (Dao 2023, section 3.1): over D values instead of m.
      const common = graph.emit(
        "ReduceSum",
        [emit("Mul", mixed.shape, dMixed, mixed), graph.integers([-1])],
        [B, H, n, 1],
        { keepdims: 1 },
      );
      const dScores = emit("Mul", weights.shape, weights, emit("Sub", weights.shape, dWeights, common));
      const dRaw =
        part.bent === undefined ? dScores : emit("Mul", dScores.shape, dScores, softcapSlope(part.bent));
      const d = grouped(dRaw, m);
      return {
        q: heads(rawMatmul(d, part.keys, false, false), D),
        k: { from: keysFrom, to, values: rawMatmul(d, part.queries, true, false) },
        v: { from: keysFrom, to, values: rawMatmul(grouped(weights, m), rows, true, false) },
      };
    });
    // The first blocks see few keys: their sums grow with what the next block sees.
    const total = (parts: readonly KeySpan[]): Tensor => widen(parts.reduce(addSpans), 0, T);
    const dq =
      gradients.length === 1
        ? gradients[0]!.q
        : graph.emit(
            "Concat",
            gradients.map(({ q: own }) => own),
            q.shape,
            { axis: 2 },
          );
    return [dq, total(gradients.map(({ k: own }) => own)), total(gradients.map(({ v: own }) => own))];
  });
}

/** Values for the keys `from` to `to` alone, zero for all others: [B, K, to - from, D]. */
interface KeySpan {
  readonly from: number;
  readonly to: number;
  readonly values: Tensor;
}

function addSpans(a: KeySpan, b: KeySpan): KeySpan {
  const [from, to] = [Math.min(a.from, b.from), Math.max(a.to, b.to)];
  const [left, right] = [widen(a, from, to), widen(b, from, to)];
  return { from, to, values: left.graph.emit("Add", [left, right], left.shape) };
}

/** The values for more keys. */
function widen({ values, ...own }: KeySpan, from: number, to: number): Tensor {
  const { graph, shape } = values;
  const [before, after] = [own.from - from, to - own.to];
  if (before === 0 && after === 0) return values;
  return graph.emit(
    "Pad",
    [values, graph.integers([before, after]), graph.scalar(0), graph.integers([2])],
    shape.with(2, to - from),
  );
}
