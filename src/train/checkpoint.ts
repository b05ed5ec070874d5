// Checkpoints in Hugging Face layout: a folder that appears whole or not at all, with the optimizer's state so that a resumed
// run equals an uninterrupted one bit for bit.
import { cp, link, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  asFileError,
  exists,
  MANIFEST_FILE,
  readJson,
  UserError,
  writeFileAtomic,
  writeJson,
} from "../core/index.ts";
import {
  asFloat32,
  configText,
  type ModelConfig,
  openSafetensors,
  toHuggingFaceConfig,
  writeSafetensors,
} from "../model/index.ts";
import { RUN_LOG, runLogKey } from "./run-log.ts";
import type { TrainingState, WeightMap } from "./training-step.ts";

/** One line of the loss log, as in Hugging Face's `trainer_state.json`. */
export interface LogEntry {
  readonly step: number;
  readonly loss: number;
  readonly learning_rate: number;
  readonly grad_norm: number;
  readonly tokens: number;
}

/** What computes a run's steps. */
export const TRAIN_DEVICES = ["cpu", "webgpu", "cuda"] as const;
/** One of them. */
export type TrainDevice = (typeof TRAIN_DEVICES)[number];

/** What `trainer_state.json` holds. */
export interface TrainerState {
  readonly global_step: number;
  readonly max_steps: number;
  readonly log_history: readonly LogEntry[];
  /** Hash of recipe and data: a run is resumed only by the same ones. */
  readonly run_key: string;
  /** Where its steps were computed; absent: on the CPU. */
  readonly device?: Exclude<TrainDevice, "cpu">;
}

const STATE_FILE = "trainer_state.json";
/** What a run leaves before its first checkpoint. */
const SHOWN_FILES = [RUN_LOG, "train.html", "tensorboard", "evaluations", "best"];
const GENERATION_FILE = "generation_config.json";
const OPTIMIZER_FILE = "optimizer.safetensors";

