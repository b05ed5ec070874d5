// Every command, in the order of the house.
import { benchCommands } from "./bench.ts";
import type { Command } from "./command.ts";

export const COMMANDS: readonly Command[] = [...benchCommands];
