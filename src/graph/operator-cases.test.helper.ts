// The operators, each with what it must give: plain loops, float64. For operators.test.ts and providers.test.ts.
import { geluTanh, softcap } from "./activations.ts";
import { causalAttention, causalMask } from "./attention.ts";
import { Graph, type GraphOptions, type Tensor } from "./graph.ts";
import { headLoss } from "./head-loss.ts";
import {
  add,
  gatherRows,
  matmul,
  multiply,
  rawReshape,
  reshape,
  silu,
  slice,
  sum,
  transpose,
} from "./operators.ts";
import { rmsNorm } from "./rms-norm.ts";
import { rotaryEmbedding, rotaryTables } from "./rotary.ts";

/** One operator: how to build it from inputs of given shapes, and what it must give (plain loops, float64). */
export interface OperatorCase {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly build: (inputs: readonly Tensor[], graph: Graph) => Tensor;
  readonly expected: (inputs: readonly Float64Array[]) => number[];
}

/** 0 to count - 1. */
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const integers = (graph: Graph, values: readonly number[]): Tensor => graph.integers(values);

/** Document of each of seven positions. */
const DOCUMENTS = [0, 0, 0, 0, 1, 1, 1];

/** Every differentiable operator. */
export const OPERATOR_CASES: readonly OperatorCase[] = [
  {
    name: "add broadcasts a row",
    shapes: [[2, 3], [3]],
    build: ([a, b]) => add(a!, b!),
    expected: ([a, b]) => range(6).map((i) => a![i]! + b![i % 3]!),
  },
  {
    name: "multiply of a value with itself",
    shapes: [[4]],
    build: ([a]) => multiply(a!, a!),
    expected: ([a]) => range(4).map((i) => a![i]! ** 2),
  },
  {
    name: "reshape and transpose",
    shapes: [[2, 6]],
    build: ([a]) => transpose(reshape(a!, [2, 3, 2]), [2, 0, 1]),
    expected: ([a]) =>
      range(12).map((i) => a![Math.floor((i % 6) / 3) * 6 + (i % 3) * 2 + Math.floor(i / 6)]!),
  },
  {
    name: "slice, read twice",
    shapes: [[2, 5]],
    build: ([a]) => multiply(slice(a!, 1, 0, 2), slice(a!, 1, 1, 3)),
    expected: ([a]) => [0, 1, 5, 6].map((i) => a![i]! * a![i + 1]!),
  },
  {
    name: "matmul",
    shapes: [
      [2, 3],
      [3, 2],
    ],
    build: ([a, b]) => matmul(a!, b!),
    expected: ([a, b]) =>
      range(4).map((i) =>
        range(3).reduce((t, k) => t + a![Math.floor(i / 2) * 3 + k]! * b![k * 2 + (i % 2)]!, 0),
      ),
  },
  {
    name: "matmul with b transposed",
    shapes: [
      [2, 3],
      [2, 3],
    ],
    build: ([a, b]) => matmul(a!, b!, { transposeB: true }),
    expected: ([a, b]) =>
      range(4).map((i) =>
        range(3).reduce((t, k) => t + a![Math.floor(i / 2) * 3 + k]! * b![(i % 2) * 3 + k]!, 0),
      ),
  },
  {
    name: "matmul with a transposed",
    shapes: [
      [3, 2],
      [3, 2],
    ],
    build: ([a, b]) => matmul(a!, b!, { transposeA: true }),
    expected: ([a, b]) =>
      range(4).map((i) =>
        range(3).reduce((t, k) => t + a![k * 2 + Math.floor(i / 2)]! * b![k * 2 + (i % 2)]!, 0),
      ),
  },
  {
    name: "batched matmul, one operand broadcast, both transposed",
    shapes: [
      [2, 3, 2],
      [1, 2, 3],
    ],
    build: ([a, b]) => matmul(a!, b!, { transposeA: true, transposeB: true }),
    expected: ([a, b]) =>
      range(8).map((i) => {
        const [n, r, c] = [Math.floor(i / 4), Math.floor((i % 4) / 2), i % 2];
        return range(3).reduce((t, k) => t + a![n * 6 + k * 2 + r]! * b![c * 3 + k]!, 0);
      }),
  },
  {
    name: "sum",
    shapes: [[2, 3]],
    build: ([a]) => sum(a!),
    expected: ([a]) => [a!.reduce((t, v) => t + v, 0)],
  },
  {
    name: "silu",
    shapes: [[5]],
    build: ([a]) => silu(a!),
    expected: ([a]) => range(5).map((i) => a![i]! / (1 + Math.exp(-a![i]!))),
  },
  {
    name: "geluTanh",
    shapes: [[7]],
    build: ([a]) => geluTanh(multiply(a!, a!.graph.scalar(2))),
    expected: ([a]) =>
      range(7).map((i) => {
        const x = 2 * a![i]!;
        return (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
      }),
  },
  {
    name: "softcap",
    shapes: [[5]],
    build: ([a]) => softcap(a!, 0.7),
    expected: ([a]) => range(5).map((i) => 0.7 * Math.tanh(a![i]! / 0.7)),
  },
  {
    name: "gatherRows repeats a row",
    shapes: [[3, 2]],
    build: ([a], graph) => gatherRows(a!, integers(graph, [2, 0, 2, 2])),
    expected: ([a]) => [2, 0, 2, 2].flatMap((row) => [a![row * 2]!, a![row * 2 + 1]!]),
  },
  {
    name: "rmsNorm",
    shapes: [[3, 4], [4]],
    build: ([x, w]) => rmsNorm(x!, w!, 1e-5),
    expected: ([x, w]) =>
      range(12).map((i) => {
        const row = x!.subarray(i - (i % 4), i - (i % 4) + 4);
        const meanSquare = row.reduce((t, v) => t + v * v, 0) / 4;
        return (x![i]! / Math.sqrt(meanSquare + 1e-5)) * w![i % 4]!;
      }),
  },
  {
    name: "rotaryEmbedding",
    shapes: [[1, 2, 3, 4]],
    build: ([x], graph) => {
      const positions = rawReshape(integers(graph, [0, 1, 2]), [1, 3]);
      return rotaryEmbedding(x!, positions, rotaryTables(graph, 3, 4, 100));
    },
    expected: ([x]) =>
      range(24).map((i) => {
        const [position, column] = [Math.floor(i / 4) % 3, i % 4];
        const angle = position * 100 ** (-(column % 2) / 2);
        const partner = column < 2 ? -x![i + 2]! : x![i - 2]!;
        return x![i]! * Math.cos(angle) + partner * Math.sin(angle);
      }),
  },
  ...[2, 3, 8].map((block) => ({
    name: `causalAttention in blocks of ${block}: two documents, a window, a soft cap, shared keys`,
    shapes: [
      [1, 2, 7, 2],
      [1, 1, 7, 2],
      [1, 1, 7, 2],
    ],
    build: ([q, k, v]: readonly Tensor[], graph: Graph) => {
      const segments = graph.emit("Reshape", [integers(graph, DOCUMENTS), integers(graph, [1, 7])], [1, 7]);
      const mask = causalMask(graph, 7, { segments, window: 3, block });
      return causalAttention(q!, k!, v!, mask, 1.5);
    },
    expected: ([q, k, v]: readonly Float64Array[]) =>
      range(14).flatMap((row) => {
        const query = row % 7;
        const seen = range(7).filter(
          (key) => key <= query && query - key < 3 && DOCUMENTS[key] === DOCUMENTS[query],
        );
        const weights = seen.map((key) => {
          const score = q![row * 2]! * k![key * 2]! + q![row * 2 + 1]! * k![key * 2 + 1]!;
          return Math.exp(1.5 * Math.tanh(score / 1.5));
        });
        const total = weights.reduce((a, b) => a + b);
        return [0, 1].map((column) =>
          seen.reduce((t, key, i) => t + (weights[i]! / total) * v![key * 2 + column]!, 0),
        );
      }),
  })),
  ...[1, 2, 3].flatMap((chunkRows) =>
    [undefined, 1.2].map((softcap) => ({
      name: `headLoss in chunks of ${chunkRows}, a row of weight 0, cap ${softcap}`,
      shapes: [
        [3, 2],
        [4, 2],
      ],
      build: ([x, head]: readonly Tensor[], graph: Graph) => {
        const weights = graph.constant([0.5, 0.25, 0], [3]);
        const options = { trainHead: true, softcap, chunkRows, prepack: chunkRows === 2 };
        return headLoss(x!, head!, integers(graph, [1, 3, 0]), weights, options).loss;
      },
      expected: ([x, head]: readonly Float64Array[]) => {
        const logits = (row: number): number[] =>
          range(4).map((k) => {
            const logit = x![row * 2]! * head![k * 2]! + x![row * 2 + 1]! * head![k * 2 + 1]!;
            return softcap === undefined ? logit : softcap * Math.tanh(logit / softcap);
          });
        const logProbability = (row: number, label: number): number =>
          logits(row)[label]! - Math.log(logits(row).reduce((t, logit) => t + Math.exp(logit), 0));
        return [-(0.5 * logProbability(0, 1) + 0.25 * logProbability(1, 3))];
      },
    })),
  ),
];

/** The operator's value `y`, a `loss` of it, and the loss's gradients by its inputs `x0`, ...: `g0`, ... */
export function caseGraph({ shapes, build }: OperatorCase, options: GraphOptions = {}): Graph {
  const graph = new Graph(options);
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape));
  const y = build(inputs, graph);
  // Uneven weights on the outputs, so that a gradient that mixes positions up cannot pass.
  const weights = range(y.shape.reduce((a, b) => a * b, 1)).map((i) => Math.sin(i + 1));
  const loss = sum(multiply(y, graph.constant(weights, y.shape)));
  graph.output(y, "y");
  graph.output(loss, "loss");
  graph.gradients(loss, inputs).forEach((gradient, i) => {
    graph.output(gradient, `g${i}`);
  });
  return graph;
}
