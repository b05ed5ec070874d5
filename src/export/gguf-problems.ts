// What is wrong with a GGUF file as far as its header shows it: faults that stop it from loading, and those that let it load
// and answer badly without a word.
import type { GgufHeader, GgufTensor } from "../engine/index.ts";
import { alignUp, DEFAULT_ALIGNMENT } from "./gguf-format.ts";
import type { Problem } from "./inspect.ts";
import { tokenizerProblems } from "./tokenizer-problems.ts";

/** Keys without which llama.cpp builds no model, below the architecture's prefix. */
const REQUIRED_KEYS = [
  "block_count",
  "context_length",
  "embedding_length",
  "feed_forward_length",
  "attention.head_count",
  "attention.layer_norm_rms_epsilon",
] as const;

/** Decoders whose attention and MLP tensors are laid out as checked here. */
const CHECKED_ARCHITECTURES = new Set(["llama", "qwen", "qwen2", "qwen3", "gemma", "gemma2"]);
/** Those whose head is always the embedding: a head of their own is a tensor that no loader asks for. */
const ALWAYS_TIED = new Set(["gemma", "gemma2"]);

/** Those whose loader wants a head even where it equals the embedding. */
const NEVER_TIED = new Set(["qwen"]);

/** All problems that the header shows. */
export function ggufProblems(header: GgufHeader): Problem[] {
  const architecture = header.metadata.get("general.architecture");
  const problems = offsetProblems(header);
  if (typeof architecture !== "string") {
    return [{ code: "no-architecture", message: "general.architecture is missing" }, ...problems];
  }
  if (header.tensors.length === 0) {
    problems.push({
      code: "vocabulary-only",
      message: "holds a vocabulary and no weights: it cannot be run",
    });
  } else if (CHECKED_ARCHITECTURES.has(architecture)) {
    problems.push(...modelProblems(header, architecture));
  }
  return [...problems, ...tokenizerProblems(header, architecture)];
}

/** llama.cpp wants every offset to be the running sum of padded sizes. */
function offsetProblems({ metadata, tensors }: GgufHeader): Problem[] {
  const alignment = Number(metadata.get("general.alignment") ?? DEFAULT_ALIGNMENT);
  let expected = 0;
  for (const tensor of tensors) {
    if (tensor.offset !== expected) {
      const message = `${tensor.name} lies at ${tensor.offset}, ${expected} was expected: a hole or an overlap`;
      return [{ code: "tensor-offset", message }];
    }
    expected = alignUp(expected + tensor.bytes, alignment);
  }
  return [];
}

function modelProblems({ metadata, tensors }: GgufHeader, architecture: string): Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, message: string): void => {
    problems.push({ code, message });
  };
  for (const key of REQUIRED_KEYS) {
    if (!metadata.has(`${architecture}.${key}`)) add("missing-key", `${architecture}.${key} is missing`);
  }
  if (problems.length > 0) return problems;
  if (/^qwen[23]$/u.test(architecture) && !metadata.has(`${architecture}.rope.freq_base`)) {
    add(
      "no-rope-base",
      `${architecture}.rope.freq_base is missing: 10000 is taken, these models were trained with more`,
    );
  }
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  problems.push(...shapeProblems(metadata, architecture, byName));
  if (ALWAYS_TIED.has(architecture) && byName.has("output.weight")) {
    add(
      "unexpected-tensor",
      `output.weight: ${architecture} always uses the embedding as its head, loaders count one tensor too many`,
    );
  }
  for (const tensor of tensors) {
    if (tensor.shape.length === 1 && tensor.type !== "F32") {
      add(
        "vector-type",
        `${tensor.name} is ${tensor.type}: vectors must be F32, some backends refuse others`,
      );
    }
  }
  return problems;
}

