// Does one task of a list: in a folder of its own that appears when it is whole, however often, and by however many at once, it is done.
import { mkdir, rename, rm } from "node:fs/promises";
import { asFileError } from "./errors.ts";
import { taskFolder } from "./executor.ts";
import { temporaryPath } from "./files.ts";
import { matchingManifest, writeManifest } from "./manifest.ts";
import { type ProgressFactory, silentProgress } from "./progress.ts";
import { type ByteRange, commonHash, type TaskEntry, taskInputs } from "./task-list.ts";

/** What the work of a task gets. */
export interface TaskCall {
  /** `common` of the list. */
  readonly common: unknown;
  /** The task's own part. */
  readonly task: unknown;
  /** Where on this machine the file or folder `path` of the list's `reads` stands; of a file, at least the bytes of `range` are there. */
  at(path: string, range?: ByteRange): Promise<string>;
  /** An empty folder to leave files in. */
  readonly folder: string;
  readonly progress: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** Does a task of a stage; what it gives (JSON) is kept in the task's manifest for whoever joins the parts. */
export type TaskWork = (call: TaskCall) => Promise<unknown>;

/** How to do a task. */
export interface TaskRunOptions {
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** Does a task of a list whose folder is a folder of this machine and gives its result; does nothing when that is there already. */
export async function runTask(
  entry: TaskEntry,
  work: TaskWork,
  { progress = silentProgress, signal }: TaskRunOptions = {},
): Promise<unknown> {
  const { stage, common, task } = entry;
  const target = taskFolder(entry, entry.index);
  const inputs = taskInputs(commonHash(entry), task);
  const done = await matchingManifest(target, stage, inputs);
  if (done !== undefined) return done.result;
  // A twin, here or on another machine, must not meet this one: the name says whose it is.
  const making = await temporaryPath(target);
  try {
    await mkdir(making);
  } catch (error) {
    throw asFileError(error, entry.folder);
  }
  try {
    const result = await work({
      common,
      task,
      at: async (path) => path,
      folder: making,
      progress,
      signal,
    });
    await writeManifest(making, stage, inputs, result);
    await putInPlace(
      making,
      target,
      async () => (await matchingManifest(target, stage, inputs)) !== undefined,
    );
    return result;
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
}

/** Renames a finished folder into place; a twin that was faster made the same. */
async function putInPlace(making: string, target: string, isDone: () => Promise<boolean>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(making, target);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== "ENOTEMPTY" && code !== "EEXIST") || attempt > 2) throw asFileError(error, target);
      if (await isDone()) {
        await rm(making, { recursive: true, force: true });
        return;
      }
      // Of another list, or torn.
      await rm(target, { recursive: true, force: true });
    }
  }
}
