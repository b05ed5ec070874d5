// The seam between a stage and the machines that do its work: N tasks that know nothing of each other, and whoever runs them.
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Manifest, matchingManifest } from "./manifest.ts";
import type { ProgressFactory } from "./progress.ts";
import { commonHash, prepareTaskList, type TaskList, taskInputs } from "./task-list.ts";

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

/** How a stage is divided. */
export interface TaskOptions {
  readonly executor: Executor;
  /** Into how many tasks. */
  readonly count: number;
}

/** Manifests read at once: network storage answers many as fast as one. */
const READS_AT_ONCE = 16;

/** Where task `index` (from 0) leaves its result. */
export function taskFolder(list: Pick<TaskList, "folder">, index: number): string {
  return join(list.folder, taskName(index));
}

/** The name of that folder. */
export function taskName(index: number): string {
  return `task-${String(index).padStart(5, "0")}`;
}

/** The manifest of each task, in order; `undefined` for one that is not done yet. */
async function taskManifests(list: TaskList): Promise<(Manifest | undefined)[]> {
  const common = commonHash(list);
  const manifests: (Manifest | undefined)[] = new Array(list.tasks.length).fill(undefined);
  // One look at the folder instead of one for each task: on network storage each is a message to the server.
  const there = new Set(await readdir(list.folder).catch(() => []));
  const standing = list.tasks.keys();
  const read = async (): Promise<void> => {
    for (const i of standing) {
      const folder = taskFolder(list, i);
      if (there.has(basename(folder)))
        manifests[i] = await matchingManifest(folder, list.stage, taskInputs(common, list.tasks[i]));
    }
  };
  // Thousands of open files are more than a process may have.
  await Promise.all(Array.from({ length: READS_AT_ONCE }, read));
  return manifests;
}

/** Indices of the tasks that are not done yet, in order. */
export async function openTasks(list: TaskList): Promise<number[]> {
  return (await taskManifests(list)).flatMap((manifest, i) => (manifest === undefined ? [i] : []));
}

/**
 * Does all tasks of `list` on `executor` and gives what each of them reported, in their order. Tasks that an earlier run did are not done again.
 */
export async function runTasks<Result>(
  list: TaskList,
  executor: Executor,
  options: ExecutorOptions = {},
): Promise<Result[]> {
  await prepareTaskList(list);
  if ((await openTasks(list)).length > 0) await executor.run(list, options);
  return (await taskManifests(list)).map((manifest, i) => {
    if (manifest === undefined) throw new Error(`${executor.name} ended without task ${i} of ${list.stage}`);
    return manifest.result as Result;
  });
}
