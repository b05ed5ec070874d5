// Writes a tokenizer as Hugging Face's `tokenizer.json` (or the `tokenizer.model` it came from) and `tokenizer_config.json`.
import { join } from "node:path";
import { UserError, writeFileAtomic, writeJson } from "../core/index.ts";
import type { AddedToken } from "./added-tokens.ts";
import type { ByteLevelBpe } from "./byte-level-bpe.ts";
import type { LoadedTokenizer } from "./load-tokenizer.ts";
import { PRE_TOKENIZERS, type PreTokenizer } from "./pre-tokenizers.ts";
import { sentencePieceJson } from "./save-sentencepiece.ts";
import { SentencePieceBpe } from "./sentencepiece-bpe.ts";

/** What may differ from what the tokenizer itself says. */
export interface SaveTokenizerOptions {
  /** Jinja. Default: the tokenizer's own. */
  readonly chatTemplate?: string | undefined;
  /** Text of the token that ends a turn. Default: the tokenizer's own. */
  readonly eosToken?: string | undefined;
  /** Longest text the model takes, in tokens. Default: not stated. */
  readonly modelMaxLength?: number | undefined;
}

/**
 * Writes `tokenizer.json` and `tokenizer_config.json` into `folder`, each atomically; the same tokenizer gives the same
 * bytes. `transformers` reads them as a `PreTrainedTokenizerFast`. A tokenizer that came from a `tokenizer.model` is
 * written as that file, byte for byte, instead of `tokenizer.json`.
 */
export async function saveTokenizer(
  tokenizer: LoadedTokenizer,
  folder: string,
  options: SaveTokenizerOptions = {},
): Promise<void> {
  const text = (id: number | undefined): string | undefined =>
    id === undefined ? undefined : tokenizer.tokens[id];
  const eosToken = options.eosToken ?? text(tokenizer.eosId);
  const bosToken = text(tokenizer.bosId);
  if (options.eosToken !== undefined && tokenizer.addedTokenId(options.eosToken) === undefined) {
    throw new UserError("unknown-token", `"${options.eosToken}" is not a special token of this tokenizer`, {
      remedy: `It has: ${tokenizer.addedTokens.map((token) => token.text).join(" ")}`,
    });
  }
  const original = tokenizer instanceof SentencePieceBpe ? tokenizer.original : undefined;
  if (original !== undefined) await writeFileAtomic(join(folder, "tokenizer.model"), original);
  else await writeJson(join(folder, "tokenizer.json"), tokenizerJson(tokenizer, bosToken));
  await writeJson(join(folder, "tokenizer_config.json"), {
    // The one class that reads a tokenizer.model without more; a space in front is its rule too.
    tokenizer_class: original === undefined ? "PreTrainedTokenizerFast" : "LlamaTokenizer",
    add_bos_token: tokenizer.addBos,
    add_prefix_space: false,
    added_tokens_decoder: Object.fromEntries(
      tokenizer.addedTokens.map((token) => [token.id, { content: token.text, ...flags(token) }]),
    ),
    bos_token: bosToken ?? null,
    eos_token: eosToken ?? null,
    pad_token: eosToken ?? null,
    unk_token: null,
    clean_up_tokenization_spaces: false,
    split_special_tokens: false,
    ...(options.modelMaxLength === undefined ? {} : { model_max_length: options.modelMaxLength }),
    chat_template: options.chatTemplate ?? tokenizer.chatTemplate,
  });
}

function tokenizerJson(tokenizer: LoadedTokenizer, bosToken: string | undefined): unknown {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: tokenizer.addedTokens.map((token) => ({
      id: token.id,
      content: token.text,
      ...flags(token),
    })),
    ...(tokenizer instanceof SentencePieceBpe
      ? { ...sentencePieceJson(tokenizer), ...beginProcessor(tokenizer, bosToken, null) }
      : byteLevelJson(tokenizer, bosToken)),
  };
}

function byteLevelJson(tokenizer: ByteLevelBpe, bosToken: string | undefined): object {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false };
  const ordinary = tokenizer.tokens
    .map((spelling, id) => [spelling, id] as const)
    .filter(([, id]) => tokenizer.tokenType(id) === "normal");
  return {
    normalizer: tokenizer.nfc ? { type: "NFC" } : null,
    pre_tokenizer: preTokenizerJson(tokenizer.preTokenizer, byteLevel),
    ...beginProcessor(tokenizer, bosToken, { ...byteLevel, use_regex: false }),
    decoder: { ...byteLevel, use_regex: false },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: tokenizer.ignoreMerges,
      vocab: Object.fromEntries(ordinary),
      merges: tokenizer.merges,
    },
  };
}

function preTokenizerJson(name: PreTokenizer, byteLevel: object): object {
  // Its own pattern is GPT-2's.
  const patterned = { ...byteLevel, use_regex: true };
  if (name === "gpt-2") return patterned;
  const first =
    name === "smollm"
      ? { type: "Digits", individual_digits: true }
      : {
          type: "Split",
          pattern: { Regex: PRE_TOKENIZERS[name].huggingFace },
          behavior: "Isolated",
          invert: false,
        };
  const last = name === "smollm" ? patterned : { ...byteLevel, use_regex: false };
  return { type: "Sequence", pretokenizers: [first, last] };
}

function flags(token: AddedToken): Record<string, boolean> {
  return {
    single_word: false,
    lstrip: token.stripLeft ?? false,
    rstrip: token.stripRight ?? false,
    normalized: false,
    special: token.special,
  };
}

function beginProcessor(
  { addBos, bosId }: LoadedTokenizer,
  bosToken: string | undefined,
  otherwise: object | null,
): { readonly post_processor: unknown } {
  const wanted = addBos && bosToken !== undefined && bosId !== undefined;
  return { post_processor: wanted ? beginTemplate(bosToken, bosId) : otherwise };
}

/** Puts the beginning-of-text token before each text, as Llama 3's file says it. */
function beginTemplate(text: string, id: number): unknown {
  const begin = { SpecialToken: { id: text, type_id: 0 } };
  return {
    type: "TemplateProcessing",
    single: [begin, { Sequence: { id: "A", type_id: 0 } }],
    pair: [begin, { Sequence: { id: "A", type_id: 0 } }, begin, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { [text]: { id: text, ids: [id], tokens: [text] } },
  };
}
