// A training run: packed rows in order, one graph run a step, checkpoints on the way, the final checkpoint in `out` itself.
import { join } from "node:path";
import {
  hashFile,
  hashValue,
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  writeManifest,
} from "../core/index.ts";
import { requireDevice } from "../graph/index.ts";
import { ADAPTER_FILE } from "./adapter-format.ts";
import { flopsPerToken, measureMatmulRate } from "./arithmetic.ts";
import { locateBase } from "./base.ts";
import { checkRows, nextBatch } from "./batch.ts";
import {
  listCheckpoints,
  publishCheckpoint,
  removeCheckpoints,
  type TrainDevice,
  writeCheckpoint,
} from "./checkpoint.ts";
import { createDeviceStep } from "./device-step.ts";
import { diverged } from "./diverged.ts";
import { type EvaluationOptions, NO_EVALUATION, openEvaluator } from "./evaluation.ts";
import { lossBySource, readSources } from "./loss-by-source.ts";
import { openPackedRows, type PackedRows } from "./packed.ts";
import type { Recipe } from "./recipe.ts";
import type { EvaluationEntry } from "./run-log.ts";
import { openRunMonitor } from "./run-monitor.ts";
import { learningRateAt } from "./schedule.ts";
import { hashCheckpoint, type Start, startOrResume } from "./start.ts";
import { createTrainingStep } from "./training-step.ts";

/** What to train, from what, to where. */
export interface TrainOptions {
  readonly recipe: Recipe;
  /** Folder of packed rows (`apollo corpus pack`). */
  readonly data: string;
  /** Folder of the run; the finished checkpoint lies in it. */
  readonly out: string;
  /**
   * What computes the steps: the CPU (default), or a GPU through WebGPU or CUDA, which keeps the state in its memory; evaluations
   * are the CPU's. On a GPU results are the CPU's up to rounding.
   */
  readonly device?: TrainDevice | undefined;
  /** CPU threads. Results are reproducible bit for bit for the same number, on the CPU. Default 1. */
  readonly threads?: number;
  readonly progress?: ProgressFactory;
  /** Looks at the run from outside every so many steps, and keeps the best checkpoint. */
  readonly evaluation?: EvaluationOptions | undefined;
  /** Write event files for TensorBoard too. Default false. */
  readonly tensorboard?: boolean;
  /** Told about every step. */
  readonly onStep?: (step: StepReport) => void;
  /** Told about every evaluation. */
  readonly onEvaluation?: (evaluation: EvaluationEntry) => void;
  /** Stops after the step in progress, leaving a checkpoint to go on from. */
  readonly signal?: AbortSignal;
}

/** One step, as `--json` prints it. */
export interface StepReport {
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Mean loss over the step's label tokens, nats. */
  readonly loss: number;
  readonly learningRate: number;
  /** Tokens trained on so far, padding included. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
  /** The step's arithmetic beside that of plain matrix products in the same time; absent where another program or a GPU computes. */
  readonly peakShare?: number;
  /** At the pace of the last steps, evaluations not counted. */
  readonly secondsLeft: number | undefined;
}

/** The end of a run. */
export interface TrainResult {
  /** Folder of the finished checkpoint. */
  readonly checkpoint: string;
  readonly steps: number;
  /** Loss of the last step. */
  readonly loss: number;
  /** How many were trained: the model's, or the adapters'. */
  readonly parameters: number;
}

const STAGE = "train";

/** Trains; goes on where a stopped run of the same recipe and data was, and returns at once when it is already done. */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { recipe, out } = options;
  const from = recipe.lora?.from;
  const rows = await openPackedRows(options.data);
  try {
    const base = recipe.base === undefined ? undefined : await locateBase(recipe.base, options);
    // How often to save does not change what is computed.
    const inputs = {
      recipe: { ...recipe, checkpointEvery: undefined, keepCheckpoints: undefined, torch: undefined },
      data: await hashFile(join(options.data, "packed.parquet")),
      base: base === undefined ? undefined : await hashCheckpoint(base),
      adapter: from === undefined ? undefined : await hashFile(join(from, ADAPTER_FILE)),
    };
    // A single one would only be the result once more.
    const kept = recipe.keepCheckpoints === 1 ? 0 : recipe.keepCheckpoints;
    const done = await matchingManifest(out, STAGE, inputs);
    if (done !== undefined) {
      await removeCheckpoints(out, kept);
      return { ...(done.result as TrainResult), checkpoint: out };
    }
    const key = hashValue(inputs);
    if (options.device !== undefined && options.device !== "cpu") await requireDevice(options.device);
    const start = await startOrResume({ ...options, base }, rows.length, key);
    if (start.step === 0) await checkRows(rows, start.method.config.vocabularySize);
    const { checkpoint, ...result } = await runSteps(options, rows, start, key);
    // The checkpoint goes last: a run that is killed in between finds it whole and publishes it again.
    await publishCheckpoint(checkpoint, out);
    await writeManifest(out, STAGE, inputs, { checkpoint: out, ...result });
    await removeCheckpoints(out, kept);
    return { checkpoint: out, ...result };
  } finally {
    rows.close();
  }
}

