// How many tokens a text has for a model: by its tokenizer, or estimated from its scripts where the model keeps it to itself.

/** Counts the tokens of a text. */
export type TokenCount = (text: string) => number;

/**
 * Tokens a character: what Qwen's vocabulary needs for the shipped samples (en 0.21, fr 0.29, es 0.28, zh 0.68, hi 0.44, ar 0.39), a quarter
 * more, since others need more; Llama 2's needs twice that for Chinese, Hindi and Arabic.
 */
const TOKENS: readonly (readonly [from: number, to: number, tokens: number])[] = [
  [0x30, 0x39, 0.7],
  [0x00, 0x7f, 0.26],
  [0x80, 0x24f, 0.9],
  [0x600, 0x6ff, 0.5],
  [0x900, 0x97f, 0.55],
  [0x3000, 0x9fff, 0.85],
  [0xac00, 0xd7af, 0.85],
];
const OTHERS = 0.6;

/** Estimates without a tokenizer. */
export const estimateTokens: TokenCount = (text) => {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += tokensOf(text.charCodeAt(i));
  return Math.ceil(sum);
};

function tokensOf(unit: number): number {
  for (const [from, to, tokens] of TOKENS) if (unit >= from && unit <= to) return tokens;
  return OTHERS;
}
