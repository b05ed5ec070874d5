// How fast a cluster trains, as a range: arithmetic at a low and a high share of the GPUs' peak, and what must travel between them. A model on paper;
// every assumption is named.
import { type Cluster, gpuCount } from "./cluster.ts";
import type { Layout } from "./cluster-memory.ts";

/** What a step of the optimizer is. */
export interface StepShape {
  readonly layout: Layout;
  /** Times that a GPU computes rows before the weights change. */
  readonly accumulate: number;
  /** Floating point operations of a token, forward and backward, nothing computed twice. */
  readonly flopsPerToken: number;
  readonly parameters: number;
}

/** Bytes that travel in one step of the optimizer. */
export interface Traffic {
  /** Sent by a GPU. */
  readonly perGpu: number;
  /** Sent out of a node; 0 where there is one. */
  readonly perNode: number;
}

/** Low and high. */
export type Range = readonly [number, number];

/** Share of a link's rate that collectives reach. */
const LINK_SHARE = 0.8;
/** Forward, backward (twice as much), and the forward pass again: how many times the arithmetic counts. */
const RECOMPUTED = 4 / 3;
/** Widening NF4 weights again and again (unsloth's and bitsandbytes' users report a fifth to a half slower than bf16 LoRA; no published figure was found). */
const QLORA_SLOWER = 1.35;
const BF16 = 2;
const FLOAT = 4;

/**
 * What collectives send. A ring sends (n - 1)/n of a tensor for each gather or scatter, and both for an all-reduce (Patarasu and Yuan 2009). DDP
 * all-reduces gradients once a step; ZeRO-1 scatters them once and gathers weights; ZeRO-2 scatters after each part of the step; ZeRO-3 gathers weights
 * twice and scatters gradients once in each part (arXiv 1910.02054, section 7).
 */
export function stepTraffic({ layout, accumulate, parameters }: StepShape, cluster: Cluster): Traffic {
  const { part, sharding, gpus, adapterParameters } = layout;
  if (gpus === 1) return { perGpu: 0, perNode: 0 };
  const weights = BF16 * parameters;
  const gradients = part === "full" ? BF16 * parameters : FLOAT * adapterParameters;
  // QLoRA's sharded weights travel as they are kept, in 4 bits.
  const gathered = part === "qlora" ? weights / 4 : weights;
  const tensors = {
    ddp: 2 * gradients,
    "zero-1": gradients + (part === "full" ? weights : gradients),
    "zero-2": accumulate * gradients + (part === "full" ? weights : gradients),
    "zero-3": accumulate * (2 * gathered + gradients),
  }[sharding];
  const { nodes } = cluster;
  return {
    perGpu: ((gpus - 1) / gpus) * tensors,
    // A ring through all GPUs leaves each node once: the node sends what one GPU does, over all of its network cards.
    perNode: nodes === 1 ? 0 : ((gpus - 1) / gpus) * tensors,
  };
}

/** Seconds of a step: fast where computing hides what travels, slow where it hides nothing. */
export function stepSeconds(shape: StepShape, cluster: Cluster): Range {
  const { layout, accumulate, flopsPerToken } = shape;
  const { gpu } = cluster;
  const tokens = layout.rows * layout.length * accumulate;
  const work =
    tokens *
    flopsPerToken *
    (layout.checkpointing ? RECOMPUTED : 1) *
    (layout.part === "qlora" ? QLORA_SLOWER : 1);
  const { perGpu, perNode } = stepTraffic(shape, cluster);
  const travel = Math.max(perGpu / (gpu.link * LINK_SHARE), perNode / ((cluster.network / 8) * LINK_SHARE));
  const [low, high] = gpu.mfu;
  return [Math.max(work / (gpu.flops * high), travel), work / (gpu.flops * low) + travel];
}

/** Tokens a second of the whole cluster, low and high. */
export function clusterRate(shape: StepShape, cluster: Cluster): Range {
  const tokens = shape.layout.rows * shape.layout.length * shape.accumulate * gpuCount(cluster);
  const [fast, slow] = stepSeconds(shape, cluster);
  return [tokens / slow, tokens / fast];
}
