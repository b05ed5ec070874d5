// Reads the vocabulary out of a GGUF file's metadata (keys `tokenizer.*`); tensors are not touched.
// Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import { open } from "node:fs/promises";
import { asFileError, UserError } from "../core/index.ts";
import type { AddedToken } from "./added-tokens.ts";
import type { ByteLevelBpeDefinition } from "./byte-level-bpe.ts";
import type { PreTokenizer } from "./pre-tokenizers.ts";
import type { SentencePieceDefinition } from "./sentencepiece-bpe.ts";
import type { PieceType } from "./sentencepiece-pieces.ts";

/** Read first; vocabularies of 150,000 tokens take about 6 MB. Doubled while the metadata is longer. */
const FIRST_READ = 1 << 24;

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

type Value = string | number | bigint | boolean | Value[];

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
  const metadata = await readMetadata(file);
  const model = metadata.get("tokenizer.ggml.model");
  if (model === "llama") return sentencePieceVocabulary(metadata, file);
  const pre = metadata.get("tokenizer.ggml.pre");
  const preTokenizer = typeof pre === "string" ? PRE_TOKENIZER_NAMES[pre] : undefined;
  if (model !== "gpt2" || preTokenizer === undefined) {
    throw new UserError(
      "unsupported-tokenizer",
      `tokenizer.ggml.model is ${String(model ?? "missing")} and tokenizer.ggml.pre is ${String(pre ?? "missing")}`,
      {
        file,
        remedy: `Supported: model llama, and model gpt2 with pre ${Object.keys(PRE_TOKENIZER_NAMES).join(", ")}.`,
      },
    );
  }
  const spellings = (metadata.get("tokenizer.ggml.tokens") ?? []) as string[];
  const types = (metadata.get("tokenizer.ggml.token_type") ?? []) as number[];
  const addedTokens: AddedToken[] = [];
  const tokens = spellings.map((text, id) => {
    if (types[id] === CONTROL || types[id] === USER_DEFINED)
      addedTokens.push({ id, text, special: types[id] === CONTROL });
    return (types[id] ?? 1) === 1 ? text : undefined;
  });
  const spelling = (key: string): string | undefined => spellings[Number(metadata.get(key) ?? -1)];
  return {
    tokens,
    merges: (metadata.get("tokenizer.ggml.merges") ?? []) as string[],
    addedTokens,
    preTokenizer,
    // llama.cpp applies no normalisation, but the tokenizers these vocabularies come from do: every Qwen.
    nfc: preTokenizer === "qwen2",
    ignoreMerges: preTokenizer === "llama-bpe",
    bosToken: spelling("tokenizer.ggml.bos_token_id"),
    eosToken: spelling("tokenizer.ggml.eos_token_id"),
    addBos: Boolean(metadata.get("tokenizer.ggml.add_bos_token") ?? preTokenizer === "llama-bpe"),
    chatTemplate: metadata.get("tokenizer.chat_template") as string | undefined,
    file,
  };
}

/** A SentencePiece vocabulary; what the file does not say is llama.cpp's default. */
function sentencePieceVocabulary(
  metadata: ReadonlyMap<string, Value>,
  file: string,
): SentencePieceDefinition {
  const list = (key: string): Value[] => {
    const value = metadata.get(`tokenizer.ggml.${key}`);
    if (Array.isArray(value)) return value;
    throw new UserError("bad-vocabulary", "a SentencePiece vocabulary needs tokens and scores", {
      file,
      at: `tokenizer.ggml.${key}`,
      remedy: "Convert the model again, from a folder with its tokenizer.",
    });
  };
  const id = (key: string, byDefault: number): number =>
    Number(metadata.get(`tokenizer.ggml.${key}_token_id`) ?? byDefault);
  const scores = list("scores");
  const types = (metadata.get("tokenizer.ggml.token_type") ?? []) as number[];
  const pieces = list("tokens").map((text, i) => ({
    text: String(text),
    score: Number(scores[i] ?? 0),
    type: PIECE_TYPES[types[i] ?? 1] ?? "normal",
  }));
  const unknownId = id("unknown", 0);
  return {
    kind: "sentencepiece",
    pieces,
    spacePrefix: (metadata.get("tokenizer.ggml.add_space_prefix") ?? true) ? "sections" : "none",
    byteFallback: pieces.some((piece) => piece.type === "byte"),
    unknownId: unknownId < pieces.length ? unknownId : undefined,
    bosToken: pieces[id("bos", 1)]?.text,
    eosToken: pieces[id("eos", 2)]?.text,
    addBos: Boolean(metadata.get("tokenizer.ggml.add_bos_token") ?? true),
    chatTemplate: metadata.get("tokenizer.chat_template") as string | undefined,
    file,
  };
}

