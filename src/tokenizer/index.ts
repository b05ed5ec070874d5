export type { AddedToken } from "./added-tokens.ts";
export { ByteLevelBpe, type ByteLevelBpeDefinition, type TokenType } from "./byte-level-bpe.ts";
export { loadTokenizer } from "./load-tokenizer.ts";
export type { PreTokenizer } from "./pre-tokenizers.ts";
export { type SaveTokenizerOptions, saveTokenizer } from "./save-tokenizer.ts";
export type { EncodeOptions, Tokenizer } from "./tokenizer.ts";
export { type TrainByteLevelBpeOptions, trainByteLevelBpe } from "./train-byte-level-bpe.ts";
