export type { EncodeOptions, Tokenizer } from "./tokenizer.ts";