/** The keys that begin with `tokenizer.`. */
async function readMetadata(file: string): Promise<Map<string, Value>> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file);
  } catch (error) {
    throw asFileError(error, file);
  }
  try {
    const { size } = await handle.stat();
    for (let want = FIRST_READ; ; want *= 2) {
      const bytes = Buffer.alloc(Math.min(want, size));
      await handle.read(bytes, 0, bytes.length, 0);
      try {
        return parseMetadata(bytes, file);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        if (want >= size) {
          throw new UserError("truncated-file", "ends in the middle of its metadata", {
            file,
            at: `byte ${size}`,
            remedy: "Fetch or write it again.",
          });
        }
      }
    }
  } finally {
    await handle.close();
  }
}

/** Parses the header; a `RangeError` (Buffer's own) means that more bytes are needed. */
function parseMetadata(bytes: Buffer, file: string): Map<string, Value> {
  let at = 0;
  const take = (length: number): number => {
    if (at + length > bytes.length) throw new RangeError("more bytes are needed");
    at += length;
    return at - length;
  };
  const count = (): number => Number(bytes.readBigUInt64LE(take(8)));
  const text = (): string => {
    const length = count();
    const from = take(length);
    return bytes.toString("utf8", from, from + length);
  };
  const value = (type: number): Value => {
    switch (type) {
      case 0:
        return bytes.readUInt8(take(1));
      case 1:
        return bytes.readInt8(take(1));
      case 2:
        return bytes.readUInt16LE(take(2));
      case 3:
        return bytes.readInt16LE(take(2));
      case 4:
        return bytes.readUInt32LE(take(4));
      case 5:
        return bytes.readInt32LE(take(4));
      case 6:
        return bytes.readFloatLE(take(4));
      case 7:
        return bytes.readUInt8(take(1)) !== 0;
      case 8:
        return text();
      case 9: {
        const itemType = bytes.readUInt32LE(take(4));
        const length = count();
        const items: Value[] = [];
        for (let i = 0; i < length; i++) items.push(value(itemType));
        return items;
      }
      case 10:
        return bytes.readBigUInt64LE(take(8));
      case 11:
        return bytes.readBigInt64LE(take(8));
      case 12:
        return bytes.readDoubleLE(take(8));
      default:
        throw new UserError("bad-gguf", `unknown value type ${type}`, { file, at: `byte ${at - 4}` });
    }
  };
  if (bytes.length < 4 || bytes.toString("latin1", 0, 4) !== "GGUF")
    throw new UserError("bad-gguf", 'does not begin with "GGUF"', { file, remedy: "Is it a GGUF file?" });
  take(4);
  const version = bytes.readUInt32LE(take(4));
  if (version < 2 || version > 3)
    throw new UserError("bad-gguf", `GGUF version ${version}, expected 2 or 3`, { file });
  count();
  const pairs = count();
  const metadata = new Map<string, Value>();
  for (let i = 0; i < pairs; i++) {
    const key = text();
    const parsed = value(bytes.readUInt32LE(take(4)));
    if (key.startsWith("tokenizer.")) metadata.set(key, parsed);
  }
  return metadata;
}