async function runSteps(
  options: TrainOptions,
  rows: PackedRows,
  start: Start,
  key: string,
): Promise<TrainResult> {
  const { out, device = "cpu" } = options;
  const recipe = { ...options.recipe, steps: stepsOf(options.recipe, rows.rows) };
  const { method, log } = start;
  const tokenizerFolder = join(options.data, "tokenizer");
  const threads = options.threads ?? 1;
  const sourceOf = await readSources(options.data);
  const peak =
    device === "cpu"
      ? (await measureMatmulRate(threads)) /
        flopsPerToken(method.config, rows.length, method.frozen === undefined)
      : undefined;
  const run = { key, steps: recipe.steps, tensorboard: options.tensorboard === true };
  const { signal } = options;
  let ending: "stopped" | "finished" = "stopped";
  const closing: (() => Promise<void>)[] = [];
  try {
    const trainingStep = await (device === "cpu"
      ? createTrainingStep(method, recipe, start.state, { length: rows.length, threads })
      : createDeviceStep(method, recipe, start.state, { length: rows.length, provider: device }));
    closing.push(() => trainingStep.close());
    const evaluator =
      options.evaluation === undefined
        ? NO_EVALUATION
        : await openEvaluator(options.evaluation, {
            out,
            method,
            state: () => trainingStep.state(),
            recipe,
            tokenizerFolder,
            threads,
            signal,
            onEvaluation: options.onEvaluation,
          });
    closing.push(() => evaluator.close());
    // Last: what cannot begin leaves no log.
    const monitor = await openRunMonitor(out, run, log);
    closing.push(() => monitor.close(ending));
    let saved = (await listCheckpoints(out))[0]?.step;
    const save = async (step: number): Promise<string> => {
      const folder = join(out, `checkpoint-${step}`);
      if (step === saved) return folder;
      const trainer = {
        global_step: step,
        max_steps: recipe.steps,
        log_history: log,
        run_key: key,
        ...(device === "cpu" ? {} : { device }),
      };
      const state = await trainingStep.state();
      await writeCheckpoint(folder, { format: method.checkpoint, state, trainer, tokenizerFolder });
      saved = step;
      await removeCheckpoints(out, recipe.keepCheckpoints);
      return folder;
    };
    const bar = (options.progress ?? silentProgress)("train", recipe.steps, "steps", start.step);
    const evaluate = async (step: number): Promise<void> => {
      try {
        await evaluator.after(step, monitor);
      } catch (error) {
        if (signal?.aborted) await save(step);
        throw error;
      }
    };
    for (let step = start.step; step < recipe.steps; step++) {
      if (signal?.aborted) {
        await save(step);
        throw signal.reason;
      }
      await evaluate(step);
      const began = performance.now();
      const batch = await nextBatch(rows, step * recipe.batch, recipe.batch, method.config.vocabularySize, {
        wrap: options.recipe.steps !== undefined,
        attention: recipe.attention,
      });
      const learningRate = learningRateAt(step, {
        peak: recipe.learningRate,
        steps: recipe.steps,
        warmup: recipe.warmup,
        span: recipe.cosineSpan,
      });
      const { loss, gradientNorm, tokenLosses } = await trainingStep.run(batch, step + 1, learningRate);
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
        throw await diverged(step, options.recipe, rows, { loss, gradientNorm });
      const seconds = (performance.now() - began) / 1000;
      const tokens = (step + 1) * batch.inputIds.length;
      const tokensPerSecond = batch.inputIds.length / seconds;
      const peakShare = peak === undefined ? undefined : tokensPerSecond / peak;
      const entry = { step: step + 1, loss, learning_rate: learningRate, grad_norm: gradientNorm, tokens };
      log.push(entry);
      await monitor.step({
        ...entry,
        tokens_per_second: Math.round(tokensPerSecond),
        ...(peakShare === undefined ? {} : { peak_share: Number(peakShare.toFixed(3)) }),
        time: new Date().toISOString(),
        ...(sourceOf === undefined ? {} : { sources: lossBySource(batch, tokenLosses, sourceOf) }),
      });
      options.onStep?.({
        step: step + 1,
        steps: recipe.steps,
        loss,
        learningRate,
        tokens,
        tokensPerSecond,
        ...(peakShare === undefined ? {} : { peakShare }),
        secondsLeft: monitor.secondsLeft(),
      });
      bar.update(
        step + 1,
        [
          `loss ${loss.toFixed(3)}`,
          `${Math.round(tokensPerSecond)} tokens/s`,
          ...(peakShare === undefined ? [] : [`${(100 * peakShare).toFixed(0)} % of peak`]),
        ].join(", "),
      );
      if ((step + 1) % recipe.checkpointEvery === 0 && step + 1 < recipe.steps) await save(step + 1);
    }
    await evaluate(recipe.steps);
    const checkpoint = await save(recipe.steps);
    bar.finish(`loss ${log.at(-1)?.loss.toFixed(3)}`);
    ending = "finished";
    return {
      checkpoint,
      steps: recipe.steps,
      loss: log.at(-1)!.loss,
      parameters: method.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    };
  } finally {
    for (const close of closing) await close();
  }
}

/** Steps of a run: the recipe's, or as many as one pass over the rows takes. */
function stepsOf(recipe: Recipe, rows: number): number {
  return recipe.steps ?? Math.ceil(rows / recipe.batch);
}
