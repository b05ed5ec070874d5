// Each architecture: the F32 file, run by llama.cpp, gives the logits of our own graph.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { exists, UserError } from "../core/index.ts";
import { readGgufHeader } from "../engine/index.ts";
import { type ModelConfig, openCheckpoint, parameterShapes } from "../model/index.ts";
import { trainByteLevelBpe } from "../tokenizer/index.ts";
import { ggufLogits, graphLogits, writeCheckpoint } from "./agreement.test.helper.ts";
import { mapTensor } from "./architectures.ts";
import { exportGguf } from "./export-gguf.ts";
import { inspectFile } from "./inspect.ts";
import { largestLogitDifference } from "./try-out.ts";

const TOKENIZER = trainByteLevelBpe(["the man said yes and the man said no"], {
  vocabularySize: 270,
  specialTokens: ["<|endoftext|>"],
});
const LLAMA: ModelConfig = {
  architecture: "llama",
  vocabularySize: 272,
  hiddenSize: 64,
  intermediateSize: 96,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 16,
  normEpsilon: 1e-6,
  ropeTheta: 10_000,
  contextLength: 64,
  tiedEmbeddings: false,
  attentionBias: false,
  bosId: undefined,
  eosId: undefined,
};
/**
 * llama.cpp looks GELU up in a table of half-precision values: 1e-3 on logits of 6 with an MLP of 96, where without the MLP the
 * two agree to 1e-6 (measured 2026-11-22). Fewer of these roundings add up in a narrow one.
 */
const GELU_WIDTH = 32;
const CASES: Readonly<Record<string, ModelConfig>> = {
  qwen3: { ...LLAMA, architecture: "qwen3", headSize: 32, tiedEmbeddings: true },
  mistral: { ...LLAMA, architecture: "mistral", slidingWindow: 40 },
  gemma: {
    ...LLAMA,
    architecture: "gemma",
    intermediateSize: GELU_WIDTH,
    keyValueHeads: 1,
    headSize: 32,
    tiedEmbeddings: true,
  },
  gemma2: {
    ...LLAMA,
    architecture: "gemma2",
    intermediateSize: GELU_WIDTH,
    headSize: 32,
    tiedEmbeddings: true,
    slidingWindow: 8,
    attentionSoftcap: 2,
    finalSoftcap: 5,
    queryScalar: 32,
  },
  qwen: { ...LLAMA, architecture: "qwen", keyValueHeads: 4, attentionBias: true },
  "llama-biases": { ...LLAMA, attentionBias: true, attentionOutputBias: true, mlpBias: true },
  "linear-scaling": { ...LLAMA, ropeScaling: { type: "linear", factor: 4 } },
  "llama3-scaling": {
    ...LLAMA,
    ropeScaling: {
      type: "llama3",
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContextLength: 32,
    },
  },
};
/** Enough of them for a window of 8 and for slow rotary frequencies to show. */
const IDS = Int32Array.from({ length: 24 }, (_, i) => (i * 89 + 5) % 270);

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-architectures-"));
});
after(() => rm(folder, { recursive: true }));

for (const [name, config] of Object.entries(CASES)) {
  test(`${name}: the exported file gives the logits of our own forward pass`, async (t) => {
    const path = join(folder, name);
    const out = join(folder, `${name}.gguf`);
    // A larger gain sharpens attention until float32's rounding alone moves logits by 1e-3.
    await writeCheckpoint(path, config, TOKENIZER, { gain: 2, noise: 0.05 });
    await exportGguf(path, { type: "f32", out });
    const checkpoint = await openCheckpoint(path);
    assert.deepEqual(checkpoint.config, config);
    const ours = await graphLogits(checkpoint, IDS);
    await checkpoint.close();
    const difference = largestLogitDifference(ours, await ggufLogits(out, IDS));
    const largest = Math.max(...ours.at(-1)!.map(Math.abs));
    t.diagnostic(`logits up to ${largest.toFixed(1)} differ by ${difference.toExponential(1)}`);
    assert.ok(largest > 1, "the logits say something");
    assert.ok(difference < 1e-3, `logits differ by ${difference}`);
    assert.deepEqual((await inspectFile(out)).problems, []);
  });
}

