// The seam between a stage and the machines that do its work: N tasks that know nothing of each other, and whoever runs them.
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { UserError } from "./errors.ts";
import { exists, isFolder, readJson, writeJson } from "./files.ts";
import { canonicalJson, hashValue } from "./hash.ts";
import { APOLLO_VERSION, type Manifest, matchingManifest } from "./manifest.ts";
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

/** How a stage is divided. */
export interface TaskOptions {
  readonly executor: Executor;
  /** Into how many tasks. */
  readonly count: number;
}

const TASKS_FILE = "tasks.json";
/** Manifests read at once: network storage answers many as fast as one. */
const READS_AT_ONCE = 16;

/** Writes the list into its folder, atomically. */
function writeTaskList({ folder, ...list }: TaskList): Promise<void> {
  return writeJson(join(folder, TASKS_FILE), { apollo: APOLLO_VERSION, ...list });
}

/**
 * Makes the folder of `list` ready: what tasks of the very same list did stays, so that a stage goes on where it was; what another list left
 * there is removed.
 */
export async function prepareTaskList(list: TaskList): Promise<void> {
  const { folder, ...own } = list;
  const path = join(folder, TASKS_FILE);
  if (await exists(path)) {
    const found = await readJson(path).catch(() => undefined);
    if (canonicalJson(found) === canonicalJson({ apollo: APOLLO_VERSION, ...own })) return;
  } else if ((await isFolder(folder)) && (await readdir(folder)).length > 0)
    throw new UserError("folder-not-empty", "is where tasks are to live, and already holds other files", {
      file: folder,
      remedy: "Move them away, or choose another folder for --out.",
    });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeTaskList(list);
}

/** The list in `folder`; `UserError` when there is none, or another version of the program wrote it. */
export async function readTaskList(folder: string): Promise<TaskList> {
  const file = join(folder, TASKS_FILE);
  const found = (await readJson(file)) as (Partial<Omit<TaskList, "folder">> & { apollo?: unknown }) | null;
  if (typeof found?.stage !== "string" || !Array.isArray(found.tasks))
    throw new UserError("bad-task-list", "is no list of tasks {stage, common, tasks}", { file });
  if (found.apollo !== APOLLO_VERSION)
    throw new UserError(
      "version-mismatch",
      `was written by Apollo ${found.apollo}, this is Apollo ${APOLLO_VERSION}`,
      {
        file,
        remedy: "Install the same version on every machine.",
      },
    );
  return { folder, stage: found.stage, common: found.common, tasks: found.tasks };
}

/** Where task `index` (from 0) leaves its result. */
export function taskFolder(list: Pick<TaskList, "folder">, index: number): string {
  return join(list.folder, `task-${String(index).padStart(5, "0")}`);
}

/** What decides the result of a task: its manifest is made from this. */
export function taskInputs(list: TaskList, index: number, common = hashValue(list.common)): unknown {
  return { common, task: list.tasks[index] };
}

/** The manifest of each task, in order; `undefined` for one that is not done yet. */
async function taskManifests(list: TaskList): Promise<(Manifest | undefined)[]> {
  const common = hashValue(list.common);
  const manifests: (Manifest | undefined)[] = new Array(list.tasks.length).fill(undefined);
  // One look at the folder instead of one for each task: on network storage each is a message to the server.
  const there = new Set(await readdir(list.folder).catch(() => []));
  const standing = list.tasks.keys();
  const read = async (): Promise<void> => {
    for (const i of standing) {
      const folder = taskFolder(list, i);
      if (there.has(basename(folder)))
        manifests[i] = await matchingManifest(folder, list.stage, taskInputs(list, i, common));
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
