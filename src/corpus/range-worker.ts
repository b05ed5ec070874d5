// A worker thread that reads ranges of files: takes tasks, gives prepared records; the bytes change hands without a copy.
import { parentPort } from "node:worker_threads";
import { UserError } from "../core/index.ts";
import { type RangeTask, readRange } from "./file-ranges.ts";
import type { WorkerReply } from "./range-workers.ts";

parentPort?.on("message", (task: RangeTask) => {
  readRange(task).then(
    (result) => {
      const reply: WorkerReply = { result };
      parentPort?.postMessage(
        reply,
        result.batches.map((batch) => batch.bytes.buffer),
      );
    },
    (error: unknown) => {
      const user =
        error instanceof UserError ? { code: error.code, file: error.file, remedy: error.remedy } : {};
      const { message, stack } = error as Error;
      const reply: WorkerReply = { error: { message, stack, ...user } };
      parentPort?.postMessage(reply);
    },
  );
});
