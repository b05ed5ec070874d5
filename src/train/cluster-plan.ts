// A run on many GPUs before any is rented: which ways to lay it out fit, how long each takes, what it costs and writes. Arithmetic on paper; the plan says
// what it assumes.
import { join } from "node:path";
import { readJson, UserError } from "../core/index.ts";
import { type ModelConfig, parameterCount, parseModelConfig } from "../model/index.ts";
import { knownBase, locateBase } from "./base.ts";
import { type Cluster, gpuCount } from "./cluster.ts";
import { type ClusterOption, type ClusterWork, layOut } from "./cluster-layouts.ts";
import type { TrainedPart } from "./cluster-memory.ts";
import type { Range } from "./cluster-time.ts";
import { GPUS } from "./gpus.ts";
import { adapterShapes } from "./lora.ts";
import type { LoraSettings, Recipe } from "./recipe.ts";

/** Bytes on the shared folder. */
export interface ClusterDisk {
  /** The base's weights, bf16. */
  readonly base: number;
  /** Packed rows. */
  readonly rows: number;
  /** One checkpoint to go on from: weights, float32 weights, moments. */
  readonly checkpoint: number;
  /** As many as are kept, and one that is being written. */
  readonly checkpoints: number;
  /** The result alone. */
  readonly result: number;
  readonly total: number;
}

/** What a run on a cluster would take. */
export interface ClusterPlan {
  readonly parameters: number;
  readonly trainedParameters: number;
  readonly length: number;
  readonly batch: number;
  readonly steps: number;
  readonly tokens: number;
  readonly cluster: {
    readonly nodes: number;
    readonly gpusPerNode: number;
    readonly gpu: string;
    readonly memory: number;
    /** Bits a second of a node. */
    readonly network: number;
  };
  /** The fastest that fits. */
  readonly chosen?: ClusterOption;
  /** Each way of sharing, with the most rows at once that fit, or one row. */
  readonly options: readonly ClusterOption[];
  /** What would fit, where nothing here does. */
  readonly alternatives: readonly string[];
  readonly disk: ClusterDisk;
  readonly assumptions: readonly string[];
}

/** What to plan for. */
export interface ClusterPlanOptions {
  readonly recipe: Recipe;
  readonly cluster: Cluster;
  /** Of a GPU and hour, in any currency. */
  readonly price?: number | undefined;
}

/** Packed rows with their documents' places: 5.8 and 6.3 bytes a position were seen (rows of 4,096 and of 512; five columns of int32 in Parquet). */
const ROW_BYTES = 6;
const UTILISATION = 0.99;
const BF16 = 2;
const CHECKPOINT_BYTES = 2 + 12;
const ADAPTER_BYTES = 4 + 8;
/** Adapters to propose where full training does not fit. */
const PROPOSED_LORA: LoraSettings = { rank: 16, alpha: 32, targets: "all-linear", dropout: 0 };
const MOST_NODES = 128;

/** Plans a run. `UserError` where the recipe does not say how long it is, or its batch cannot be dealt out. */
export async function planCluster(options: ClusterPlanOptions): Promise<ClusterPlan> {
  const { recipe, cluster } = options;
  const config = await readShape(recipe);
  const { length, rows } = readRows(recipe);
  const parameters = parameterCount(config);
  const adapterParameters = recipe.lora === undefined ? 0 : adaptersOf(config, recipe.lora);
  const steps = recipe.steps ?? Math.ceil(rows / recipe.batch);
  const gpus = gpuCount(cluster);
  if (recipe.batch % gpus !== 0) {
    const near = [Math.floor(recipe.batch / gpus) * gpus, Math.ceil(recipe.batch / gpus) * gpus].filter(
      (n) => n > 0,
    );
    throw new UserError(
      "bad-cluster",
      `${recipe.batch} rows a step cannot be dealt out evenly to ${gpus} GPUs`,
      {
        at: "batch",
        remedy: `Set the batch to ${near.join(" or ")} (--set batch=N), or take a number of GPUs that divides it.`,
      },
    );
  }
  const work: ClusterWork = { config, parameters, recipe, length, steps, price: options.price };
  const parts: readonly TrainedPart[] = recipe.lora === undefined ? ["full"] : ["lora", "qlora"];
  const found = parts.flatMap((part) => layOut(part, adapterParameters, work, cluster));
  const fitting = found.filter(({ fits }) => fits);
  // The recipe's own way first: 4-bit weights only where others do not fit. Then what leaves room, the fastest, then the one that needs less.
  const chosen = [...fitting].sort(
    (a, b) =>
      parts.indexOf(a.part) - parts.indexOf(b.part) ||
      Number(a.tight) - Number(b.tight) ||
      middle(b.tokensPerSecond) - middle(a.tokensPerSecond) ||
      Number(a.chunkedLoss) - Number(b.chunkedLoss) ||
      a.memory.total - b.memory.total,
  )[0];
  const trainedParameters = recipe.lora === undefined ? parameters : adapterParameters;
  return {
    parameters,
    trainedParameters,
    length,
    batch: recipe.batch,
    steps,
    tokens: steps * recipe.batch * length,
    cluster: {
      nodes: cluster.nodes,
      gpusPerNode: cluster.gpusPerNode,
      gpu: cluster.gpu.name,
      memory: cluster.gpu.memory,
      network: cluster.network,
    },
    ...(chosen === undefined ? {} : { chosen }),
    options: found,
    alternatives: chosen === undefined ? findAlternatives(work, adapterParameters, cluster) : [],
    disk: diskOf(work, recipe.lora === undefined ? undefined : adapterParameters),
    assumptions: assumptionsOf(cluster),
  };
}

