// What tells the decoders apart, as data: a row an architecture. The forward pass, the list of weights and the reading of
// config.json ask these rows and know no architecture by name. Sources: the modelling files of transformers.

/** Architectures with a forward pass here, by their `model_type`. */
export const ARCHITECTURES = ["llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "qwen"] as const;

/** A supported `model_type`. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** A weight of a layer, by what it does. */
export type LayerRole =
  | "attention-norm"
  | "query"
  | "key"
  | "value"
  | "query-key-value"
  | "query-norm"
  | "key-norm"
  | "attention-output"
  | "attention-output-norm"
  | "mlp-norm"
  | "mlp-gate"
  | "mlp-up"
  | "mlp-down"
  | "mlp-output-norm";

/** A weight of the model, by what it does. */
export type WeightRole = LayerRole | "embedding" | "final-norm" | "head";

/** How a checkpoint names its weights, without `.weight` and `.bias`. */
export interface WeightNames {
  readonly embedding: string;
  readonly finalNorm: string;
  readonly head: string;
  /** Before `.N.` and the names of a layer. */
  readonly layers: string;
  /** A role that has no name is not in the model. In checkpoint order. */
  readonly layer: Readonly<Partial<Record<LayerRole, string>>>;
}

/** A key that some architecture calls by another name. */
export type RenamedKey = "rms_norm_eps" | "rope_theta" | "head_dim" | "max_position_embeddings";

/** How an architecture's `config.json` differs from the others': the defaults of its class. */
export interface ConfigDefaults {
  /** `num_key_value_heads` where it is absent; `undefined`: as many as heads. `null` always means as many as heads. */
  readonly keyValueHeads: number | undefined;
  /** `head_dim` where it is absent; `undefined`: hidden size / heads. */
  readonly headSize: number | undefined;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  readonly contextLength: number;
  readonly tiedEmbeddings: boolean;
  /** `sliding_window` where it is absent. */
  readonly slidingWindow: number | undefined;
}

/** One architecture. */
export interface ArchitectureTraits {
  /** The class in `architectures`. */
  readonly huggingFaceClass: string;
  readonly names: WeightNames;
  /** Biases on the query, key and value projections, without a word in the configuration. */
  readonly attentionBias: boolean;
  /** Biases that a configuration may ask for: `attention_bias` on all four projections of the attention, `mlp_bias` on the MLP's. */
  readonly optionalBiases: readonly ("attention" | "mlp")[];
  readonly activation: "silu" | "gelu-tanh";
  /** What a norm multiplies by is this plus its weight: 1 where checkpoints store the difference from one. */
  readonly normOffset: 0 | 1;
  /** Embeddings enter the first layer times the square root of the hidden size. */
  readonly scaledEmbeddings: boolean;
  /** Whether the head is the embedding. */
  readonly tying: "optional" | "always" | "never";
  /** Layers whose attention honours `sliding_window`; `even`: 0, 2, 4 and so on. */
  readonly slidingLayers: "none" | "all" | "even";
  /** Attention scores and logits are bent by soft caps. */
  readonly softcaps: boolean;
  /** As many key and value heads as query heads, together as wide as the hidden state. */
  readonly plainHeads: boolean;
  /** Keys of `config.json` under other names. */
  readonly keys: Readonly<Partial<Record<RenamedKey, string>>>;
  /** Keys of `config.json` whose other values would be another model. */
  readonly fixed: Readonly<Record<string, unknown>>;
  /** `intermediate_size` is this many times the width of the MLP. */
  readonly widthFactor: 1 | 2;
  /** Rotary frequencies may be scaled. */
  readonly ropeScaling: boolean;
  readonly defaults: ConfigDefaults;
}

/** Defaults of Gemma 2's class, and its published models' values. */
export const GEMMA2_SOFTCAPS = { attentionSoftcap: 50, finalSoftcap: 30 } as const;

const LLAMA_NAMES: WeightNames = {
  embedding: "model.embed_tokens",
  finalNorm: "model.norm",
  head: "lm_head",
  layers: "model.layers",
  layer: {
    "attention-norm": "input_layernorm",
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    "attention-output": "self_attn.o_proj",
    "mlp-norm": "post_attention_layernorm",
    "mlp-gate": "mlp.gate_proj",
    "mlp-up": "mlp.up_proj",
    "mlp-down": "mlp.down_proj",
  },
};

const LLAMA: ArchitectureTraits = {
  huggingFaceClass: "LlamaForCausalLM",
  names: LLAMA_NAMES,
  attentionBias: false,
  optionalBiases: ["attention", "mlp"],
  activation: "silu",
  normOffset: 0,
  scaledEmbeddings: false,
  tying: "optional",
  slidingLayers: "none",
  softcaps: false,
  plainHeads: false,
  keys: {},
  fixed: {},
  widthFactor: 1,
  ropeScaling: true,
  defaults: {
    keyValueHeads: undefined,
    headSize: undefined,
    normEpsilon: 1e-6,
    ropeTheta: 10_000,
    contextLength: 2048,
    tiedEmbeddings: false,
    slidingWindow: undefined,
  },
};

const QWEN2: ArchitectureTraits = {
  ...LLAMA,
  huggingFaceClass: "Qwen2ForCausalLM",
  attentionBias: true,
  optionalBiases: [],
  ropeScaling: false,
  // The class says 32 key and value heads, whatever the number of heads: no checkpoint relies on that.
  defaults: { ...LLAMA.defaults, contextLength: 32_768 },
};

const GEMMA: ArchitectureTraits = {
  ...LLAMA,
  huggingFaceClass: "GemmaForCausalLM",
  optionalBiases: ["attention"],
  activation: "gelu-tanh",
  normOffset: 1,
  scaledEmbeddings: true,
  tying: "always",
  ropeScaling: false,
  defaults: {
    ...LLAMA.defaults,
    keyValueHeads: 16,
    headSize: 256,
    contextLength: 8192,
    tiedEmbeddings: true,
  },
};

/** The rows. */
export const ARCHITECTURE_TRAITS: Readonly<Record<Architecture, ArchitectureTraits>> = {
  llama: LLAMA,
  mistral: {
    ...LLAMA,
    huggingFaceClass: "MistralForCausalLM",
    optionalBiases: [],
    slidingLayers: "all",
    ropeScaling: false,
    defaults: { ...LLAMA.defaults, keyValueHeads: 8, contextLength: 131_072, slidingWindow: 4096 },
  },
  qwen2: QWEN2,
  qwen3: {
    ...QWEN2,
    huggingFaceClass: "Qwen3ForCausalLM",
    attentionBias: false,
    optionalBiases: ["attention"],
    names: {
      ...LLAMA_NAMES,
      layer: {
        ...LLAMA_NAMES.layer,
        "query-norm": "self_attn.q_norm",
        "key-norm": "self_attn.k_norm",
      },
    },
    defaults: { ...QWEN2.defaults, headSize: 128 },
  },
  gemma: GEMMA,
  gemma2: {
    ...GEMMA,
    huggingFaceClass: "Gemma2ForCausalLM",
    names: {
      ...LLAMA_NAMES,
      layer: {
        ...LLAMA_NAMES.layer,
        // The name that others give to the norm before the MLP.
        "attention-output-norm": "post_attention_layernorm",
        "mlp-norm": "pre_feedforward_layernorm",
        "mlp-output-norm": "post_feedforward_layernorm",
      },
    },
    slidingLayers: "even",
    softcaps: true,
    defaults: { ...GEMMA.defaults, keyValueHeads: 4, slidingWindow: 4096 },
  },
  // The first Qwen. Its dynamic NTK scaling and log-n attention begin beyond `seq_length`, and never while training: up to
  // that length, which is the context here, both change nothing.
  qwen: {
    ...LLAMA,
    huggingFaceClass: "QWenLMHeadModel",
    names: {
      embedding: "transformer.wte",
      finalNorm: "transformer.ln_f",
      head: "lm_head",
      layers: "transformer.h",
      layer: {
        "attention-norm": "ln_1",
        "query-key-value": "attn.c_attn",
        "attention-output": "attn.c_proj",
        "mlp-norm": "ln_2",
        // w1(x) * silu(w2(x)): the second is the gate.
        "mlp-up": "mlp.w1",
        "mlp-gate": "mlp.w2",
        "mlp-down": "mlp.c_proj",
      },
    },
    attentionBias: true,
    optionalBiases: [],
    tying: "never",
    plainHeads: true,
    keys: {
      rms_norm_eps: "layer_norm_epsilon",
      rope_theta: "rotary_emb_base",
      head_dim: "kv_channels",
      max_position_embeddings: "seq_length",
    },
    fixed: { no_bias: true, rotary_pct: 1, scale_attn_weights: true },
    widthFactor: 2,
    ropeScaling: false,
    defaults: { ...LLAMA.defaults, headSize: 128, contextLength: 8192 },
  },
};

/** Whether a layer's attention honours the sliding window. */
export function slides(traits: ArchitectureTraits, layer: number): boolean {
  return traits.slidingLayers === "all" || (traits.slidingLayers === "even" && layer % 2 === 0);
}
