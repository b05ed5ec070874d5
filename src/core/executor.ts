// The seam between a stage and the machines that do its work: N tasks that know nothing of each other, and whoever runs them.
import { join } from "node:path";
import { exists, readJson, writeJson } from "./files.ts";
import { MANIFEST_FILE } from "./manifest.ts";
import type { ProgressFactory } from "./progress.ts";

/**
 * The tasks of a stage, written as `tasks.json` into a folder that every machine sees under the same path. `apollo task FOLDER --index I`
 * does one of them: it writes `FOLDER/task-0000I/`, whole or not at all, its manifest last, and does nothing when that stands already.
 * So a task may be lost, repeated or run twice at once without harm.
 */
export interface TaskList {
  readonly folder: string;
  /** What does the work, e.g. `"corpus clean"`. */
  readonly stage: string;
  /** What every task gets beside its own part. JSON. */
  readonly common: unknown;
  /** What each task gets. JSON. */
  readonly tasks: readonly unknown[];
}

/** How to run tasks. */
export interface ExecutorOptions {
  readonly progress?: ProgressFactory;
  /** Aborting cancels what runs, also on other machines. */
  readonly signal?: AbortSignal;
}

/** Runs tasks somewhere: as processes of this machine, on a Ray cluster, as a Slurm array. */
export interface Executor {
  readonly name: string;
  /**
   * Runs every task of `list` whose folder is not there yet and returns when all are. Lost tasks are run again; one that fails by its
   * own fault ends the run with its `UserError` (code, file and remedy of the task's own last line), after the others of its kind
   * were stopped.
   */
  run(list: TaskList, options?: ExecutorOptions): Promise<void>;
}

const TASKS_FILE = "tasks.json";

/** Writes the list into its folder, atomically. */
export function writeTaskList({ folder, ...list }: TaskList): Promise<void> {
  return writeJson(join(folder, TASKS_FILE), list);
}

/** The list in `folder`. */
export async function readTaskList(folder: string): Promise<TaskList> {
  return { folder, ...((await readJson(join(folder, TASKS_FILE))) as Omit<TaskList, "folder">) };
}

/** Where task `index` (from 0) leaves its result. */
export function taskFolder(list: Pick<TaskList, "folder">, index: number): string {
  return join(list.folder, `task-${String(index).padStart(5, "0")}`);
}

/** Indices of the tasks that are not done yet, in order. */
export async function openTasks(list: TaskList): Promise<number[]> {
  const done = await Promise.all(list.tasks.map((_, i) => exists(join(taskFolder(list, i), MANIFEST_FILE))));
  return done.flatMap((is, i) => (is ? [] : [i]));
}