/** What would fit: more of the same GPUs, larger ones, adapters. */
function findAlternatives(work: ClusterWork, adapterParameters: number, cluster: Cluster): string[] {
  const { config, recipe } = work;
  const part: TrainedPart = recipe.lora === undefined ? "full" : "qlora";
  const fits = (at: Cluster, trained: TrainedPart, adapters: number): boolean =>
    recipe.batch % gpuCount(at) === 0 && layOut(trained, adapters, work, at).some((option) => option.fits);
  const found: string[] = [];
  for (let nodes = cluster.nodes + 1; nodes <= MOST_NODES; nodes++) {
    if (!fits({ ...cluster, nodes }, part, adapterParameters)) continue;
    found.push(`${nodes}x${cluster.gpusPerNode}x${cluster.gpu.name}`);
    break;
  }
  const larger = GPUS.filter(({ memory }) => memory > cluster.gpu.memory)
    .sort((a, b) => a.memory - b.memory)
    .find((gpu) => fits({ ...cluster, gpu }, part, adapterParameters));
  if (larger !== undefined) found.push(`${cluster.nodes}x${cluster.gpusPerNode}x${larger.name}`);
  if (recipe.lora === undefined) {
    const adapters = adaptersOf(config, PROPOSED_LORA);
    if (fits(cluster, "lora", adapters))
      found.push("LoRA on these GPUs (--set lora.rank=16 --set lora.alpha=32)");
    else if (fits(cluster, "qlora", adapters))
      found.push("QLoRA on these GPUs (--set lora.rank=16 --set lora.alpha=32, base in 4 bits)");
  }
  return found;
}

function diskOf(
  { parameters, recipe, steps, length }: ClusterWork,
  adapters: number | undefined,
): ClusterDisk {
  const base = recipe.base === undefined ? 0 : BF16 * parameters;
  const rows = Math.round(steps * recipe.batch * length * ROW_BYTES);
  const checkpoint = adapters === undefined ? CHECKPOINT_BYTES * parameters : ADAPTER_BYTES * adapters;
  const checkpoints = checkpoint * (recipe.keepCheckpoints + 1);
  const result = adapters === undefined ? BF16 * parameters : 4 * adapters;
  return { base, rows, checkpoint, checkpoints, result, total: base + rows + checkpoints + result };
}

function assumptionsOf({ gpu, nodes, gpusPerNode, network }: Cluster): string[] {
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  return [
    `${gpu.name}: ${(gpu.flops / 1e12).toFixed(0)} TFLOP/s of dense bf16 (${gpu.source}), of which training reaches ${percent(gpu.mfu[0])} to ${percent(gpu.mfu[1])}`,
    "bf16 weights and gradients, float32 master weights and AdamW moments (16 bytes a parameter); layers as in transformers with fused attention",
    "checkpointing computes every layer twice: 4/3 of the arithmetic; logits are held in bf16 and three times in float32, or 1,024 positions at a time (chunked)",
    ...(gpusPerNode > 1
      ? [`${gpu.linkName}: ${(gpu.link / 1e9).toFixed(0)} GB/s each way within a node, 80 % of it reached`]
      : []),
    ...(nodes > 1
      ? [
          `network: ${(network / 1e9).toFixed(0)} Gbit/s a node, 80 % of it reached (--network says otherwise)`,
        ]
      : []),
    "fast: computing hides what travels; slow: it hides nothing; neither counts loading, evaluation, checkpoints or failures",
    `packed rows use ${percent(UTILISATION)} of their positions; 6 bytes a position on disk`,
  ];
}

async function readShape(recipe: Recipe): Promise<ModelConfig> {
  const { base } = recipe;
  if (base === undefined) {
    throw new UserError("missing-option", "a model from scratch is planned by apollo train --dry-run", {
      at: "model",
      remedy: "Give a recipe with a base.",
    });
  }
  const known = knownBase(base);
  if (known !== undefined) return known;
  const file = join(await locateBase(base, { configOnly: true }), "config.json");
  return parseModelConfig(await readJson(file), file);
}

function readRows(recipe: Recipe): { length: number; rows: number } {
  const { length, expectedTokens } = recipe.pack ?? {};
  if (length === undefined || (expectedTokens === undefined && recipe.steps === undefined)) {
    throw new UserError("missing-option", "nothing says how many rows there are, and of what length", {
      at: "pack",
      remedy: "Add pack.length and pack.expectedTokens to the recipe, or --set them.",
    });
  }
  return {
    length,
    rows: expectedTokens === undefined ? 0 : Math.ceil(expectedTokens / UTILISATION / length),
  };
}

function adaptersOf(config: ModelConfig, lora: LoraSettings): number {
  return adapterShapes(config, lora).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

function middle([low, high]: Range): number {
  return (low + high) / 2;
}
