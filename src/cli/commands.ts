// Every command, in the order of the house.
import type { Command } from "./command.ts";
import { TOKENIZER_COMMANDS } from "./tokenizer.ts";

export const COMMANDS: readonly Command[] = [...TOKENIZER_COMMANDS];
