import assert from "node:assert/strict";
import { test } from "node:test";
import { userError } from "../core/user-error.test.helper.ts";
import { type ModelConfig, parseModelConfig } from "./config.ts";
import { initializeWeights } from "./initialize.ts";
import { parameterCount, parameterShapes } from "./parameters.ts";
import { toHuggingFaceConfig } from "./write-config.ts";

/** As Qwen2.5-0.5B's config.json has it. */
const QWEN = {
  architectures: ["Qwen2ForCausalLM"],
  attention_dropout: 0,
  bos_token_id: 151643,
  eos_token_id: 151643,
  hidden_act: "silu",
  hidden_size: 896,
  initializer_range: 0.02,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 24,
  model_type: "qwen2",
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  sliding_window: 32768,
  tie_word_embeddings: true,
  torch_dtype: "bfloat16",
  use_sliding_window: false,
  vocab_size: 151936,
};
const LLAMA = {
  model_type: "llama",
  vocab_size: 32000,
  hidden_size: 2048,
  intermediate_size: 5632,
  num_hidden_layers: 22,
  num_attention_heads: 32,
  num_key_value_heads: 4,
  rms_norm_eps: 1e-5,
};

const parse = (json: unknown): ModelConfig => parseModelConfig(json, "config.json");
const refused = (json: unknown, code: string, line: RegExp): void =>
  assert.throws(() => parse(json), userError(code, line));

test("known models have the sizes that their makers state", () => {
  assert.equal(parameterCount(parse(QWEN)), 494_032_768);
  // TinyLlama-1.1B.
  assert.equal(parameterCount(parse(LLAMA)), 1_100_048_384);
  const qwen = parse(QWEN);
  assert.deepEqual([qwen.headSize, qwen.keyValueHeads, qwen.attentionBias], [64, 2, true]);
  assert.ok(!parameterShapes(qwen).some(({ name }) => name === "lm_head.weight"));
  assert.ok(parameterShapes(parse(LLAMA)).some(({ name }) => name === "lm_head.weight"));
});

test("the rotary base stands at the root (transformers 4) or in rope_parameters (5)", () => {
  const { rope_theta: _, ...rest } = QWEN;
  assert.equal(parse(QWEN).ropeTheta, 1e6);
  assert.equal(parse({ ...QWEN, rope_scaling: null }).ropeTheta, 1e6);
  assert.equal(parse({ ...rest, rope_parameters: { rope_theta: 5e5, rope_type: "default" } }).ropeTheta, 5e5);
  assert.equal(parse({ ...QWEN, rope_scaling: { rope_type: "default" } }).ropeTheta, 1e6);
  assert.equal(parse({ ...QWEN, rope_scaling: { type: "default" } }).ropeTheta, 1e6);
  assert.equal(parse(rest).ropeTheta, 10_000);
  for (const scaling of [
    { rope_scaling: { type: "linear", factor: 2 } },
    { rope_scaling: { rope_type: "llama3", factor: 8 } },
    { rope_parameters: { rope_theta: 1e6, rope_type: "yarn", factor: 4 } },
  ]) {
    refused(
      { ...QWEN, ...scaling },
      "unsupported-model",
      /rope_(?:scaling|parameters): "(?:linear|llama3|yarn)" is not supported/,
    );
  }
});

test("what is absent gets transformers' default; several end tokens give the first", () => {
  const config = parse({ ...LLAMA, num_key_value_heads: null, eos_token_id: [2, 32000], bos_token_id: null });
  assert.deepEqual(
    [config.keyValueHeads, config.eosId, config.bosId, config.contextLength, config.tiedEmbeddings],
    [32, 2, undefined, 2048, false],
  );
  assert.equal(parse({ ...LLAMA, head_dim: 128 }).headSize, 128);
});

test("what we write is what we read", () => {
  for (const json of [QWEN, LLAMA]) {
    const config = parse(json);
    assert.deepEqual(parse(JSON.parse(JSON.stringify(toHuggingFaceConfig(config)))), config);
  }
});

test("biases that a configuration asks for are weights, and are written again", () => {
  const biases = (json: object): string[] =>
    parameterShapes(parse({ ...LLAMA, ...json })).flatMap(({ layer, kind, name }) =>
      layer === 0 && kind === "bias" ? [name.replace(/^model\.layers\.0\.|\.bias$/gu, "")] : [],
    );
  const attention = ["q", "k", "v", "o"].map((letter) => `self_attn.${letter}_proj`);
  const mlp = ["gate", "up", "down"].map((part) => `mlp.${part}_proj`);
  assert.deepEqual(biases({}), []);
  assert.deepEqual(biases({ attention_bias: true }), attention);
  assert.deepEqual(biases({ mlp_bias: true }), mlp);
  assert.deepEqual(biases({ attention_bias: true, mlp_bias: true }), [...attention, ...mlp]);
  const config = parse({ ...LLAMA, attention_bias: true, mlp_bias: true });
  assert.deepEqual(parse(JSON.parse(JSON.stringify(toHuggingFaceConfig(config)))), config);
});

