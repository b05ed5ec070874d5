// The shape of a decoder as its Hugging Face `config.json` states it, and the list of its weights.
// Understood now: Llama (LlamaForCausalLM) and Qwen1.5/2/2.5 (Qwen2ForCausalLM).
import { join } from "node:path";
import { z } from "zod";
import { readJson, UserError } from "../core/index.ts";

/** Architectures with a forward pass here, by their `model_type`. */
export const ARCHITECTURES = ["llama", "qwen2"] as const;

/** A supported `model_type`. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** Everything that decides a decoder's weights and forward pass. */
export interface ModelConfig {
  readonly architecture: Architecture;
  /** Rows of the embedding; at least the tokenizer's size. */
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  /** Width of the gated MLP. */
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Key and value heads (grouped-query attention); divides `heads`. */
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  /** `max_position_embeddings`. */
  readonly contextLength: number;
  /** The output head is the embedding. */
  readonly tiedEmbeddings: boolean;
  /** Biases on the query, key and value projections (always in qwen2). */
  readonly attentionBias: boolean;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
}

const positive = z.number().int().positive();
const optionalId = z
  .union([z.number().int(), z.array(z.number().int())])
  .nullish()
  .transform((id) => (Array.isArray(id) ? id[0] : (id ?? undefined)));

// transformers v4 has rope_theta at the root, v5 inside rope_parameters; both are in circulation.
const huggingFaceConfig = z.object({
  model_type: z.string(),
  vocab_size: positive,
  hidden_size: positive,
  intermediate_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  num_key_value_heads: positive.nullish(),
  head_dim: positive.nullish(),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: z.record(z.string(), z.unknown()).nullish(),
  rope_parameters: z
    .looseObject({ rope_theta: z.number().positive().nullish(), rope_type: z.string().nullish() })
    .nullish(),
  max_position_embeddings: positive.default(2048),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  hidden_act: z.string().default("silu"),
  bos_token_id: optionalId,
  eos_token_id: optionalId,
});

/** Reads `config.json` of a checkpoint folder; `UserError` names the field that is missing, wrong or not supported. */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const file = join(folder, "config.json");
  return parseModelConfig(await readJson(file), file);
}

/** The same for parsed JSON; `file` is only for messages. */
export function parseModelConfig(json: unknown, file: string): ModelConfig {
  const parsed = huggingFaceConfig.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError("bad-config", issue?.message ?? "not a model configuration", {
      file,
      at: issue?.path.join("."),
      remedy: "The folder must hold a Hugging Face checkpoint of a causal language model.",
    });
  }
  const raw = parsed.data;
  const refuse = (at: string, found: unknown, expected: string): never => {
    throw new UserError(
      "unsupported-model",
      `${JSON.stringify(found)} is not supported, expected ${expected}`,
      { file, at },
    );
  };
  if (!(ARCHITECTURES as readonly string[]).includes(raw.model_type)) {
    refuse("model_type", raw.model_type, ARCHITECTURES.join(" or "));
  }
  const architecture = raw.model_type as Architecture;
  const scaling = raw.rope_scaling ?? raw.rope_parameters;
  const ropeType = scaling?.rope_type ?? scaling?.type ?? "default";
  if (ropeType !== "default") refuse("rope_scaling", ropeType, "no rope scaling");
  if (raw.hidden_act !== "silu") refuse("hidden_act", raw.hidden_act, "silu");
  if (raw.mlp_bias) refuse("mlp_bias", true, "false");
  if (raw.use_sliding_window) refuse("use_sliding_window", true, "false");
  if (architecture === "llama" && raw.attention_bias) refuse("attention_bias", true, "false");
  const keyValueHeads = raw.num_key_value_heads ?? raw.num_attention_heads;
  if (raw.num_attention_heads % keyValueHeads !== 0) {
    refuse(
      "num_key_value_heads",
      keyValueHeads,
      `a divisor of num_attention_heads (${raw.num_attention_heads})`,
    );
  }
  const headSize = raw.head_dim ?? raw.hidden_size / raw.num_attention_heads;
  // Rotary embeddings turn pairs.
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    refuse(
      typeof raw.head_dim === "number" ? "head_dim" : "num_attention_heads",
      headSize,
      "an even head size",
    );
  }
  return {
    architecture,
    vocabularySize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    keyValueHeads,
    headSize,
    normEpsilon: raw.rms_norm_eps,
    ropeTheta: raw.rope_theta ?? raw.rope_parameters?.rope_theta ?? 10_000,
    contextLength: raw.max_position_embeddings,
    tiedEmbeddings: raw.tie_word_embeddings,
    attentionBias: architecture === "qwen2",
    bosId: raw.bos_token_id,
    eosId: raw.eos_token_id,
  };
}

/** The `config.json` that `transformers` reads for this model. */
export function toHuggingFaceConfig(config: ModelConfig): Record<string, unknown> {
  return {
    architectures: [config.architecture === "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM"],
    model_type: config.architecture,
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headSize,
    hidden_act: "silu",
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    max_position_embeddings: config.contextLength,
    tie_word_embeddings: config.tiedEmbeddings,
    attention_bias: config.attentionBias,
    attention_dropout: 0,
    initializer_range: 0.02,
    use_cache: true,
    ...(config.architecture === "qwen2" ? { use_sliding_window: false } : { mlp_bias: false }),
    ...(config.bosId === undefined ? {} : { bos_token_id: config.bosId }),
    ...(config.eosId === undefined ? {} : { eos_token_id: config.eosId }),
    torch_dtype: "float32",
  };
}

/** A weight's name in the checkpoint and its shape. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Every weight of the model, in checkpoint order; a projection is [out, in]. */
export function parameterShapes(config: ModelConfig): ParameterShape[] {
  const { hiddenSize, intermediateSize } = config;
  const queries = config.heads * config.headSize;
  const keys = config.keyValueHeads * config.headSize;
  const shapes: ParameterShape[] = [
    { name: "model.embed_tokens.weight", shape: [config.vocabularySize, hiddenSize] },
  ];
  for (let layer = 0; layer < config.layers; layer++) {
    const add = (name: string, ...shape: number[]): void => {
      shapes.push({ name: `model.layers.${layer}.${name}`, shape });
    };
    add("input_layernorm.weight", hiddenSize);
    for (const [projection, rows] of [
      ["q", queries],
      ["k", keys],
      ["v", keys],
    ] as const) {
      add(`self_attn.${projection}_proj.weight`, rows, hiddenSize);
      if (config.attentionBias) add(`self_attn.${projection}_proj.bias`, rows);
    }
    add("self_attn.o_proj.weight", hiddenSize, queries);
    add("post_attention_layernorm.weight", hiddenSize);
    add("mlp.gate_proj.weight", intermediateSize, hiddenSize);
    add("mlp.up_proj.weight", intermediateSize, hiddenSize);
    add("mlp.down_proj.weight", hiddenSize, intermediateSize);
  }
  shapes.push({ name: "model.norm.weight", shape: [hiddenSize] });
  if (!config.tiedEmbeddings)
    shapes.push({ name: "lm_head.weight", shape: [config.vocabularySize, hiddenSize] });
  return shapes;
}

/** Number of weights. */
export function parameterCount(config: ModelConfig): number {
  return parameterShapes(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
