// Every command, in the order of the house.
import { benchCommands } from "./bench.ts";
import type { Command } from "./command.ts";
import { tokenizerCommands } from "./tokenizer.ts";
import { trainCommands } from "./train.ts";

export const COMMANDS: readonly Command[] = [...tokenizerCommands, ...trainCommands, ...benchCommands];
