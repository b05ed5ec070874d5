// Looks at a run from outside every so many steps: loss on held-out rows, an exam that is handed in, and the best checkpoint kept.
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { unfinished, writeCheckpoint } from "./checkpoint.ts";
import { type HeldOut, openHeldOut } from "./held-out.ts";
import type { Method } from "./method.ts";
import type { Recipe } from "./recipe.ts";
import type { EvaluationEntry, ExamResult } from "./run-log.ts";
import type { RunMonitor } from "./run-monitor.ts";
import type { TrainingState } from "./training-step.ts";

/** Folder of the best checkpoint in a run's folder. */
const BEST_FOLDER = "best";

/** What to look at, and when. */
export interface EvaluationOptions {
  /** Steps between evaluations; there is one before the first step and one after the last, too. */
  readonly every: number;
  /** Folder of packed rows that are not trained on. */
  readonly data?: string | undefined;
  /** Examines the checkpoint in a folder, which has no optimizer's state and is gone afterwards; `step` steps are done. */
  readonly exam?: ((folder: string, step: number) => Promise<ExamResult>) | undefined;
}

/** Evaluates a run. */
export interface Evaluator {
  /** Evaluates after `step` steps if it is time and `monitor` does not have it yet, and tells that. */
  after(step: number, monitor: RunMonitor): Promise<void>;
  close(): Promise<void>;
}

/** Evaluates nothing. */
export const NO_EVALUATION: Evaluator = { async after() {}, async close() {} };

/** An evaluator of the run in `out`. */
export async function openEvaluator(
  options: EvaluationOptions,
  run: {
    readonly out: string;
    readonly method: Method;
    /** The run's state as it is now. */
    readonly state: () => Promise<TrainingState>;
    readonly recipe: Recipe & { readonly steps: number };
    readonly tokenizerFolder: string;
    readonly threads: number;
    readonly onEvaluation?: ((evaluation: EvaluationEntry) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Evaluator> {
  const { out, method, recipe } = run;
  const { exam } = options;
  const heldOut: HeldOut | undefined =
    options.data === undefined ? undefined : await openHeldOut(options.data, method, recipe, run);
  return {
    async after(step, monitor) {
      if (step % options.every !== 0 && step !== recipe.steps) return;
      if (monitor.evaluations.some((done) => done.step === step)) return;
      const state = await run.state();
      const held_out = await heldOut?.measure(state);
      // The weights as export and bench read them; what a killed run left here is replaced.
      const folder = unfinished(join(out, BEST_FOLDER));
      const { tokenizerFolder } = run;
      await writeCheckpoint(folder, { format: method.checkpoint, state, tokenizerFolder });
      const found = await exam?.(folder, step);
      const entry = {
        step,
        ...(found === undefined ? {} : { exam: found }),
        ...(held_out === undefined ? {} : { held_out }),
      };
      const best = isBest(entry, monitor.evaluations);
      // Before the line that says so: a run killed in between does it again.
      if (best) {
        await rm(join(out, BEST_FOLDER), { recursive: true, force: true });
        await rename(folder, join(out, BEST_FOLDER));
      } else await rm(folder, { recursive: true, force: true });
      const evaluation = { ...entry, best, time: new Date().toISOString() };
      await monitor.evaluation(evaluation);
      run.onEvaluation?.(evaluation);
    },
    close: async () => heldOut?.close(),
  };
}

/** Better than all before it on the same exam; without an exam, on the same held-out rows. Among equals the first is kept. */
function isBest(
  { exam, held_out }: Pick<EvaluationEntry, "exam" | "held_out">,
  before: readonly EvaluationEntry[],
): boolean {
  if (exam !== undefined)
    return before.every((other) => other.exam?.id !== exam.id || other.exam.accuracy < exam.accuracy);
  if (held_out === undefined) return false;
  return before.every((other) => other.held_out?.id !== held_out.id || other.held_out.loss > held_out.loss);
}
