// Lists of tasks that add numbers, for tests of whoever has tasks done.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TaskList } from "./task-list.ts";

/** The program that does them, as words of a command line. */
export const TASK_PROGRAM: readonly [string, string] = [
  process.execPath,
  fileURLToPath(new URL("./task-program.test.helper.js", import.meta.url)),
];

/** What a task gets. */
export interface NumbersTask {
  readonly numbers: readonly number[];
  /** Waits until this file is there. */
  readonly gate?: string;
  /** Dies by SIGKILL the first time that it is begun, or every time. */
  readonly dies?: "once" | "always";
  /** Fails by its own fault. */
  readonly fails?: boolean;
}

/** A list in `root`; each of its tasks marks beside it that it was begun. */
export async function listNumbersTasks(
  root: string,
  name: string,
  tasks: readonly NumbersTask[],
): Promise<TaskList> {
  const marks = join(root, `${name}-marks`);
  await mkdir(marks, { recursive: true });
  return { folder: join(root, name), stage: "sum", common: { marks }, tasks };
}

/** How often each task was begun. */
export async function timesBegun(list: TaskList): Promise<number[]> {
  const { marks } = list.common as { marks: string };
  return Promise.all(
    list.tasks.map(async (_, task) => {
      const text = await readFile(join(marks, String(task)), "utf8").catch(() => "");
      return text.split("\n").length - 1;
    }),
  );
}
