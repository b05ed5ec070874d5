// A run before it is begun: how large, how long, how much memory, and what to change where that is too much. Needs no weights.
import { join } from "node:path";
import { readJson, UserError } from "../core/index.ts";
import { availableMemory } from "../engine/index.ts";
import { type ModelConfig, parameterCount, readModelConfig } from "../model/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { flopsPerToken, measureMatmulRate } from "./arithmetic.ts";
import { locateBase } from "./base.ts";
import { adapterShapes } from "./lora.ts";
import { type EvaluationShape, estimateMemory, type MemoryEstimate } from "./memory-estimate.ts";
import { fullTraining } from "./method.ts";
import { shapeModel } from "./model-shape.ts";
import { measureOptimizer } from "./optimizer.ts";
import { openPackedRows } from "./packed.ts";
import type { Recipe } from "./recipe.ts";
import { createTrainingStep, freshState } from "./training-step.ts";

/** Another way to run, and what it would take. */
export interface PlanAlternative {
  /** Settings, as `--set` takes them. */
  readonly settings: readonly string[];
  /** Length of rows, where they would have to be packed anew. */
  readonly length: number;
  readonly memory: MemoryEstimate;
}

/** What a run would take. */
export interface TrainingPlan {
  readonly parameters: number;
  /** Of them trained, or of the adapters. */
  readonly trainedParameters: number;
  readonly rows: number;
  readonly length: number;
  readonly steps: number;
  /** Positions trained on, padding included. */
  readonly tokens: number;
  readonly memory: MemoryEstimate;
  /** Bytes that could be had now. */
  readonly available: number;
  readonly fits: boolean;
  /** What would fit, where this does not. */
  readonly alternatives: readonly PlanAlternative[];
  readonly tokensPerSecond: number;
  readonly seconds: number;
  /** Operations a second of plain matrix products here, and of training steps. */
  readonly matmulRate: number;
  readonly stepRate: number;
  /** The step's rate was measured on a slice of the model, or assumed from that of products where a slice is too large. */
  readonly measured: boolean;
}

/** What to plan for. */
export interface PlanOptions {
  readonly recipe: Recipe;
  /** Packed rows; without them the recipe's `pack` says how many there will be. */
  readonly data?: string | undefined;
  /** Packed rows to be measured on the way (`EvaluationOptions.data`). */
  readonly heldOut?: string | undefined;
  /** Whether checkpoints sit an exam on the way. Default false. */
  readonly exam?: boolean;
  /** CPU threads. Default 1. */
  readonly threads?: number;
  /** Measure steps on a slice of the model, which takes seconds; else their rate is taken from that of products. Default true. */
  readonly probe?: boolean;
  /** Bytes to fit into. Default: what is free now. */
  readonly available?: number;
  readonly signal?: AbortSignal;
}

/** Share of the positions that packing uses. */
const UTILISATION = 0.99;
/** Of the rate of products, where no slice could be measured. */
const ASSUMED_SHARE = 0.7;
/** A slice: two layers of the real width, with fewer rows of the embedding. */
const SLICE = { layers: 2, vocabularySize: 4096, seconds: 1, shortest: 64, bytes: 2 ** 31, weight: 0.01 };
const BYTES_PER_TRAINED = 4 * 8;

