import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { UserError, writeJson } from "../core/index.ts";
import { readGgufHeader, writeTinyGguf } from "../engine/index.ts";
import { writeSafetensors } from "../model/index.ts";
import type { Metadata, MetadataValue } from "./gguf-format.ts";
import { writeGguf } from "./gguf-writer.ts";
import { inspectFile } from "./inspect.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-inspect-"));
});
after(() => rm(folder, { recursive: true }));

/** A Gemma of one layer with four heads of 32 on a hidden size of 64; everything right unless `changes` say otherwise. */
async function gemma(
  name: string,
  changes: Readonly<Record<string, MetadataValue | undefined>>,
): Promise<string> {
  const path = join(folder, `${name}.gguf`);
  const count = (value: number): MetadataValue => ({ type: "uint32", value });
  const metadata: Metadata = new Map<string, MetadataValue>([
    ["general.architecture", { type: "string", value: "gemma" }],
    ["gemma.block_count", count(1)],
    ["gemma.context_length", count(32)],
    ["gemma.embedding_length", count(64)],
    ["gemma.feed_forward_length", count(96)],
    ["gemma.attention.head_count", count(4)],
    ["gemma.attention.head_count_kv", count(4)],
    ["gemma.attention.key_length", count(32)],
    ["gemma.attention.value_length", count(32)],
    ["gemma.attention.layer_norm_rms_epsilon", { type: "float32", value: 1e-6 }],
    ["tokenizer.ggml.model", { type: "string", value: "llama" }],
    ["tokenizer.ggml.tokens", { type: "string[]", value: ["<unk>", "<s>", "a", "b"] }],
    ["tokenizer.ggml.scores", { type: "float32[]", value: [0, 0, -1, -2] }],
    ["tokenizer.ggml.token_type", { type: "int32[]", value: [2, 3, 1, 1] }],
    ["tokenizer.ggml.add_space_prefix", { type: "bool", value: false }],
  ]);
  const changed = new Map(metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) changed.delete(key);
    else changed.set(key, value);
  }
  const shapes: [string, ...number[]][] = [
    ["token_embd.weight", 4, 64],
    ["output_norm.weight", 64],
    ["blk.0.attn_norm.weight", 64],
    ["blk.0.attn_q.weight", 128, 64],
    ["blk.0.attn_k.weight", 128, 64],
    ["blk.0.attn_v.weight", 128, 64],
    ["blk.0.attn_output.weight", 64, 128],
    ["blk.0.ffn_norm.weight", 64],
    ["blk.0.ffn_gate.weight", 96, 64],
    ["blk.0.ffn_up.weight", 96, 64],
    ["blk.0.ffn_down.weight", 64, 96],
  ];
  if (name.startsWith("headed")) shapes.push(["output.weight", 4, 64]);
  await writeZeros(path, changed, shapes);
  return path;
}

type NamedShape = readonly [name: string, ...shape: number[]];

async function writeZeros(path: string, metadata: Metadata, shapes: readonly NamedShape[]): Promise<void> {
  await writeGguf(
    path,
    metadata,
    shapes.map(([tensor, ...shape]) => ({
      name: tensor,
      shape,
      type: "F32",
      pieces: () => [async () => new Uint8Array(4 * shape.reduce((a, b) => a * b, 1))],
    })),
  );
}

