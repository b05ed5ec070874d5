// An executor that does tasks in this process, one after the other: what they do is the same, and a test needs no process for each.
import { type Executor, openTasks, readTask, runTask } from "../core/index.ts";
import { CORPUS_TASKS } from "./tasks.ts";

/** Tasks in this process, the last one first; `done` is told of each by its stage and number. */
export function inlineExecutor(done: (stage: string, task: number) => void = () => {}): Executor {
  return {
    name: "inline",
    async run(list) {
      for (const index of (await openTasks(list)).reverse()) {
        // As other machines get it: from the file.
        const entry = await readTask(list.folder, index);
        await runTask(entry, CORPUS_TASKS[entry.stage]!);
        done(entry.stage, index);
      }
    },
  };
}
