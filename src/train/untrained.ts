// A model as it is before its first step: what the trained one is compared with, and the anti-expert of a proxy trio.
import { hashValue, matchingManifest, writeManifest } from "../core/index.ts";
import { initializeWeights } from "../model/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { modelFormat, writeCheckpoint } from "./checkpoint.ts";
import { shapeModel } from "./model-shape.ts";
import type { Recipe } from "./recipe.ts";
import { freshState } from "./training-step.ts";

const STAGE = "train untrained";

/**
 * Writes the checkpoint that `train` with this recipe starts from, for rows of `length` tokens; done at once when it is there.
 * The recipe must have a `model` part: a base model is its own untrained checkpoint.
 */
export async function writeUntrained(options: {
  readonly recipe: Recipe & { readonly model: NonNullable<Recipe["model"]> };
  readonly tokenizerFolder: string;
  readonly length: number;
  readonly out: string;
}): Promise<void> {
  const { recipe, tokenizerFolder, length, out } = options;
  const tokenizer = await loadTokenizer(tokenizerFolder);
  const inputs = {
    model: recipe.model,
    seed: recipe.seed,
    length,
    tokenizer: hashValue(tokenizer.identity),
  };
  if ((await matchingManifest(out, STAGE, inputs)) !== undefined) return;
  const config = shapeModel(recipe.model, {
    vocabularySize: tokenizer.vocabularySize,
    contextLength: length,
    eosId: tokenizer.eosId,
    bosId: tokenizer.bosId,
  });
  const state = freshState(initializeWeights(config, recipe.seed));
  const trainer = { global_step: 0, max_steps: 0, log_history: [], run_key: hashValue(inputs) };
  await writeCheckpoint(out, { format: modelFormat(config), state, trainer, tokenizerFolder });
  await writeManifest(out, STAGE, inputs, {});
}
