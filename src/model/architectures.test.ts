// Each architecture's config.json: real models have the size that is published, absent keys get the class's defaults.
import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../core/index.ts";
import { type ModelConfig, parseModelConfig } from "./config.ts";
import { initializeWeights } from "./initialize.ts";
import { parameterCount, parameterShapes } from "./parameters.ts";
import { rotaryDivisors } from "./rope-scaling.ts";
import { configText, toHuggingFaceConfig } from "./write-config.ts";

interface KnownModel {
  readonly json: Readonly<Record<string, unknown>>;
  readonly parameters: number;
}

const sizes = (
  vocabulary: number,
  hidden: number,
  width: number,
  layers: number,
  heads: number,
  keyValueHeads?: number,
) => ({
  vocab_size: vocabulary,
  hidden_size: hidden,
  intermediate_size: width,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  ...(keyValueHeads === undefined ? {} : { num_key_value_heads: keyValueHeads }),
});

const LLAMA_3_2_1B = {
  model_type: "llama",
  ...sizes(128256, 2048, 8192, 16, 32, 8),
  rope_theta: 500_000,
  rope_scaling: {
    rope_type: "llama3",
    factor: 32,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  },
  max_position_embeddings: 131072,
  tie_word_embeddings: true,
};
const MISTRAL_7B = { model_type: "mistral", ...sizes(32000, 4096, 14336, 32, 32) };
const QWEN3_0_6B = {
  model_type: "qwen3",
  ...sizes(151936, 1024, 3072, 28, 16, 8),
  tie_word_embeddings: true,
};

const GEMMA_2B = { model_type: "gemma", ...sizes(256000, 2048, 16384, 18, 8, 1), hidden_act: "gelu" };
const GEMMA2_2B = {
  model_type: "gemma2",
  ...sizes(256000, 2304, 9216, 26, 8, 4),
  hidden_activation: "gelu_pytorch_tanh",
};

const QWEN_1_8B = {
  model_type: "qwen",
  ...sizes(151936, 2048, 11008, 24, 16),
  kv_channels: 128,
  layer_norm_epsilon: 1e-5,
  rotary_emb_base: 20_000,
  seq_length: 8192,
  max_position_embeddings: 32_768,
  no_bias: true,
  use_dynamic_ntk: true,
  use_logn_attn: true,
};

const KNOWN: Readonly<Record<string, KnownModel>> = {
  "Qwen3-0.6B": { json: QWEN3_0_6B, parameters: 596_049_920 },
  "Mistral-7B-v0.1": { json: MISTRAL_7B, parameters: 7_241_732_096 },
  "gemma-2b": { json: GEMMA_2B, parameters: 2_506_172_416 },
  "gemma-7b": {
    json: { model_type: "gemma", ...sizes(256000, 3072, 24576, 28, 16) },
    parameters: 8_537_680_896,
  },
  "gemma-2-2b": { json: GEMMA2_2B, parameters: 2_614_341_888 },
  "Qwen-1_8B": { json: QWEN_1_8B, parameters: 1_836_828_672 },
  "Llama-3.2-1B": { json: LLAMA_3_2_1B, parameters: 1_235_814_400 },
};

const parse = (json: unknown): ModelConfig => parseModelConfig(json, "config.json");
const refused = (json: unknown, line: RegExp): void => {
  assert.throws(
    () => parse(json),
    (error) => error instanceof UserError && line.test(error.line),
  );
};