/** A first Qwen of one layer as llama.cpp's converter lays it out: fused attention, twice the MLP's width, a head of its own. */
async function firstQwen(name: string, change: { width?: number; without?: string } = {}): Promise<string> {
  const path = join(folder, `${name}.gguf`);
  const count = (value: number): MetadataValue => ({ type: "uint32", value });
  const texts = (value: string[]): MetadataValue => ({ type: "string[]", value });
  const shapes: readonly NamedShape[] = [
    ["token_embd.weight", 5, 64],
    ["output_norm.weight", 64],
    ["output.weight", 5, 64],
    ["blk.0.attn_norm.weight", 64],
    ["blk.0.attn_qkv.weight", 192, 64],
    ["blk.0.attn_qkv.bias", 192],
    ["blk.0.attn_output.weight", 64, 64],
    ["blk.0.ffn_norm.weight", 64],
    ["blk.0.ffn_gate.weight", 48, 64],
    ["blk.0.ffn_up.weight", 48, 64],
    ["blk.0.ffn_down.weight", 64, 48],
  ];
  const metadata: Metadata = new Map<string, MetadataValue>([
    ["general.architecture", { type: "string", value: "qwen" }],
    ["qwen.block_count", count(1)],
    ["qwen.context_length", count(32)],
    ["qwen.embedding_length", count(64)],
    ["qwen.feed_forward_length", count(change.width ?? 96)],
    ["qwen.attention.head_count", count(4)],
    ["qwen.rope.freq_base", { type: "float32", value: 10_000 }],
    ["qwen.rope.dimension_count", count(16)],
    ["qwen.attention.layer_norm_rms_epsilon", { type: "float32", value: 1e-6 }],
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "qwen2" }],
    ["tokenizer.ggml.tokens", texts(["a", "b", "c", "ab", "<|endoftext|>"])],
    ["tokenizer.ggml.token_type", { type: "int32[]", value: [1, 1, 1, 1, 3] }],
    ["tokenizer.ggml.merges", texts(["a b"])],
    ["tokenizer.ggml.bos_token_id", count(4)],
    ["tokenizer.ggml.eos_token_id", count(4)],
  ]);
  await writeZeros(
    path,
    metadata,
    shapes.filter(([tensor]) => tensor !== change.without),
  );
  return path;
}

test("a first Qwen: its own layout is sound, and what is wrong with one is told by tensor", async () => {
  const sound = await inspectFile(await firstQwen("qwen"));
  assert.deepEqual([sound.architecture, sound.tensors, sound.problems], ["qwen", 11, []]);
  for (const [name, change, message] of [
    // The width as later Qwens state it.
    ["qwen-width", { width: 48 }, /ffn_gate\.weight is \{64, 48\}, \{64, 24\} was expected/u],
    ["qwen-tied", { without: "output.weight" }, /^output\.weight is missing/u],
    ["qwen-bias", { without: "blk.0.attn_qkv.bias" }, /attn_qkv\.bias is missing/u],
    ["qwen-split", { without: "blk.0.attn_qkv.weight" }, /attn_qkv\.weight is missing/u],
  ] as const) {
    const { problems } = await inspectFile(await firstQwen(name, change));
    assert.match(problems[0]?.message ?? "no problem", message, name);
  }
});

async function codes(path: string): Promise<string[]> {
  return [...new Set((await inspectFile(path)).problems.map((problem) => problem.code))];
}

test("a sound file has no problems", async () => {
  assert.deepEqual(await codes(await gemma("sound", {})), []);
  const tiny = join(folder, "tiny.gguf");
  await writeTinyGguf(tiny);
  const found = await inspectFile(tiny);
  assert.deepEqual(found.problems, []);
  assert.equal(found.format, "gguf");
  assert.equal(found.architecture, "qwen2");
  const { tensors } = await readGgufHeader(tiny);
  assert.equal(found.tensors, tensors.length);
  assert.equal(
    found.parameters,
    tensors.reduce((sum, tensor) => sum + tensor.bytes / 4, 0),
  );
  assert.equal((found.metadata["tokenizer.ggml.tokens"] as { length: number }).length, 274);
});

test("the published Apollo-7B's defect is explained: heads of their own size, not stated", async () => {
  const path = await gemma("apollo", {
    "gemma.attention.key_length": undefined,
    "gemma.attention.value_length": undefined,
  });
  const { problems } = await inspectFile(path);
  assert.equal(problems[0]!.code, "attention-shape");
  assert.match(problems[0]!.message, /attn_q\.weight is \{64, 128\}, \{64, 64\} was expected/u);
  assert.match(problems[0]!.message, /heads of 32.*gemma\.attention\.key_length.*missing.*= 16; write 32/u);
});