/** Plans a run. `UserError` where neither rows nor recipe say how long it is. */
export async function planTraining(options: PlanOptions): Promise<TrainingPlan> {
  const { recipe, threads = 1, available = availableMemory() } = options;
  const { rows, length } = await readRows(recipe, options.data);
  const { config, baseBytes } = await readShape(recipe, options.data, length);
  const adapterParameters = recipe.lora === undefined ? 0 : count(adapterShapes(config, recipe.lora));
  const parameters = parameterCount(config);
  const trainedParameters = recipe.lora === undefined ? parameters : adapterParameters;
  const steps = recipe.steps ?? Math.ceil(rows / recipe.batch);
  const tokens = steps * recipe.batch * length;
  const evaluation = await readEvaluation(options);
  const memory = estimateMemory({ config, recipe, length, adapterParameters, baseBytes, evaluation });
  const fits = memory.total <= available;
  const matmulRate = await measureMatmulRate(threads);
  options.signal?.throwIfAborted();
  const found =
    options.probe === false
      ? undefined
      : await measureSlice(config, recipe, { length, threads, matmulRate, available });
  const stepRate = found ?? ASSUMED_SHARE * matmulRate;
  const flops = flopsPerToken(config, length, recipe.lora === undefined) * recipe.batch * length;
  const stepSeconds = flops / stepRate + trainedParameters * (await measureOptimizer(threads));
  return {
    parameters,
    trainedParameters,
    rows,
    length,
    steps,
    tokens,
    memory,
    available,
    fits,
    alternatives: fits ? [] : findAlternatives(config, recipe, { length, baseBytes, evaluation, available }),
    tokensPerSecond: (recipe.batch * length) / stepSeconds,
    seconds: stepSeconds * steps,
    matmulRate,
    stepRate,
    measured: found !== undefined,
  };
}

async function readRows(recipe: Recipe, data: string | undefined): Promise<{ rows: number; length: number }> {
  if (data !== undefined) {
    const rows = await openPackedRows(data);
    rows.close();
    return { rows: rows.rows, length: rows.length };
  }
  const { length, expectedTokens } = recipe.pack ?? {};
  if (length === undefined || (expectedTokens === undefined && recipe.steps === undefined)) {
    throw new UserError("missing-option", "nothing says how many rows there are, and of what length", {
      remedy: "Add --data DIR, or pack.length and pack.expectedTokens to the recipe.",
    });
  }
  const rows = expectedTokens === undefined ? 0 : Math.ceil(expectedTokens / UTILISATION / length);
  return { rows, length };
}

async function readEvaluation({ heldOut, exam = false }: PlanOptions): Promise<EvaluationShape> {
  if (heldOut === undefined) return { exam };
  const rows = await openPackedRows(heldOut);
  rows.close();
  return { heldOutLength: rows.length, exam };
}

async function readShape(
  recipe: Recipe,
  data: string | undefined,
  length: number,
): Promise<{ config: ModelConfig; baseBytes: number }> {
  if (recipe.base !== undefined) {
    const folder = await locateBase(recipe.base, { configOnly: true });
    const json = (await readJson(join(folder, "config.json"))) as Record<string, unknown>;
    const type = json.torch_dtype ?? json.dtype;
    return { config: await readModelConfig(folder), baseBytes: type === "float32" ? 4 : 2 };
  }
  if (data === undefined) {
    throw new UserError(
      "missing-option",
      "a model from scratch has as many embeddings as its tokenizer has tokens",
      {
        remedy: "Add --data DIR.",
      },
    );
  }
  const { vocabularySize, eosId, bosId } = await loadTokenizer(join(data, "tokenizer"));
  const given = { vocabularySize, eosId, bosId, contextLength: length };
  return { config: shapeModel(recipe.model!, given), baseBytes: 4 };
}

