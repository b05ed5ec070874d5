// The graphs of a training step: loss and gradients, clipping and AdamW; both in one, or apart when gradients are summed over
// several micro-batches first.
import { Graph, type Tensor } from "../graph/index.ts";
import { decoderLogits, nextTokenLoss } from "../model/index.ts";
import { type DeclaredModel, declareTrained, type Method } from "./method.ts";
import { adamW, clipFactor, globalNorm } from "./optimizer.ts";
import type { Recipe } from "./recipe.ts";

/** Rows and length of what one run of a graph computes, and whether its documents see each other. */
export interface StepShape {
  readonly rows: number;
  readonly length: number;
  readonly attention: Recipe["attention"];
}

/** What of a recipe the optimizer needs. */
export type OptimizerSettings = Pick<
  Recipe,
  "gradientClip" | "weightDecay" | "adamBeta1" | "adamBeta2" | "adamEpsilon"
>;

/** One graph for the whole step. Inputs: batch, weights, moments, scalars; outputs: loss, norm, and the new state. */
export function wholeStepGraph(method: Method, shape: StepShape, settings: OptimizerSettings): Uint8Array {
  const model = method.declare();
  const { loss, gradients } = lossAndGradients(method, model, shape);
  model.graph.output(loss, "loss");
  declareUpdate(method, model.graph, model.trained, gradients, settings);
  return model.graph.encode();
}

/** Loss and gradients of a micro-batch, the gradients added to `sum/NAME` and given back as `new sum/NAME`. */
export function gradientGraph(method: Method, shape: StepShape): Uint8Array {
  const model = method.declare();
  const { graph } = model;
  const { loss, gradients } = lossAndGradients(method, model, shape);
  graph.output(loss, "loss");
  for (const { name, shape: own } of method.parameters) {
    const sum = graph.input(`sum/${name}`, own);
    graph.output(graph.emit("Add", [sum, gradients.get(name)!], own), `new sum/${name}`);
  }
  return graph.encode();
}

/** Clipping and AdamW for the gradients `sum/NAME`. */
export function updateGraph(method: Method, settings: OptimizerSettings): Uint8Array {
  const graph = new Graph();
  const weights = declareTrained(graph, method.parameters);
  const gradients = new Map(
    method.parameters.map(({ name, shape }) => [name, graph.input(`sum/${name}`, shape)]),
  );
  declareUpdate(method, graph, weights, gradients, settings);
  return graph.encode();
}

/** The loss of a batch (a scalar, nats) and its gradient by everything that is trained. */
export function lossAndGradients(
  { config }: Method,
  { graph, trained, weight }: DeclaredModel,
  { rows, length, attention }: StepShape,
): { loss: Tensor; gradients: Map<string, Tensor> } {
  const ids = (name: string): Tensor => graph.input(name, [rows, length], "int64");
  const logits = decoderLogits(graph, config, weight, {
    tokens: ids("tokens"),
    positions: ids("positions"),
    ...(attention === "isolated" ? { segments: ids("segments") } : {}),
  });
  const loss = nextTokenLoss(logits, ids("targets"), graph.input("targetWeights", [rows, length]));
  const gradients = graph.gradients(loss, [...trained.values()]);
  return { loss, gradients: new Map([...trained.keys()].map((name, i) => [name, gradients[i]!])) };
}

function declareUpdate(
  { parameters }: Method,
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  gradients: ReadonlyMap<string, Tensor>,
  settings: OptimizerSettings,
): void {
  const norm = globalNorm(graph, [...gradients.values()]);
  graph.output(norm, "gradientNorm");
  const factor = clipFactor(graph, norm, settings.gradientClip);
  const scalars = {
    learningRate: graph.input("learningRate", []),
    correction1: graph.input("correction1", []),
    correction2: graph.input("correction2", []),
  };
  const adam = { beta1: settings.adamBeta1, beta2: settings.adamBeta2, epsilon: settings.adamEpsilon };
  for (const { name, shape } of parameters) {
    const before = {
      weight: weights.get(name)!,
      gradient: graph.emit("Mul", [gradients.get(name)!, factor], shape),
      firstMoment: graph.input(`firstMoments/${name}`, shape),
      secondMoment: graph.input(`secondMoments/${name}`, shape),
    };
    const after = adamW(before, scalars, shape.length > 1 ? settings.weightDecay : 0, adam);
    graph.output(after.weight, `new weights/${name}`);
    graph.output(after.firstMoment, `new firstMoments/${name}`);
    graph.output(after.secondMoment, `new secondMoments/${name}`);
  }
}
