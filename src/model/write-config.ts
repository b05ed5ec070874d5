// A model configuration as the `config.json` that `transformers` reads, and what an architecture brings to a fresh one.
import { ARCHITECTURE_TRAITS, type Architecture, GEMMA2_SOFTCAPS } from "./architectures.ts";
import type { ModelConfig } from "./config.ts";
import type { RopeScaling } from "./rope-scaling.ts";

/** What an architecture brings to a model of any size: biases and soft caps. Fresh models have no sliding window. */
export function freshTraits(
  architecture: Architecture,
): Pick<ModelConfig, "attentionBias" | "attentionSoftcap" | "finalSoftcap"> {
  const { attentionBias, softcaps } = ARCHITECTURE_TRAITS[architecture];
  return { attentionBias, ...(softcaps ? GEMMA2_SOFTCAPS : {}) };
}

/** Numbers that transformers 5 takes only with a point: whole ones come out of JSON.stringify without. */
const WHOLE_FLOATS = /^\s*"(?:attn|final)_logit_softcapping": -?\d+(?=,?$)/gmu;

/** The text of a `config.json`. */
export function configText(config: unknown): string {
  return `${JSON.stringify(config, null, 2).replaceAll(WHOLE_FLOATS, "$&.0")}\n`;
}

/** The `config.json` of a checkpoint whose weights become float32. Releases of transformers differ in the key's name. */
export function asFloat32(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { dtype, ...rest } = config;
  return { ...rest, ...(dtype === undefined ? {} : { dtype: "float32" }), torch_dtype: "float32" };
}

/** The `config.json` that `transformers` reads for this model. */
export function toHuggingFaceConfig(config: ModelConfig): Record<string, unknown> {
  const traits = ARCHITECTURE_TRAITS[config.architecture];
  const scaling = config.ropeScaling;
  // transformers' Gemma 2 needs a number: one as long as the context hides nothing.
  const noWindow = traits.slidingLayers === "even" ? config.contextLength : null;
  const common: Record<string, unknown> = {
    architectures: [traits.huggingFaceClass],
    model_type: config.architecture,
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize * traits.widthFactor,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headSize,
    ...(traits.activation === "silu"
      ? { hidden_act: "silu" }
      : { hidden_act: "gelu_pytorch_tanh", hidden_activation: "gelu_pytorch_tanh" }),
    ...(traits.softcaps
      ? {
          attn_logit_softcapping: config.attentionSoftcap,
          final_logit_softcapping: config.finalSoftcap,
          query_pre_attn_scalar: config.queryScalar ?? config.headSize,
        }
      : {}),
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    ...(scaling === undefined ? {} : { rope_scaling: huggingFaceScaling(scaling) }),
    max_position_embeddings: config.contextLength,
    tie_word_embeddings: config.tiedEmbeddings,
    // Qwen2 has its biases without saying so, and transformers has no such key for it.
    attention_bias: config.attentionBias,
    attention_dropout: 0,
    initializer_range: 0.02,
    use_cache: true,
    ...(traits.slidingLayers === "none"
      ? traits.ropeScaling
        ? { mlp_bias: config.mlpBias === true }
        : { use_sliding_window: false }
      : { sliding_window: config.slidingWindow ?? noWindow }),
    ...(config.bosId === undefined ? {} : { bos_token_id: config.bosId }),
    ...(config.eosId === undefined ? {} : { eos_token_id: config.eosId }),
    torch_dtype: "float32",
  };
  const renamed = Object.entries(traits.keys).map(([key, own]) => [own, common[key]]);
  return { ...common, ...Object.fromEntries(renamed), ...traits.fixed };
}

function huggingFaceScaling(scaling: RopeScaling): Record<string, unknown> {
  const common = { rope_type: scaling.type, factor: scaling.factor };
  if (scaling.type === "linear") return common;
  return {
    ...common,
    low_freq_factor: scaling.lowFrequencyFactor,
    high_freq_factor: scaling.highFrequencyFactor,
    original_max_position_embeddings: scaling.originalContextLength,
  };
}
