// One training step as one graph run: forward, loss, gradients, clipping, AdamW; or, with accumulation, as one run for each
// micro-batch and one for the update. Owns what is trained and the optimizer's state.
import { createSession, type GraphSession, type TensorValue } from "../graph/index.ts";
import { type Method, weightInput } from "./method.ts";
import type { Recipe } from "./recipe.ts";
import { gradientGraph, updateGraph, wholeStepGraph } from "./step-graph.ts";

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

type Feeds = Record<string, TensorValue>;

/** Loads the graphs of one step for batches of `recipe.batch` rows of `length` tokens. */
export async function createTrainingStep(
  method: Method,
  recipe: Recipe,
  state: TrainingState,
  { length, threads }: { length: number; threads: number },
): Promise<TrainingStep> {
  const parts = recipe.accumulate;
  const shape = { rows: recipe.batch / parts, length, attention: recipe.attention };
  const sessionOptions = {
    threads,
    ...(method.frozen === undefined ? {} : { weightFolder: method.frozen.folder, mapWeights: true }),
  };
  // The last session makes the update; with accumulation the first one only sums gradients.
  const sessions: GraphSession[] = [];
  if (parts === 1) {
    sessions.push(await createSession(wholeStepGraph(method, shape, recipe), sessionOptions));
  } else {
    sessions.push(await createSession(gradientGraph(method, shape), sessionOptions));
    sessions.push(await createSession(updateGraph(method, recipe), { threads }));
  }
  const [computing, updating] = [sessions[0]!, sessions.at(-1)!];
  const frozen = method.frozen?.feeds ?? {};
  const zeroSums = parts === 1 ? {} : zeroGradients(state.weights);

  return {
    state,
    async run(batch, number, learningRate) {
      const { targets, weights, labelTokens } = shiftLabels(batch, length);
      const optimizer: Feeds = {
        ...stateFeeds(state),
        learningRate: scalar(learningRate),
        correction1: scalar(1 - recipe.adamBeta1 ** number),
        correction2: scalar(1 - recipe.adamBeta2 ** number),
      };
      const micro = (part: number): Feeds => {
        const size = shape.rows * length;
        const cut = <T extends Int32Array | Float32Array>(values: T): T =>
          values.subarray(part * size, (part + 1) * size) as T;
        const own = [shape.rows, length];
        const integers = (data: Int32Array): TensorValue => ({
          data: BigInt64Array.from(cut(data) as unknown as number[], BigInt),
          shape: own,
        });
        return {
          tokens: integers(batch.inputIds),
          positions: integers(batch.positionIds),
          targets: integers(targets),
          targetWeights: { data: cut(weights), shape: own },
          ...(recipe.attention === "isolated" ? { segments: integers(batch.segmentIds) } : {}),
        };
      };

      let results: Feeds;
      let loss = 0;
      if (parts === 1) {
        results = await computing.run({ ...micro(0), ...frozen, ...optimizer });
        loss = Number(results.loss!.data[0]);
      } else {
        // Every micro-batch counts its tokens as shares of the whole batch's: sums are means, whatever the parts hold.
        let sums = zeroSums;
        for (let part = 0; part < parts; part++) {
          const found = await computing.run({ ...micro(part), ...frozen, ...weightFeeds(state), ...sums });
          loss += Number(found.loss!.data[0]);
          sums = Object.fromEntries(Object.keys(sums).map((name) => [name, found[`new ${name}`]!]));
        }
        results = await updating.run({ ...optimizer, ...sums });
      }
      takeState(state, results);
      return { loss, gradientNorm: Number(results.gradientNorm!.data[0]), labelTokens };
    },
    async close() {
      for (const session of sessions) await session.close();
    },
  };
}

function scalar(value: number): TensorValue {
  return { data: Float32Array.of(value), shape: [] };
}

function weightFeeds(state: TrainingState): Feeds {
  return Object.fromEntries([...state.weights].map(([name, value]) => [weightInput(name), value]));
}

function stateFeeds(state: TrainingState): Feeds {
  return Object.fromEntries(
    STATE_KINDS.flatMap((kind) => [...state[kind]].map(([name, value]) => [`${kind}/${name}`, value])),
  );
}

function zeroGradients(weights: WeightMap): Feeds {
  return Object.fromEntries(
    [...weights].map(([name, { shape, data }]) => [
      `sum/${name}`,
      { shape, data: new Float32Array(data.length) },
    ]),
  );
}

function takeState(state: TrainingState, results: Feeds): void {
  for (const kind of STATE_KINDS) {
    for (const [name, { shape }] of state[kind])
      state[kind].set(name, { shape, data: results[`new ${kind}/${name}`]!.data as Float32Array });
  }
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
