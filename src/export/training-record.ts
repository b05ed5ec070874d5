// How a checkpoint was trained, as its manifest says; exports carry it on, so that a published model still knows.
import { join } from "node:path";
import { exists, MANIFEST_FILE, readJson } from "../core/index.ts";

/** Recipe, steps and final loss of a training run. */
export interface TrainingRecord {
  readonly recipe: unknown;
  readonly steps?: unknown;
  readonly loss?: unknown;
}

/** The record of the checkpoint in `folder`, `undefined` when its manifest has none. */
export async function readTraining(folder: string): Promise<TrainingRecord | undefined> {
  const path = join(folder, MANIFEST_FILE);
  if (!(await exists(path))) return undefined;
  const manifest = (await readJson(path)) as {
    inputs?: { recipe?: unknown; training?: TrainingRecord };
    result?: { steps?: unknown; loss?: unknown };
  } | null;
  if (manifest?.inputs?.training !== undefined) return manifest.inputs.training;
  if (manifest?.inputs?.recipe === undefined) return undefined;
  const { steps, loss } = manifest.result ?? {};
  return { recipe: manifest.inputs.recipe, steps, loss };
}
