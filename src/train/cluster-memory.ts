// Memory of one GPU of many, by kind, in PyTorch's mixed-precision training of a decoder: bf16 weights and gradients, float32 master weights and
// moments of AdamW, split over GPUs as ZeRO says (Rajbhandari et al. 2020, arXiv 1910.02054, figure 1 and table 1). FSDP2's sharding is ZeRO-3: float32
// shards and bf16 gathered copies come to the same 16 bytes a parameter.
import { type ModelConfig, parameterShapes } from "../model/index.ts";

/** What is trained, and how its base is kept. */
export type TrainedPart = "full" | "lora" | "qlora";

/** What is split over GPUs: nothing, optimizer, gradients too, weights too (FSDP2). */
export type Sharding = "ddp" | "zero-1" | "zero-2" | "zero-3";

/** One way to lay out a run. */
export interface Layout {
  readonly part: TrainedPart;
  readonly sharding: Sharding;
  /** GPUs that share. */
  readonly gpus: number;
  /** Rows that a GPU computes at once. */
  readonly rows: number;
  /** Positions of a row. */
  readonly length: number;
  /** Keep only what enters each layer, and compute the layer again for its gradient. */
  readonly checkpointing: boolean;
  /** Logits of a few rows at a time instead of all: Liger's and torchtune's chunked loss. */
  readonly chunkedLoss: boolean;
  /** 0 where all weights are trained. */
  readonly adapterParameters: number;
}

/** Bytes of one GPU. */
export interface GpuMemory {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  /** Kept for the gradient, and what one layer's takes. */
  readonly activations: number;
  /** Logits, their float32 copy, log-probabilities and gradient. */
  readonly logits: number;
  /** Buckets of gradients, or gathered layers. */
  readonly communication: number;
  /** CUDA context, libraries, fragmentation. */
  readonly runtime: number;
  readonly total: number;
}

const BF16 = 2;
const FLOAT = 4;
/** Float32 weights and two moments. */
const OPTIMIZER = 12;
/** PEFT keeps adapters in float32: weight and gradient, two moments. */
const ADAPTER = { weight: 4, gradient: 4, optimizer: 8 };
/** NF4 with doubly quantised scales: 4 + 0.127 bits (Dettmers et al. 2023, arXiv 2305.14314, section 3). */
const NF4 = 4.127 / 8;
/** bf16 logits, float32 logits, log-softmax, gradient: as transformers computes its loss. */
const LOGIT_BYTES = BF16 + FLOAT + FLOAT + FLOAT;
/** Positions whose logits a chunked loss holds. */
const LOGIT_CHUNK = 1024;
/**
 * DeepSpeed's buckets for gradients at 2e8 elements: overlapping takes 4.5 times 2 x 2 bytes of it (its documentation on overlap_comm). DDP's are views of
 * the gradients.
 */
const BUCKETS = 2e8 * BF16 * 2 * 4.5;
const CONTEXT_BYTES = 2 * 2 ** 30;
/** Share that a caching allocator cannot use. */
const FRAGMENTATION = 0.05;

/**
 * Bytes that transformers' eager layers keep of a token for the gradient, in bf16 with fused attention. Measured by perf/activation_bytes.py
 * (transformers 5.23, torch 2.15), exact for llama and qwen2, to 0.1 % for gemma: float32 copies in norms (two a layer: 4 + 2 + 2 bytes a value, gemma 4 + 4 + 2),
 * queries and attention's output, keys and values, four values of the MLP's width, and float32 statistics of each head and norm.
 */
export function layerBytesPerToken(config: ModelConfig): number {
  const norms = config.architecture.startsWith("gemma") ? 20 : 16;
  return (
    norms * config.hiddenSize +
    2 * BF16 * config.heads * config.headSize +
    2 * BF16 * config.keyValueHeads * config.headSize +
    4 * BF16 * config.intermediateSize +
    FLOAT * (config.heads + 2)
  );
}

/** How a model's parameters are spread: in all, in the matrices of its layers, in one layer, and outside the layers. */
function parameterParts(config: ModelConfig): {
  readonly all: number;
  readonly matrices: number;
  readonly layer: number;
  readonly outside: number;
} {
  let [all, matrices, outside] = [0, 0, 0];
  for (const { shape, layer } of parameterShapes(config)) {
    const size = shape.reduce((a, b) => a * b, 1);
    all += size;
    if (layer === undefined) outside += size;
    else if (shape.length === 2) matrices += size;
  }
  return { all, matrices, layer: (all - outside) / config.layers, outside };
}

/** Memory of one GPU under a layout. */
export function estimateGpuMemory(config: ModelConfig, layout: Layout): GpuMemory {
  const { part, sharding, gpus, rows, length, checkpointing, chunkedLoss } = layout;
  const { all, matrices, layer, outside } = parameterParts(config);
  const tokens = rows * length;
  const weightShare = sharding === "zero-3" ? gpus : 1;
  const gradientShare = sharding === "zero-2" || sharding === "zero-3" ? gpus : 1;
  const optimizerShare = sharding === "ddp" ? 1 : gpus;
  const adapters = layout.adapterParameters;
  const base = part === "qlora" ? NF4 * matrices + BF16 * (all - matrices) : BF16 * all;
  const full = part === "full";
  const weights = base / weightShare + (full ? 0 : (ADAPTER.weight * adapters) / weightShare);
  const gradients = (full ? BF16 * all : ADAPTER.gradient * adapters) / gradientShare;
  const optimizer = (full ? OPTIMIZER * all : ADAPTER.optimizer * adapters) / optimizerShare;
  // The layer being computed and the next one; the embedding and the head are gathered for the whole pass at worst.
  const gathered =
    sharding === "zero-3" && gpus > 1 ? BF16 * (2 * layer + outside) + (full ? BF16 * layer : 0) : 0;
  const bucketed = full && gpus > 1 && (sharding === "zero-1" || sharding === "zero-2");
  // A quantised layer's matrices are widened one layer at a time.
  const widened = part === "qlora" ? BF16 * layer : 0;
  const communication = gathered + (bucketed ? Math.min(BUCKETS, BF16 * all) : 0) + widened;
  const perLayer = layerBytesPerToken(config) * tokens;
  // Gradients inside a layer are about as large as what was kept of it.
  const activations = checkpointing
    ? BF16 * config.hiddenSize * config.layers * tokens + 2 * perLayer
    : perLayer * config.layers + perLayer;
  const logits = LOGIT_BYTES * config.vocabularySize * (chunkedLoss ? Math.min(tokens, LOGIT_CHUNK) : tokens);
  const sum = weights + gradients + optimizer + activations + logits + communication;
  const runtime = CONTEXT_BYTES + FRAGMENTATION * sum;
  return { weights, gradients, optimizer, activations, logits, communication, runtime, total: sum + runtime };
}