for (const [name, { json, parameters }] of Object.entries(KNOWN)) {
  test(`${name}: its published number of parameters, and what we write is what we read`, () => {
    const config = parse(json);
    assert.equal(parameterCount(config), parameters);
    const names = parameterShapes(config).map((parameter) => parameter.name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(!names.some((text) => text.includes("undefined")));
    assert.deepEqual(parse(JSON.parse(JSON.stringify(toHuggingFaceConfig(config)))), config);
  });
}

test("qwen3: heads of 128 unless told, normalised queries and keys, no biases", () => {
  assert.equal(parse(QWEN3_0_6B).headSize, 128);
  assert.equal(parse({ ...QWEN3_0_6B, head_dim: null }).headSize, 64);
  assert.equal(parse(QWEN3_0_6B).attentionBias, false);
  assert.equal(parse({ ...QWEN3_0_6B, attention_bias: true }).attentionOutputBias, true);
  const norm = parameterShapes(parse(QWEN3_0_6B)).find(({ name }) =>
    name.endsWith("0.self_attn.k_norm.weight"),
  );
  assert.deepEqual(norm?.shape, [128]);
});

test("mistral: a window of 4096 unless told; one that hides nothing is none", () => {
  const window = (json: object) => parse({ ...MISTRAL_7B, ...json }).slidingWindow;
  assert.equal(window({}), 4096);
  assert.equal(window({ sliding_window: null }), undefined);
  assert.equal(window({ max_position_embeddings: 4096 }), undefined);
  assert.equal(parse(MISTRAL_7B).keyValueHeads, 8);
  refused({ ...MISTRAL_7B, sliding_window: 0 }, /sliding_window/);
});

test("llama3 scaling: short wavelengths are kept, long ones divided by the factor, those between interpolated", () => {
  const divisors = rotaryDivisors(parse(LLAMA_3_2_1B))!;
  assert.equal(divisors.length, 32);
  assert.deepEqual([divisors[0], divisors[31]], [1, 32]);
  assert.ok(divisors.every((value, i) => i === 0 || value >= divisors[i - 1]!));
  // Frequency 16 of 32: wavelength 2 pi sqrt(500000) = 4443 lies between 8192 / 4 and 8192 / 1.
  const kept = (8192 / (2 * Math.PI * Math.sqrt(500_000)) - 1) / 3;
  assert.ok(Math.abs(divisors[16]! - 1 / ((1 - kept) / 32 + kept)) < 1e-12);
  // transformers 5 keeps both in rope_parameters.
  const { rope_theta, rope_scaling, ...rest } = LLAMA_3_2_1B;
  const moved = parse({ ...rest, rope_parameters: { ...rope_scaling, rope_theta } });
  assert.deepEqual(moved, parse(LLAMA_3_2_1B));
  const { low_freq_factor: _, ...cut } = rope_scaling;
  refused({ ...LLAMA_3_2_1B, rope_scaling: cut }, /rope_scaling\.low_freq_factor/);
  refused(
    { ...LLAMA_3_2_1B, rope_scaling: { ...rope_scaling, high_freq_factor: 1 } },
    /high_freq_factor: 1 .*more than low_freq_factor/,
  );
  refused({ ...QWEN3_0_6B, rope_scaling }, /rope_scaling: "llama3" is not supported/);
});

test("linear scaling divides every frequency, is written back as read, and is refused where exports would lose it", () => {
  const linear = parse({ ...LLAMA_3_2_1B, rope_scaling: { type: "linear", factor: 4 } });
  assert.deepEqual(new Set(rotaryDivisors(linear)), new Set([4]));
  assert.deepEqual(parse(toHuggingFaceConfig(linear)), linear);
  refused({ ...LLAMA_3_2_1B, rope_scaling: { type: "linear" } }, /rope_scaling\.factor/);
  refused({ ...QWEN3_0_6B, rope_scaling: { type: "linear", factor: 4 } }, /"linear" is not supported/);
});

test("gemma: heads of 256 and a tied head unless told; an old config's gelu means its tanh form", () => {
  const config = parse(GEMMA_2B);
  assert.deepEqual([config.headSize, config.tiedEmbeddings, config.contextLength], [256, true, 8192]);
  refused({ ...GEMMA_2B, hidden_activation: "gelu" }, /hidden_activation: "gelu".*gelu_pytorch_tanh/);
  refused({ ...GEMMA_2B, tie_word_embeddings: false }, /tie_word_embeddings: false.*its embedding/);
  const fresh = initializeWeights(parse({ ...GEMMA_2B, ...sizes(10, 8, 8, 1, 1, 1), head_dim: 8 }), 1);
  // Norms are stored as the difference from one.
  assert.ok(fresh.get("model.norm.weight")!.data.every((value) => value === 0));
});

test("gemma2: caps of 50 and 30 and windows on even layers unless told; other layer types are refused", () => {
  const config = parse(GEMMA2_2B);
  assert.deepEqual(
    [config.attentionSoftcap, config.finalSoftcap, config.slidingWindow, config.queryScalar],
    [50, 30, 4096, 256],
  );
  const types = (first: string) =>
    Array.from({ length: 26 }, (_, i) => (i % 2 === 0 ? first : "full_attention"));
  assert.deepEqual(parse({ ...GEMMA2_2B, layer_types: types("sliding_attention") }), config);
  refused({ ...GEMMA2_2B, layer_types: types("full_attention") }, /layer_types\.0: "full_attention"/);
  refused({ ...GEMMA2_2B, final_logit_softcapping: null }, /final_logit_softcapping/);
  // transformers 5 refuses 30 where it wants 30.0.
  const text = configText(toHuggingFaceConfig(config));
  assert.match(text, /"attn_logit_softcapping": 50\.0,\n {2}"final_logit_softcapping": 30\.0,\n/u);
  assert.deepEqual(parse(JSON.parse(text)), config);
});

test("qwen: its own names of keys, half of the stated width, a head of its own", () => {
  const config = parse(QWEN_1_8B);
  assert.deepEqual(
    [config.intermediateSize, config.normEpsilon, config.ropeTheta, config.contextLength],
    [5504, 1e-5, 20_000, 8192],
  );
  const written = toHuggingFaceConfig(config);
  assert.deepEqual(
    [written.intermediate_size, written.layer_norm_epsilon, written.kv_channels],
    [11008, 1e-5, 128],
  );
  refused({ ...QWEN_1_8B, layer_norm_epsilon: -1 }, /layer_norm_epsilon/);
  refused({ ...QWEN_1_8B, no_bias: false }, /no_bias: false/);
  refused({ ...QWEN_1_8B, kv_channels: 64 }, /kv_channels: 64 .*hidden_size/);
  refused({ ...QWEN_1_8B, num_key_value_heads: 4 }, /num_key_value_heads: 4/);
  refused({ ...QWEN_1_8B, tie_word_embeddings: true }, /tie_word_embeddings: true.*a head of its own/);
  refused({ ...QWEN_1_8B, intermediate_size: 11007 }, /intermediate_size: 11007/);
});
