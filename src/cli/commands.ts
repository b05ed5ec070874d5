// Every command, in the order of the house.
import type { Command } from "./command.ts";
import { CORPUS_COMMANDS } from "./corpus.ts";
import { TOKENIZER_COMMANDS } from "./tokenizer.ts";

export const COMMANDS: readonly Command[] = [...CORPUS_COMMANDS, ...TOKENIZER_COMMANDS];
