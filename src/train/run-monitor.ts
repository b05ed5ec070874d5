// What a run shows while it goes on: its log, its page, and event files for TensorBoard, all made from the same lines.
import { basename, join, resolve } from "node:path";
import { writeFileAtomic } from "../core/index.ts";
import type { LogEntry } from "./checkpoint.ts";
import { type EvaluationEntry, openRunLog, type StepEntry } from "./run-log.ts";
import { openTensorboard, type Tensorboard } from "./tensorboard.ts";
import { type PageOptions, RUN_PAGE, renderRunPage } from "./train-page.ts";

/** How often the page is written at most; charts of long runs take some milliseconds. */
const PAGE_MILLISECONDS = 10_000;
/** Steps over which the time left is estimated. */
const RECENT_STEPS = 50;

/** Follows a run. */
export interface RunMonitor {
  readonly evaluations: readonly EvaluationEntry[];
  /** Loss of the last step; `undefined` before the first. */
  readonly loss: number | undefined;
  step(entry: StepEntry): Promise<void>;
  evaluation(entry: EvaluationEntry): Promise<void>;
  /** Seconds that the rest takes at the pace of the last steps. */
  secondsLeft(): number | undefined;
  close(state: PageOptions["state"]): Promise<void>;
}

/** Opens the log in `out` for a run that goes on after `history`. */
export async function openRunMonitor(
  out: string,
  run: { readonly key: string; readonly steps: number; readonly tensorboard: boolean },
  history: readonly LogEntry[],
): Promise<RunMonitor> {
  const log = await openRunLog(out, run, history);
  const board: Tensorboard | undefined = run.tensorboard ? await openTensorboard(out, log) : undefined;
  /** Of the last steps; evaluations are not in them. */
  const stepSeconds: number[] = [];
  let written = Number.NEGATIVE_INFINITY;
  /** Seconds of a step. */
  const pace = (): number | undefined =>
    stepSeconds.length === 0 ? undefined : stepSeconds.reduce((a, b) => a + b) / stepSeconds.length;
  const secondsLeft = (): number | undefined => {
    const seconds = pace();
    return seconds === undefined ? undefined : seconds * (run.steps - log.steps.length);
  };
  const writePage = async (state: PageOptions["state"]): Promise<void> => {
    const page = { title: `Training ${basename(resolve(out))}`, state, steps: run.steps, now: new Date() };
    const times = { secondsLeft: secondsLeft(), stepSeconds: pace() };
    await writeFileAtomic(join(out, RUN_PAGE), renderRunPage(log, { ...page, ...times }));
    written = performance.now();
  };
  return {
    evaluations: log.evaluations,
    get loss() {
      return log.steps.at(-1)?.loss;
    },
    async step(entry) {
      await log.addStep(entry);
      await board?.step(entry);
      if (entry.tokens_per_second) stepSeconds.push(entry.tokens / entry.step / entry.tokens_per_second);
      if (stepSeconds.length > RECENT_STEPS) stepSeconds.shift();
      if (performance.now() - written >= PAGE_MILLISECONDS) await writePage("running");
    },
    async evaluation(entry) {
      await log.addEvaluation(entry);
      await board?.evaluation(entry);
      await writePage("running");
    },
    secondsLeft,
    async close(state) {
      try {
        await writePage(state);
      } finally {
        await board?.close();
        await log.close();
      }
    },
  };
}