test("gemma files state their head size, their window and caps, and have no head of their own", async () => {
  const { metadata, tensors } = await readGgufHeader(join(folder, "gemma2.gguf"));
  for (const [key, value] of [
    ["attention.key_length", 32],
    ["attention.value_length", 32],
    ["attention.sliding_window", 8],
    ["context_length", 64],
    ["attn_logit_softcapping", 2],
    ["final_logit_softcapping", 5],
  ] as const) {
    assert.equal(metadata.get(`gemma2.${key}`), value, key);
  }
  const names = tensors.map((tensor) => tensor.name);
  assert.ok(
    names.includes("blk.1.post_attention_norm.weight") && names.includes("blk.1.post_ffw_norm.weight"),
  );
  assert.ok(!names.includes("output.weight"));
});

test("linear scaling is two keys, as llama.cpp's converter writes them; Llama 3.1's a tensor", async () => {
  const linear = await readGgufHeader(join(folder, "linear-scaling.gguf"));
  assert.equal(linear.metadata.get("llama.rope.scaling.type"), "linear");
  assert.equal(linear.metadata.get("llama.rope.scaling.factor"), 4);
  const llama3 = await readGgufHeader(join(folder, "llama3-scaling.gguf"));
  const hasTensor = ({ tensors }: typeof linear): boolean =>
    tensors.some(({ name }) => name === "rope_freqs.weight");
  assert.deepEqual([hasTensor(linear), hasTensor(llama3)], [false, true]);
  assert.ok(!llama3.metadata.has("llama.rope.scaling.type"));
});

test("a score scale that llama.cpp cannot know is refused", async () => {
  const path = join(folder, "scaled");
  await writeCheckpoint(path, { ...CASES.gemma2!, queryScalar: 24 }, TOKENIZER);
  await assert.rejects(
    exportGguf(path, { type: "f32", out: join(folder, "scaled.gguf") }),
    (error) => error instanceof UserError && error.code === "unsupported-export" && /24.*32/.test(error.line),
  );
});

test("biases that llama.cpp does not read are refused before anything is written", async () => {
  const biases = { attentionBias: true, attentionOutputBias: true };
  const out = join(folder, "biased.gguf");
  for (const name of ["qwen3", "gemma", "gemma2"]) {
    const path = join(folder, `biased-${name}`);
    await writeCheckpoint(path, { ...CASES[name]!, ...biases }, TOKENIZER);
    await assert.rejects(
      exportGguf(path, { type: "f32", out }),
      (error) =>
        error instanceof UserError &&
        error.code === "unsupported-export" &&
        error.line.includes(`llama.cpp's ${name}`),
    );
    assert.ok(!(await exists(out)));
  }
});

test("a window that llama.cpp does not have becomes the context of the file", async () => {
  const { metadata } = await readGgufHeader(join(folder, "mistral.gguf"));
  assert.equal(metadata.get("general.architecture"), "llama");
  assert.equal(metadata.get("llama.context_length"), 40);
});

// Agreement alone would not notice two names exchanged: both sides would read the other weight.
test("names that mean something else elsewhere go to the right place", () => {
  const places = (config: ModelConfig) =>
    new Map(parameterShapes(config).map((parameter) => [parameter.name, mapTensor(parameter, config).to]));
  const qwen = places(CASES.qwen!);
  assert.equal(qwen.get("transformer.h.0.mlp.w1.weight"), "blk.0.ffn_up.weight");
  assert.equal(qwen.get("transformer.h.0.mlp.w2.weight"), "blk.0.ffn_gate.weight");
  assert.equal(qwen.get("transformer.h.1.attn.c_attn.bias"), "blk.1.attn_qkv.bias");
  const norm = "model.layers.0.post_attention_layernorm.weight";
  assert.equal(places(CASES.gemma!).get(norm), "blk.0.ffn_norm.weight");
  assert.equal(places(CASES.gemma2!).get(norm), "blk.0.post_attention_norm.weight");
  const before = "model.layers.0.pre_feedforward_layernorm.weight";
  assert.equal(places(CASES.gemma2!).get(before), "blk.0.ffn_norm.weight");
});
