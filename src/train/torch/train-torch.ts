// A run with PyTorch from beginning to end: the job folder, its processes, what they say on the way, and the checkpoint in `out` itself,
// log, page and resumption just as with our own engine.
import { join } from "node:path";
import {
  exists,
  matchingManifest,
  type ProgressFactory,
  UserError,
  writeFileAtomic,
  writeManifest,
} from "../../core/index.ts";
import { type LogEntry, publishCheckpoint, type TrainerState } from "../checkpoint.ts";
import { diverged } from "../diverged.ts";
import { openPackedRows } from "../packed.ts";
import type { Recipe } from "../recipe.ts";
import type { StepReport, TrainResult } from "../train.ts";
import { writeAsQwen2 } from "./as-qwen2.ts";
import { followEvents, readEvents, type TorchEvent } from "./follow.ts";
import { clearJobFolder, completeResult, jobPaths, refuseOtherRun, writeJobFolder } from "./job-folder.ts";
import { type Ending, refuseProbe, type TorchLauncher } from "./launcher.ts";
import { JOB_FOLDER, type Prepared, prepareTorch } from "./prepare.ts";
import { createRunFollower } from "./run-follower.ts";

/** What to train, by whom. */
export interface TorchTrainOptions {
  readonly recipe: Recipe;
  /** Folder of packed rows. */
  readonly data: string;
  /** Folder of the run, which every process sees under this path. */
  readonly out: string;
  readonly launcher: TorchLauncher;
  /** Processes run elsewhere: they fetch a base of the hub themselves, and their GPUs cannot be counted from here. Default false. */
  readonly remote?: boolean;
  /** Write event files for TensorBoard too. Default false. */
  readonly tensorboard?: boolean;
  readonly progress?: ProgressFactory;
  readonly onStep?: (step: StepReport) => void;
  /** Stops after the step in progress, leaving a checkpoint to go on from. */
  readonly signal?: AbortSignal;
}

const STAGE = "train torch";

/**
 * Trains with PyTorch; goes on where a stopped run of the same recipe and data was, also after other machines were chosen, and returns at
 * once when it is already done. `UserError` for what cannot be honoured, before anything is started.
 */
export async function trainWithTorch(options: TorchTrainOptions): Promise<TrainResult> {
  const { recipe, data, out, launcher, remote = false, progress, signal } = options;
  const prepared = await prepareTorch({
    recipe,
    data,
    out,
    remoteBase: remote,
    thorough: true,
    progress,
    signal,
  });
  const { plan, config, inputs, key, rename } = prepared;
  const folder = join(out, JOB_FOLDER);
  const leave = { keepCheckpoints: recipe.keepCheckpoints > 1, adapter: plan.job.adapter };
  const done = await matchingManifest(out, STAGE, inputs);
  if (done !== undefined) {
    await clearJobFolder(folder, leave);
    return { ...(done.result as TrainResult), checkpoint: out };
  }
  await refuseOtherRun(out, key);
  refuseProbe(await launcher.probe(plan, folder), plan, {
    architecture: config.architecture,
    where: launcher.name,
  });
  signal?.throwIfAborted();
  if (rename !== undefined) await writeAsQwen2(rename.from, rename.to, key, { progress, signal });
  await writeJobFolder(folder, plan, { recipe, data, config, baseName: prepared.baseName });
  const log = await follow(options, prepared, folder);
  const trainer: TrainerState = {
    global_step: plan.steps,
    max_steps: plan.steps,
    log_history: log,
    run_key: key,
  };
  await completeResult(folder, data, { state: trainer, adapter: plan.job.adapter });
  await publishCheckpoint(jobPaths(folder).result, out);
  const result = { steps: plan.steps, loss: log.at(-1)!.loss, parameters: prepared.trainedParameters };
  await writeManifest(out, STAGE, inputs, { checkpoint: out, ...result });
  // Last: a run that is killed in between finds it whole and publishes it again.
  await clearJobFolder(folder, leave);
  return { checkpoint: out, ...result };
}

/** Starts the processes, unless they were done already, and follows them to their end. Gives the log. */
async function follow(
  options: TorchTrainOptions,
  prepared: Prepared,
  folder: string,
): Promise<readonly LogEntry[]> {
  const { launcher, out, signal, recipe, tensorboard = false, progress, onStep } = options;
  const { plan, key, length } = prepared;
  const paths = jobPaths(folder);
  const tokens = recipe.batch * length;
  const run = createRunFollower(out, { key, steps: plan.steps, tokens, tensorboard, progress, onStep });
  const before = await readEvents(paths.events);
  for (const event of before.events) run.remember(event);
  const kill = new AbortController();
  // A result that stands was never published; only its log is wanted.
  const finished = await exists(paths.result);
  const running: Promise<Ending> = finished ? Promise.resolve({}) : launcher.start(plan, folder, kill.signal);
  const ask = (): void => void writeFileAtomic(paths.stop, "");
  if (signal?.aborted) ask();
  signal?.addEventListener("abort", ask, { once: true });
  let ending = before.events.at(-1);
  try {
    for await (const event of followEvents(paths.events, before.bytes, running)) {
      ending = event;
      await run.take(event);
    }
    const { failure } = await running;
    if (ending?.event === "diverged") throw await divergedAt(options, run.log, ending);
    if (signal?.aborted && ending?.event !== "finished") throw signal.reason;
    if (ending?.event !== "finished") {
      throw new UserError("trainer-failed", failure ?? "ended before its last step", {
        file: paths.log,
        remedy: "Its last lines say more. The same command goes on from the newest checkpoint.",
      });
    }
    await run.close("finished");
    return run.log;
  } catch (error) {
    kill.abort();
    await running.catch(() => undefined);
    await run.close("stopped");
    throw error;
  } finally {
    signal?.removeEventListener("abort", ask);
  }
}

async function divergedAt(
  { recipe, data }: TorchTrainOptions,
  log: readonly LogEntry[],
  event: Extract<TorchEvent, { event: "diverged" }>,
): Promise<UserError> {
  const rows = await openPackedRows(data);
  try {
    const value = Number(event.value.replace("inf", "Infinity"));
    const found = event.what === "loss" ? { loss: value, gradientNorm: 0 } : { loss: 0, gradientNorm: value };
    return await diverged(log.length, recipe, rows, found);
  } finally {
    rows.close();
  }
}