function shapeProblems(
  metadata: GgufHeader["metadata"],
  architecture: string,
  byName: ReadonlyMap<string, GgufTensor>,
): Problem[] {
  const number = (key: string): number | undefined => {
    const value = metadata.get(`${architecture}.${key}`);
    return typeof value === "number" ? value : undefined;
  };
  const hidden = number("embedding_length");
  const heads = number("attention.head_count");
  const stated = number("feed_forward_length");
  const layers = number("block_count");
  // Per-layer lists belong to architectures that are not checked here.
  if (hidden === undefined || heads === undefined || stated === undefined || layers === undefined) return [];
  // A count out of a broken file: every layer has tensors.
  if (layers > byName.size) {
    return [
      { code: "missing-tensor", message: `${layers} layers are stated, ${byName.size} tensors are there` },
    ];
  }
  // Files of the first Qwen state twice the width, as its own configuration does.
  const width = architecture === "qwen" ? stated / 2 : stated;
  const keyValueHeads = number("attention.head_count_kv") ?? heads;
  const keyLength = number("attention.key_length") ?? hidden / heads;
  const valueLength = number("attention.value_length") ?? hidden / heads;
  const problems: Problem[] = [];
  const expect = (name: string, shape: readonly number[], explain?: (found: GgufTensor) => string): void => {
    const found = byName.get(name);
    if (found === undefined) {
      problems.push({ code: "missing-tensor", message: `${name} is missing` });
    } else if (found.shape.join() !== shape.join()) {
      const reason = explain?.(found) ?? "";
      const message = `${name} is {${found.shape.join(", ")}}, {${shape.join(", ")}} was expected${reason}`;
      problems.push({ code: explain === undefined ? "tensor-shape" : "attention-shape", message });
    }
  };
  const headSize =
    (dimension: number, count: number) =>
    (found: GgufTensor): string =>
      headSizeReason(architecture, metadata, found.shape[dimension]! / count, hidden / heads);
  const tokens = metadata.get("tokenizer.ggml.tokens");
  const rows = Array.isArray(tokens) ? tokens.length : byName.get("token_embd.weight")?.shape[1];
  if (rows !== undefined) expect("token_embd.weight", [hidden, rows]);
  expect("output_norm.weight", [hidden]);
  if (NEVER_TIED.has(architecture) && rows !== undefined) expect("output.weight", [hidden, rows]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}.`;
    expect(`${block}attn_norm.weight`, [hidden]);
    if (architecture === "qwen" || byName.has(`${block}attn_qkv.weight`)) {
      const rows = heads * keyLength + keyValueHeads * (keyLength + valueLength);
      expect(`${block}attn_qkv.weight`, [hidden, rows]);
      if (architecture === "qwen") expect(`${block}attn_qkv.bias`, [rows]);
    } else {
      expect(`${block}attn_q.weight`, [hidden, heads * keyLength], headSize(1, heads));
      expect(`${block}attn_k.weight`, [hidden, keyValueHeads * keyLength], headSize(1, keyValueHeads));
      expect(`${block}attn_v.weight`, [hidden, keyValueHeads * valueLength], headSize(1, keyValueHeads));
    }
    expect(`${block}attn_output.weight`, [heads * valueLength, hidden], headSize(0, heads));
    expect(`${block}ffn_norm.weight`, [hidden]);
    // Mixtures of experts under the name llama have other tensors here.
    if (byName.has(`${block}ffn_gate_inp.weight`)) continue;
    expect(`${block}ffn_gate.weight`, [hidden, width]);
    expect(`${block}ffn_up.weight`, [hidden, width]);
    expect(`${block}ffn_down.weight`, [width, hidden]);
  }
  return problems;
}

/** The published Apollo-7B: heads of 256 in a file that keeps silent about it, so that 3072 / 16 = 192 is taken. */
function headSizeReason(
  architecture: string,
  metadata: GgufHeader["metadata"],
  actual: number,
  assumed: number,
): string {
  if (!Number.isInteger(actual) || actual === assumed) return "";
  const missing = ["key_length", "value_length"].filter(
    (key) => !metadata.has(`${architecture}.attention.${key}`),
  );
  if (missing.length === 0) return "";
  const keys = missing.map((key) => `${architecture}.attention.${key}`).join(" and ");
  return `: the tensor has heads of ${actual}, but ${keys} ${missing.length === 1 ? "is" : "are"} missing, so loaders take embedding_length / head_count = ${assumed}; write ${actual}`;
}
