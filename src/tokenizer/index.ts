export type { AddedToken } from "./added-tokens.ts";
export { ByteLevelBpe, type ByteLevelBpeDefinition, type TokenType } from "./byte-level-bpe.ts";
export { type LoadedTokenizer, loadTokenizer } from "./load-tokenizer.ts";
export type { PreTokenizer } from "./pre-tokenizers.ts";
export { type SaveTokenizerOptions, saveTokenizer } from "./save-tokenizer.ts";
export { SentencePieceBpe, type SentencePieceDefinition, type SpacePrefix } from "./sentencepiece-bpe.ts";
export type { PieceMerges, PieceType, SentencePiece } from "./sentencepiece-pieces.ts";
export type { EncodeOptions, Tokenizer } from "./tokenizer.ts";
export {
  type ByteLevelBpeTrainer,
  createByteLevelBpeTrainer,
  type TrainByteLevelBpeOptions,
  trainByteLevelBpe,
} from "./train-byte-level-bpe.ts";
