// Options of every command whose stage can be divided into tasks, and who runs them.
import { fileURLToPath } from "node:url";
import { createLocalExecutor, type TaskOptions, UserError } from "../core/index.ts";
import type { OptionDefinition } from "./command.ts";

/** To be spread into a command's options. */
export const TASK_OPTIONS = {
  tasks: {
    type: "number",
    value: "N",
    help: "divide the work into N tasks, each a process of its own; the result is the same to the byte",
  },
  processes: { type: "number", value: "N", help: "tasks at once on this machine; default one a core" },
} as const satisfies Record<string, OptionDefinition>;

/** The built command, as tasks start it. */
const PROGRAM = [process.execPath, fileURLToPath(new URL("./main.js", import.meta.url))];

/** What the user gave, as stages take it: nothing without `--tasks`. */
export function readTaskOptions(options: {
  readonly tasks: number | undefined;
  readonly processes: number | undefined;
}): { readonly tasks?: TaskOptions } {
  const { tasks, processes } = options;
  if (tasks === undefined) {
    if (processes !== undefined) throw new UserError("bad-option", "--processes needs --tasks");
    return {};
  }
  if (!(Number.isInteger(tasks) && tasks >= 1))
    throw new UserError("bad-option", `--tasks must be a whole number from 1, found ${tasks}`);
  return { tasks: { executor: createLocalExecutor({ program: PROGRAM, processes }), count: tasks } };
}
