// The graph of a training step: the loss of a batch and its gradient by everything that is trained.
import type { Tensor } from "../graph/index.ts";
import { decoderLoss } from "../model/index.ts";
import type { NoiseInput } from "./dropout.ts";
import type { DeclaredModel, Method } from "./method.ts";
import type { Recipe } from "./recipe.ts";

/** What one run of a graph computes: rows and length, whether documents see each other, whether layers are computed twice. */
export interface StepShape {
  readonly rows: number;
  readonly length: number;
  readonly attention: Recipe["attention"];
  readonly recompute: boolean;
}

/** Name of the graph output with a weight's gradient. */
export function gradientOutput(name: string): string {
  return `gradient/${name}`;
}

/** The graph of a batch or micro-batch. Inputs: the batch and the trained weights; outputs: `loss`, and their gradients; `noise`: further inputs. */
export function gradientGraph(
  method: Method,
  shape: StepShape,
): { model: Uint8Array; noise: readonly NoiseInput[] } {
  const model = method.declare();
  const { loss, gradients } = lossAndGradients(method, model, shape);
  model.graph.output(loss, "loss");
  for (const [name, gradient] of gradients) model.graph.output(gradient, gradientOutput(name));
  return { model: model.graph.encode(), noise: model.noise };
}

/** The loss of a batch (a scalar, nats) and its gradient by everything that is trained. */
export function lossAndGradients(
  { config }: Method,
  { graph, trained, weight }: DeclaredModel,
  { rows, length, attention, recompute }: StepShape,
): { loss: Tensor; gradients: Map<string, Tensor> } {
  const ids = (name: string): Tensor => graph.input(name, [rows, length], "int64");
  const inputs = {
    tokens: ids("tokens"),
    positions: ids("positions"),
    ...(attention === "isolated" ? { segments: ids("segments") } : {}),
    targets: ids("targets"),
    targetWeights: graph.input("targetWeights", [rows, length]),
  };
  const loss = decoderLoss(graph, config, weight, inputs, { trains: (name) => trained.has(name), recompute });
  const gradients = graph.gradients(loss, [...trained.values()]);
  return { loss, gradients: new Map([...trained.keys()].map((name, i) => [name, gradients[i]!])) };
}
