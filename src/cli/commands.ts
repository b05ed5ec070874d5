// Every command, in the order of the house.
import { benchCommands } from "./bench.ts";
import { chatCommand } from "./chat.ts";
import type { Command } from "./command.ts";
import { corpusCommands } from "./corpus.ts";
import { doctorCommands } from "./doctor.ts";
import { exportCommands } from "./export.ts";
import { exportHubCommands } from "./export-hub.ts";
import { pullCommand } from "./hub.ts";
import { inspectCommand } from "./inspect.ts";
import { planCommands } from "./plan.ts";
import { proxyExplainCommand } from "./proxy-explain.ts";
import { proxySweepCommand } from "./proxy-sweep.ts";
import { flowCommands } from "./quickstart.ts";
import { reproduceCommand } from "./reproduce.ts";
import { serveCommand } from "./serve.ts";
import { taskCommand } from "./task.ts";
import { tokenizerCommands } from "./tokenizer.ts";
import { trainCommands } from "./train.ts";

export const COMMANDS: readonly Command[] = [
  ...flowCommands,
  reproduceCommand,
  pullCommand,
  ...tokenizerCommands,
  ...corpusCommands,
  ...trainCommands,
  ...planCommands,
  ...benchCommands,
  proxySweepCommand,
  proxyExplainCommand,
  ...exportCommands,
  ...exportHubCommands,
  inspectCommand,
  serveCommand,
  chatCommand,
  taskCommand,
  ...doctorCommands,
];