function count(shapes: readonly { readonly shape: readonly number[] }[]): number {
  return shapes.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Operations a second of real steps on a slice of the model; `undefined` where even that is too large. */
async function measureSlice(
  config: ModelConfig,
  recipe: Recipe,
  at: { length: number; threads: number; matmulRate: number; available: number },
): Promise<number | undefined> {
  const slice: ModelConfig = {
    ...config,
    layers: Math.min(SLICE.layers, config.layers),
    vocabularySize: Math.min(SLICE.vocabularySize, config.vocabularySize),
  };
  const parameters = parameterCount(slice);
  const affordable = (length: number): boolean =>
    flopsPerToken(slice, length, true) * length <= SLICE.seconds * at.matmulRate;
  let { length } = at;
  let rows = recipe.batch / recipe.accumulate;
  while (length > SLICE.shortest && !affordable(length)) length = Math.floor(length / 2);
  while (rows > 1 && !affordable(length * rows)) rows = Math.floor(rows / 2);
  if (parameters * BYTES_PER_TRAINED > Math.min(SLICE.bytes, at.available / 2) || !affordable(length))
    return undefined;
  const method = fullTraining(slice);
  // Values do not matter to the time, and drawing them would take longer than the steps.
  const state = freshState(
    new Map(
      method.parameters.map(({ name, shape }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, { shape, data: new Float32Array(size).fill(SLICE.weight) }];
      }),
    ),
  );
  const { lora: _none, ...settings } = { ...recipe, batch: rows, accumulate: 1 };
  const step = await createTrainingStep(method, settings, state, { length, threads: at.threads });
  const tokens = rows * length;
  const ids = Int32Array.from({ length: tokens }, (_, i) => (i * 31) % slice.vocabularySize);
  const batch = {
    inputIds: ids,
    labels: ids,
    positionIds: Int32Array.from({ length: tokens }, (_, i) => i % length),
    segmentIds: new Int32Array(tokens),
  };
  let best = Number.POSITIVE_INFINITY;
  try {
    // The first run also allocates.
    for (let round = 1; round <= 3; round++) {
      const began = performance.now();
      await step.run(batch, round, 1e-9);
      best = Math.min(best, (performance.now() - began) / 1000);
    }
  } finally {
    await step.close();
  }
  const graphSeconds = Math.max(best / 2, best - parameters * (await measureOptimizer(at.threads)));
  return (flopsPerToken(slice, length, true) * tokens) / graphSeconds;
}

/** Adapters to propose. */
const PROPOSED_LORA = { rank: 16, alpha: 32, targets: "all-linear", dropout: 0 } as const;
const SHORTEST_ROWS = 512;

/** What fits, the least change first. */
function findAlternatives(
  config: ModelConfig,
  recipe: Recipe,
  at: { length: number; baseBytes: number; evaluation: EvaluationShape; available: number },
): PlanAlternative[] {
  const again = { recomputeActivations: true };
  const single = { accumulate: recipe.batch };
  const lora = { lora: PROPOSED_LORA };
  const found: PlanAlternative[] = [];
  const packs = recipe.lora?.prepackBase === true;
  const start: Recipe = packs ? { ...recipe, lora: { ...recipe.lora!, prepackBase: false } } : recipe;
  const fitting = (changes: Partial<Recipe>, more: string[], length: number): boolean => {
    const changed = { ...start, ...changes };
    const settings = packs ? ["lora.prepackBase=false", ...more] : more;
    const adapterParameters = changed.lora === undefined ? 0 : count(adapterShapes(config, changed.lora));
    const memory = estimateMemory({
      config,
      recipe: changed,
      length,
      adapterParameters,
      baseBytes: at.baseBytes,
      evaluation: at.evaluation,
    });
    if (memory.total > at.available) return false;
    found.push({ settings, length, memory });
    return true;
  };
  const says = {
    again: "recomputeActivations=true",
    single: `accumulate=${recipe.batch}`,
    lora: ["lora.rank=16", "lora.alpha=32"],
  };
  const changes: [Partial<Recipe>, string[]][] = [];
  if (packs) changes.push([{}, []]);
  if (!recipe.recomputeActivations) changes.push([again, [says.again]]);
  if (recipe.accumulate < recipe.batch) changes.push([single, [says.single]]);
  if (!recipe.recomputeActivations && recipe.accumulate < recipe.batch)
    changes.push([{ ...again, ...single }, [says.again, says.single]]);
  const least: [Partial<Recipe>, string[]] = changes.at(-1) ?? [{}, []];
  const inPlace = changes.filter(([change, settings]) => fitting(change, settings, at.length));
  const shorter = ([change, settings]: [Partial<Recipe>, string[]]): void => {
    for (let length = Math.floor(at.length / 2); length >= SHORTEST_ROWS; length = Math.floor(length / 2))
      if (fitting(change, settings, length)) return;
  };
  if (inPlace.length === 0) shorter(least);
  if (recipe.base !== undefined && recipe.lora === undefined) {
    const adapted: [Partial<Recipe>, string[]] = [{ ...least[0], ...lora }, [...least[1], ...says.lora]];
    if (!fitting(...adapted, at.length)) shorter(adapted);
  }
  return found;
}
