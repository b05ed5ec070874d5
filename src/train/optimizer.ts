// Gradient clipping and AdamW as graph expressions, so that one run of the graph is one whole training step.
import type { Graph, Tensor } from "../graph/index.ts";

/** AdamW's constants. */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Scalars that change from step to step, fed at every run. */
export interface StepScalars {
  readonly learningRate: Tensor;
  /** 1 - beta^step, step counted from 1. */
  readonly correction1: Tensor;
  readonly correction2: Tensor;
}

/** Global L2 norm over all gradients, a scalar. */
export function globalNorm(graph: Graph, gradients: readonly Tensor[]): Tensor {
  const squares = gradients.map((gradient) => graph.emit("ReduceSumSquare", [gradient], [], { keepdims: 0 }));
  const total = squares.reduce((sum, square) => graph.emit("Add", [sum, square], []));
  return graph.emit("Sqrt", [total], []);
}

/** The factor that brings gradients of `norm` down to `limit`; 1 when they are small enough. */
export function clipFactor(graph: Graph, norm: Tensor, limit: number): Tensor {
  const ratio = graph.emit(
    "Div",
    [graph.scalar(limit), graph.emit("Add", [norm, graph.scalar(1e-6)], [])],
    [],
  );
  return graph.emit("Min", [ratio, graph.scalar(1)], []);
}

/**
 * One AdamW step with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2):
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w (1 - rate * decay) - rate * (m / c1) / (sqrt(v / c2) + epsilon).
 */
export function adamW(
  state: { weight: Tensor; gradient: Tensor; firstMoment: Tensor; secondMoment: Tensor },
  scalars: StepScalars,
  decay: number,
  { beta1, beta2, epsilon }: AdamWOptions,
): { weight: Tensor; firstMoment: Tensor; secondMoment: Tensor } {
  const { graph, shape } = state.weight;
  const call = (operator: string, a: Tensor, b: Tensor): Tensor => graph.emit(operator, [a, b], shape);
  const scaled = (t: Tensor, factor: number): Tensor => call("Mul", t, graph.scalar(factor));
  const { gradient } = state;
  const firstMoment = call("Add", scaled(state.firstMoment, beta1), scaled(gradient, 1 - beta1));
  const secondMoment = call(
    "Add",
    scaled(state.secondMoment, beta2),
    scaled(call("Mul", gradient, gradient), 1 - beta2),
  );
  const root = graph.emit("Sqrt", [call("Div", secondMoment, scalars.correction2)], shape);
  const update = call(
    "Div",
    call("Div", firstMoment, scalars.correction1),
    call("Add", root, graph.scalar(epsilon)),
  );
  const kept =
    decay === 0
      ? state.weight
      : call(
          "Mul",
          state.weight,
          graph.emit(
            "Sub",
            [graph.scalar(1), graph.emit("Mul", [scalars.learningRate, graph.scalar(decay)], [])],
            [],
          ),
        );
  return { weight: call("Sub", kept, call("Mul", update, scalars.learningRate)), firstMoment, secondMoment };
}
