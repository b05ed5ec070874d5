// A run before it is begun: how large, how long, how much memory, and what to change where that is too much. Needs no weights.
import { availableMemory } from "../engine/index.ts";
import { flopsPerToken, measureMatmulRate } from "./arithmetic.ts";
import { estimateMemory, type MemoryEstimate, type MemoryShape } from "./memory-estimate.ts";
import { measureOptimizer } from "./optimizer.ts";
import type { Recipe } from "./recipe.ts";
import { adapterCount, type RunOptions, type RunSize, readRunSize } from "./run-size.ts";
import { measureSlice } from "./step-rate.ts";

/** Another way to run, and what it would take. */
export interface PlanAlternative {
  /** Settings, as `--set` takes them. */
  readonly settings: readonly string[];
  /** Length of rows, where they would have to be packed anew. */
  readonly length: number;
  readonly memory: MemoryEstimate;
}

/** What a run would take. */
export interface TrainingPlan extends RunSize {
  readonly memory: MemoryEstimate;
  /** Bytes that could be had now. */
  readonly available: number;
  readonly fits: boolean;
  /** What would fit, where this does not. */
  readonly alternatives: readonly PlanAlternative[];
  /** What would take less time and fits too: a packed base, where the recipe does not say. */
  readonly quicker: PlanAlternative | undefined;
  readonly tokensPerSecond: number;
  readonly seconds: number;
  /** Operations a second of plain matrix products here, and of training steps. */
  readonly matmulRate: number;
  readonly stepRate: number;
  /** The step's rate was measured on a slice of the model, or assumed from that of products where a slice is too large. */
  readonly measured: boolean;
}

/** What to plan for. */
export interface PlanOptions extends RunOptions {
  /** CPU threads. Default 1. */
  readonly threads?: number;
  /** Measure steps on a slice of the model, which takes seconds; else their rate is taken from that of products. Default true. */
  readonly probe?: boolean;
  /** Bytes to fit into. Default: what is free now. */
  readonly available?: number;
  readonly signal?: AbortSignal;
}

/** Of the rate of products, where no slice could be measured. */
const ASSUMED_SHARE = 0.7;

/** Plans a run. `UserError` where neither rows nor recipe say how long it is. */
export async function planTraining(options: PlanOptions): Promise<TrainingPlan> {
  const { recipe, threads = 1, available = availableMemory() } = options;
  const { size, shape } = await readRunSize(options);
  const { config, length } = shape;
  const memory = estimateMemory(shape);
  const fits = memory.total <= available;
  const matmulRate = await measureMatmulRate(threads);
  options.signal?.throwIfAborted();
  const found =
    options.probe === false
      ? undefined
      : await measureSlice(config, recipe, { length, threads, matmulRate, available });
  const stepRate = found ?? ASSUMED_SHARE * matmulRate;
  const flops = flopsPerToken(config, length, recipe.lora === undefined) * recipe.batch * length;
  const stepSeconds = flops / stepRate + size.trainedParameters * (await measureOptimizer(threads));
  return {
    ...size,
    memory,
    available,
    fits,
    alternatives: fits ? [] : findAlternatives(recipe, shape, available),
    quicker: findQuicker(recipe, shape, available),
    tokensPerSecond: (recipe.batch * length) / stepSeconds,
    seconds: stepSeconds * size.steps,
    matmulRate,
    stepRate,
    measured: found !== undefined,
  };
}

function findQuicker(recipe: Recipe, planned: MemoryShape, available: number): PlanAlternative | undefined {
  if (recipe.lora === undefined || recipe.lora.prepackBase !== undefined) return undefined;
  const lora = { ...recipe.lora, prepackBase: true };
  const memory = estimateMemory({ ...planned, recipe: { ...recipe, lora } });
  if (memory.total > available) return undefined;
  return { settings: ["lora.prepackBase=true"], length: planned.length, memory };
}

/** Adapters to propose. */
const PROPOSED_LORA = { rank: 16, alpha: 32, targets: "all-linear", dropout: 0 } as const;
const SHORTEST_ROWS = 512;

/** What fits, the least change first. */
function findAlternatives(recipe: Recipe, planned: MemoryShape, available: number): PlanAlternative[] {
  const again = { recomputeActivations: true };
  const single = { accumulate: recipe.batch };
  const lora = { lora: PROPOSED_LORA };
  const found: PlanAlternative[] = [];
  const packs = recipe.lora?.prepackBase === true;
  const start: Recipe = packs ? { ...recipe, lora: { ...recipe.lora!, prepackBase: false } } : recipe;
  const fitting = (changes: Partial<Recipe>, more: string[], length: number): boolean => {
    const changed = { ...start, ...changes };
    const settings = packs ? ["lora.prepackBase=false", ...more] : more;
    const adapterParameters = adapterCount(planned.config, changed);
    const memory = estimateMemory({ ...planned, recipe: changed, length, adapterParameters });
    if (memory.total > available) return false;
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
  const inPlace = changes.filter(([change, settings]) => fitting(change, settings, planned.length));
  const shorter = ([change, settings]: [Partial<Recipe>, string[]]): void => {
    for (
      let length = Math.floor(planned.length / 2);
      length >= SHORTEST_ROWS;
      length = Math.floor(length / 2)
    )
      if (fitting(change, settings, length)) return;
  };
  if (inPlace.length === 0) shorter(least);
  if (recipe.base !== undefined && recipe.lora === undefined) {
    const adapted: [Partial<Recipe>, string[]] = [{ ...least[0], ...lora }, [...least[1], ...says.lora]];
    if (!fitting(...adapted, planned.length)) shorter(adapted);
  }
  return found;
}
