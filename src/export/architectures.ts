// How each architecture's Hugging Face weights become GGUF tensors: names, transforms, and what stays 32-bit. A table, so that
// another architecture is a row.
import type { Architecture, ModelConfig } from "../model/index.ts";

/** A change of a weight's rows on the way. */
export type Transform = "none" | "interleave-queries" | "interleave-keys";

/** One weight: its name in the checkpoint and in the file. */
export interface TensorMapping {
  readonly from: string;
  readonly to: string;
  readonly transform: Transform;
}

interface ArchitectureMapping {
  /** `general.architecture`. */
  readonly gguf: string;
  /**
   * llama.cpp runs this architecture's rotary embedding on adjacent pairs; checkpoints have it half-split. Rows of the query
   * and key projections are then interleaved, weights and biases alike.
   */
  readonly adjacentRotary: boolean;
}

const ARCHITECTURES: Readonly<Record<Architecture, ArchitectureMapping>> = {
  llama: { gguf: "llama", adjacentRotary: true },
  qwen2: { gguf: "qwen2", adjacentRotary: false },
};

/** Suffixes below `model.layers.N.` and `blk.N.`. */
const LAYER_NAMES: readonly (readonly [from: string, to: string])[] = [
  ["input_layernorm", "attn_norm"],
  ["self_attn.q_proj", "attn_q"],
  ["self_attn.k_proj", "attn_k"],
  ["self_attn.v_proj", "attn_v"],
  ["self_attn.o_proj", "attn_output"],
  ["post_attention_layernorm", "ffn_norm"],
  ["mlp.gate_proj", "ffn_gate"],
  ["mlp.up_proj", "ffn_up"],
  ["mlp.down_proj", "ffn_down"],
];

const GLOBAL_NAMES: Readonly<Record<string, string>> = {
  "model.embed_tokens": "token_embd",
  "model.norm": "output_norm",
  lm_head: "output",
};

/** `general.architecture` of a model. */
export function ggufArchitecture(config: ModelConfig): string {
  return ARCHITECTURES[config.architecture].gguf;
}

/** Where a checkpoint weight goes; `undefined` for one that the architecture does not have. */
export function mapTensor(name: string, config: ModelConfig): TensorMapping | undefined {
  const [, stem = "", suffix = ""] = name.match(/^(.*)\.(weight|bias)$/u) ?? [];
  const global = GLOBAL_NAMES[stem];
  if (global !== undefined) return { from: name, to: `${global}.${suffix}`, transform: "none" };
  const [, layer, part] = stem.match(/^model\.layers\.(\d+)\.(.*)$/u) ?? [];
  const target = LAYER_NAMES.find(([from]) => from === part)?.[1];
  if (layer === undefined || target === undefined) return undefined;
  const interleave = ARCHITECTURES[config.architecture].adjacentRotary;
  return {
    from: name,
    to: `blk.${layer}.${target}.${suffix}`,
    transform: !interleave
      ? "none"
      : target === "attn_q"
        ? "interleave-queries"
        : target === "attn_k"
          ? "interleave-keys"
          : "none",
  };
}

/** Rows of a weight (or a bias: rows of one value) after its transform; the input is not changed. */
export function applyTransform(
  values: Float32Array,
  transform: Transform,
  config: ModelConfig,
): Float32Array {
  switch (transform) {
    case "none":
      return values;
    case "interleave-queries":
      return interleaveHeads(values, config.heads, config.headSize);
    case "interleave-keys":
      return interleaveHeads(values, config.keyValueHeads, config.headSize);
    default:
      return transform satisfies never;
  }
}

/**
 * Half-split rows to adjacent pairs: within each head of size d, new row 2i + j = old row j d/2 + i. Grouped-query models need
 * the number of key heads for keys: with that of the queries the file loads and is silently wrong.
 */
export function interleaveHeads(values: Float32Array, heads: number, headSize: number): Float32Array {
  const half = headSize / 2;
  return moveRows(values, heads, headSize, (row) => 2 * (row % half) + Math.floor(row / half));
}

/** The inverse: adjacent pairs to half-split rows. */
export function splitHeads(values: Float32Array, heads: number, headSize: number): Float32Array {
  return moveRows(values, heads, headSize, (row) => (row % 2) * (headSize / 2) + Math.floor(row / 2));
}

function moveRows(
  values: Float32Array,
  heads: number,
  headSize: number,
  target: (row: number) => number,
): Float32Array {
  const width = values.length / (heads * headSize);
  const out = new Float32Array(values.length);
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < headSize; row++) {
      const from = (head * headSize + row) * width;
      out.set(values.subarray(from, from + width), (head * headSize + target(row)) * width);
    }
  }
  return out;
}

/** True for tensors that are stored as F32 in every file: norms, biases, everything with one dimension. */
export function staysFloat32(name: string, shape: readonly number[]): boolean {
  return shape.length < 2 || name.endsWith("_norm.weight") || !name.endsWith(".weight");
}
