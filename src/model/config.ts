// The shape of a decoder as its Hugging Face `config.json` states it.
import { join } from "node:path";
import { z } from "zod";
import { readJson, UserError } from "../core/index.ts";
import {
  ARCHITECTURE_TRAITS,
  ARCHITECTURES,
  type Architecture,
  type ArchitectureTraits,
  GEMMA2_SOFTCAPS,
  slides,
} from "./architectures.ts";
import { check, type Refuse } from "./config-check.ts";
import { readScaling, ropeParameters } from "./read-rope-scaling.ts";
import type { RopeScaling } from "./rope-scaling.ts";

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
  /** A bias on the attention's output too, as `attention_bias` means it where a configuration may ask for it. Default false. */
  readonly attentionOutputBias?: boolean;
  /** Biases on the MLP's three projections (`mlp_bias`). Default false. */
  readonly mlpBias?: boolean;
  /** A key this far back or further is not seen, on the layers that the architecture says; absent: all keys are. */
  readonly slidingWindow?: number;
  /** Soft caps of attention scores and of logits; absent: none. */
  readonly attentionSoftcap?: number;
  readonly finalSoftcap?: number;
  /** Attention scores are divided by the square root of this; absent: of the head size. */
  readonly queryScalar?: number;
  /** Absent: rotary frequencies as they are. */
  readonly ropeScaling?: RopeScaling;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
}

const positive = z.number().int().positive();
const optionalId = z
  .union([z.number().int(), z.array(z.number().int())])
  .nullish()
  .transform((id) => (Array.isArray(id) ? id[0] : (id ?? undefined)));

// transformers v4 has rope_theta at the root, v5 inside rope_parameters; both are in circulation. What is absent here gets the
// default of its architecture's class.
const huggingFaceConfig = z.looseObject({
  vocab_size: positive,
  hidden_size: positive,
  intermediate_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  num_key_value_heads: positive.nullish(),
  head_dim: positive.nullish(),
  rms_norm_eps: z.number().positive().nullish(),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: ropeParameters.nullish(),
  rope_parameters: ropeParameters.nullish(),
  max_position_embeddings: positive.nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  sliding_window: positive.nullish(),
  layer_types: z.array(z.string()).nullish(),
  hidden_act: z.string().nullish(),
  hidden_activation: z.string().nullish(),
  query_pre_attn_scalar: z.number().positive().default(256),
  attn_logit_softcapping: z.number().positive().default(GEMMA2_SOFTCAPS.attentionSoftcap),
  final_logit_softcapping: z.number().positive().default(GEMMA2_SOFTCAPS.finalSoftcap),
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
  const refuse: Refuse = (at, found, expected) => {
    throw new UserError(
      "unsupported-model",
      `${JSON.stringify(found)} is not supported, expected ${expected}`,
      { file, at, remedy: "src/model/README.md says which models can be computed here." },
    );
  };
  // First: another architecture lacks fields that it never had.
  const { model_type: type } = check(z.looseObject({ model_type: z.string() }), json, file);
  const architecture = ARCHITECTURES.find((name) => name === type);
  if (architecture === undefined) return refuse("model_type", type, KNOWN);
  const { quantization_config: quantization } = json as {
    quantization_config?: { quant_method?: unknown } | null;
  };
  if (quantization) {
    refuse("quantization_config", quantization.quant_method ?? quantization, "weights of 16 or 32 bits");
  }
  const traits = ARCHITECTURE_TRAITS[architecture];
  const { defaults, keys } = traits;
  const raw = check(huggingFaceConfig, withCommonKeys(json, keys), file, keys);
  checkActivation(raw, traits, refuse);
  checkLayerTypes(raw, traits, refuse);
  if (raw.mlp_bias && !traits.optionalBiases.includes("mlp")) refuse("mlp_bias", true, "false");
  if (raw.use_sliding_window) refuse("use_sliding_window", true, "false");
  if (traits.tying === "always" && raw.tie_word_embeddings === false) {
    refuse("tie_word_embeddings", false, `true: the head of ${architecture} is its embedding`);
  }
  if (traits.tying === "never" && raw.tie_word_embeddings === true) {
    refuse("tie_word_embeddings", true, `false: ${architecture} has a head of its own`);
  }
  for (const [key, expected] of Object.entries(traits.fixed)) {
    const found = raw[key] ?? expected;
    if (found !== expected) refuse(key, found, String(expected));
  }
  if (raw.intermediate_size % traits.widthFactor !== 0) {
    refuse("intermediate_size", raw.intermediate_size, `a multiple of ${traits.widthFactor}`);
  }
  // Qwen2 has its biases without saying so.
  const asksForBias = raw.attention_bias && !traits.attentionBias;
  if (asksForBias && !traits.optionalBiases.includes("attention")) refuse("attention_bias", true, "false");
  const heads = raw.num_attention_heads;
  const contextLength = raw.max_position_embeddings ?? defaults.contextLength;
  const window =
    traits.slidingLayers === "none" ? undefined : orDefault(raw.sliding_window, defaults.slidingWindow);
  const ropeScaling = readScaling(raw, traits.ropeScaling, file, refuse);
  return {
    architecture,
    vocabularySize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size / traits.widthFactor,
    layers: raw.num_hidden_layers,
    heads,
    ...readHeads(raw, architecture, refuse),
    normEpsilon: raw.rms_norm_eps ?? defaults.normEpsilon,
    ropeTheta: raw.rope_theta ?? raw.rope_parameters?.rope_theta ?? defaults.ropeTheta,
    contextLength,
    tiedEmbeddings: raw.tie_word_embeddings ?? defaults.tiedEmbeddings,
    attentionBias: traits.attentionBias || asksForBias,
    ...(asksForBias ? { attentionOutputBias: true } : {}),
    ...(raw.mlp_bias ? { mlpBias: true } : {}),
    // A window as long as the context hides nothing.
    ...softcaps(raw, traits),
    ...(window === undefined || window >= contextLength ? {} : { slidingWindow: window }),
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
    bosId: raw.bos_token_id,
    eosId: raw.eos_token_id,
  };
}

type RawConfig = z.infer<typeof huggingFaceConfig>;

/** "llama, mistral or qwen2". */
const KNOWN = `${ARCHITECTURES.slice(0, -1).join(", ")} or ${ARCHITECTURES.at(-1)}`;

/** The same record with the keys that this architecture calls otherwise under their common names too. */
function withCommonKeys(json: unknown, keys: ArchitectureTraits["keys"]): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const own = json as Record<string, unknown>;
  const renamed = Object.entries(keys).filter(([, theirs]) => theirs in own);
  return { ...own, ...Object.fromEntries(renamed.map(([common, theirs]) => [common, own[theirs]])) };
}

