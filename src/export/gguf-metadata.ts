// The metadata of an exported model: what llama.cpp needs to build it and to cut text exactly as it was trained.
import { UserError } from "../core/index.ts";
import { ARCHITECTURE_TRAITS, type ModelConfig, parameterCount } from "../model/index.ts";
import type { ByteLevelBpe } from "../tokenizer/index.ts";
import { ggufArchitecture, statesHeadSize } from "./architectures.ts";
import type { Metadata, MetadataValue } from "./gguf-format.ts";
import { modelNaming } from "./model-naming.ts";

/** `general.file_type` of the types we write ourselves: names the majority of the matrices. */
export const FILE_TYPE_CODES = { F32: 0, F16: 1, Q8_0: 7, BF16: 32 } as const;

/** Version of the quantised layouts, written by every converter. */
const QUANTIZATION_VERSION = 2;

/** GGUF's token types. */
const TOKEN_TYPES = { normal: 1, unknown: 2, control: 3, "user-defined": 4, unused: 5, byte: 6 } as const;

/** Score of padding tokens in a SentencePiece vocabulary, as the reference converter writes it. */
const PADDING_SCORE = -10_000;
/** Score of tokens that no merge makes, by the same converter. */
const ADDED_SCORE = -1000;
const UNMERGED: ReadonlySet<string> = new Set(["control", "unknown", "user-defined"]);

/** A SentencePiece-type vocabulary as data; a `SentencePieceBpe` is one. */
export interface SentencePieceVocabulary {
  readonly kind: "sentencepiece";
  /** By id; spaces are written `▁`, single bytes `<0x0A>`. */
  readonly pieces: readonly {
    readonly text: string;
    /** Decides which pair merges first. */
    readonly score: number;
    readonly type: keyof typeof TOKEN_TYPES;
  }[];
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly unknownId: number | undefined;
  readonly addBos: boolean;
  /** A text gets a space in front before it is cut. */
  readonly addSpacePrefix: boolean;
  /** Whether the scores alone say which pairs merge, and in what order. Default true. */
  readonly scoresAreExact?: boolean;
  readonly chatTemplate?: string | undefined;
}

/** What a vocabulary may come as. */
export type Vocabulary = ByteLevelBpe | SentencePieceVocabulary;

const text = (value: string): MetadataValue => ({ type: "string", value });
const count = (value: number): MetadataValue => ({ type: "uint32", value });
const real = (value: number): MetadataValue => ({ type: "float32", value });
const flag = (value: boolean): MetadataValue => ({ type: "bool", value });

/** What a checkpoint says of its tokens outside its vocabulary. */
export interface TokenRoles {
  /** Id of the token that fills batches, where the checkpoint names one. */
  readonly paddingId?: number | undefined;
  /** Id of the token for what has none, where the checkpoint names one; a SentencePiece vocabulary says it itself. */
  readonly unknownId?: number | undefined;
  /** The unknown token is listed among the special ones: llama.cpp's converter then marks it as these. Default false. */
  readonly unknownIsControl?: boolean | undefined;
}

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

function byteLevelMetadata(
  tokenizer: ByteLevelBpe,
  config: ModelConfig,
  unknownId: number | undefined,
  file: string,
): [string, MetadataValue][] {
  const rows = config.vocabularySize;
  checkSize(tokenizer.vocabularySize, rows, file);
  const tokens = padded(tokenizer.tokens, rows, (id) => `[PAD${id}]`);
  checkUnique(tokens, file);
  const eosId = tokenizer.eosId ?? config.eosId;
  // Left out, both ids would be 11 for this kind of vocabulary. Models without a beginning of text name their end of text.
  const bosId = tokenizer.bosId ?? config.bosId ?? eosId;
  return [
    ["tokenizer.ggml.model", text("gpt2")],
    ["tokenizer.ggml.pre", text(tokenizer.preTokenizer)],
    ["tokenizer.ggml.tokens", { type: "string[]", value: tokens }],
    [
      "tokenizer.ggml.token_type",
      {
        type: "int32[]",
        value: tokens.map((_, id) =>
          id < tokenizer.vocabularySize
            ? TOKEN_TYPES[fileTokenType(tokens[id]!, tokenizer.tokenType(id))]
            : TOKEN_TYPES.unused,
        ),
      },
    ],
    ["tokenizer.ggml.merges", { type: "string[]", value: tokenizer.merges }],
    ...idMetadata({ bos: bosId, eos: eosId, unknown: unknownId }),
    ["tokenizer.ggml.add_bos_token", flag(tokenizer.addBos)],
    ...templateMetadata(tokenizer.chatTemplate),
  ];
}

