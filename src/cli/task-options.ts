// Options of every command whose stage can be divided into tasks, and who runs them.
import type { TaskBucket } from "../cluster/index.ts";
import { type TaskOptions, UserError } from "../core/index.ts";
import type { CommandIo, OptionValues } from "./command.ts";
import { ENGINE_OPTIONS, readExecutor } from "./engine-options.ts";

/** To be spread into a command's options. */
export const TASK_OPTIONS = {
  tasks: {
    type: "whole",
    value: "N",
    help: "divide the work into N tasks, each a process of its own; the result is the same to the byte",
  },
  ...ENGINE_OPTIONS,
} as const;

/** What the user gave, as stages take it: nothing without `--tasks`. Executors speak through `io`, and exchange through `bucket` when there is one. */
export function readTaskOptions(
  options: Partial<OptionValues<typeof TASK_OPTIONS>>,
  io?: Pick<CommandIo, "print" | "warn">,
  bucket?: TaskBucket,
): { readonly tasks?: TaskOptions } {
  const { tasks, ...engine } = options;
  if (tasks === undefined) {
    const given = (Object.keys(ENGINE_OPTIONS) as (keyof typeof ENGINE_OPTIONS)[]).find((key) => {
      const value = engine[key];
      return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    });
    if (given !== undefined) throw new UserError("bad-option", `--${given} needs --tasks`);
    return {};
  }
  return { tasks: { executor: readExecutor(engine, io, bucket), count: tasks } };
}
