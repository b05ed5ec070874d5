// Every command, in the order of the house.
import type { Command } from "./command.ts";

export const COMMANDS: readonly Command[] = [];
