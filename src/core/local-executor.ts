// Tasks as processes of this machine.
import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { UserError } from "./errors.ts";
import { type Executor, openTasks } from "./executor.ts";
import { silentProgress } from "./progress.ts";
import { readTaskLine, type TaskLine } from "./task-lines.ts";
import type { TaskList } from "./task-list.ts";

/** How to run tasks here. */
export interface LocalExecutorOptions {
  /** The words that start this program, e.g. node and its main file; ` task FOLDER --index I` follows. */
  readonly program: readonly string[];
  /** Tasks at once. Default: as many as there are cores. */
  readonly processes?: number | undefined;
}

/** A task that ends so often without a result (killed, out of memory) is given up. */
const MOST_ATTEMPTS = 4;
/** A cancelled task that does not end by itself. */
const PATIENCE_MILLISECONDS = 3000;
/** Kept of what a task says on standard error, for the case that it breaks. */
const KEPT_CHARACTERS = 4000;

/** Runs tasks as child processes; `UserError` for fewer than one. */
export function createLocalExecutor({
  program,
  processes = availableParallelism(),
}: LocalExecutorOptions): Executor {
  if (!(Number.isInteger(processes) && processes >= 1))
    throw new UserError("bad-option", `processes must be a whole number from 1, found ${processes}`);
  return {
    name: "local",
    async run(list, { progress = silentProgress, signal } = {}) {
      signal?.throwIfAborted();
      const open = await openTasks(list);
      const total = list.tasks.length;
      const parts = new Float64Array(total).fill(1);
      for (const task of open) parts[task] = 0;
      const bar = progress(list.stage, total, "tasks", total - open.length);
      const show = (note?: string): void =>
        bar.update(Math.floor(10 * parts.reduce((sum, part) => sum + part, 0)) / 10, note);
      // One failure ends the others.
      const stop = new AbortController();
      const ended = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
      const work = async (): Promise<void> => {
        for (let task = open.shift(); task !== undefined; task = open.shift()) {
          const number = task;
          await finishTask(program, list, number, ended, (line) => {
            if (line.kind === "progress") parts[number] = Math.min(line.done, 0.99);
            show(
              line.kind === "progress" && line.note !== undefined
                ? `task ${number}: ${line.note}`
                : undefined,
            );
          });
          parts[number] = 1;
          show();
        }
      };
      const workers = Array.from({ length: Math.min(processes, open.length) }, () =>
        work().catch((error: unknown) => {
          stop.abort(error);
          throw error;
        }),
      );
      await Promise.allSettled(workers);
      ended.throwIfAborted();
      bar.finish();
    },
  };
}

/** Does a task, again when it is lost. */
async function finishTask(
  program: readonly string[],
  list: TaskList,
  task: number,
  signal: AbortSignal,
  tell: (line: TaskLine) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const end = await runProcess(program, list, task, signal, tell);
    signal.throwIfAborted();
    if (end.last?.kind === "failed") throw end.last.error;
    if (end.code === 0) return;
    if (attempt < MOST_ATTEMPTS) continue;
    const how = end.code === null ? `by ${end.signal}` : `with exit code ${end.code}`;
    if (end.last?.kind === "broken" || end.code !== null)
      throw new Error(`task ${task} of ${list.stage} ended ${how}: ${end.said}`);
    throw new UserError("task-lost", `task ${task} of ${list.stage} ended ${how}, ${attempt} times`, {
      file: list.folder,
      remedy:
        "It may want more memory: use more tasks, and fewer at once. The same command goes on where it was.",
    });
  }
}

interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line that said something. */
  readonly last: TaskLine | undefined;
  readonly said: string;
}

function runProcess(
  [command = "", ...words]: readonly string[],
  list: TaskList,
  task: number,
  signal: AbortSignal,
  tell: (line: TaskLine) => void,
): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    // Its standard input ends when this process does, however that is: the task then ends too.
    const child = spawn(
      command,
      [...words, "task", list.folder, "--index", String(task), "--attached", "--json"],
      { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } },
    );
    const letGo = cancelOn(child, signal);
    let last: TaskLine | undefined;
    let said = "";
    let rest = "";
    child.stdin.on("error", () => {});
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const read = readTaskLine(line);
        if (read === undefined) continue;
        last = read;
        tell(read);
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-KEPT_CHARACTERS);
    });
    child.on("error", (error) => {
      letGo();
      reject(error);
    });
    child.on("close", (code, by) => {
      letGo();
      resolve({ code, signal: by, last, said });
    });
  });
}

/** Ends the child when `signal` is aborted; gives what stops looking. */
function cancelOn(child: ChildProcess, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    child.kill("SIGTERM");
    timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MILLISECONDS);
  };
  signal.addEventListener("abort", cancel, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  };
}
