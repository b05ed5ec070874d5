// How each architecture's Hugging Face weights become GGUF tensors: names, transforms, and what stays 32-bit. A table, so that
// another architecture is a row.
import type { Architecture, ModelConfig, ParameterShape, WeightRole } from "../model/index.ts";
import type { PieceBuffers } from "./encode-tensor.ts";

/** A change of a weight's rows on the way. */
export type Transform = "none" | "interleave-heads" | "plus-one";

/** Where a weight goes in the file. */
export interface TensorMapping {
  readonly to: string;
  readonly transform: Transform;
}

interface ArchitectureMapping {
  /** `general.architecture`. */
  readonly gguf: string;
  /** Roles whose weights and biases change on the way. */
  readonly transforms: Readonly<Partial<Record<WeightRole, Transform>>>;
  /** The head size is stated even where it is hidden size / heads, as the reference converter does. */
  readonly alwaysHeadSize?: boolean;
}

/**
 * llama.cpp runs the rotary embedding of `llama` on adjacent pairs; checkpoints have it half-split. Rows of the query and key
 * projections are then interleaved, weights and biases alike.
 */
const LLAMA: ArchitectureMapping = {
  gguf: "llama",
  transforms: { query: "interleave-heads", key: "interleave-heads" },
};

/** Checkpoints of Gemma store what their norms multiply by as the difference from one; files store it whole. */
const PLUS_ONE: ArchitectureMapping["transforms"] = {
  "attention-norm": "plus-one",
  "attention-output-norm": "plus-one",
  "mlp-norm": "plus-one",
  "mlp-output-norm": "plus-one",
  "final-norm": "plus-one",
};

const ARCHITECTURES: Readonly<Record<Architecture, ArchitectureMapping>> = {
  llama: LLAMA,
  mistral: LLAMA,
  qwen2: { gguf: "qwen2", transforms: {} },
  qwen3: { gguf: "qwen3", transforms: {}, alwaysHeadSize: true },
  gemma: { gguf: "gemma", transforms: PLUS_ONE, alwaysHeadSize: true },
  gemma2: {
    gguf: "gemma2",
    transforms: PLUS_ONE,
    alwaysHeadSize: true,
  },
  qwen: { gguf: "qwen", transforms: {} },
};

/** GGUF's names, those of a layer below `blk.N.`. */
const GGUF_NAMES: Readonly<Record<WeightRole, string>> = {
  embedding: "token_embd",
  "final-norm": "output_norm",
  head: "output",
  "attention-norm": "attn_norm",
  query: "attn_q",
  key: "attn_k",
  value: "attn_v",
  "query-key-value": "attn_qkv",
  "query-norm": "attn_q_norm",
  "key-norm": "attn_k_norm",
  "attention-output": "attn_output",
  "attention-output-norm": "post_attention_norm",
  "mlp-norm": "ffn_norm",
  "mlp-gate": "ffn_gate",
  "mlp-up": "ffn_up",
  "mlp-down": "ffn_down",
  "mlp-output-norm": "post_ffw_norm",
};

/** `general.architecture` of a model. */
export function ggufArchitecture(config: ModelConfig): string {
  return ARCHITECTURES[config.architecture].gguf;
}

/** Whether the file must say how wide a head is: readers otherwise take hidden size / heads. */
export function statesHeadSize(config: ModelConfig): boolean {
  const usual = config.headSize === config.hiddenSize / config.heads;
  return !usual || ARCHITECTURES[config.architecture].alwaysHeadSize === true;
}

/** Where a checkpoint weight goes. */
export function mapTensor({ role, kind, layer }: ParameterShape, config: ModelConfig): TensorMapping {
  const block = layer === undefined ? "" : `blk.${layer}.`;
  return {
    to: `${block}${GGUF_NAMES[role]}.${kind}`,
    transform: ARCHITECTURES[config.architecture].transforms[role] ?? "none",
  };
}

/**
 * Whole heads of a weight (or of a bias: rows of one value) after its transform, in `buffers`; the input is not changed. A piece
 * of a tensor is transformed as the whole is. The bytes may be of any type of values where rows only move; `plus-one` wants
 * float32.
 */
export function applyTransform(
  bytes: Uint8Array,
  transform: Transform,
  shape: HeadShape,
  buffers: PieceBuffers,
): Uint8Array {
  switch (transform) {
    case "none":
      return bytes;
    case "plus-one": {
      const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      return new Uint8Array(values.map((value) => value + 1).buffer);
    }
    case "interleave-heads":
      return interleaveHeads(bytes, shape, buffers.take("changed", bytes.byteLength));
    default:
      return transform satisfies never;
  }
}

/** Rows of each head: their number, and the bytes of one (of one value in a bias). */
export interface HeadShape {
  readonly headSize: number;
  readonly rowBytes: number;
}

/** Half-split rows to adjacent pairs: within each head of size d, new row 2i + j = old row j d/2 + i. */
function interleaveHeads(bytes: Uint8Array, shape: HeadShape, out: Uint8Array): Uint8Array {
  const half = shape.headSize / 2;
  return moveRows(bytes, shape, out, (row) => 2 * (row % half) + Math.floor(row / half));
}

/** The inverse: adjacent pairs to half-split rows, in `out`. */
export function splitHeads(bytes: Uint8Array, shape: HeadShape, out: Uint8Array): Uint8Array {
  return moveRows(bytes, shape, out, (row) => (row % 2) * (shape.headSize / 2) + Math.floor(row / 2));
}

function moveRows(
  bytes: Uint8Array,
  { headSize, rowBytes }: HeadShape,
  out: Uint8Array,
  target: (row: number) => number,
): Uint8Array {
  const headBytes = headSize * rowBytes;
  for (let head = 0; head < bytes.byteLength; head += headBytes) {
    for (let row = 0; row < headSize; row++) {
      const from = head + row * rowBytes;
      out.set(bytes.subarray(from, from + rowBytes), head + target(row) * rowBytes);
    }
  }
  return out;
}

/** True for tensors that are stored as F32 in every file: norms, biases, everything with one dimension. */
export function staysFloat32(name: string, shape: readonly number[]): boolean {
  return shape.length < 2 || name.endsWith("_norm.weight") || !name.endsWith(".weight");
}
