// The graph of a training step: the loss of a batch and its gradient by everything that is trained.
import type { Graph, GraphOptions, HeadLoss, Tensor } from "../graph/index.ts";
import { decoderLoss } from "../model/index.ts";
import type { NoiseInput } from "./dropout.ts";
import type { DeclaredModel, Method } from "./method.ts";
import type { Recipe } from "./recipe.ts";

/** What one run of a graph computes. */
export interface StepShape {
  readonly rows: number;
  readonly length: number;
  /** Whether documents see each other. */
  readonly attention: Recipe["attention"];
  /** Whether layers are computed twice. */
  readonly recompute: boolean;
  /** Whether the runtime will keep frozen matrices in a packed layout, one copy for each product that they are in. */
  readonly prepack: boolean;
}

/** Name of the graph output with a weight's gradient. */
export function gradientOutput(name: string): string {
  return `gradient/${name}`;
}

/** Name of the graph output with every position's share of the loss, negated. */
export const TOKEN_OUTPUT = "tokens/log-likelihood";

/** The graph of a batch or micro-batch. Inputs: the batch and the trained weights; outputs: `loss`, its shares, and their gradients; `noise`: further inputs. */
export function gradientGraph(
  method: Method,
  shape: StepShape,
  options: GraphOptions = {},
): { model: Uint8Array; results: Graph["outputs"]; noise: readonly NoiseInput[] } {
  const model = method.declare(options);
  const { loss, rowLogLikelihoods, gradients } = lossAndGradients(method, model, shape);
  model.graph.output(loss, "loss");
  model.graph.output(rowLogLikelihoods, TOKEN_OUTPUT);
  for (const [name, gradient] of gradients) model.graph.output(gradient, gradientOutput(name));
  return { model: model.graph.encode(), results: model.graph.outputs, noise: model.noise };
}

/** The loss of a batch (a scalar, nats) and its gradient by everything that is trained. */
export function lossAndGradients(
  method: Method,
  model: DeclaredModel,
  shape: StepShape,
): HeadLoss & { gradients: Map<string, Tensor> } {
  const { graph, trained } = model;
  const loss = lossOf(method, model, shape, (name) => trained.has(name));
  const gradients = graph.gradients(loss.loss, [...trained.values()]);
  return { ...loss, gradients: new Map([...trained.keys()].map((name, i) => [name, gradients[i]!])) };
}

/** The graph of a batch's loss alone, nothing dropped out; inputs as `gradientGraph` has them. */
export function lossGraph(
  method: Method,
  shape: Pick<StepShape, "rows" | "length" | "attention">,
): Uint8Array {
  const model = method.declare({ training: false });
  const once = { ...shape, recompute: false, prepack: false };
  const { loss, rowLogLikelihoods } = lossOf(method, model, once, () => false);
  model.graph.output(loss, "loss");
  model.graph.output(rowLogLikelihoods, TOKEN_OUTPUT);
  return model.graph.encode();
}

function lossOf(
  { config }: Method,
  { graph, weight }: DeclaredModel,
  { rows, length, attention, recompute, prepack }: StepShape,
  trains: (name: string) => boolean,
): HeadLoss {
  const ids = (name: string): Tensor => graph.input(name, [rows, length], "int64");
  const inputs = {
    tokens: ids("tokens"),
    positions: ids("positions"),
    ...(attention === "isolated" ? { segments: ids("segments") } : {}),
    targets: ids("targets"),
    targetWeights: graph.input("targetWeights", [rows, length]),
  };
  return decoderLoss(graph, config, weight, inputs, { trains, recompute, prepack });
}
