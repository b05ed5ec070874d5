// Every command, in the order of the house.
import { benchCommands } from "./bench.ts";
import type { Command } from "./command.ts";
import { exportCommands } from "./export.ts";
import { inspectCommand } from "./inspect.ts";
import { serveCommand } from "./serve.ts";
import { TOKENIZER_COMMANDS } from "./tokenizer.ts";
import { trainCommands } from "./train.ts";

export const COMMANDS: readonly Command[] = [
  ...TOKENIZER_COMMANDS,
  ...trainCommands,
  ...benchCommands,
  ...exportCommands,
  inspectCommand,
  serveCommand,
];
