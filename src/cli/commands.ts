// Every command, in the order of the house.
import { BENCH_COMMANDS } from "./bench.ts";
import type { Command } from "./command.ts";
import { EXPORT_COMMANDS } from "./export.ts";
import { INSPECT_COMMANDS } from "./inspect.ts";
import { TOKENIZER_COMMANDS } from "./tokenizer.ts";

export const COMMANDS: readonly Command[] = [
  ...TOKENIZER_COMMANDS,
  ...BENCH_COMMANDS,
  ...EXPORT_COMMANDS,
  ...INSPECT_COMMANDS,
];
