// The public list of the package: every room by name.
export type { LanguageModel, LogitModel, Session } from "./engine/index.ts";
export type { Tokenizer } from "./tokenizer/index.ts";
