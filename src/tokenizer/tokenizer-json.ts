// Reads Hugging Face's `tokenizer.json` when it holds a BPE; SentencePiece's kind is handed on. What we do not know is
// refused: a tokenizer that cuts text a little differently gives wrong ids without any other sign.
import { readJson, UserError } from "../core/index.ts";
import type { ByteLevelBpeDefinition } from "./byte-level-bpe.ts";
import { type PreTokenizer, preTokenizerByPattern } from "./pre-tokenizers.ts";
import type { SentencePieceDefinition } from "./sentencepiece-bpe.ts";
import { readSentencePieceJson } from "./sentencepiece-json.ts";
import {
  addedTokens,
  beginToken,
  bpeSchema,
  type Component,
  check,
  components,
  tokenizerSchema,
} from "./tokenizer-json-parts.ts";

const REMEDY =
  "Supported: byte-level BPE (GPT-2, Llama 3, Qwen) and SentencePiece BPE (Llama 2, Yi, Gemma), not Unigram and WordPiece.";

/** Reads and checks the file; `UserError` when it is no BPE whose pre-tokenizer and normaliser we know. */
export async function readTokenizerJson(
  file: string,
): Promise<ByteLevelBpeDefinition | SentencePieceDefinition> {
  const tokenizer = check(file, tokenizerSchema, await readJson(file));
  const kind = tokenizer.model.type ?? "BPE";
  if (kind !== "BPE") throw refuse(file, "model.type", `is a ${kind} tokenizer`);
  const model = check(file, bpeSchema, tokenizer.model, "model.");
  if (model.end_of_word_suffix || model.continuing_subword_prefix)
    throw refuse(file, "model", "marks word ends or continuations, which the BPEs we read do not");
  const isByteLevel = components(tokenizer.decoder, "decoders").some((part) => part.type === "ByteLevel");
  if (model.byte_fallback || !isByteLevel) return readSentencePieceJson(file, tokenizer, model);

  const tokens: (string | undefined)[] = [];
  for (const [spelling, id] of Object.entries(model.vocab)) tokens[id] = spelling;
  const begin = beginToken(tokenizer.post_processor);
  return {
    tokens: Array.from(tokens),
    merges: model.merges.map((merge) =>
      // A space inside a piece is spelt Ġ, so one space always separates the two.
      typeof merge === "string" ? merge : `${merge[0]} ${merge[1]}`,
    ),
    addedTokens: addedTokens(file, tokenizer),
    preTokenizer: readPreTokenizer(file, tokenizer.pre_tokenizer),
    nfc: readNormalizer(file, tokenizer.normalizer),
    ignoreMerges: model.ignore_merges ?? false,
    bosToken: begin,
    addBos: begin !== undefined,
    file,
  };
}

function refuse(file: string, at: string, found: string): UserError {
  return new UserError("unsupported-tokenizer", found, { file, at, remedy: REMEDY });
}

function readNormalizer(file: string, normalizer: Component | null | undefined): boolean {
  const names = components(normalizer, "normalizers").map((part) => part.type);
  if (names.some((name) => name !== "NFC"))
    throw refuse(file, "normalizer", `normalises by ${names.join(", ")}`);
  return names.length > 0;
}

function readPreTokenizer(file: string, value: Component | null | undefined): PreTokenizer {
  const parts = components(value, "pretokenizers");
  const last = parts.at(-1);
  const at = "pre_tokenizer";
  if (last?.type !== "ByteLevel") throw refuse(file, at, "does not end in ByteLevel");
  if (last.add_prefix_space === true) throw refuse(file, at, "puts a space before every text");
  if (parts.length === 1 && last.use_regex !== false) return "gpt-2";
  const [split] = parts;
  if (parts.length === 2 && split?.type === "Digits" && split.individual_digits === true)
    if (last.use_regex !== false) return "smollm";
  const pattern = (split?.pattern as { Regex?: unknown } | undefined)?.Regex;
  const known = typeof pattern === "string" ? preTokenizerByPattern(pattern) : undefined;
  if (parts.length !== 2 || split?.type !== "Split" || last.use_regex !== false || known === undefined)
    throw refuse(
      file,
      at,
      `cuts text in a way we do not know (${parts.map((part) => part.type).join(", ")})`,
    );
  return known;
}
