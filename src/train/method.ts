// How a model is trained: which tensors change, and how the forward pass is made of them. Full training is here: every weight
// is an input of the step's graph; lora.ts has the other one.
import { Graph, type GraphOptions, type Tensor } from "../graph/index.ts";
import { type ModelConfig, type ParameterShape, parameterShapes, type WeightLookup } from "../model/index.ts";
import { type BaseSettings, type CheckpointFormat, modelFormat } from "./checkpoint.ts";
import type { FrozenWeights } from "./frozen-weights.ts";

/** A trained tensor: a weight of the model, or an adapter beside one. */
export type TrainedShape = Pick<ParameterShape, "name" | "shape">;

/** A graph in which a model's weights are declared. */
export interface DeclaredModel {
  readonly graph: Graph;
  /** What is trained, by name: inputs called as `weightInput` says. */
  readonly trained: ReadonlyMap<string, Tensor>;
  /** What the forward pass reads. */
  readonly weight: WeightLookup;
  /** Inputs that the forward pass turned out to need: noise for every run (dropout.ts). */
  readonly noise: readonly Tensor[];
}

/** How to declare a model. */
export interface DeclareOptions extends GraphOptions {
  /** False: nothing is dropped out. Default true. */
  readonly training?: boolean;
}

/** A way to train a model. */
export interface Method {
  readonly config: ModelConfig;
  /** What is trained: what gradients, moments and checkpoints are of. */
  readonly parameters: readonly TrainedShape[];
  /** Weights that never change; absent when all are trained. */
  readonly frozen?: FrozenWeights;
  /** How its checkpoints look. */
  readonly checkpoint: CheckpointFormat;
  /** A new graph with the model's weights in it. */
  declare(options?: DeclareOptions): DeclaredModel;
}

/** Name of the graph input of a trained weight. */
export function weightInput(name: string): string {
  return `weights/${name}`;
}

/** Inputs of a graph for everything that is trained. */
export function declareTrained(graph: Graph, parameters: readonly TrainedShape[]): Map<string, Tensor> {
  return new Map(parameters.map(({ name, shape }) => [name, graph.input(weightInput(name), shape)]));
}

/** Training of every weight; `base` where they are a checkpoint's. */
export function fullTraining(config: ModelConfig, base?: BaseSettings): Method {
  const parameters = parameterShapes(config);
  return {
    config,
    parameters,
    checkpoint: modelFormat(config, base),
    declare(options) {
      const graph = new Graph(options);
      const trained = declareTrained(graph, parameters);
      return { graph, trained, weight: (name) => trained.get(name)!, noise: [] };
    },
  };
}
