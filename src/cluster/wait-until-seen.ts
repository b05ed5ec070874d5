// Which tasks are open, on storage that may show another machine's files late.
import { setTimeout as sleep } from "node:timers/promises";
import { openTasks, type TaskList } from "../core/index.ts";

/** Network file systems keep what they know of a folder for up to a minute (nfs: acdirmax = 60 s). */
const LATE_MILLISECONDS = 65_000;
const LOOK_MILLISECONDS = 500;

/**
 * The open tasks of `list` after whoever ran them has ended. When all are said to be `done`, those that do not show are waited for before
 * they count as open.
 */
export async function waitUntilSeen(
  list: TaskList,
  done: boolean,
  look: (list: TaskList) => Promise<number[]> = openTasks,
): Promise<number[]> {
  const until = performance.now() + LATE_MILLISECONDS;
  for (;;) {
    const open = await look(list);
    if (!done || open.length === 0 || performance.now() > until) return open;
    await sleep(LOOK_MILLISECONDS);
  }
}
