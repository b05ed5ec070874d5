// `apollo task`: one task of a stage that was divided, as executors start it on any machine.
import {
  progressLine,
  readTask,
  runTask,
  type TaskRunOptions,
  type TaskWork,
  UserError,
} from "../core/index.ts";
import { defineCommand } from "./command.ts";
import { TASK_STAGES } from "./task-stages.ts";

/** A task says how far it is at most this often. */
const LINE_MILLISECONDS = 500;

/** `apollo task`. */
export const taskCommand = defineCommand({
  name: "task",
  summary: "do one task of a divided stage (what --tasks starts, here or on other machines)",
  positionals: "FOLDER",
  options: {
    index: {
      type: "whole",
      least: 0,
      value: "I",
      required: true,
      help: "which task of the list in FOLDER, from 0",
    },
    attached: { type: "boolean", help: "end when standard input does: whoever started the task is gone" },
  },
  examples: ["apollo task cleaned.tasks/clean --index 3"],
  async run({ options: { index, attached }, positionals: [folder = ""], io }) {
    if (attached) endWithInput();
    const workOf = (stage: string): TaskWork => {
      const work: TaskWork | undefined = TASK_STAGES[stage];
      if (work !== undefined) return work;
      throw new UserError("unknown-stage", `has tasks of "${stage}", which this Apollo does not know`, {
        file: folder,
        remedy: `Known stages: ${Object.keys(TASK_STAGES).join(", ")}. Install the same version on every machine.`,
      });
    };
    let told = performance.now();
    const options: TaskRunOptions = {
      signal: io.signal,
      progress(label, total, unit, from) {
        const bar = io.progress(label, total, unit, from);
        if (!io.json) return bar;
        return {
          update(done, note) {
            const now = performance.now();
            if (now - told < LINE_MILLISECONDS) return;
            told = now;
            io.event(progressLine(index, total > 0 ? done / total : 0, note));
          },
          finish() {},
        };
      },
    };
    const result = await (folder.startsWith("s3://") ? runInBucket() : runHere());
    io.print(`task ${index} of ${folder} is done`);
    return result;

    async function runHere(): Promise<unknown> {
      const entry = await readTask(folder, index);
      return runTask(entry, workOf(entry.stage), options);
    }
    async function runInBucket(): Promise<unknown> {
      // A task starts without what it does not need.
      const { createS3Storage, runBucketTask } = await import("../cluster/index.ts");
      return runBucketTask(createS3Storage(), folder, index, workOf, options);
    }
  },
});

/** Ends this process when its standard input ends. */
function endWithInput(): void {
  process.stdin.on("end", () => process.exit(1)).on("error", () => process.exit(1));
  process.stdin.resume();
  // It must not keep the process when the work is done.
  (process.stdin as { unref?: () => void }).unref?.();
}