function sentencePieceMetadata(
  vocabulary: SentencePieceVocabulary,
  config: ModelConfig,
  unknownIsControl: boolean,
  file: string,
): [string, MetadataValue][] {
  const rows = config.vocabularySize;
  checkSize(vocabulary.pieces.length, rows, file);
  if (vocabulary.scoresAreExact === false) {
    throw new UserError("unsupported-tokenizer", "its merges cannot be said by scores, as GGUF wants them", {
      file,
      remedy: "Put the model's tokenizer.model in the folder, in place of tokenizer.json.",
    });
  }
  const pieces = padded(vocabulary.pieces, rows, (id) => ({
    text: `[PAD${id}]`,
    score: PADDING_SCORE,
    type: "unused" as const,
  }));
  // llama.cpp looks for user-defined tokens before it marks spaces.
  const tokens = pieces.map(({ text: piece, type }) =>
    type === "user-defined" ? piece.replaceAll("▁", " ") : piece,
  );
  checkUnique(tokens, file);
  const { unknownId } = vocabulary;
  // The one family whose turns end with a token that its configuration does not name.
  const endOfTurn = config.architecture === "gemma" ? tokens.indexOf("<end_of_turn>") : -1;
  const bosId = vocabulary.bosId ?? config.bosId;
  const eosId = vocabulary.eosId ?? config.eosId;
  return [
    ["tokenizer.ggml.model", text("llama")],
    ["tokenizer.ggml.pre", text("default")],
    ["tokenizer.ggml.tokens", { type: "string[]", value: tokens }],
    ["tokenizer.ggml.scores", { type: "float32[]", value: pieces.map(fileScore) }],
    [
      "tokenizer.ggml.token_type",
      {
        type: "int32[]",
        value: pieces.map(({ text: piece, type }) =>
          unknownIsControl && type === "unknown"
            ? TOKEN_TYPES.control
            : TOKEN_TYPES[fileTokenType(piece, type)],
        ),
      },
    ],
    ...idMetadata({ bos: bosId, eos: eosId, unknown: unknownId, eot: endOfTurn < 0 ? undefined : endOfTurn }),
    ["tokenizer.ggml.add_bos_token", flag(vocabulary.addBos)],
    ["tokenizer.ggml.add_eos_token", flag(false)],
    ["tokenizer.ggml.add_space_prefix", flag(vocabulary.addSpacePrefix)],
    ...templateMetadata(vocabulary.chatTemplate),
  ];
}

/** Tokens that some checkpoints list as text though they are control: the rule of llama.cpp's converter. */
function fileTokenType(token: string, type: keyof typeof TOKEN_TYPES): keyof typeof TOKEN_TYPES {
  return type === "user-defined" && /^(<\|.*\|>|<unused.*>|<pad>|<mask>|<2mass>|\[@BOS@\])$/su.test(token)
    ? "control"
    : type;
}

function fileScore({ score, type }: SentencePieceVocabulary["pieces"][number]): number {
  return UNMERGED.has(type) ? ADDED_SCORE : score;
}

type IdName = "bos" | "eos" | "eot" | "unknown" | "padding";

function idMetadata(ids: Readonly<Partial<Record<IdName, number | undefined>>>): [string, MetadataValue][] {
  return Object.entries(ids).flatMap(([name, id]) =>
    id === undefined ? [] : [[`tokenizer.ggml.${name}_token_id`, count(id)] as [string, MetadataValue]],
  );
}

function templateMetadata(template: string | undefined): [string, MetadataValue][] {
  return template === undefined || template === "" ? [] : [["tokenizer.chat_template", text(template)]];
}

/** The token list must be as long as the embedding: rows without a token get one of their own. */
function padded<T>(list: readonly T[], rows: number, padding: (id: number) => T): T[] {
  return Array.from({ length: rows }, (_, id) => list[id] ?? padding(id));
}

function checkSize(tokens: number, rows: number, file: string): void {
  if (tokens <= rows) return;
  throw new UserError(
    "vocabulary-too-large",
    `the tokenizer has ${tokens} tokens, the embedding ${rows} rows`,
    {
      file,
      remedy: "Tokenizer and weights must belong together.",
    },
  );
}

function checkUnique(tokens: readonly string[], file: string): void {
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => {
    const other = ids.get(token);
    if (other !== undefined) {
      throw new UserError("doubled-token", `tokens ${other} and ${id} are both ${JSON.stringify(token)}`, {
        file,
        remedy: "llama.cpp needs one id for each text: rename one of them.",
      });
    }
    ids.set(token, id);
  });
}
