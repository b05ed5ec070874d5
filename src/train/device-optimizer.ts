// Clipping and AdamW as a graph, for a state that stays on a GPU: the formulas of optimizer.ts.
import { Graph, type Tensor } from "../graph/index.ts";
import { type TrainedShape, weightInput } from "./method.ts";
import { decayOf, type Recipe } from "./recipe.ts";
import { gradientOutput } from "./step-graph.ts";

/** Name of the graph's norm of all gradients before clipping, a scalar. */
export const NORM_OUTPUT = "norm";

/** Names of the graph inputs of a parameter's moments. */
export function momentInputs(name: string): readonly [first: string, second: string] {
  return [`first/${name}`, `second/${name}`];
}

/** Name of the graph output that the input becomes. */
export function nextOutput(input: string): string {
  return `next/${input}`;
}

/**
 * One optimizer step over all parameters. Inputs: weights, moments, gradients, and the scalars of `adamWScalars` (optimizer.ts); outputs: the norm,
 * and what weights and moments become.
 */
export function optimizerGraph(parameters: readonly TrainedShape[], recipe: Recipe): Graph {
  const graph = new Graph();
  const op = (operator: string, ...inputs: readonly Tensor[]): Tensor =>
    graph.emit(
      operator,
      inputs,
      inputs.reduce((a, b) => (b.shape.length > a.length ? b.shape : a), [] as readonly number[]),
    );
  const gradients = parameters.map(({ name, shape }) => graph.input(gradientOutput(name), shape));
  const norm = op(
    "Sqrt",
    gradients.map(sumOfSquares).reduce((a, b) => op("Add", a, b)),
  );
  graph.output(norm, NORM_OUTPUT);
  // limit / max(norm, limit), as clipFactor has it.
  const limit = graph.scalar(recipe.gradientClip);
  const over = op("Relu", op("Sub", op("Add", norm, graph.scalar(1e-6)), limit));
  const factor = op("Div", limit, op("Add", limit, over));

  const [rate, floor, shrinkage] = ["rate", "floor", "shrinkage"].map((name) => graph.input(name, []));
  const [beta1, beta2] = [recipe.adamBeta1, recipe.adamBeta2];
  parameters.forEach((parameter, i) => {
    const { name, shape } = parameter;
    const [firstName, secondName] = momentInputs(name);
    const gradient = op("Mul", gradients[i]!, factor);
    const mix = (old: Tensor, beta: number, value: Tensor): Tensor =>
      op("Add", op("Mul", old, graph.scalar(beta)), op("Mul", value, graph.scalar(1 - beta)));
    const first = mix(graph.input(firstName, shape), beta1, gradient);
    const second = mix(graph.input(secondName, shape), beta2, op("Mul", gradient, gradient));
    const weight = graph.input(weightInput(name), shape);
    const kept = decayOf(recipe, parameter) === 0 ? weight : op("Sub", weight, op("Mul", weight, shrinkage!));
    const change = op("Div", op("Mul", first, rate!), op("Add", op("Sqrt", second), floor!));
    for (const [input, next] of [
      [weightInput(name), op("Sub", kept, change)],
      [firstName, first],
      [secondName, second],
    ] as const)
      graph.output(next, nextOutput(input));
  });
  return graph;
}

/** Rows first: one sum over everything would be the work of a single core of the device. */
function sumOfSquares(gradient: Tensor): Tensor {
  const { graph, shape } = gradient;
  const squares = graph.emit("Mul", [gradient, gradient], shape);
  const rows = graph.emit("ReduceSum", [squares, graph.integers([-1])], shape.slice(0, -1), { keepdims: 0 });
  return rows.shape.length === 0 ? rows : graph.emit("ReduceSum", [rows], [], { keepdims: 0 });
}

/** Sums of two sets of gradients. Inputs: a gradient's name, and `part/` before it; outputs: the sum under `sum/`. */
export function sumGraph(parameters: readonly TrainedShape[]): Graph {
  const graph = new Graph();
  for (const { name, shape } of parameters) {
    const gradient = gradientOutput(name);
    const sum = graph.emit(
      "Add",
      [graph.input(gradient, shape), graph.input(`part/${gradient}`, shape)],
      shape,
    );
    graph.output(sum, `sum/${gradient}`);
  }
  return graph;
}
