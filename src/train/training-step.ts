// One training step: a graph run for loss and gradients (with accumulation one for each micro-batch), then clipping and AdamW in
// place. Owns what is trained and the optimizer's state.
import { createSession, type TensorValue } from "../graph/index.ts";
import { drawNoise } from "./dropout.ts";
import { type Method, weightInput } from "./method.ts";
import { type AdamWOptions, clipFactor, createOptimizer } from "./optimizer.ts";
import { decayOf, type Recipe } from "./recipe.ts";
import { gradientGraph, gradientOutput, type StepShape, TOKEN_OUTPUT } from "./step-graph.ts";

/** Weights, or moments: float32 by checkpoint name. */
export type WeightMap = Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Everything that a step changes, in place. */
export interface TrainingState {
  readonly weights: WeightMap;
  readonly firstMoments: WeightMap;
  readonly secondMoments: WeightMap;
}

/** A batch of packed rows, all arrays [rows * length]. */
export interface Batch {
  readonly inputIds: Int32Array;
  /** Hugging Face convention: the label of a position is its own token, or -100. */
  readonly labels: Int32Array;
  readonly positionIds: Int32Array;
  readonly segmentIds: Int32Array;
  /** Document of each position, -1 for padding; absent where the rows do not say. */
  readonly documentIds?: Int32Array;
}

/** What a step reports. */
export interface StepResult {
  /** Mean over the batch's label tokens, nats. */
  readonly loss: number;
  /** Global gradient norm before clipping. */
  readonly gradientNorm: number;
  readonly labelTokens: number;
  /** What predicting the next token cost at each position, nats; NaN where it is not learnt. [rows * length] */
  readonly tokenLosses: Float32Array;
}

/** Runs training steps over a state that it owns. */
export interface TrainingStep {
  /** The state as it is now: the one that the next step changes, or a copy of what is on a device. */
  state(): Promise<TrainingState>;
  /**
   * Runs one step; `number` counts from 1 (for AdamW's bias correction). Where loss or gradient are not finite, the state stays
   * as it was.
   */
  run(batch: Batch, number: number, learningRate: number): Promise<StepResult>;
  close(): Promise<void>;
}

type Feeds = Record<string, TensorValue>;

/** Loads the graph of one step for batches of `recipe.batch` rows of `length` tokens. */
export async function createTrainingStep(
  method: Method,
  recipe: Recipe,
  state: TrainingState,
  { length, threads }: { length: number; threads: number },
): Promise<TrainingStep> {
  const parts = recipe.accumulate;
  const shape = stepShape(recipe, length);
  const { model, results, noise } = gradientGraph(method, shape, { widenOnce: shape.prepack });
  const session = await createSession(model, {
    threads,
    results,
    mapWeights: !shape.prepack,
    ...(method.frozen === undefined ? {} : { weightFolder: method.frozen.folder }),
  });
  const optimizer = createOptimizer(adamWOptions(recipe), threads);
  // In the order of the model, not of a file that was read: the norm is a sum.
  const names = method.parameters.map(({ name }) => name);
  /** Gradients of several micro-batches: every run writes its own to the same place. */
  const sums =
    parts === 1
      ? []
      : method.parameters.map(({ shape: own }) => new Float32Array(own.reduce((a, b) => a * b, 1)));

  return {
    state: async () => state,
    async run(batch, number, learningRate) {
      const learnt = shiftLabels(batch, length);
      const { labelTokens } = learnt;
      const tokenLosses = new Float32Array(batch.labels.length);
      const constant = { ...method.frozen?.feeds, ...weightFeeds(state) };
      let loss = 0;
      let gradients: readonly Float32Array[] = sums;
      // Every micro-batch counts its tokens as shares of the whole batch's: sums are means, whatever the parts hold.
      for (let part = 0; part < parts; part++) {
        const found = await session.run({
          ...batchFeeds(batch, learnt, shape, part),
          ...drawNoise(noise, `${recipe.seed}/${number}/${part}`),
          ...constant,
        });
        loss += Number(found.loss!.data[0]);
        tokenLosses.set(found[TOKEN_OUTPUT]!.data as Float32Array, part * shape.rows * length);
        const own = names.map((name) => found[gradientOutput(name)]!.data as Float32Array);
        if (parts === 1) gradients = own;
        else if (part === 0)
          own.forEach((gradient, i) => {
            sums[i]!.set(gradient);
          });
        else await optimizer.accumulate(own.map((gradient, i) => [sums[i]!, gradient]));
      }
      const gradientNorm = await optimizer.norm(gradients);
      if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
        const factor = clipFactor(gradientNorm, recipe.gradientClip);
        await optimizer.adamW(
          method.parameters.map((parameter, i) => {
            const valuesIn = (map: WeightMap): Float32Array => map.get(parameter.name)!.data;
            const own = {
              weight: valuesIn(state.weights),
              gradient: gradients[i]!,
              firstMoment: valuesIn(state.firstMoments),
              secondMoment: valuesIn(state.secondMoments),
            };
            return [own, { number, learningRate, decay: decayOf(recipe, parameter), factor }] as const;
          }),
        );
      }
      scaleTokenLosses(tokenLosses, learnt);
      return { loss, gradientNorm, labelTokens, tokenLosses };
    },
    async close() {
      await optimizer.close();
      await session.close();
    },
  };
}

