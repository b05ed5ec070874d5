// One training step on a device: frozen weights are uploaded once, trained weights, moments and gradients never leave its memory; what
// comes back from a step is its loss and norm. Copies of the state are made for checkpoints and evaluations.
import { UserError } from "../core/index.ts";
import {
  copyFromDevice,
  createDeviceSession,
  type DeviceSession,
  type DeviceValue,
  type Provider,
  type TensorValue,
} from "../graph/index.ts";
import { momentInputs, NORM_OUTPUT, nextOutput, optimizerGraph, sumGraph } from "./device-optimizer.ts";
import { drawNoise } from "./dropout.ts";
import { type Method, weightInput } from "./method.ts";
import { adamWScalars } from "./optimizer.ts";
import type { Recipe } from "./recipe.ts";
import { gradientGraph, gradientOutput, TOKEN_OUTPUT } from "./step-graph.ts";
import {
  adamWOptions,
  batchFeeds,
  type LearntTargets,
  scaleTokenLosses,
  shiftLabels,
  stepShape,
  type TrainingState,
  type TrainingStep,
  type WeightMap,
} from "./training-step.ts";

type DeviceValues = Readonly<Record<string, DeviceValue>>;
type StepValues = Readonly<Record<string, DeviceValue | TensorValue>>;

/** Where a step is computed, and on rows of how many tokens. */
export interface DeviceStepOptions {
  readonly provider: Provider;
  readonly length: number;
}

/**
 * As `createTrainingStep`, on a device. The numbers are the CPU's up to rounding; two runs need not agree to the bit. `UserError`
 * where there is no such device.
 */
export async function createDeviceStep(
  method: Method,
  recipe: Recipe,
  start: TrainingState,
  { provider, length }: DeviceStepOptions,
): Promise<TrainingStep> {
  const { parameters, frozen } = method;
  const parts = recipe.accumulate;
  // Packed layouts are for processors.
  const shape = { ...stepShape(recipe, length), prepack: false };
  const { model, results, noise } = gradientGraph(method, shape, { widenOnce: true });
  const gradientNames = parameters.map(({ name }) => gradientOutput(name));
  const sessions: DeviceSession[] = [];
  const close = async (): Promise<void> => {
    for (const session of sessions) await session.close();
  };
  const open = async (...graph: Parameters<typeof createDeviceSession>): Promise<DeviceSession> => {
    try {
      const session = await createDeviceSession(...graph);
      sessions.push(session);
      return session;
    } catch (error) {
      await close();
      throw error;
    }
  };
  const gradientSession = await open(model, {
    provider,
    results,
    kept: gradientNames,
    ...(frozen === undefined ? {} : { weightFolder: frozen.folder }),
  });
  const optimizer = optimizerGraph(parameters, recipe);
  const kept = optimizer.outputs.map(({ name }) => name).filter((name) => name !== NORM_OUTPUT);
  const optimizerSession = await open(optimizer.encode(), { provider, results: optimizer.outputs, kept });
  const sums = sumGraph(parameters);
  const sumSession =
    parts === 1
      ? undefined
      : await open(sums.encode(), {
          provider,
          results: sums.outputs,
          kept: sums.outputs.map(({ name }) => name),
        });
  // Weights of a type that the device cannot read from their file: sent with every step.
  const constants = frozen?.feeds ?? {};
  // In memory until the first step has made others.
  let state: StepValues = Object.fromEntries(stateInputs(start));

  /** Adds gradients of another part; both operands are used up. */
  const add = async (sum: DeviceValues, part: DeviceValues): Promise<DeviceValues> => {
    const renamed = gradientNames.map((name) => [`part/${name}`, part[name]!] as const);
    const { kept: added } = await sumSession!.run({ ...sum, ...Object.fromEntries(renamed) });
    release(sum);
    release(part);
    return Object.fromEntries(gradientNames.map((name) => [name, added[`sum/${name}`]!]));
  };

  return {
    async run(batch, number, learningRate) {
      const learnt = shiftLabels(batch, length);
      const tokenLosses = new Float32Array(batch.labels.length);
      const weights = Object.fromEntries(
        parameters.map(({ name }) => [weightInput(name), state[weightInput(name)]!]),
      );
      let loss = 0;
      let gradients: DeviceValues | undefined;
      for (let part = 0; part < parts; part++) {
        const { read, kept: own } = await gradientSession.run({
          ...batchFeeds(batch, learnt, shape, part),
          ...drawNoise(noise, `${recipe.seed}/${number}/${part}`),
          ...constants,
          ...weights,
        });
        loss += Number(read.loss!.data[0]);
        tokenLosses.set(read[TOKEN_OUTPUT]!.data as Float32Array, part * shape.rows * length);
        gradients = gradients === undefined ? own : await add(gradients, own);
      }
      const scalars = Object.entries(
        adamWScalars({ number, learningRate, decay: recipe.weightDecay }, adamWOptions(recipe)),
      );
      const { read, kept: next } = await optimizerSession.run({
        ...gradients,
        ...state,
        ...Object.fromEntries(
          scalars.map(([name, value]) => [name, { data: Float32Array.of(value), shape: [] }]),
        ),
      });
      release(gradients!);
      const gradientNorm = Number(read[NORM_OUTPUT]!.data[0]);
      refuseZeros(loss, gradientNorm, learnt);
      if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
        release(state);
        state = Object.fromEntries(Object.keys(state).map((name) => [name, next[nextOutput(name)]!]));
      } else release(next);
      scaleTokenLosses(tokenLosses, learnt);
      return { loss, gradientNorm, labelTokens: learnt.labelTokens, tokenLosses };
    },
    async state() {
      const values = await copyFromDevice(provider, new Map(Object.entries(state)));
      const pick = (input: (name: string) => string): WeightMap =>
        new Map(parameters.map(({ name }) => [name, values.get(input(name))!]));
      return {
        weights: pick(weightInput),
        firstMoments: pick((name) => momentInputs(name)[0]),
        secondMoments: pick((name) => momentInputs(name)[1]),
      };
    },
    close,
  };
}

/**
 * `UserError` for a loss and a gradient of exactly 0 where there was something to learn: so answers a device that computes
 * nothing.
 */
function refuseZeros(loss: number, gradientNorm: number, { labelTokens }: LearntTargets): void {
  if (labelTokens === 0 || loss !== 0 || gradientNorm !== 0) return;
  throw new UserError("gpu-zeros", "the GPU gives back nothing but zeros", {
    remedy:
      "Its memory may be too small (a larger accumulate, recomputeActivations, lora); --device cpu computes the same.",
  });
}

/** Weights and moments by the names of the optimizer's inputs. */
function stateInputs({ weights, firstMoments, secondMoments }: TrainingState): WeightMap {
  return new Map(
    [...weights].flatMap(([name, weight]) => {
      const [first, second] = momentInputs(name);
      return [
        [weightInput(name), weight],
        [first, firstMoments.get(name)!],
        [second, secondMoments.get(name)!],
      ] as const;
    }),
  );
}

function release(values: StepValues): void {
  for (const value of Object.values(values)) if ("release" in value) value.release();
}
