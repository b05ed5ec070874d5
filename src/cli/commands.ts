// Every command, in the order of the house.
import type { Command } from "./command.ts";
import { pullCommand } from "./hub.ts";

export const COMMANDS: readonly Command[] = [pullCommand];
