// A merged adapter taken out again: the base's weights to the bit, without the base.
import { join } from "node:path";
import {
  createAtomicFolder,
  hashFile,
  MANIFEST_FILE,
  matchingManifest,
  type ProgressFactory,
  readJson,
  silentProgress,
  UserError,
  writeManifest,
} from "../core/index.ts";
import { openCheckpoint, openSafetensors } from "../model/index.ts";
import { ADAPTER_FILE, readAdapterConfig } from "./adapter-format.ts";
import { eachProduct, pairAdapters } from "./adapter-product.ts";
import { STAGE as MERGE_STAGE } from "./merge-adapter.ts";
import { applyCorrection, hashWeight, readCorrections, withoutProduct } from "./merge-corrections.ts";
import { rewriteWeights } from "./rewrite-weights.ts";
import { hashCheckpoint } from "./start.ts";

/** How to unmerge. */
export interface UnmergeOptions {
  /** The adapter that was merged. */
  readonly adapter: string;
  /** The checkpoint folder to write. */
  readonly out: string;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** What was unmerged. */
export interface UnmergeResult {
  readonly checkpoint: string;
  /** Matrices that are as they were before the adapter was added. */
  readonly restored: number;
  /** Their values that rounding would have left different. */
  readonly corrected: number;
  readonly tensors: number;
}

const STAGE = "export unmerge";

/**
 * Takes an adapter out of a checkpoint that `mergeAdapter` wrote as `reversible`: every weight is the base's to the bit, as float32, or
 * `UserError`, as for another adapter or a checkpoint without corrections.
 */
export async function unmergeAdapter(merged: string, options: UnmergeOptions): Promise<UnmergeResult> {
  const { adapter: adapterFolder, out, progress = silentProgress, signal } = options;
  const config = await readAdapterConfig(adapterFolder);
  const checkpoint = await openCheckpoint(merged);
  const adapter = await openSafetensors(join(adapterFolder, ADAPTER_FILE)).catch(async (error: unknown) => {
    await checkpoint.close();
    throw error;
  });
  try {
    const inputs = { merged: await hashCheckpoint(merged), adapter: await hashFile(adapter.path) };
    await refuseForeignAdapter(merged, inputs.adapter, config.scale, adapterFolder);
    const corrections = await readCorrections(merged);
    if (corrections === undefined) {
      throw new UserError("not-reversible", "was merged without the corrections that undo its rounding", {
        file: merged,
        remedy: "Use its base, which merging leaves as it is, or merge again with --reversible.",
      });
    }
    const done = await matchingManifest(out, STAGE, inputs);
    if (done !== undefined) return { ...(done.result as UnmergeResult), checkpoint: out };
    const pairs = pairAdapters(adapter, checkpoint, config);
    const corrected = [...corrections.values()].reduce((sum, { places }) => sum + places.length, 0);
    const result = { checkpoint: out, restored: pairs.size, corrected, tensors: checkpoint.tensors.size };
    const target = await createAtomicFolder(out);
    try {
      await rewriteWeights(
        checkpoint,
        target.path,
        { from: merged, bar: "unmerge", progress, signal },
        async (name, weight) => {
          const pair = pairs.get(name);
          if (pair === undefined) return;
          await eachProduct(weight, adapter, pair, config, withoutProduct);
          const correction = corrections.get(name);
          if (correction !== undefined) applyCorrection(weight, correction);
          if (correction?.hash !== hashWeight(weight)) refuseChanged(merged, name);
        },
      );
      await writeManifest(target.path, STAGE, inputs, result);
      await target.commit();
    } catch (error) {
      await target.abort();
      throw error;
    }
    return result;
  } finally {
    await checkpoint.close();
    await adapter.close();
  }
}

/** The merge's own record says which adapter it was. */
async function refuseForeignAdapter(
  merged: string,
  adapter: string,
  scale: number,
  adapterFolder: string,
): Promise<void> {
  const manifest = (await readJson(join(merged, MANIFEST_FILE)).catch(() => null)) as {
    stage?: unknown;
    inputs?: { adapter?: unknown; scale?: unknown };
  } | null;
  if (manifest?.stage !== MERGE_STAGE) {
    throw new UserError("not-merged", "is no checkpoint that apollo export merge made", {
      file: merged,
      remedy: "Point at the folder that an adapter was merged into.",
    });
  }
  if (manifest.inputs?.adapter === adapter && manifest.inputs.scale === scale) return;
  throw new UserError("wrong-adapter", `another adapter than ${adapterFolder} was merged into it`, {
    file: merged,
    remedy: "Name the adapter that was merged with --adapter.",
  });
}

function refuseChanged(merged: string, name: string): never {
  throw new UserError("bad-checkpoint", "has changed since it was merged", {
    file: merged,
    at: name,
    remedy: "Use the base, or merge again with --reversible.",
  });
}
