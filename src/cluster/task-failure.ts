// How a task that ended badly somewhere else is told here.
import { readTaskLine, type TaskList, UserError } from "../core/index.ts";

/** What is known of a task's end. */
export interface TaskEnd {
  /** Its exit code; `null` when it has none: the machine went. */
  readonly code: number | null;
  /** Its own last line, as `{error}`. */
  readonly error?: unknown;
  /** The end of what it said beside it. */
  readonly said?: string;
  readonly node?: string | null;
  readonly attempts: number;
}

/** The error to throw: the task's own `UserError`, `task-lost` when machines went, an ordinary error for a fault of the program. */
export function taskFailure(list: TaskList, index: number, end: TaskEnd): Error {
  const line =
    end.error === undefined || end.error === null
      ? undefined
      : readTaskLine(JSON.stringify({ error: end.error }));
  if (line?.kind === "failed") return line.error;
  const where = end.node ? ` on ${end.node}` : "";
  const said = (line?.kind === "broken" ? line.message : end.said) ?? "";
  if (line?.kind === "broken" || (end.code !== null && end.code > 0))
    return new Error(`task ${index} of ${list.stage} ended${where} with exit code ${end.code}: ${said}`);
  const how = end.code === null ? said : `ended by signal ${-end.code}`;
  return new UserError(
    "task-lost",
    `task ${index} of ${list.stage} was lost ${end.attempts} times${where}: ${how}`,
    {
      file: list.folder,
      remedy:
        "It may want more memory: use more tasks, more cores for each (--task-cpus), or larger machines. The same command goes on where it was.",
    },
  );
}
