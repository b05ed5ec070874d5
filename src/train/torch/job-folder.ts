// A job folder on disk: everything that the processes of a run with PyTorch read, under one path that all of them see.
import { cp, link, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { exists, readJson, writeFileAtomic, writeJson } from "../../core/index.ts";
import { initializeWeights, type ModelConfig, openCheckpoint } from "../../model/index.ts";
import { adapterFormat } from "../adapter-format.ts";
import { modelFormat, refuseForeignFiles, refuseForeignRun, writeCheckpoint } from "../checkpoint.ts";
import { initializeAdapters, readAdapters, targetNames } from "../lora.ts";
import type { Recipe } from "../recipe.ts";
import { freshState, type WeightMap } from "../training-step.ts";
import { removeBase } from "./as-qwen2.ts";
import type { Job, TorchPlan } from "./job.ts";
import { JOB_FOLDER, RENAMED_BASE } from "./prepare.ts";

/** Files and folders of a job. */
export function jobPaths(folder: string) {
  return {
    job: join(folder, "job.json"),
    arguments: join(folder, "arguments.json"),
    rows: join(folder, "rows.parquet"),
    initial: join(folder, "initial"),
    events: join(folder, "events.jsonl"),
    checkpoints: join(folder, "checkpoints"),
    result: join(folder, "result"),
    /** Asks the run to stop after its step. */
    stop: join(folder, "stop"),
    log: join(folder, "log.txt"),
  };
}

/** The texts of the folder's JSON files. */
export function jobFiles(plan: TorchPlan): Record<"job.json" | "arguments.json", string> {
  const text = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
  return { "job.json": text(plan.job), "arguments.json": text(plan.trainingArguments) };
}

/** `UserError` when `out` holds another run, or anything that a run would overwrite. */
export async function refuseOtherRun(out: string, key: string): Promise<void> {
  const { job } = jobPaths(join(out, JOB_FOLDER));
  if (!(await exists(job))) return refuseForeignFiles(out, key);
  if (((await readJson(job)) as Partial<Job> | null)?.run_key !== key) refuseForeignRun(out);
}

/**
 * Writes the folder, or what of it is not there yet: a run that goes on gets its settings anew (other machines, say) and keeps the rest.
 * `job.json` comes last: where it stands, rows and first weights are whole.
 */
export async function writeJobFolder(
  folder: string,
  plan: TorchPlan,
  from: {
    readonly recipe: Recipe;
    readonly data: string;
    readonly config: ModelConfig;
    /** What an adapter's configuration calls its base. */
    readonly baseName: string | undefined;
  },
): Promise<void> {
  const paths = jobPaths(folder);
  await mkdir(folder, { recursive: true });
  await rm(paths.stop, { force: true });
  if (!(await exists(paths.job))) {
    await rm(paths.rows, { force: true });
    const rows = join(from.data, "packed.parquet");
    // A second name costs no space; a shared folder elsewhere gets a copy.
    await link(rows, paths.rows).catch(() => cp(rows, paths.rows));
    await writeInitial(paths.initial, from);
  }
  const files = jobFiles(plan);
  await writeFileAtomic(paths.arguments, files["arguments.json"]);
  await writeFileAtomic(paths.job, files["job.json"]);
}

/** What the run starts from where that is not just the base: the same first weights as our own engine's. */
async function writeInitial(
  folder: string,
  {
    recipe,
    data,
    config,
    baseName,
  }: {
    readonly recipe: Recipe;
    readonly data: string;
    readonly config: ModelConfig;
    readonly baseName: string | undefined;
  },
): Promise<void> {
  const { lora, seed } = recipe;
  if (baseName !== undefined && lora === undefined) return;
  const weights: WeightMap =
    lora === undefined
      ? initializeWeights(config, seed)
      : lora.from === undefined
        ? initializeAdapters(config, lora, seed)
        : await readAdapters(config, lora, lora.from);
  const format =
    lora === undefined
      ? modelFormat(config)
      : adapterFormat(baseName ?? "", { ...lora, targets: targetNames(config, lora) });
  await writeCheckpoint(folder, {
    format,
    state: freshState(weights),
    tokenizerFolder: join(data, "tokenizer"),
  });
}

/** Adds what bench, export and a reader look for to the weights that PyTorch left: tokenizer, log, the adapter's own configuration. */
export async function completeResult(
  folder: string,
  data: string,
  trainer: { readonly state: unknown; readonly adapter: boolean },
): Promise<void> {
  const { result, initial } = jobPaths(folder);
  await cp(join(data, "tokenizer"), result, {
    recursive: true,
    filter: (path) => !path.endsWith("manifest.json"),
  });
  // PEFT writes keys that other releases of it refuse, and a README to be filled in.
  if (trainer.adapter) await cp(join(initial, "adapter_config.json"), join(result, "adapter_config.json"));
  for (const name of ["README.md", "training_args.bin"]) await rm(join(result, name), { force: true });
  await writeJson(join(result, "trainer_state.json"), trainer.state);
  const opened = trainer.adapter ? undefined : await openCheckpoint(result);
  await opened?.close();
}

/** Removes what a finished run needs no more; what was asked and what was said stays, and the base of an adapter. */
export async function clearJobFolder(
  folder: string,
  { keepCheckpoints, adapter }: { readonly keepCheckpoints: boolean; readonly adapter: boolean },
): Promise<void> {
  const { rows, initial, result, checkpoints } = jobPaths(folder);
  if (!adapter) await removeBase(join(folder, RENAMED_BASE));
  for (const path of [rows, initial, result, ...(keepCheckpoints ? [] : [checkpoints])])
    await rm(path, { recursive: true, force: true });
}
