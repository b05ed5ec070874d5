// Threads that read the ranges of big files, and the order in which their results count: that of the file, whoever was first.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { UserError } from "../core/index.ts";
import { openingOf, RANGE_BYTES, type RangeResult, type RangeTask, readRange } from "./file-ranges.ts";
import type { Batch, RecordRules } from "./prepare-records.ts";

/** What a worker answers. */
export type WorkerReply =
  | { readonly result: RangeResult }
  | {
      readonly error: {
        readonly message: string;
        readonly stack?: string | undefined;
        readonly code?: string;
        readonly file?: string | undefined;
        readonly remedy?: string | undefined;
      };
    };

/** Threads that read ranges. */
export interface RangeWorkers {
  readonly count: number;
  run(task: RangeTask): Promise<RangeResult>;
  close(): Promise<void>;
}

/** Of tiny records, each takes up to 300 MB (perf/corpus-import.mjs): two keep an import under one gigabyte. More are for whoever asks. */
const MOST_WORKERS = 2;

/** The number of threads without a word from the user. */
export function defaultWorkers(): number {
  return Math.min(MOST_WORKERS, availableParallelism());
}

/** Threads that start when they are first needed; with `count` 1, this thread does the work. */
export function createRangeWorkers(count: number): RangeWorkers {
  if (count <= 1) return { count: 1, run: readRange, close: async () => {} };
  const workers: Worker[] = [];
  const idle: Worker[] = [];
  const waiting: ((worker: Worker) => void)[] = [];
  const free = (worker: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  };
  const take = (): Promise<Worker> => {
    const ready = idle.pop();
    if (ready !== undefined) return Promise.resolve(ready);
    if (workers.length < count) {
      const worker = new Worker(new URL("./range-worker.js", import.meta.url), {
        // Flags of this process may not suit a thread: --input-type and --eval are refused.
        execArgv: [],
      });
      workers.push(worker);
      return Promise.resolve(worker);
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  return {
    count,
    async run(task) {
      const worker = await take();
      try {
        return await ask(worker, task);
      } finally {
        free(worker);
      }
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function ask(worker: Worker, task: RangeTask): Promise<RangeResult> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
    };
    const onMessage = (reply: WorkerReply): void => {
      end();
      if ("result" in reply) resolve(reply.result);
      else reject(errorOf(reply));
    };
    const onError = (error: unknown): void => {
      end();
      reject(error);
    };
    const onExit = (): void => onError(new Error("a worker thread ended"));
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
    worker.postMessage(task);
  });
}

/** The error that a worker met, as it was. */
function errorOf({ error }: Extract<WorkerReply, { error: unknown }>): Error {
  const { message, stack, code, file, remedy } = error;
  if (code !== undefined) return new UserError(code, message, { file, remedy });
  return Object.assign(new Error(message), { stack });
}

/**
 * All records of a JSON or JSON Lines file in order, the same whatever the number of workers: a range counts when it begins where
 * the one before ended; one that guessed its beginning wrong is read again from the right place. Memory: two ranges a worker.
 */
export async function* readInRanges(
  file: {
    readonly path: string;
    readonly layout: "json" | "jsonl";
    readonly bytes: number;
    readonly head: string;
  },
  rules: RecordRules,
  workers: RangeWorkers,
  rangeBytes = RANGE_BYTES,
): AsyncGenerator<Batch> {
  const { path, layout, bytes, head } = file;
  const opening = layout === "json" ? openingOf(head) : "\n";
  const ranges = Math.max(1, Math.ceil(bytes / rangeBytes));
  // A thread takes longer to start than a small file to read.
  const run = ranges === 1 ? readRange : workers.run;
  const ahead = workers.count > 1 && opening !== undefined ? workers.count + 1 : 1;
  const taskOf = (range: number, from?: number): RangeTask => ({
    file: path,
    layout,
    from: from ?? range * rangeBytes,
    ...(from === undefined && opening !== undefined ? { opening } : {}),
    to: (range + 1) * rangeBytes,
    rules,
  });
  const begun = new Map<number, Promise<RangeResult>>();
  try {
    let border = 0;
    for (let range = 0; range < ranges; range++) {
      for (let later = range; ahead > 1 && later < Math.min(ranges, range + ahead); later++) {
        if (!begun.has(later)) begun.set(later, run(taskOf(later, later === 0 ? 0 : undefined)));
      }
      const guess = begun.get(range);
      // A record may reach over whole ranges.
      if (border > (range + 1) * rangeBytes) {
        await guess;
        begun.delete(range);
        continue;
      }
      let result = await guess;
      begun.delete(range);
      if (result?.from !== border) result = await run(taskOf(range, border));
      yield* result.batches;
      if (result.next === undefined) return;
      border = result.next;
    }
  } finally {
    // Nobody waits for these any more; they must not end the process either.
    await Promise.allSettled(begun.values());
  }
}
