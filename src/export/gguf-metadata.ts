// The metadata of an exported model: what llama.cpp needs to build it and to cut text exactly as it was trained.
import { UserError } from "../core/index.ts";
import { ARCHITECTURE_TRAITS, type ModelConfig, parameterCount } from "../model/index.ts";
import { ggufArchitecture, statesHeadSize } from "./architectures.ts";
import { count, type Metadata, type MetadataValue, real, text } from "./gguf-format.ts";
import {
  byteLevelMetadata,
  idMetadata,
  sentencePieceMetadata,
  type TokenRoles,
  type Vocabulary,
} from "./gguf-vocabulary.ts";
import { modelNaming } from "./model-naming.ts";

/** `general.file_type` of the types we write ourselves: names the majority of the matrices. */
export const FILE_TYPE_CODES = { F32: 0, F16: 1, Q8_0: 7, BF16: 32 } as const;

/** Version of the quantised layouts, written by every converter. */
const QUANTIZATION_VERSION = 2;

/** All metadata of a model, in the reference converter's order. */
export function modelMetadata(
  options: TokenRoles & {
    readonly config: ModelConfig;
    readonly vocabulary: Vocabulary;
    readonly name: string;
    readonly fileType: keyof typeof FILE_TYPE_CODES;
    /** For messages. */
    readonly file: string;
  },
): Metadata {
  const { config, vocabulary, fileType, file } = options;
  refuseBiases(config, file);
  refuseScoreScale(config, file);
  const { name, basename, sizeLabel } = modelNaming(options.name, parameterCount(config));
  return new Map([
    ["general.architecture", text(ggufArchitecture(config))],
    ["general.type", text("model")],
    ["general.name", text(name)],
    ...(basename === undefined ? [] : ([["general.basename", text(basename)]] as const)),
    ["general.size_label", text(sizeLabel)],
    ...architectureMetadata(config),
    ["general.file_type", count(FILE_TYPE_CODES[fileType])],
    ["general.quantization_version", count(QUANTIZATION_VERSION)],
    ...("kind" in vocabulary
      ? sentencePieceMetadata(vocabulary, config, options.unknownIsControl ?? false, file)
      : byteLevelMetadata(vocabulary, config, options.unknownId, file)),
    ...idMetadata({ padding: options.paddingId }),
  ]);
}

function architectureMetadata(config: ModelConfig): [string, MetadataValue][] {
  const architecture = ggufArchitecture(config);
  const { widthFactor } = ARCHITECTURE_TRAITS[config.architecture];
  const keys: [string, MetadataValue][] = [
    ["block_count", count(config.layers)],
    ["context_length", count(ggufContextLength(config))],
    ["embedding_length", count(config.hiddenSize)],
    // llama.cpp halves it for `qwen`, as the model's own code does.
    ["feed_forward_length", count(config.intermediateSize * widthFactor)],
    ["attention.head_count", count(config.heads)],
    ["attention.head_count_kv", count(config.keyValueHeads)],
    ...(statesHeadSize(config)
      ? ([
          ["attention.key_length", count(config.headSize)],
          ["attention.value_length", count(config.headSize)],
        ] as [string, MetadataValue][])
      : []),
    ["rope.freq_base", real(config.ropeTheta)],
    ["attention.layer_norm_rms_epsilon", real(config.normEpsilon)],
    ...(architecture === "llama"
      ? ([
          ["vocab_size", count(config.vocabularySize)],
          ["rope.dimension_count", count(config.headSize)],
        ] as [string, MetadataValue][])
      : []),
    ...scalingMetadata(config),
    ...windowMetadata(config),
  ];
  return keys.map(([key, value]) => [`${architecture}.${key}`, value]);
}

/** Positions divided by one factor; Llama 3.1's rule has a tensor instead. */
function scalingMetadata({ ropeScaling }: ModelConfig): [string, MetadataValue][] {
  if (ropeScaling?.type !== "linear") return [];
  return [
    ["rope.scaling.type", text("linear")],
    ["rope.scaling.factor", real(ropeScaling.factor)],
  ];
}

/** llama.cpp reads the biases that a configuration may ask for in its `llama` alone: elsewhere they are tensors too many, and nothing loads. */
function refuseBiases(config: ModelConfig, file: string): void {
  const architecture = ggufArchitecture(config);
  if (!config.attentionOutputBias || architecture === "llama") return;
  throw new UserError(
    "unsupported-export",
    `biases of the attention are unknown to llama.cpp's ${architecture}`,
    {
      file,
      at: "attention_bias",
      remedy: "Use the model with transformers (apollo export hf), or train it without these biases.",
    },
  );
}

/** GGUF has no key for it: llama.cpp's `gemma2` takes the head size, and hidden size / heads for the 46 layers of the 27B model. */
function refuseScoreScale(
  { queryScalar, layers, hiddenSize, heads, headSize }: ModelConfig,
  file: string,
): void {
  const taken = layers === 46 ? hiddenSize / heads : headSize;
  if (queryScalar === undefined || queryScalar === taken) return;
  throw new UserError(
    "unsupported-export",
    `${queryScalar} has no place in a GGUF file, llama.cpp takes ${taken}`,
    {
      file,
      at: "query_pre_attn_scalar",
      remedy:
        "The file would load and be another model; some copies of Gemma 2 9B state 224 where 256 is meant.",
    },
  );
}

/** Soft caps and the window of models that alternate full and sliding layers, as llama.cpp's `gemma2` does. */
function windowMetadata(config: ModelConfig): [string, MetadataValue][] {
  if (ARCHITECTURE_TRAITS[config.architecture].slidingLayers !== "even") return [];
  return [
    // Left out, it would be 4096: one as long as the context hides nothing.
    ["attention.sliding_window", count(config.slidingWindow ?? config.contextLength)],
    ["attn_logit_softcapping", real(config.attentionSoftcap!)],
    ["final_logit_softcapping", real(config.finalSoftcap!)],
  ];
}

/**
 * llama.cpp has no sliding window for `llama`, the name that Mistral models go by: up to the window's length the file is the
 * same model, so that is the context it states.
 */
function ggufContextLength(config: ModelConfig): number {
  if (ARCHITECTURE_TRAITS[config.architecture].slidingLayers !== "all") return config.contextLength;
  return Math.min(config.contextLength, config.slidingWindow ?? config.contextLength);
}
