// How text is cut into pieces before merging. Named as llama.cpp names them in `tokenizer.ggml.pre`.
//
// The patterns are Hugging Face's with three changes, so that JavaScript's engine agrees with Oniguruma on every character:
// \s is spelt \p{White_Space} (JavaScript's own has U+FEFF and lacks U+0085), (?i:...) is spelt out because Node 20 has no
// inline flags, and it includes U+017F, which folds to "s".

/** A pre-tokenizer that we know. */
export type PreTokenizer = "qwen2" | "llama-bpe" | "gpt-2" | "smollm";

/** One way of cutting text into pieces. */
export interface PreTokenizerPattern {
  /**
   * The pattern as `tokenizer.json` has it; GPT-2's is implied by `ByteLevel` with `use_regex`,
   * SmolLM's by `Digits` before that.
   */
  readonly huggingFace: string;
  /** The same for JavaScript; its matches cover the whole text. */
  readonly pattern: RegExp;
}

const CONTRACTIONS = "'(?:[sSſ]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";

const modern = (digits: string): PreTokenizerPattern => ({
  huggingFace: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  pattern: new RegExp(
    `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\p{White_Space}\\p{L}\\p{N}]+[\\r\\n]*|\\p{White_Space}*[\\r\\n]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+`,
    "gu",
  ),
});

/** All known pre-tokenizers. Qwen's and SmolLM's split numbers digit by digit, Llama 3's in groups of up to three. */
export const PRE_TOKENIZERS: Readonly<Record<PreTokenizer, PreTokenizerPattern>> = {
  qwen2: modern("\\p{N}"),
  "llama-bpe": modern("\\p{N}{1,3}"),
  "gpt-2": {
    huggingFace: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
    pattern:
      /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
  },
  // GPT-2's between single digits: a piece ends before a digit as it does at the end of the text, so spaces there stay together.
  smollm: {
    huggingFace: "\\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?![^\\s\\p{N}])|\\s+",
    pattern:
      /\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?![^\p{White_Space}\p{N}])|\p{White_Space}+/gu,
  },
};

/** The pre-tokenizer with this `tokenizer.json` pattern, if we know it. */
export function preTokenizerByPattern(huggingFace: string): PreTokenizer | undefined {
  return (Object.keys(PRE_TOKENIZERS) as PreTokenizer[]).find(
    (name) => PRE_TOKENIZERS[name].huggingFace === huggingFace,
  );
}