/** Absent is the class's default; null says that there is none. */
function orDefault(value: number | null | undefined, whenAbsent: number | undefined): number | undefined {
  return value === null ? undefined : (value ?? whenAbsent);
}

function readHeads(
  raw: RawConfig,
  architecture: Architecture,
  refuse: Refuse,
): Pick<ModelConfig, "keyValueHeads" | "headSize"> {
  const { defaults, keys, plainHeads } = ARCHITECTURE_TRAITS[architecture];
  const heads = raw.num_attention_heads;
  const keyValueHeads = orDefault(raw.num_key_value_heads, defaults.keyValueHeads) ?? heads;
  if (heads % keyValueHeads !== 0) {
    refuse("num_key_value_heads", keyValueHeads, `a divisor of num_attention_heads (${heads})`);
  }
  const headSize = orDefault(raw.head_dim, defaults.headSize) ?? raw.hidden_size / heads;
  // Rotary embeddings turn pairs.
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    refuse(
      typeof raw.head_dim === "number" ? "head_dim" : "num_attention_heads",
      headSize,
      "an even head size",
    );
  }
  if (plainHeads && keyValueHeads !== heads) {
    refuse("num_key_value_heads", keyValueHeads, `num_attention_heads (${heads})`);
  }
  if (plainHeads && heads * headSize !== raw.hidden_size) {
    refuse(
      keys.head_dim ?? "head_dim",
      headSize,
      `hidden_size / num_attention_heads (${raw.hidden_size / heads})`,
    );
  }
  return { keyValueHeads, headSize };
}

function checkActivation(raw: RawConfig, traits: ArchitectureTraits, refuse: Refuse): void {
  if (traits.activation === "silu") {
    if ((raw.hidden_act ?? "silu") !== "silu") refuse("hidden_act", raw.hidden_act, "silu");
    return;
  }
  // Old configurations of Gemma say "gelu" in hidden_act and mean, as their models were trained, the tanh form.
  const activation = raw.hidden_activation ?? "gelu_pytorch_tanh";
  if (activation !== "gelu_pytorch_tanh") refuse("hidden_activation", activation, "gelu_pytorch_tanh");
}

/** transformers 5 spells out what the architecture implies; anything else would be another model. */
function checkLayerTypes(raw: RawConfig, traits: ArchitectureTraits, refuse: Refuse): void {
  raw.layer_types?.forEach((type, layer) => {
    const expected = slides(traits, layer) ? "sliding_attention" : "full_attention";
    if (type !== expected) refuse(`layer_types.${layer}`, type, expected);
  });
}

function softcaps(
  raw: RawConfig,
  traits: ArchitectureTraits,
): Pick<ModelConfig, "attentionSoftcap" | "finalSoftcap" | "queryScalar"> {
  if (!traits.softcaps) return {};
  return {
    attentionSoftcap: raw.attn_logit_softcapping,
    finalSoftcap: raw.final_logit_softcapping,
    queryScalar: raw.query_pre_attn_scalar,
  };
}
