// The vocabulary in a GGUF file's metadata (keys `tokenizer.*`); tensors are not touched.
import { type GgufValue, readGgufHeader, UserError } from "../core/index.ts";
import type { AddedToken } from "./added-tokens.ts";
import type { ByteLevelBpeDefinition } from "./byte-level-bpe.ts";
import type { PreTokenizer } from "./pre-tokenizers.ts";
import type { SentencePieceDefinition } from "./sentencepiece-bpe.ts";
import type { PieceType } from "./sentencepiece-pieces.ts";

/** Names under which GGUF files know our ways of cutting text. */
const PRE_TOKENIZER_NAMES: Readonly<Record<string, PreTokenizer>> = {
  qwen2: "qwen2",
  "deepseek-r1-qwen": "qwen2",
  "llama-bpe": "llama-bpe",
  llama3: "llama-bpe",
  "llama-v3": "llama-bpe",
  "gpt-2": "gpt-2",
  smollm: "smollm",
};

const CONTROL = 3;
const USER_DEFINED = 4;

/** `tokenizer.ggml.token_type` by number. */
const PIECE_TYPES: readonly (PieceType | undefined)[] = [
  undefined,
  "normal",
  "unknown",
  "control",
  "user-defined",
  "unused",
  "byte",
];

/** Reads a vocabulary; `UserError` when the file holds a kind that we do not know or does not say how it cuts text. */
export async function readGgufVocabulary(
  file: string,
): Promise<ByteLevelBpeDefinition | SentencePieceDefinition> {
  const { metadata } = await readGgufHeader(file);
  const fields = vocabularyFields(metadata, file);
  const model = metadata.get("tokenizer.ggml.model");
  if (model === "llama") return sentencePieceVocabulary(fields, file);
  const pre = metadata.get("tokenizer.ggml.pre");
  const preTokenizer = typeof pre === "string" ? PRE_TOKENIZER_NAMES[pre] : undefined;
  if (model !== "gpt2" || preTokenizer === undefined) {
    throw new UserError(
      "unsupported-tokenizer",
      `tokenizer.ggml.model is ${shown(model)} and tokenizer.ggml.pre is ${shown(pre)}`,
      {
        file,
        remedy: `Supported: model llama, and model gpt2 with pre ${Object.keys(PRE_TOKENIZER_NAMES).join(", ")}.`,
      },
    );
  }
  const spellings = fields.texts("ggml.tokens");
  const types = fields.numbers("ggml.token_type");
  const addedTokens: AddedToken[] = [];
  const tokens = spellings.map((text, id) => {
    if (types[id] === CONTROL || types[id] === USER_DEFINED)
      addedTokens.push({ id, text, special: types[id] === CONTROL });
    return (types[id] ?? 1) === 1 ? text : undefined;
  });
  return {
    tokens,
    merges: fields.texts("ggml.merges"),
    addedTokens,
    preTokenizer,
    // llama.cpp applies no normalisation, but the tokenizers these vocabularies come from do: every Qwen.
    nfc: preTokenizer === "qwen2",
    ignoreMerges: preTokenizer === "llama-bpe",
    bosToken: spellings[fields.id("bos", -1)],
    eosToken: spellings[fields.id("eos", -1)],
    addBos: fields.flag("ggml.add_bos_token", preTokenizer === "llama-bpe"),
    chatTemplate: fields.text("chat_template"),
    file,
  };
}

/** A SentencePiece vocabulary; what the file does not say is llama.cpp's default. */
function sentencePieceVocabulary(fields: VocabularyFields, file: string): SentencePieceDefinition {
  for (const key of ["ggml.tokens", "ggml.scores"])
    if (!fields.has(key))
      throw fields.refuse(key, "is missing: a SentencePiece vocabulary needs tokens and scores");
  const scores = fields.numbers("ggml.scores");
  const types = fields.numbers("ggml.token_type");
  const pieces = fields.texts("ggml.tokens").map((text, i) => ({
    text,
    score: scores[i] ?? 0,
    type: PIECE_TYPES[types[i] ?? 1] ?? "normal",
  }));
  const unknownId = fields.id("unknown", 0);
  return {
    kind: "sentencepiece",
    pieces,
    spacePrefix: fields.flag("ggml.add_space_prefix", true) ? "sections" : "none",
    byteFallback: pieces.some((piece) => piece.type === "byte"),
    unknownId: unknownId < pieces.length ? unknownId : undefined,
    bosToken: pieces[fields.id("bos", 1)]?.text,
    eosToken: pieces[fields.id("eos", 2)]?.text,
    addBos: fields.flag("ggml.add_bos_token", true),
    chatTemplate: fields.text("chat_template"),
    file,
  };
}

type VocabularyFields = ReturnType<typeof vocabularyFields>;

/** The keys below `tokenizer.`, each checked to be of the kind that it is asked for as. */
function vocabularyFields(metadata: ReadonlyMap<string, GgufValue>, file: string) {
  const refuse = (key: string, found: string): UserError =>
    new UserError("bad-vocabulary", found, {
      file,
      at: `tokenizer.${key}`,
      remedy: "Convert the model again, from a folder with its tokenizer.",
    });
  const list = <T extends GgufValue>(key: string, kind: "string" | "number"): readonly T[] => {
    const value = metadata.get(`tokenizer.${key}`) ?? [];
    const isList = Array.isArray(value) && value.every((item) => typeof item === kind);
    if (!isList) throw refuse(key, `is no list of ${kind === "string" ? "texts" : "numbers"}`);
    return value as unknown as readonly T[];
  };
  return {
    refuse,
    has: (key: string) => metadata.has(`tokenizer.${key}`),
    /** Empty where the file has none. */
    texts: (key: string) => list<string>(key, "string"),
    numbers: (key: string) => list<number>(key, "number"),
    /** The id of a token by its role. */
    id(role: string, byDefault: number): number {
      const value = metadata.get(`tokenizer.ggml.${role}_token_id`) ?? byDefault;
      return typeof value === "number" ? value : -1;
    },
    flag(key: string, byDefault: boolean): boolean {
      const value = metadata.get(`tokenizer.${key}`) ?? byDefault;
      if (typeof value !== "boolean") throw refuse(key, `is ${shown(value)}, not true or false`);
      return value;
    },
    text(key: string): string | undefined {
      const value = metadata.get(`tokenizer.${key}`);
      if (value !== undefined && typeof value !== "string") throw refuse(key, "is no text");
      return value;
    },
  };
}

function shown(value: GgufValue | undefined): string {
  return String(value ?? "missing").slice(0, 40);
}
