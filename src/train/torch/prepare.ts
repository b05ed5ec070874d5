// What a run with PyTorch will be, before anything is written or started: rows, base and recipe checked against each other, and the plan.
import { join, resolve } from "node:path";
import { hashFile, hashValue, type ProgressFactory } from "../../core/index.ts";
import { parseHubSpec } from "../../hub/index.ts";
import { type ModelConfig, parameterCount, readModelConfig } from "../../model/index.ts";
import { loadTokenizer } from "../../tokenizer/index.ts";
import { ADAPTER_FILE } from "../adapter-format.ts";
import { baseName, locateBase } from "../base.ts";
import { checkRows } from "../batch.ts";
import { adapterShapes } from "../lora.ts";
import { shapeModel } from "../model-shape.ts";
import { openPackedRows, type PackedRows } from "../packed.ts";
import type { Recipe } from "../recipe.ts";
import { hashCheckpoint, refuseUnfitRows } from "../start.ts";
import { asQwen2 } from "./as-qwen2.ts";
import { planTorch, type TorchPlan } from "./job.ts";

const HUB = "hf:";
/** Where in a run's folder its job lies. */
export const JOB_FOLDER = "job";
/** Where in the job's folder a base lies that had to be written under other names. */
export const RENAMED_BASE = "base";

/** What to prepare. */
export interface PrepareOptions {
  readonly recipe: Recipe;
  /** Folder of packed rows. */
  readonly data: string;
  /** Folder of the run. */
  readonly out: string;
  /** A base of the hub is fetched by the processes themselves, wherever they run, and only its configuration here. Default false. */
  readonly remoteBase?: boolean;
  /** Check every row and hash base and rows, as a run must; else only what the plan needs is read. */
  readonly thorough: boolean;
  readonly progress?: ProgressFactory | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A run that can be started. */
export interface Prepared {
  readonly plan: TorchPlan;
  readonly config: ModelConfig;
  readonly inputs: unknown;
  readonly key: string;
  readonly length: number;
  /** How many are trained: the model's, or the adapters'. */
  readonly trainedParameters: number;
  /** What an adapter's configuration calls its base. */
  readonly baseName: string | undefined;
  /** A base that transformers does not know, and where it is to be written under names that it does. */
  readonly rename: { readonly from: string; readonly to: string } | undefined;
}

/** Checks and plans a run. `UserError` for whatever of rows, base and recipe does not fit together or cannot be honoured. */
export async function prepareTorch(options: PrepareOptions): Promise<Prepared> {
  const rows = await openPackedRows(options.data);
  try {
    return await prepareFor(rows, options);
  } finally {
    rows.close();
  }
}

async function prepareFor(rows: PackedRows, options: PrepareOptions): Promise<Prepared> {
  const { recipe, data, out, thorough } = options;
  const { base } = recipe;
  const hosted = base?.startsWith(HUB) === true;
  const known =
    base === undefined
      ? undefined
      : await readModelConfig(await locateBase(base, { ...options, configOnly: true }));
  const renamed = known?.architecture === "qwen";
  // What must be written anew has to be here.
  const remote = options.remoteBase === true && hosted && !renamed;
  const folder =
    base === undefined ? undefined : await locateBase(base, { ...options, configOnly: remote || !thorough });
  const tokenizer = await loadTokenizer(join(data, "tokenizer"));
  const { length } = rows;
  const config = asQwen2(
    known ??
      shapeModel(recipe.model!, {
        vocabularySize: tokenizer.vocabularySize,
        contextLength: length,
        eosId: tokenizer.eosId,
        bosId: tokenizer.bosId,
      }),
  );
  const whole = !remote && (thorough || !hosted);
  await refuseUnfitRows(config, whole ? folder : undefined, tokenizer, { data, length });
  const rename =
    renamed && folder !== undefined
      ? { from: folder, to: resolve(out, JOB_FOLDER, RENAMED_BASE) }
      : undefined;
  const hub = remote ? parseHubSpec(base.slice(HUB.length)) : undefined;
  const adapter = recipe.lora?.from;
  const inputs = {
    engine: "torch",
    // How often to save, and on how many machines, does not change what is computed.
    recipe: {
      ...recipe,
      checkpointEvery: undefined,
      keepCheckpoints: undefined,
      torch: { ...recipe.torch, nodes: undefined, processesPerNode: undefined, rowsPerProcess: undefined },
    },
    data: thorough ? await hashFile(join(data, "packed.parquet")) : undefined,
    base: folder === undefined ? undefined : thorough && !remote ? await hashCheckpoint(folder) : base,
    adapter: adapter === undefined || !thorough ? undefined : await hashFile(join(adapter, ADAPTER_FILE)),
  };
  const key = hashValue(inputs);
  const plan = planTorch({
    recipe,
    config,
    rows: rows.rows,
    key,
    base: rename?.to ?? hub?.id ?? (folder === undefined ? null : resolve(folder)),
    revision: hub?.revision ?? null,
  });
  const adapters = recipe.lora === undefined ? undefined : adapterShapes(config, recipe.lora);
  if (thorough) await checkRows(rows, config.vocabularySize);
  return {
    plan,
    config,
    inputs,
    key,
    length,
    trainedParameters:
      adapters?.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0) ?? parameterCount(config),
    baseName: rename?.to ?? (base === undefined ? undefined : baseName(base)),
    rename,
  };
}
