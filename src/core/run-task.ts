// Does one task of a list: in a folder of its own that appears when it is whole, however often, and by however many at once, it is done.
import { mkdir, rename, rm } from "node:fs/promises";
import { asFileError, UserError } from "./errors.ts";
import { type TaskList, taskFolder, taskInputs } from "./executor.ts";
import { temporaryPath } from "./files.ts";
import { matchingManifest, writeManifest } from "./manifest.ts";
import { type ProgressFactory, silentProgress } from "./progress.ts";

/** What the work of a task gets. */
export interface TaskCall {
  /** `common` of the list. */
  readonly common: unknown;
  /** The task's own part. */
  readonly task: unknown;
  /** An empty folder to leave files in. */
  readonly folder: string;
  readonly progress: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** Does a task of a stage; what it gives (JSON) is kept in the task's manifest for whoever joins the parts. */
export type TaskWork = (call: TaskCall) => Promise<unknown>;

/**
 * Does task `index` of `list` and gives its result; does nothing when that is there already. `UserError` for an index that the list has not.
 */
export async function runTask(
  list: TaskList,
  index: number,
  work: TaskWork,
  options: { readonly progress?: ProgressFactory; readonly signal?: AbortSignal } = {},
): Promise<unknown> {
  if (!(Number.isInteger(index) && index >= 0 && index < list.tasks.length))
    throw new UserError(
      "no-such-task",
      `has ${list.tasks.length} tasks, from 0: there is none of number ${index}`,
      {
        file: list.folder,
      },
    );
  const { progress = silentProgress, signal } = options;
  const target = taskFolder(list, index);
  const inputs = taskInputs(list, index);
  const done = await matchingManifest(target, list.stage, inputs);
  if (done !== undefined) return done.result;
  // A twin, here or on another machine, must not meet this one: the name says whose it is.
  const making = await temporaryPath(target);
  try {
    await mkdir(making);
  } catch (error) {
    throw asFileError(error, list.folder);
  }
  try {
    const result = await work({
      common: list.common,
      task: list.tasks[index],
      folder: making,
      progress,
      signal,
    });
    await writeManifest(making, list.stage, inputs, result);
    await putInPlace(
      making,
      target,
      async () => (await matchingManifest(target, list.stage, inputs)) !== undefined,
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
