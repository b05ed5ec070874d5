// What tells the decoders apart, as data: a row an architecture. The forward pass, the list of weights and the reading of
// config.json ask these rows and know no architecture by name. Sources: the modelling files of transformers.

/** Architectures with a forward pass here, by their `model_type`. */
export const ARCHITECTURES = ["llama", "mistral", "qwen2", "qwen3"] as const;

/** A supported `model_type`. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** A weight of a layer, by what it does. */
export type LayerRole =
  | "attention-norm"
  | "query"
  | "key"
  | "value"
  | "query-norm"
  | "key-norm"
  | "attention-output"
  | "mlp-norm"
  | "mlp-gate"
  | "mlp-up"
  | "mlp-down";

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
  /** Biases on the query, key and value projections. */
  readonly attentionBias: boolean;
  /** Layers whose attention honours `sliding_window`. */
  readonly slidingLayers: "none" | "all";
  /** Frequencies may be scaled by Llama 3.1's rule. */
  readonly llama3Scaling: boolean;
  readonly defaults: ConfigDefaults;
}

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
  slidingLayers: "none",
  llama3Scaling: true,
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
  llama3Scaling: false,
  // The class says 32 key and value heads, whatever the number of heads: no checkpoint relies on that.
  defaults: { ...LLAMA.defaults, contextLength: 32_768 },
};

/** The rows. */
export const ARCHITECTURE_TRAITS: Readonly<Record<Architecture, ArchitectureTraits>> = {
  llama: LLAMA,
  mistral: {
    ...LLAMA,
    huggingFaceClass: "MistralForCausalLM",
    slidingLayers: "all",
    llama3Scaling: false,
    defaults: { ...LLAMA.defaults, keyValueHeads: 8, contextLength: 131_072, slidingWindow: 4096 },
  },
  qwen2: QWEN2,
  qwen3: {
    ...QWEN2,
    huggingFaceClass: "Qwen3ForCausalLM",
    attentionBias: false,
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
};
