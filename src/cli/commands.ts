// Every command, in the order of the house.
import type { Command } from "./command.ts";
import { serveCommand } from "./serve.ts";

export const COMMANDS: readonly Command[] = [serveCommand];
