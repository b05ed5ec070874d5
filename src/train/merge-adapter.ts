// An adapter merged into its base: W + s B A, a checkpoint like any other.
import { copyFile, readdir } from "node:fs/promises";
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
  writeJson,
  writeManifest,
} from "../core/index.ts";
import {
  type Checkpoint,
  isCompanionFile,
  openCheckpoint,
  openSafetensors,
  type Safetensors,
  writeSafetensors,
} from "../model/index.ts";
import { ADAPTER_FILE, ADAPTER_PREFIX, type AdapterConfig, readAdapterConfig } from "./adapter-format.ts";
import { hashCheckpoint } from "./start.ts";

/** How to merge. */
export interface MergeOptions {
  /** The checkpoint folder to write. */
  readonly out: string;
  /** The base checkpoint; default: the one that the adapter names. */
  readonly base?: string;
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

const STAGE = "export merge";

/**
 * Adds a LoRA adapter in PEFT layout to its base and writes a checkpoint of float32 weights, every other tensor as it was.
 * `UserError` when adapter and base do not belong together, or the adapter is more than plain LoRA.
 */
export async function mergeAdapter(folder: string, options: MergeOptions): Promise<MergeResult> {
  const { out, progress = silentProgress, signal } = options;
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
    const bar = progress("merge", base.tensors.size, "tensors");
    let done = 0;
    try {
      await copyCompanions(baseFolder, target.path);
      const tensors = [...base.tensors].map(([name, { shape }]) => ({
        name,
        shape,
        async data() {
          signal?.throwIfAborted();
          const weight = await base.read(name);
          const pair = pairs.get(name);
          if (pair !== undefined)
            addProduct(weight, await adapter.read(pair.a), await adapter.read(pair.b), config);
          bar.update(++done);
          return weight;
        },
      }));
      await writeSafetensors(join(target.path, "model.safetensors"), tensors);
      bar.finish();
      await writeManifest(target.path, STAGE, inputs, result);
      await target.commit();
    } catch (error) {
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

/** A and B of every base weight that has them; everything in the adapter must be one of them and fit. */
function pairAdapters(
  adapter: Safetensors,
  base: Checkpoint,
  { rank }: AdapterConfig,
): Map<string, { a: string; b: string }> {
  const refuse = (at: string, message: string): never => {
    throw new UserError("bad-adapter", message, {
      file: adapter.path,
      at,
      remedy: "The adapter must be plain LoRA, made for this base.",
    });
  };
  const pairs = new Map<string, { a: string; b: string }>();
  for (const name of adapter.tensors.keys()) {
    const [, module] = /^(.*)\.lora_[AB]\.weight$/u.exec(name) ?? [];
    if (module === undefined || !module.startsWith(ADAPTER_PREFIX)) refuse(name, "is no A or B of LoRA");
    const weight = `${module!.slice(ADAPTER_PREFIX.length)}.weight`;
    pairs.set(weight, { a: `${module}.lora_A.weight`, b: `${module}.lora_B.weight` });
  }
  if (pairs.size === 0) refuse(ADAPTER_FILE, "holds no adapter");
  for (const [weight, { a, b }] of pairs) {
    const [out, width, ...more] = base.tensors.get(weight)?.shape ?? refuse(a, `the base has no ${weight}`);
    if (width === undefined || more.length > 0) refuse(a, `${weight} of the base is no matrix`);
    for (const [name, shape] of [
      [a, [rank, width]],
      [b, [out, rank]],
    ] as const) {
      const found = adapter.tensors.get(name)?.shape ?? refuse(name, "is missing");
      if (found.join() !== shape.join())
        refuse(name, `has shape [${found}], r and the base ask for [${shape}]`);
    }
  }
  return pairs;
}

/** weight += scale * b a: every element is summed in float64 and rounded to float32 once. */
function addProduct(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  { rank, scale }: AdapterConfig,
): void {
  const width = a.length / rank;
  const row = new Float64Array(width);
  for (let out = 0; out < b.length / rank; out++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = b[out * rank + r]!;
      for (let i = 0; i < width; i++) row[i]! += factor * a[r * width + i]!;
    }
    for (let i = 0; i < width; i++) weight[out * width + i] = weight[out * width + i]! + scale * row[i]!;
  }
}

async function copyCompanions(from: string, to: string): Promise<void> {
  for (const name of await readdir(from))
    if (isCompanionFile(name)) await copyFile(join(from, name), join(to, name));
  const { dtype, ...config } = (await readJson(join(from, "config.json"))) as Record<string, unknown>;
  // Releases of transformers differ in the key's name; what they find must be the weights' own type.
  await writeJson(join(to, "config.json"), {
    ...config,
    ...(dtype === undefined ? {} : { dtype: "float32" }),
    torch_dtype: "float32",
  });
}
