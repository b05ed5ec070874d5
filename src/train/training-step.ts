// One training step as one graph run: forward, loss, gradients, clipping, AdamW. Owns weights and optimizer state.
import { createSession, Graph, type Tensor, type TensorValue } from "../graph/index.ts";
import { decoderLogits, type ModelConfig, nextTokenLoss, parameterShapes } from "../model/index.ts";
import { adamW, clipFactor, globalNorm } from "./optimizer.ts";
import type { Recipe } from "./recipe.ts";

/** Weights, or moments: float32 by checkpoint name. */
export type WeightMap = Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Everything that a step changes. */
export interface TrainingState {
  weights: WeightMap;
  firstMoments: WeightMap;
  secondMoments: WeightMap;
}

/** A batch of packed rows, all arrays [rows * length]. */
export interface Batch {
  readonly inputIds: Int32Array;
  /** Hugging Face convention: the label of a position is its own token, or -100. */
  readonly labels: Int32Array;
  readonly positionIds: Int32Array;
  readonly segmentIds: Int32Array;
}

/** What a step reports. */
export interface StepResult {
  /** Mean over the batch's label tokens, nats. */
  readonly loss: number;
  /** Global gradient norm before clipping. */
  readonly gradientNorm: number;
  readonly labelTokens: number;
}

/** Runs training steps over a state that it owns. */
export interface TrainingStep {
  readonly state: TrainingState;
  /** Runs one step; `number` counts from 1 (for AdamW's bias correction). */
  run(batch: Batch, number: number, learningRate: number): Promise<StepResult>;
  close(): Promise<void>;
}

const STATE_KINDS = ["weights", "firstMoments", "secondMoments"] as const;

/** Builds and loads the graph of one step for batches of `rows` x `length`. */
export async function createTrainingStep(
  config: ModelConfig,
  recipe: Recipe,
  state: TrainingState,
  options: { rows: number; length: number; threads: number },
): Promise<TrainingStep> {
  const { rows, length } = options;
  const session = await createSession(buildGraph(config, recipe, rows, length), { threads: options.threads });
  const shape = [rows, length];
  return {
    state,
    async run(batch, number, learningRate) {
      const { targets, weights, labelTokens } = shiftLabels(batch, length);
      const integers = (data: ArrayLike<number>): TensorValue => ({
        data: BigInt64Array.from(data as number[], BigInt),
        shape,
      });
      const scalar = (value: number): TensorValue => ({ data: Float32Array.of(value), shape: [] });
      const feeds: Record<string, TensorValue> = {
        tokens: integers(batch.inputIds),
        positions: integers(batch.positionIds),
        targets: integers(targets),
        targetWeights: { data: weights, shape },
        learningRate: scalar(learningRate),
        correction1: scalar(1 - recipe.adamBeta1 ** number),
        correction2: scalar(1 - recipe.adamBeta2 ** number),
        ...(recipe.attention === "isolated" ? { segments: integers(batch.segmentIds) } : {}),
      };
      for (const kind of STATE_KINDS)
        for (const [name, value] of state[kind]) feeds[`${kind}/${name}`] = value;
      const results = await session.run(feeds);
      for (const kind of STATE_KINDS) {
        for (const [name, { shape: own }] of state[kind]) {
          state[kind].set(name, { shape: own, data: results[`new ${kind}/${name}`]!.data as Float32Array });
        }
      }
      return {
        loss: Number(results.loss!.data[0]),
        gradientNorm: Number(results.gradientNorm!.data[0]),
        labelTokens,
      };
    },
    close: () => session.close(),
  };
}

function buildGraph(config: ModelConfig, recipe: Recipe, rows: number, length: number): Uint8Array {
  const graph = new Graph();
  const parameters = parameterShapes(config);
  const inputs = (kind: string): Map<string, Tensor> =>
    new Map(parameters.map(({ name, shape }) => [name, graph.input(`${kind}/${name}`, shape)]));
  const [weights, firstMoments, secondMoments] = STATE_KINDS.map(inputs) as [
    Map<string, Tensor>,
    Map<string, Tensor>,
    Map<string, Tensor>,
  ];
  const ids = (name: string): Tensor => graph.input(name, [rows, length], "int64");
  const logits = decoderLogits(graph, config, (name) => weights.get(name)!, {
    tokens: ids("tokens"),
    positions: ids("positions"),
    ...(recipe.attention === "isolated" ? { segments: ids("segments") } : {}),
  });
  const loss = nextTokenLoss(logits, ids("targets"), graph.input("targetWeights", [rows, length]));
  const gradients = graph.gradients(loss, [...weights.values()]);
  const norm = globalNorm(graph, gradients);
  const factor = clipFactor(graph, norm, recipe.gradientClip);
  const scalars = {
    learningRate: graph.input("learningRate", []),
    correction1: graph.input("correction1", []),
    correction2: graph.input("correction2", []),
  };
  const adam = { beta1: recipe.adamBeta1, beta2: recipe.adamBeta2, epsilon: recipe.adamEpsilon };
  parameters.forEach(({ name, shape }, i) => {
    const gradient = graph.emit("Mul", [gradients[i]!, factor], shape);
    const before = {
      weight: weights.get(name)!,
      gradient,
      firstMoment: firstMoments.get(name)!,
      secondMoment: secondMoments.get(name)!,
    };
    const after = adamW(before, scalars, shape.length > 1 ? recipe.weightDecay : 0, adam);
    graph.output(after.weight, `new weights/${name}`);
    graph.output(after.firstMoment, `new firstMoments/${name}`);
    graph.output(after.secondMoment, `new secondMoments/${name}`);
  });
  graph.output(loss, "loss");
  graph.output(norm, "gradientNorm");
  return graph.encode();
}

/**
 * What each position should predict (the label of the next one in its row) and how much it counts (1 / label tokens of the batch).
 * A label at the start of a document would be predicted by another document's last token: the packer never sets one.
 */
function shiftLabels(
  batch: Batch,
  length: number,
): { targets: Int32Array; weights: Float32Array; labelTokens: number } {
  const targets = new Int32Array(batch.labels.length);
  const weights = new Float32Array(batch.labels.length);
  let labelTokens = 0;
  for (let i = 0; i + 1 < targets.length; i++) {
    const next = batch.labels[i + 1]!;
    if ((i + 1) % length === 0 || next < 0) continue;
    targets[i] = next;
    weights[i] = 1;
    labelTokens++;
  }
  if (labelTokens > 0) for (let i = 0; i < weights.length; i++) weights[i]! /= labelTokens;
  return { targets, weights, labelTokens };
}

/** Zero moments for fresh weights. */
export function freshState(weights: WeightMap): TrainingState {
  const zeros = (): WeightMap =>
    new Map(
      [...weights].map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data.length) }]),
    );
  return { weights, firstMoments: zeros(), secondMoments: zeros() };
}