/** The files of a checkpoint that say what it is, beside the optimizer's, the log's and the tokenizer's. */
export interface CheckpointFormat {
  /** Name of the safetensors file of what is trained. */
  readonly weightFile: string;
  /** JSON files by name. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What a base's own files say of it, beyond what is computed with. */
export interface BaseSettings {
  /** Its `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Its `generation_config.json`, if it has one. */
  readonly generation: unknown;
}

/** Reads the settings of a base checkpoint. */
export async function readBaseSettings(folder: string): Promise<BaseSettings> {
  const generation = join(folder, GENERATION_FILE);
  return {
    config: (await readJson(join(folder, "config.json"))) as Record<string, unknown>,
    generation: (await exists(generation)) ? await readJson(generation) : undefined,
  };
}

/** A whole model in Hugging Face layout; one that was trained on keeps its base's settings, such as several end tokens. */
export function modelFormat(config: ModelConfig, base?: BaseSettings): CheckpointFormat {
  return {
    weightFile: "model.safetensors",
    json: {
      "config.json": base === undefined ? toHuggingFaceConfig(config) : asFloat32(base.config),
      [GENERATION_FILE]: base?.generation ?? {
        ...(config.bosId === undefined ? {} : { bos_token_id: config.bosId }),
        ...(config.eosId === undefined ? {} : { eos_token_id: config.eosId }),
        do_sample: false,
      },
    },
  };
}

/** The name of a folder while it is made, or from when it is to go: what a killed run leaves under it is nobody's. */
export function unfinished(folder: string): string {
  return `${folder}.part`;
}

/** Writes a checkpoint folder; whatever was there is replaced only when the new one is complete. */
export async function writeCheckpoint(
  folder: string,
  content: {
    format: CheckpointFormat;
    state: TrainingState;
    /** Absent: without this and the optimizer's state, which only a resumed run needs. */
    trainer?: TrainerState;
    tokenizerFolder: string;
  },
): Promise<void> {
  const part = unfinished(folder);
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  const { format, state, trainer } = content;
  await cp(content.tokenizerFolder, part, {
    recursive: true,
    filter: (path) => !path.endsWith("manifest.json"),
  });
  for (const [name, value] of Object.entries(format.json))
    await writeFileAtomic(join(part, name), configText(value));
  await writeSafetensors(join(part, format.weightFile), toTensors(state.weights, ""));
  if (trainer !== undefined) {
    await writeSafetensors(join(part, OPTIMIZER_FILE), [
      ...toTensors(state.firstMoments, "first_moment."),
      ...toTensors(state.secondMoments, "second_moment."),
    ]);
    await writeJson(join(part, STATE_FILE), trainer);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(part, folder);
}

function toTensors(values: WeightMap, prefix: string) {
  return [...values].map(([name, { shape, data }]) => ({ name: prefix + name, shape, data }));
}

/** Reads weights and moments of a checkpoint that `writeCheckpoint` wrote in this format. */
export async function readTrainingState(
  folder: string,
  { weightFile }: Pick<CheckpointFormat, "weightFile">,
): Promise<TrainingState> {
  return {
    weights: await readWeights(join(folder, weightFile), ""),
    firstMoments: await readWeights(join(folder, OPTIMIZER_FILE), "first_moment."),
    secondMoments: await readWeights(join(folder, OPTIMIZER_FILE), "second_moment."),
  };
}

/** Reads the log of a checkpoint. */
export async function readTrainerState(folder: string): Promise<TrainerState> {
  return (await readJson(join(folder, STATE_FILE))) as TrainerState;
}

async function readWeights(path: string, prefix: string): Promise<WeightMap> {
  const file = await openSafetensors(path);
  const values: WeightMap = new Map();
  try {
    for (const [name, { shape }] of file.tensors) {
      if (name.startsWith(prefix))
        values.set(name.slice(prefix.length), { shape, data: await file.read(name) });
    }
  } finally {
    await file.close();
  }
  return values;
}

/** Folders `checkpoint-N` inside a run's folder, the latest first. */
export async function listCheckpoints(out: string): Promise<{ folder: string; step: number }[]> {
  return (await listFolder(out))
    .flatMap((name) => {
      const step = /^checkpoint-(\d+)$/u.exec(name)?.[1];
      return step === undefined ? [] : [{ folder: join(out, name), step: Number(step) }];
    })
    .sort((a, b) => b.step - a.step);
}

/** Removes all but the `keep` newest of the run's checkpoints, and what killed runs left of others. */
export async function removeCheckpoints(out: string, keep: number): Promise<void> {
  for (const { folder } of (await listCheckpoints(out)).slice(keep)) {
    // By another name first: a checkpoint is whole as long as it is called one.
    await rm(unfinished(folder), { recursive: true, force: true });
    await rename(folder, unfinished(folder));
  }
  for (const name of await listFolder(out)) {
    if (isUnfinished(name)) await rm(join(out, name), { recursive: true, force: true });
  }
}

/** Puts a checkpoint's files into the run's folder as well, where `export`, `bench` and `serve` look for them. */
export async function publishCheckpoint(folder: string, out: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [from, to] = [join(folder, name), join(out, name)];
    await rm(to, { recursive: true, force: true });
    // A second name costs no space; not every file system has them.
    await link(from, to).catch(() => cp(from, to, { recursive: true }));
  }
}

/** `UserError` when `out` holds a run of another recipe or other data. */
export function refuseForeignRun(out: string): never {
  throw new UserError("run-exists", "holds a run of another recipe or other data", {
    file: out,
    remedy: "Choose another --out, or delete the folder.",
  });
}

/** `UserError` when the run in `out` was computed on another device: it would be neither the one's nor the other's. */
export function refuseOtherDevice(out: string, trainer: TrainerState, asked: TrainDevice): void {
  const device: TrainDevice = trainer.device ?? "cpu";
  if (device === asked) return;
  throw new UserError("other-device", `holds a run with --device ${device}, found --device ${asked}`, {
    file: out,
    remedy: `Go on with --device ${device}, or choose another --out.`,
  });
}

/** `UserError` when `out`, in which no checkpoint to go on from was found, holds anything that the run would overwrite or join. */
export async function refuseForeignFiles(out: string, key: string): Promise<void> {
  const logged = await runLogKey(out);
  if (logged !== undefined && logged !== key) refuseForeignRun(out);
  const all = await listFolder(out);
  const shown = (name: string): boolean =>
    all.includes(RUN_LOG) && SHOWN_FILES.some((file) => name === file || name.startsWith(`${file}.`));
  const names = all.filter((name) => !isUnfinished(name) && !shown(name));
  if (names.includes(STATE_FILE) || names.includes(MANIFEST_FILE)) refuseForeignRun(out);
  if (names.length > 0) {
    throw new UserError("folder-not-empty", `already holds ${names[0]}, which is no part of a run`, {
      file: out,
      remedy: "Choose another --out.",
    });
  }
}

function isUnfinished(name: string): boolean {
  return /^checkpoint-\d+\.part$/u.test(name);
}

async function listFolder(path: string): Promise<string[]> {
  if (!(await exists(path))) return [];
  try {
    return await readdir(path);
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** Loss after each step of the run that made the checkpoint. */
export async function readLosses(folder: string): Promise<number[]> {
  return (await readTrainerState(folder)).log_history.map((entry) => entry.loss);
}
