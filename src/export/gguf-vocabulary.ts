// A vocabulary as GGUF metadata: tokens, types, merges or scores, and which of them begin and end a text.
import { UserError } from "../core/index.ts";
import type { ModelConfig } from "../model/index.ts";
import type { ByteLevelBpe } from "../tokenizer/index.ts";
import { count, flag, type MetadataValue, text } from "./gguf-format.ts";

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

/** What a checkpoint says of its tokens outside its vocabulary. */
export interface TokenRoles {
  /** Id of the token that fills batches, where the checkpoint names one. */
  readonly paddingId?: number | undefined;
  /** Id of the token for what has none, where the checkpoint names one; a SentencePiece vocabulary says it itself. */
  readonly unknownId?: number | undefined;
  /** The unknown token is listed among the special ones: llama.cpp's converter then marks it as these. Default false. */
  readonly unknownIsControl?: boolean | undefined;
}

/** Metadata of a byte-level vocabulary; `file` is for messages. */
export function byteLevelMetadata(
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

/** Metadata of a SentencePiece vocabulary; `file` is for messages. */
export function sentencePieceMetadata(
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

/** Ids of tokens with a part to play; absent ones are not written. */
export function idMetadata(
  ids: Readonly<Partial<Record<IdName, number | undefined>>>,
): [string, MetadataValue][] {
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
