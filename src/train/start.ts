// Where a run begins: at its latest checkpoint, or at the weights or adapters that its recipe starts from.
import { join } from "node:path";
import { hashFile, hashValue, UserError } from "../core/index.ts";
import {
  type Checkpoint,
  initializeWeights,
  type ModelConfig,
  openCheckpoint,
  parameterShapes,
} from "../model/index.ts";
import { type LoadedTokenizer, loadTokenizer } from "../tokenizer/index.ts";
import { baseName } from "./base.ts";
import {
  type LogEntry,
  listCheckpoints,
  readBaseSettings,
  readTrainerState,
  readTrainingState,
  refuseForeignFiles,
  refuseForeignRun,
  refuseOtherDevice,
  type TrainDevice,
} from "./checkpoint.ts";
import { initializeAdapters, loraTraining, readAdapters } from "./lora.ts";
import { fullTraining, type Method } from "./method.ts";
import { shapeModel } from "./model-shape.ts";
import type { Recipe } from "./recipe.ts";
import { freshState, type TrainingState, type WeightMap } from "./training-step.ts";

/** A run before its next step. */
export interface Start {
  readonly method: Method;
  readonly state: TrainingState;
  readonly log: LogEntry[];
  /** Steps done. */
  readonly step: number;
}

/** Reads the latest checkpoint in `out` of the run that `key` identifies, or makes the state before its first step. */
export async function startOrResume(
  {
    recipe,
    data,
    out,
    device = "cpu",
    base: baseFolder,
  }: {
    readonly recipe: Recipe;
    readonly data: string;
    readonly out: string;
    readonly device?: TrainDevice | undefined;
    /** Folder of the recipe's base, if it has one. */
    readonly base: string | undefined;
  },
  length: number,
  key: string,
): Promise<Start> {
  const tokenizer = await loadTokenizer(join(data, "tokenizer"));
  const given = {
    vocabularySize: tokenizer.vocabularySize,
    contextLength: length,
    eosId: tokenizer.eosId,
    bosId: tokenizer.bosId,
  };
  const base = baseFolder === undefined ? undefined : await openCheckpoint(baseFolder);
  try {
    const config = base?.config ?? shapeModel(recipe.model!, given);
    await refuseUnfitRows(config, baseFolder, tokenizer, { data, length });
    const method =
      base !== undefined && recipe.lora !== undefined
        ? await loraTraining(base, baseName(recipe.base!), recipe.lora)
        : fullTraining(config, base && (await readBaseSettings(base.folder)));
    const [latest] = await listCheckpoints(out);
    if (latest !== undefined) {
      // First: a foreign run may have weights of another kind.
      const trainer = await readTrainerState(latest.folder);
      if (trainer.run_key !== key) refuseForeignRun(out);
      refuseOtherDevice(out, trainer, device);
      const state = await readTrainingState(latest.folder, method.checkpoint);
      return { method, state, log: [...trainer.log_history], step: latest.step };
    }
    await refuseForeignFiles(out, key);
    return { method, state: freshState(await firstWeights(recipe, method, base)), log: [], step: 0 };
  } finally {
    await base?.close();
  }
}

/**
 * `UserError` where rows and model do not belong together. `base` is a folder with the model's tokenizer; one that is not on this machine
 * is not asked.
 */
export async function refuseUnfitRows(
  config: ModelConfig,
  base: string | undefined,
  tokenizer: LoadedTokenizer,
  { data, length }: { readonly data: string; readonly length: number },
): Promise<void> {
  if (config.vocabularySize < tokenizer.vocabularySize) {
    throw new UserError(
      "vocabulary-mismatch",
      `the data's tokenizer has ${tokenizer.vocabularySize} tokens, the model ${config.vocabularySize}`,
      { file: data, remedy: "Pack the corpus with the model's own tokenizer." },
    );
  }
  if (base !== undefined) await refuseOtherTokenizer(base, tokenizer, data);
  if (length > config.contextLength) {
    throw new UserError(
      "context-too-short",
      `its rows have ${length} positions, the model is made for ${config.contextLength}`,
      { file: data, remedy: `Pack the corpus with --length ${config.contextLength} or less.` },
    );
  }
}

/**
 * Ids of another vocabulary would train without a complaint, and to no use. Compared by what ids stand for: one vocabulary comes
 * in several kinds of file. A base without a tokenizer that we read cannot be asked.
 */
async function refuseOtherTokenizer(base: string, tokenizer: LoadedTokenizer, data: string): Promise<void> {
  let own: LoadedTokenizer;
  try {
    own = await loadTokenizer(base);
  } catch (error) {
    if (error instanceof UserError && error.code === "unsupported-tokenizer") return;
    throw error;
  }
  const text = (t: LoadedTokenizer, id: number): string => Buffer.from(t.bytes(id)).toString("latin1");
  for (let id = 0; id < Math.min(own.vocabularySize, tokenizer.vocabularySize); id++) {
    if (own.isSpecial(id) || tokenizer.isSpecial(id)) continue;
    const [theirs, ours] = [text(own, id), text(tokenizer, id)];
    if (theirs === ours) continue;
    throw new UserError(
      "vocabulary-mismatch",
      `its tokenizer is not the model's: token ${id} is ${JSON.stringify(ours)}, in ${base} ${JSON.stringify(theirs)}`,
      { file: data, remedy: "Pack the corpus with the model's own tokenizer." },
    );
  }
}

async function firstWeights(
  recipe: Recipe,
  { config }: Method,
  base: Checkpoint | undefined,
): Promise<WeightMap> {
  if (recipe.lora?.from !== undefined) return readAdapters(config, recipe.lora, recipe.lora.from);
  if (recipe.lora !== undefined) return initializeAdapters(config, recipe.lora, recipe.seed);
  if (base === undefined) return initializeWeights(config, recipe.seed);
  const weights: WeightMap = new Map();
  for (const { name, shape } of parameterShapes(config))
    weights.set(name, { shape, data: await base.read(name) });
  return weights;
}

/** Hash over the files of a base checkpoint: one that was trained on in place is another base. */
export async function hashCheckpoint(folder: string): Promise<string> {
  const checkpoint = await openCheckpoint(folder);
  await checkpoint.close();
  const files = [...new Set([...checkpoint.tensors.keys()].map(checkpoint.fileOf))].sort();
  return hashValue([checkpoint.config, await Promise.all(files.map(hashFile))]);
}
