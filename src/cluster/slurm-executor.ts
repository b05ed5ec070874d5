// Tasks as Slurm arrays: submitted and followed from here, or printed for a site that submits by hand.
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Executor,
  makeFolder,
  openTasks,
  readTaskLine,
  silentProgress,
  type TaskList,
  taskFolder,
  UserError,
  writeFileAtomic,
} from "../core/index.ts";
import {
  cancelJob,
  endedElements,
  largestArray,
  queuedElements,
  type SlurmElement,
  submitScript,
} from "./slurm-commands.ts";
import { LOG_FOLDER, type SlurmResources, slurmScript } from "./slurm-script.ts";
import { taskFailure } from "./task-failure.ts";
import { waitUntilSeen } from "./wait-until-seen.ts";

/** How tasks run under Slurm. */
export interface SlurmExecutorOptions {
  /** Ways to call Apollo on a node; the first one that is there is taken. */
  readonly commands: readonly (readonly string[])[];
  readonly resources?: SlurmResources;
  /** Writes the scripts, shows how to submit them by this, and ends the run with `tasks-open`. */
  readonly print?: ((line: string) => void) | undefined;
  /** Milliseconds between two looks at the queue. Default 5,000: the controller serves everybody. */
  readonly lookMilliseconds?: number | undefined;
  /** Told what a user should know while it runs. */
  readonly warn?: (line: string) => void;
}

const TASK_ATTEMPTS = 4;
const LOOK_MILLISECONDS = 5000;
/** The controller is restarted now and then; so many looks in a row may fail. */
const BLIND_LOOKS = 120;

/** An array that was submitted: element -> task. */
interface Submitted {
  readonly job: string;
  readonly indexes: readonly number[];
}

/** Runs tasks as Slurm arrays. */
export function createSlurmExecutor(options: SlurmExecutorOptions): Executor {
  const { commands, resources = {}, print, lookMilliseconds = LOOK_MILLISECONDS, warn = () => {} } = options;
  return {
    name: "slurm",
    async run(given, { progress = silentProgress, signal } = {}) {
      const list = { ...given, folder: resolve(given.folder) };
      const total = list.tasks.length;
      let open = await openTasks(list);
      if (open.length === 0) return;
      await makeFolder(join(list.folder, LOG_FOLDER));
      if (print !== undefined) return printScripts(list, open, commands, resources, print);
      const size = await largestArray();
      const bar = progress(list.stage, total, "tasks", total - open.length);
      const attempts = new Map<number, number>();
      while (open.length > 0) {
        const submitted: Submitted[] = [];
        // What an earlier attempt said must not be taken for this one's.
        for (const index of open) await rm(`${logOf(list, index)}.out`, { force: true });
        try {
          for (const script of await writeScripts(list, open, commands, resources, size))
            submitted.push({ job: await submitScript(script.file), indexes: script.indexes });
          await follow(submitted, lookMilliseconds, warn, signal, async (elements) => {
            const parts = await partsOf(list, submitted, elements);
            bar.update(Math.floor(10 * (total - open.length + parts.done)) / 10, parts.note);
            if (parts.failure !== undefined) throw parts.failure;
          });
        } catch (error) {
          await Promise.all(submitted.map(({ job }) => cancelJob(job)));
          throw error;
        }
        // Elements that say they completed may show late; those that were lost will not come.
        const ends = new Map<number, string>();
        for (const { job, indexes } of submitted)
          for (const [element, end] of await endedElements(job)) ends.set(indexes[element] ?? -1, end);
        const allWell = open.every((index) => ends.get(index)?.startsWith("COMPLETED, exit code 0:0"));
        open = await waitUntilSeen(list, allWell);
        bar.update(total - open.length);
        for (const index of open) {
          const count = (attempts.get(index) ?? 0) + 1;
          attempts.set(index, count);
          const end = await readEnd(list, index);
          if (end.failed) throw taskFailure(list, index, { code: 2, error: end.error, attempts: count });
          const how = ends.get(index) ?? "no longer in Slurm's memory";
          if (count >= TASK_ATTEMPTS)
            throw taskFailure(list, index, {
              code: end.error === undefined ? null : 1,
              error: end.error,
              said: [how, end.said].filter((part) => part !== "").join("; "),
              attempts: count,
            });
          warn(`slurm: task ${index} was lost (${how}); submitted again`);
        }
      }
      bar.finish();
    },
  };
}