test("each pitfall has its code", async () => {
  const text = (value: string): MetadataValue => ({ type: "string", value });
  const cases: readonly (readonly [string, Readonly<Record<string, MetadataValue | undefined>>, string])[] = [
    ["no-architecture", { "general.architecture": undefined }, "no-architecture"],
    ["no-epsilon", { "gemma.attention.layer_norm_rms_epsilon": undefined }, "missing-key"],
    ["headed", {}, "unexpected-tensor"],
    ["more-layers", { "gemma.block_count": { type: "uint32", value: 2 } }, "missing-tensor"],
    ["no-scores", { "tokenizer.ggml.scores": undefined }, "no-scores"],
    [
      "flat",
      { "tokenizer.ggml.scores": { type: "float32[]", value: [-1000, -1000, -1000, -1000] } },
      "constant-scores",
    ],
    ["prefix", { "tokenizer.ggml.add_space_prefix": undefined }, "space-prefix"],
    [
      "doubled",
      { "tokenizer.ggml.tokens": { type: "string[]", value: ["a", "b", "b", "c"] } },
      "doubled-tokens",
    ],
    ["few", { "tokenizer.ggml.tokens": { type: "string[]", value: ["a", "b", "c"] } }, "vocabulary-size"],
    ["bos", { "tokenizer.chat_template": text("{{ bos_token }}{{ messages[0].content }}") }, "double-bos"],
    ["bpe", { "tokenizer.ggml.model": text("gpt2") }, "no-pre-tokenizer"],
    ["no-vocabulary", { "tokenizer.ggml.tokens": undefined }, "no-tokenizer"],
  ];
  for (const [name, changes, code] of cases) {
    const found = await codes(await gemma(name, changes));
    assert.ok(found.includes(code), `${name}: ${found.join(", ")}`);
  }
});

test("a tensor that does not lie where it should is found", async () => {
  const path = await gemma("moved", {});
  const bytes = await readFile(path);
  // The second tensor's offset follows its name, dimensions and type.
  const at = bytes.indexOf("output_norm.weight") + "output_norm.weight".length + 4 + 8 + 4;
  bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + 32n, at);
  await writeFile(path, bytes);
  assert.ok((await codes(path)).includes("tensor-offset"));
});

test("safetensors files and checkpoint folders", async () => {
  const checkpoint = join(folder, "checkpoint");
  await writeJson(join(checkpoint, "config.json"), {
    model_type: "llama",
    vocab_size: 8,
    hidden_size: 4,
    intermediate_size: 6,
    num_hidden_layers: 1,
    num_attention_heads: 2,
  });
  const weights = join(checkpoint, "model.safetensors");
  await writeSafetensors(weights, [
    { name: "model.embed_tokens.weight", shape: [8, 4], data: new Float32Array(32) },
    { name: "model.norm.weight", shape: [5], data: new Float32Array(5) },
    { name: "stray", shape: [1], data: new Float32Array(1) },
  ]);
  const file = await inspectFile(weights);
  assert.deepEqual([file.format, file.tensors, file.parameters, file.problems], ["safetensors", 3, 38, []]);
  const found = await inspectFile(checkpoint);
  assert.deepEqual([found.format, found.architecture], ["checkpoint", "llama"]);
  const kinds = new Set(found.problems.map((problem) => problem.code));
  assert.deepEqual([...kinds].sort(), ["missing-tensor", "no-tokenizer", "tensor-shape", "unknown-tensor"]);
  await writeJson(join(checkpoint, "config.json"), { model_type: "mamba" });
  assert.ok((await codes(checkpoint)).length > 0);
});

test("what cannot be read gives one clear error", async () => {
  const rejects = (path: string, code: string): Promise<void> =>
    assert.rejects(inspectFile(path), (error) => error instanceof UserError && error.code === code);
  await rejects(join(folder, "absent.gguf"), "file-not-found");
  await rejects(folder, "not-a-checkpoint");
  const cut = await gemma("cut", {});
  await truncate(cut, 5000);
  await rejects(cut, "truncated-gguf");
  await writeFile(join(folder, "text.gguf"), "hello");
  await rejects(join(folder, "text.gguf"), "not-gguf");
});

const tiny = fileURLToPath(
  new URL("../../../shared/data/models/llama-2-tiny-random/llama-2-tiny-random.gguf", import.meta.url),
);
test("a file that somebody else wrote", {
  skip: existsSync(tiny) ? false : "../shared/data is absent",
}, async () => {
  const found = await inspectFile(tiny);
  assert.deepEqual(
    [found.architecture, found.tensors, found.parameters, found.problems],
    ["llama", 12, 513_048, []],
  );
});
