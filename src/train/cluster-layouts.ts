// The ways to lay a run out on the GPUs of a cluster, and what each takes.
import type { ModelConfig } from "../model/index.ts";
import { flopsPerToken } from "./arithmetic.ts";
import { type Cluster, gpuCount } from "./cluster.ts";
import {
  estimateGpuMemory,
  type GpuMemory,
  type Layout,
  type Sharding,
  type TrainedPart,
} from "./cluster-memory.ts";
import { clusterRate, type Range, stepTraffic, type Traffic } from "./cluster-time.ts";
import type { Recipe } from "./recipe.ts";

/** One way to run, and what it takes. */
export interface ClusterOption {
  readonly part: TrainedPart;
  readonly sharding: Sharding;
  readonly checkpointing: boolean;
  readonly chunkedLoss: boolean;
  /** Rows that a GPU computes at once, and how often before a step. */
  readonly rows: number;
  readonly accumulate: number;
  readonly memory: GpuMemory;
  readonly fits: boolean;
  /** It fits on paper with less than 8 % to spare, which what is not modelled may take. */
  readonly tight: boolean;
  readonly tokensPerSecond: Range;
  readonly hours: Range;
  readonly cost?: Range;
  /** Bytes that travel in a step of the optimizer. */
  readonly traffic: Traffic;
}

const SHARDINGS: readonly Sharding[] = ["ddp", "zero-1", "zero-2", "zero-3"];
/** Share of a GPU's memory that a plan may fill where another way is as good as any. */
const ROOMY = 0.92;

/** What a run is, wherever it runs. */
export interface ClusterWork {
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly recipe: Recipe;
  readonly length: number;
  readonly steps: number;
  readonly price: number | undefined;
}

/** Every way of sharing, each without and with recomputation: the most rows at once that fit. */
export function layOut(
  part: TrainedPart,
  adapterParameters: number,
  work: ClusterWork,
  cluster: Cluster,
): ClusterOption[] {
  const gpus = gpuCount(cluster);
  const shardings =
    gpus === 1 ? (["ddp"] as const) : part === "full" ? SHARDINGS : (["ddp", "zero-3"] as const);
  const each = work.recipe.batch / gpus;
  return shardings.flatMap((sharding) =>
    [false, true].map((checkpointing) => {
      // All logits at once if that fits at all, as trainers do it unless told otherwise.
      for (const chunkedLoss of [false, true]) {
        const best = divisors(each)
          .map((rows) =>
            weigh(
              {
                part,
                sharding,
                gpus,
                rows,
                length: work.length,
                checkpointing,
                chunkedLoss,
                adapterParameters,
              },
              work,
              cluster,
            ),
          )
          .filter(({ fits }) => fits);
        const roomy = best.findLast(({ tight }) => !tight) ?? best.at(-1);
        if (roomy !== undefined) return roomy;
      }
      const least = {
        part,
        sharding,
        gpus,
        rows: 1,
        length: work.length,
        checkpointing,
        chunkedLoss: true,
        adapterParameters,
      };
      return weigh(least, work, cluster);
    }),
  );
}

function weigh(
  layout: Layout,
  { config, parameters, recipe, steps, price, length }: ClusterWork,
  cluster: Cluster,
): ClusterOption {
  const { part, sharding, checkpointing, chunkedLoss, rows } = layout;
  const accumulate = recipe.batch / layout.gpus / rows;
  const memory = estimateGpuMemory(config, layout);
  const shape = {
    layout,
    accumulate,
    parameters,
    flopsPerToken: flopsPerToken(config, length, part === "full"),
  };
  const tokensPerSecond = clusterRate(shape, cluster);
  const [low, high] = tokensPerSecond;
  const tokens = steps * recipe.batch * length;
  const hours: Range = [tokens / high / 3600, tokens / low / 3600];
  const paid = (hour: number): number => hour * gpuCount(cluster) * (price ?? 0);
  return {
    part,
    sharding,
    checkpointing,
    chunkedLoss,
    rows,
    accumulate,
    memory,
    fits: memory.total <= cluster.gpu.memory,
    tight: memory.total <= cluster.gpu.memory && memory.total > ROOMY * cluster.gpu.memory,
    tokensPerSecond,
    hours,
    ...(price === undefined ? {} : { cost: [paid(hours[0]), paid(hours[1])] as const }),
    traffic: stepTraffic(shape, cluster),
  };
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}
