// Dropout whose mask is computed in the graph from two small random matrices: nothing as large as what it masks is fed, layers that
// are computed again drop the same, and a resumed run too, since the matrices come from the seed and the step's number.
import { createRandom } from "../core/index.ts";
import { type Graph, multiply, type Tensor, type TensorValue } from "../graph/index.ts";

/** Inner size of the product whose fractional part is the mask's noise. */
const RANK = 2;
/** Largest entry. The product stays below 2^13, which leaves its fractional part 11 bits in float32. */
const RANGE = 64;

/** A graph input to fill with noise at every run. */
export interface NoiseInput {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Declares the noise of a dropout of x [rows, width]. */
export function declareNoise(
  graph: Graph,
  name: string,
  [rows, width]: readonly [number, number],
): [Tensor, Tensor] {
  return [
    graph.input(`noise/${name}/rows`, [rows, RANK]),
    graph.input(`noise/${name}/columns`, [RANK, width]),
  ];
}

/**
 * x with elements set to zero with probability `rate` and the others divided by 1 - rate. The noise of element (i, j) is the
 * fractional part of row i times column j: over random columns, those of any two rows are uniform and independent.
 */
export function dropout(x: Tensor, [rows, columns]: readonly [Tensor, Tensor], rate: number): Tensor {
  const { graph, shape } = x;
  const phase = graph.emit("MatMul", [rows, columns], shape);
  const noise = graph.emit("Sub", [phase, graph.emit("Floor", [phase], shape)], shape);
  const kept = graph.emit("GreaterOrEqual", [noise, graph.scalar(rate)], shape, {}, "bool");
  const mask = graph.emit(
    "Where",
    [kept, graph.scalar(1 / (1 - rate)), graph.scalar(0)],
    shape,
    {},
    graph.floatType,
  );
  return multiply(x, mask);
}

/** Fills noise inputs; the same `key` gives the same noise. */
export function drawNoise(inputs: readonly NoiseInput[], key: string): Record<string, TensorValue> {
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      const random = createRandom(`${key}/${name}`);
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, { data: Float32Array.from({ length: size }, () => random.next() * RANGE), shape }];
    }),
  );
}
