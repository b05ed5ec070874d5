// The loss of an output head, a chunk of rows at a time: of the [rows, vocabulary] logits, probabilities and gradients, the
// largest values of a training step, one chunk is in memory. Hsu et al. 2024 (arXiv 2410.10989), section 3.2, has the idea.
import assert from "node:assert/strict";
import { softcapSlope } from "./activations.ts";
import type { Tensor } from "./graph.ts";
import { rawMatmul, rawReshape, rawSlice, transposed } from "./operators.ts";
import { barrier, shapedAfter } from "./ordering.ts";

/** Logits of a chunk: 128 MB in float32. */
const CHUNK_ELEMENTS = 2 ** 25;
/** Each product packs the head anew: of 151,936 classes, 512 rows took 3.3 s in chunks of 128, 3.0 in chunks of 220, 2.6 at once. */
const LEAST_ROWS = 256;

/** Rows of a chunk of logits over `classes`. */
export function headChunkRows(classes: number): number {
  return Math.max(LEAST_ROWS, Math.floor(CHUNK_ELEMENTS / classes));
}

/** What `headLoss` gives. */
export interface HeadLoss {
  /** A scalar, nats. */
  readonly loss: Tensor;
  /** The rows' shares of it, negated: [rows, 1]. For reports; no gradient flows through it. */
  readonly rowLogLikelihoods: Tensor;
}

/** How `headLoss` computes. */
export interface HeadLossOptions {
  /** Whether a gradient of the head will be asked for: it is computed on the way. */
  readonly trainHead: boolean;
  /** Logits are bent by cap * tanh(logit / cap). */
  readonly softcap?: number | undefined;
  /** Rows of a chunk. Default: `headChunkRows`. */
  readonly chunkRows?: number;
  /** The runtime packs constants for each product that they are in: a head of several chunks must not look like one. Default false. */
  readonly prepack?: boolean;
}

/**
 * Weighted cross-entropy of the logits x head^T: -sum_i weights[i] * log softmax(x[i] head^T)[labels[i]], a scalar in nats.
 * x: [rows, width]; head: [classes, width]; labels: int64 [rows], each a valid class (where nothing is to be learnt, any class
 * with weight 0); weights: [rows]. With weights 1/n over n label tokens it is the mean loss over them.
 */
export function headLoss(
  x: Tensor,
  head: Tensor,
  labels: Tensor,
  weights: Tensor,
  options: HeadLossOptions,
): HeadLoss {
  const { graph } = x;
  const [rows, width] = x.shape as [number, number];
  const [classes, headWidth] = head.shape as [number, number];
  assert.equal(headWidth, width, "headLoss: the head does not fit");
  const emit = (operator: string, shape: readonly number[], ...inputs: Tensor[]): Tensor =>
    graph.emit(operator, inputs, shape);
  const size = options.chunkRows ?? headChunkRows(classes);
  const matrix = options.prepack && size < rows ? shapedAfter(head, x) : head;
  const losses: Tensor[] = [];
  const rowLogLikelihoods: Tensor[] = [];
  const inputGradients: Tensor[] = [];
  /** [width, classes]. */
  let headGradient: Tensor | undefined;
  for (let from = 0; from < rows; from += size) {
    const to = Math.min(rows, from + size);
    const n = to - from;
    const column = [n, 1];
    const reduce = (operator: string, t: Tensor): Tensor =>
      graph.emit(operator, [t, graph.integers([-1])], column, { keepdims: 1 });
    const label = rawReshape(rawSlice(labels, 0, from, to), column);
    const weight = rawReshape(rawSlice(weights, 0, from, to), column);
    const before = [inputGradients.at(-1), headGradient].filter((t) => t !== undefined);
    const x_c = barrier(rawSlice(x, 0, from, to), ...before);

    const raw = rawMatmul(x_c, matrix, false, true);
    const { softcap } = options;
    const bent =
      softcap === undefined
        ? undefined
        : emit("Tanh", raw.shape, emit("Div", raw.shape, raw, graph.scalar(softcap)));
    const logits = bent === undefined ? raw : emit("Mul", raw.shape, bent, graph.scalar(softcap!));
    const probabilities = graph.emit("Softmax", [logits], raw.shape, { axis: -1 });
    // log sum exp(x - max) = -log(largest probability): exact where log(softmax(x)[label]) would lose tiny probabilities,
    // and no second pass over [rows, classes] for the exponentials.
    const chosen = graph.emit("GatherElements", [logits, label], column, { axis: 1 });
    const shifted = emit("Sub", column, chosen, reduce("ReduceMax", logits));
    const logProbability = emit(
      "Add",
      column,
      shifted,
      emit("Log", column, reduce("ReduceMax", probabilities)),
    );
    const share = emit("Mul", column, logProbability, weight);
    rowLogLikelihoods.push(share);
    losses.push(graph.emit("ReduceSum", [share], [], { keepdims: 0 }));

    // d logits = weight * (softmax - one-hot). The row's weight is multiplied where there are fewer columns.
    const ones = graph.emit("Expand", [graph.scalar(-1), graph.integers(column)], column);
    // Once nothing else will read the probabilities, they are changed in place.
    const minusOne = barrier(ones, logProbability);
    const rest = graph.emit("ScatterElements", [probabilities, label, minusOne], raw.shape, {
      axis: 1,
      reduction: "add",
    });
    const d = bent === undefined ? rest : emit("Mul", raw.shape, rest, softcapSlope(bent));
    inputGradients.push(emit("Mul", x_c.shape, rawMatmul(d, matrix, false, false), weight));
    if (options.trainHead) {
      const weighted = emit("Mul", x_c.shape, x_c, weight);
      // The transpose of the gradient: neither d, the larger operand, is moved, nor are thousands of rows written over and over.
      const product = [transposed(weighted), d];
      headGradient = graph.emit(
        "Gemm",
        headGradient === undefined ? product : [...product, headGradient],
        [width, classes],
        { transA: 0 },
      );
    }
  }
  const total = losses.reduce((a, b) => emit("Add", [], a, b));
  const loss = graph.record([x, head], emit("Neg", [], total), (dy, wanted) => {
    assert.ok(options.trainHead || !wanted(1), "headLoss was told that its head is not trained");
    // Nearly always the loss itself is what is differentiated.
    const times = (t: Tensor): Tensor => (dy.name === graph.scalar(1).name ? t : emit("Mul", t.shape, t, dy));
    const dx =
      inputGradients.length === 1
        ? inputGradients[0]!
        : graph.emit("Concat", inputGradients, x.shape, { axis: 0 });
    return [wanted(0) ? times(dx) : undefined, wanted(1) ? times(transposed(headGradient!)) : undefined];
  });
  return { loss, rowLogLikelihoods: graph.emit("Concat", rowLogLikelihoods, [rows, 1], { axis: 0 }) };
}
