// An exam for a checkpoint of a run: what `train` is handed when it is to evaluate itself through `bench`.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { loadSuite, runBench } from "../bench/index.ts";
import { exists, hashFile, UserError } from "../core/index.ts";
import { openGguf } from "../engine/index.ts";
import { exportGguf } from "../export/index.ts";
import { type EvaluationOptions, locateBase, mergeAdapter } from "../train/index.ts";

/** How to examine. */
export interface TrainingExamOptions {
  /** Suite file, asked by letters. */
  readonly suite: string;
  /** Folder of the run; each exam's own run folder lies in its `evaluations/`. */
  readonly out: string;
  /** Base of the run's adapters, as its recipe names it. */
  readonly base?: string | undefined;
  /** Items per source; default all. */
  readonly limit?: number | undefined;
  /** CPU threads. Default 1. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Reads the suite, so that what is wrong with it is said before hours of training. */
export async function createTrainingExam(
  options: TrainingExamOptions,
): Promise<NonNullable<EvaluationOptions["exam"]>> {
  const { out, limit, threads = 1, signal } = options;
  const suite = await loadSuite(options.suite);
  const id = `${suite.hash}/${limit ?? "all"}`;
  return async (folder, step) => {
    const merged = join(out, "evaluations", "merged");
    const file = join(out, "evaluations", "checkpoint.gguf");
    try {
      const adapted = await exists(join(folder, "adapter_config.json"));
      if (adapted) {
        const base = options.base === undefined ? {} : { base: await locateBase(options.base) };
        await rm(merged, { recursive: true, force: true });
        await mergeAdapter(folder, { out: merged, signal, ...base });
      }
      await exportGguf(adapted ? merged : folder, { type: "f16", out: file });
      const run = join(out, "evaluations", `step-${step}`);
      const model = await openGguf(file, { threads });
      try {
        const identity = await hashFile(file);
        const examine = () =>
          runBench({ suite, model, out: run, mode: "letter", limit, signal, modelIdentity: identity });
        const result = await examine().catch(async (error: unknown) => {
          // Left by an evaluation with another suite.
          if (!(error instanceof UserError) || error.code !== "run-mismatch") throw error;
          await rm(run, { recursive: true, force: true });
          return examine();
        });
        if (result.sources.every(({ n }) => n === 0)) {
          throw new UserError("exam-too-long", "no item of the exam fits the length of the training rows", {
            file: options.suite,
            remedy: "Pack the corpus with a larger --length, or leave --eval-suite out.",
          });
        }
        const sources = result.sources.map(({ source, language, n, accuracy, interval }) => {
          return { source, language, n, accuracy, interval };
        });
        return { id, accuracy: result.average, sources };
      } finally {
        await model.close();
      }
    } finally {
      await rm(merged, { recursive: true, force: true });
      await rm(file, { force: true });
    }
  };
}