/** What one run of a step's graph computes: a micro-batch. */
export function stepShape(recipe: Recipe, length: number): StepShape {
  return {
    rows: recipe.batch / recipe.accumulate,
    length,
    attention: recipe.attention,
    recompute: recipe.recomputeActivations,
    prepack: recipe.lora?.prepackBase ?? false,
  };
}

/** AdamW's constants in a recipe. */
export function adamWOptions(recipe: Recipe): AdamWOptions {
  return { beta1: recipe.adamBeta1, beta2: recipe.adamBeta2, epsilon: recipe.adamEpsilon };
}

/** Feeds of the part-th micro-batch of `shape`. */
export function batchFeeds(
  batch: Batch,
  { targets, weights }: LearntTargets,
  { rows, length, attention }: Pick<StepShape, "rows" | "length" | "attention">,
  part = 0,
): Feeds {
  const own = [rows, length];
  const cut = <T extends Int32Array | Float32Array>(values: T): T =>
    values.subarray(part * rows * length, (part + 1) * rows * length) as T;
  const integers = (data: Int32Array): TensorValue => ({
    data: BigInt64Array.from(cut(data) as unknown as number[], BigInt),
    shape: own,
  });
  return {
    tokens: integers(batch.inputIds),
    positions: integers(batch.positionIds),
    targets: integers(targets),
    targetWeights: { data: cut(weights), shape: own },
    ...(attention === "isolated" ? { segments: integers(batch.segmentIds) } : {}),
  };
}

/** From weighted log-likelihoods, as the graph gives them, to losses; in place. */
export function scaleTokenLosses(values: Float32Array, { weights, labelTokens }: LearntTargets): void {
  for (let i = 0; i < values.length; i++)
    values[i] = weights[i] === 0 ? Number.NaN : -values[i]! * labelTokens;
}

/** Feeds of the trained weights. */
export function weightFeeds(state: Pick<TrainingState, "weights">): Feeds {
  return Object.fromEntries([...state.weights].map(([name, value]) => [weightInput(name), value]));
}

/** What a batch's positions should predict, and how much each counts. */
export interface LearntTargets {
  readonly targets: Int32Array;
  readonly weights: Float32Array;
  readonly labelTokens: number;
}

/**
 * What each position should predict (the label of the next one in its row) and how much it counts (1 / label tokens of the batch).
 * A label at the start of a document would be predicted by another document's last token: the packer never sets one.
 */
export function shiftLabels(batch: Batch, length: number): LearntTargets {
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