/** Waits until none of the jobs is in the queue, calling `look` with what is. */
async function follow(
  submitted: readonly Submitted[],
  lookMilliseconds: number,
  warn: (line: string) => void,
  signal: AbortSignal | undefined,
  look: (elements: ReadonlyMap<string, readonly SlurmElement[]>) => Promise<void>,
): Promise<void> {
  for (let blind = 0; ; ) {
    signal?.throwIfAborted();
    const elements = new Map<string, readonly SlurmElement[]>();
    try {
      for (const { job } of submitted) elements.set(job, await queuedElements(job));
      if (blind > 0) warn("slurm: the controller answers again");
      blind = 0;
    } catch (error) {
      if (!(error instanceof UserError && error.code === "slurm-unreachable") || ++blind > BLIND_LOOKS)
        throw error;
      if (blind === 1) warn(`slurm: ${error.message}; waiting for it`);
    }
    if (blind === 0) {
      await look(elements);
      if ([...elements.values()].every((waiting) => waiting.length === 0)) return;
    }
    try {
      await sleep(lookMilliseconds, undefined, signal === undefined ? {} : { signal });
    } catch {
      throw signal?.reason;
    }
  }
}

/** How much of the submitted tasks is done, from what is no longer queued and what the running ones say; a task that failed by its own fault. */
async function partsOf(
  list: TaskList,
  submitted: readonly Submitted[],
  elements: ReadonlyMap<string, readonly SlurmElement[]>,
): Promise<{ done: number; note: string | undefined; failure: Error | undefined }> {
  let done = 0;
  let note: string | undefined;
  let failure: Error | undefined;
  for (const { job, indexes } of submitted) {
    const queued = elements.get(job) ?? [];
    const numbers = new Set(queued.flatMap(({ element }) => element ?? []));
    const running = new Set(
      queued.flatMap(({ element, state }) => (state === "RUNNING" ? (element ?? []) : [])),
    );
    const waiting = queued.find(({ state, reason }) => state === "PENDING" && reason !== "None");
    if (running.size === 0 && waiting !== undefined) note = `waiting: ${waiting.reason}`;
    // A rest that waits as one element counts as all its elements.
    const whole = queued.some(({ element }) => element === undefined);
    for (const [element, index] of indexes.entries()) {
      if (running.has(element)) {
        const end = await readEnd(list, index);
        done += end.done;
        if (end.note !== undefined) note = `task ${index}: ${end.note}`;
      } else if (!numbers.has(element) && !whole) {
        done += 1;
        const end = failure === undefined ? await readEnd(list, index) : undefined;
        if (end?.failed) failure = taskFailure(list, index, { code: 2, error: end.error, attempts: 1 });
      }
    }
  }
  return { done, note, failure };
}

/** What a task's log says last. */
async function readEnd(list: TaskList, index: number) {
  const log = logOf(list, index);
  const text = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
  const out = (await text(`${log}.out`)).trim().split("\n");
  const last = out.findLast((line) => readTaskLine(line) !== undefined) ?? "";
  const read = readTaskLine(last);
  const failed = read?.kind === "failed";
  return {
    failed,
    error: failed || read?.kind === "broken" ? (JSON.parse(last) as { error: unknown }).error : undefined,
    done: read?.kind === "progress" ? read.done : 0,
    note: read?.kind === "progress" ? read.note : undefined,
    said: (await text(`${log}.err`)).trim().split("\n").at(-1) ?? "",
  };
}

function logOf(list: TaskList, index: number): string {
  return taskFolder({ folder: join(list.folder, LOG_FOLDER) }, index);
}

interface Script {
  readonly file: string;
  readonly indexes: readonly number[];
}

async function writeScripts(
  list: TaskList,
  open: readonly number[],
  commands: SlurmExecutorOptions["commands"],
  resources: SlurmResources,
  size: number,
): Promise<Script[]> {
  const scripts: Script[] = [];
  for (let begin = 0; begin < open.length; begin += size) {
    const indexes = open.slice(begin, begin + size);
    const file = join(list.folder, `slurm-${scripts.length}.sh`);
    await writeFileAtomic(file, slurmScript(list, indexes, commands, resources));
    scripts.push({ file, indexes });
  }
  return scripts;
}

/** For who submits by hand; the site's largest array may not be known here. */
async function printScripts(
  list: TaskList,
  open: readonly number[],
  commands: SlurmExecutorOptions["commands"],
  resources: SlurmResources,
  print: (line: string) => void,
): Promise<never> {
  const size = await largestArray().catch(() => 1000);
  const scripts = await writeScripts(list, open, commands, resources, size);
  for (const { file } of scripts) print(await readFile(file, "utf8"));
  for (const { file } of scripts) print(`sbatch ${file}`);
  throw new UserError(
    "tasks-open",
    `${open.length} of ${list.tasks.length} tasks of ${list.stage} are to be done`,
    {
      file: list.folder,
      remedy: `Submit the ${scripts.length === 1 ? "script" : `${scripts.length} scripts`} above; when they are done, run the same command again: it goes on from there.`,
    },
  );
}
