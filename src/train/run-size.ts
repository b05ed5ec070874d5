// How large a run is, before it is begun: its rows, its steps, its parameters. Needs no weights.
import { join } from "node:path";
import { readJson, UserError } from "../core/index.ts";
import { type ModelConfig, parameterCount, readModelConfig } from "../model/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { knownBase, locateBase } from "./base.ts";
import { adapterShapes } from "./lora.ts";
import type { EvaluationShape, MemoryShape } from "./memory-estimate.ts";
import { shapeModel } from "./model-shape.ts";
import { openPackedRows } from "./packed.ts";
import type { Recipe } from "./recipe.ts";

/** What says how large a run is. */
export interface RunOptions {
  readonly recipe: Recipe;
  /** Packed rows; without them the recipe's `pack` says how many there will be. */
  readonly data?: string | undefined;
  /** Packed rows to be measured on the way (`EvaluationOptions.data`). */
  readonly heldOut?: string | undefined;
  /** Whether checkpoints sit an exam on the way. Default false. */
  readonly exam?: boolean;
}

/** How large a run is. */
export interface RunSize {
  readonly parameters: number;
  /** Of them trained, or of the adapters. */
  readonly trainedParameters: number;
  readonly rows: number;
  readonly length: number;
  readonly steps: number;
  /** Positions trained on, padding included. */
  readonly tokens: number;
}

/** Share of the positions that packing uses. */
const UTILISATION = 0.99;

/** Reads what decides a run's size and memory. `UserError` where neither rows nor recipe say how long it is. */
export async function readRunSize(options: RunOptions): Promise<{ size: RunSize; shape: MemoryShape }> {
  const { recipe } = options;
  const { rows, length } = await readRows(recipe, options.data);
  const { config, baseBytes } = await readShape(recipe, options.data, length);
  const adapterParameters = adapterCount(config, recipe);
  const parameters = parameterCount(config);
  const steps = recipe.steps ?? Math.ceil(rows / recipe.batch);
  return {
    size: {
      parameters,
      trainedParameters: recipe.lora === undefined ? parameters : adapterParameters,
      rows,
      length,
      steps,
      tokens: steps * recipe.batch * length,
    },
    shape: {
      config,
      recipe,
      length,
      adapterParameters,
      baseBytes,
      evaluation: await readEvaluation(options),
    },
  };
}

/** Parameters of a recipe's adapters; 0 where all weights are trained. */
export function adapterCount(config: ModelConfig, { lora }: Pick<Recipe, "lora">): number {
  if (lora === undefined) return 0;
  return adapterShapes(config, lora).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

async function readRows(recipe: Recipe, data: string | undefined): Promise<{ rows: number; length: number }> {
  if (data !== undefined) {
    const rows = await openPackedRows(data);
    rows.close();
    return { rows: rows.rows, length: rows.length };
  }
  const { length, expectedTokens } = recipe.pack ?? {};
  if (length === undefined || (expectedTokens === undefined && recipe.steps === undefined)) {
    throw new UserError("missing-option", "nothing says how many rows there are, and of what length", {
      remedy: "Add --data DIR, or pack.length and pack.expectedTokens to the recipe.",
    });
  }
  const rows = expectedTokens === undefined ? 0 : Math.ceil(expectedTokens / UTILISATION / length);
  return { rows, length };
}

async function readEvaluation({ heldOut, exam = false }: RunOptions): Promise<EvaluationShape> {
  if (heldOut === undefined) return { exam };
  const rows = await openPackedRows(heldOut);
  rows.close();
  return { heldOutLength: rows.length, exam };
}

async function readShape(
  recipe: Recipe,
  data: string | undefined,
  length: number,
): Promise<{ config: ModelConfig; baseBytes: number }> {
  if (recipe.base !== undefined) {
    const known = knownBase(recipe.base);
    // The published ones are in bfloat16.
    if (known !== undefined) return { config: known, baseBytes: 2 };
    const folder = await locateBase(recipe.base, { configOnly: true });
    const json = (await readJson(join(folder, "config.json"))) as Record<string, unknown>;
    const type = json.torch_dtype ?? json.dtype;
    return { config: await readModelConfig(folder), baseBytes: type === "float32" ? 4 : 2 };
  }
  if (data === undefined) {
    throw new UserError(
      "missing-option",
      "a model from scratch has as many embeddings as its tokenizer has tokens",
      {
        remedy: "Add --data DIR.",
      },
    );
  }
  const { vocabularySize, eosId, bosId } = await loadTokenizer(join(data, "tokenizer"));
  const given = { vocabularySize, eosId, bosId, contextLength: length };
  return { config: shapeModel(recipe.model!, given), baseBytes: 4 };
}
