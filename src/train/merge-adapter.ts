// An adapter merged into its base: W + s B A, a checkpoint like any other.
import { join } from "node:path";
import {
  createAtomicFolder,
  exists,
  hashFile,
  MANIFEST_FILE,
  matchingManifest,
  type ProgressFactory,
  readJson,
  silentProgress,
  UserError,
  writeManifest,
} from "../core/index.ts";
import { type Checkpoint, openCheckpoint, openSafetensors, type Safetensors } from "../model/index.ts";
import { ADAPTER_FILE, readAdapterConfig } from "./adapter-format.ts";
import { eachProduct, pairAdapters } from "./adapter-product.ts";
import { createCorrections } from "./merge-corrections.ts";
import { rewriteWeights } from "./rewrite-weights.ts";
import { hashCheckpoint } from "./start.ts";

/** How to merge. */
export interface MergeOptions {
  /** The checkpoint folder to write. */
  readonly out: string;
  /** The base checkpoint; default: the one that the adapter names. */
  readonly base?: string;
  /** Write beside the weights what `unmergeAdapter` needs to give the base back exactly. Default false. */
  readonly reversible?: boolean;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** What was merged. */
export interface MergeResult {
  readonly checkpoint: string;
  readonly base: string;
  /** Matrices that an adapter was added to. */
  readonly merged: number;
  readonly tensors: number;
}

/** Name of the stage in manifests. */
export const STAGE = "export merge";

/**
 * Adds a LoRA adapter in PEFT layout to its base and writes a checkpoint of float32 weights, every other tensor as it was.
 * `UserError` when adapter and base do not belong together, or the adapter is more than plain LoRA.
 */
export async function mergeAdapter(folder: string, options: MergeOptions): Promise<MergeResult> {
  const { out, reversible = false, progress = silentProgress, signal } = options;
  const config = await readAdapterConfig(folder);
  const baseFolder = options.base ?? config.base;
  if (baseFolder === undefined) {
    throw new UserError("bad-adapter", "does not say what its base is", {
      file: folder,
      at: "base_model_name_or_path",
      remedy: "Name the base's folder with --base.",
    });
  }
  const adapter = await openSafetensors(join(folder, ADAPTER_FILE));
  const base = await openBase(baseFolder, options.base === undefined ? folder : undefined, adapter);
  try {
    const pairs = pairAdapters(adapter, base, config);
    const inputs = {
      adapter: await hashFile(adapter.path),
      scale: config.scale,
      base: await hashCheckpoint(baseFolder),
      ...(reversible ? { reversible } : {}),
    };
    if (options.base === undefined) await refuseChangedBase(folder, inputs.base);
    const result = {
      checkpoint: out,
      base: baseFolder,
      merged: pairs.size,
      tensors: base.tensors.size,
    };
    if ((await matchingManifest(out, STAGE, inputs)) !== undefined) return result;
    const target = await createAtomicFolder(out);
    const corrections = reversible ? await createCorrections(target.path) : undefined;
    try {
      await rewriteWeights(
        base,
        target.path,
        { from: baseFolder, bar: "merge", progress, signal },
        async (name, weight) => {
          const pair = pairs.get(name);
          if (pair === undefined) return;
          const noted = corrections?.begin(name, weight);
          // Every element is summed in float64 and rounded to float32 once.
          await eachProduct(weight, adapter, pair, config, (value, product, place) => {
            noted?.note(value, product, place);
            return value + product;
          });
          await noted?.end();
        },
      );
      await corrections?.commit();
      await writeManifest(target.path, STAGE, inputs, result);
      await target.commit();
    } catch (error) {
      await corrections?.abort();
      await target.abort();
      throw error;
    }
    return result;
  } finally {
    await base.close();
    await adapter.close();
  }
}

async function openBase(
  folder: string,
  namedBy: string | undefined,
  adapter: Safetensors,
): Promise<Checkpoint> {
  try {
    return await openCheckpoint(folder);
  } catch (error) {
    await adapter.close();
    if (namedBy === undefined || !(error instanceof UserError) || error.code !== "file-not-found")
      throw error;
    throw new UserError("file-not-found", `its base ${folder} is not there`, {
      file: namedBy,
      at: "base_model_name_or_path",
      remedy: "Name the base's folder with --base.",
      cause: error,
    });
  }
}

/** Our own runs record what their base was; one that was trained on since would be merged silently wrong. */
async function refuseChangedBase(folder: string, hash: string): Promise<void> {
  const path = join(folder, MANIFEST_FILE);
  if (!(await exists(path))) return;
  const manifest = (await readJson(path)) as { inputs?: { base?: unknown } } | null;
  const expected = manifest?.inputs?.base;
  if (typeof expected === "string" && expected !== hash) {
    throw new UserError("bad-adapter", "its base has changed since it was trained", {
      file: folder,
      remedy: "Name the right base with --base.",
    });
  }
}