test("what we cannot run is named by its field", () => {
  for (const [change, line] of [
    [{ model_type: "mamba" }, /model_type: "mamba" is not supported, expected llama, .* or /],
    [{ hidden_act: "gelu" }, /hidden_act: "gelu"/],
    // Of a GPT-2, which has no hidden_size.
    [{ model_type: "gpt2", hidden_size: undefined }, /model_type: "gpt2" .*src\/model\/README\.md/],
    [{ use_sliding_window: true }, /use_sliding_window/],
    [{ quantization_config: { quant_method: "gptq" } }, /quantization_config: "gptq" .*16 or 32 bits/],
    [{ mlp_bias: true }, /mlp_bias/],
    [{ num_key_value_heads: 3 }, /num_key_value_heads: 3 .*divisor of num_attention_heads \(14\)/],
    [{ num_key_value_heads: 28 }, /num_key_value_heads: 28/],
    [{ hidden_size: 900 }, /num_attention_heads: 64\.28/],
    [{ head_dim: 63 }, /head_dim: 63 .*even head size/],
  ] as const) {
    refused({ ...QWEN, ...change }, "unsupported-model", line);
  }
  refused({ ...LLAMA, model_type: "mistral", attention_bias: true }, "unsupported-model", /attention_bias/);
});

test("what is no configuration is one clear line", () => {
  const { vocab_size: _, ...headless } = QWEN;
  for (const [json, line] of [
    [null, /config\.json: .*object/],
    [[], /config\.json: .*object/],
    ["text", /config\.json: .*object/],
    [{}, /model_type/],
    [headless, /vocab_size/],
    [{ ...QWEN, hidden_size: "896" }, /hidden_size: .*number/],
    [{ ...QWEN, num_hidden_layers: 0 }, /num_hidden_layers/],
    [{ ...QWEN, num_hidden_layers: 2.5 }, /num_hidden_layers/],
    [{ ...QWEN, rms_norm_eps: -1 }, /rms_norm_eps/],
    [{ ...QWEN, rope_parameters: { rope_theta: "big" } }, /rope_parameters\.rope_theta/],
    [{ ...QWEN, eos_token_id: "</s>" }, /eos_token_id/],
  ] as const) {
    refused(json, "bad-config", line);
  }
});

test("fresh weights: the same for the same seed, ones and zeros where they belong, smaller towards the residual stream", () => {
  const config = parse({
    ...QWEN,
    vocab_size: 500,
    hidden_size: 56,
    intermediate_size: 96,
    num_hidden_layers: 2,
  });
  const weights = initializeWeights(config, 42);
  assert.deepEqual(
    [...weights].map(([name, { shape }]) => ({ name, shape })),
    parameterShapes(config).map(({ name, shape }) => ({ name, shape })),
  );
  assert.deepEqual(initializeWeights(config, 42), weights);
  const deviation = (name: string): number => {
    const { data } = weights.get(name)!;
    return Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
  };
  assert.ok(weights.get("model.layers.1.input_layernorm.weight")!.data.every((value) => value === 1));
  assert.ok(weights.get("model.layers.0.self_attn.q_proj.bias")!.data.every((value) => value === 0));
  assert.ok(Math.abs(deviation("model.embed_tokens.weight") - 0.02) < 0.0005);
  assert.ok(Math.abs(deviation("model.layers.0.mlp.gate_proj.weight") - 0.02) < 0.001);
  assert.ok(Math.abs(deviation("model.layers.1.mlp.down_proj.weight") - 0.01) < 0.0005);
  assert.ok(Math.abs(deviation("model.layers.0.self_attn.o_proj.weight") - 0.01) < 0.0005);
  // Each weight has a stream of its own: another depth or seed moves only what it should.
  const deeper = initializeWeights({ ...config, layers: 3 }, 42);
  const name = "model.layers.1.mlp.gate_proj.weight";
  assert.deepEqual(deeper.get(name), weights.get(name));
  assert.notDeepEqual(initializeWeights(config, 43).get(name), weights.get(name));
});
