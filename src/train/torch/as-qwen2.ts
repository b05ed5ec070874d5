// The first Qwen under the names of qwen2. Both compute the same up to the first one's `seq_length` (its scaling and log-n attention begin
// beyond it), but transformers only knows the second: one matrix becomes three, the others get new names, every value stays.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  createAtomicFile,
  createAtomicFolder,
  MANIFEST_FILE,
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  UserError,
  writeJson,
  writeManifest,
} from "../../core/index.ts";
import {
  type Checkpoint,
  elementsOf,
  encodeSafetensorsHeader,
  type ModelConfig,
  openCheckpoint,
  type ParameterShape,
  parameterShapes,
  toHuggingFaceConfig,
  type WeightRole,
  weightName,
} from "../../model/index.ts";

/** Most bytes of one file. */
const SHARD_BYTES = 5e9;
const PIECE_ELEMENTS = 1 << 22;
const STAGE = "train torch base";
const DTYPES: Readonly<Record<string, { readonly bytes: number; readonly name: string }>> = {
  F32: { bytes: 4, name: "float32" },
  F16: { bytes: 2, name: "float16" },
  BF16: { bytes: 2, name: "bfloat16" },
};

/** The configuration of the same model as a qwen2; others stay as they are. */
export function asQwen2(config: ModelConfig): ModelConfig {
  return config.architecture === "qwen" ? { ...config, architecture: "qwen2" } : config;
}

/** Where the values of a qwen2's weight lie in the first Qwen's checkpoint. */
interface Source {
  readonly name: string;
  readonly from: number;
}

/** Writes the qwen checkpoint in `folder` as a qwen2 to `out`, types as stored; done at once when it is there. */
export async function writeAsQwen2(
  folder: string,
  out: string,
  key: string,
  {
    progress = silentProgress,
    signal,
  }: { readonly progress?: ProgressFactory | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  if ((await matchingManifest(out, STAGE, key)) !== undefined) return;
  const base = await openCheckpoint(folder);
  try {
    const config = asQwen2(base.config);
    const shards = cutShards(config, base);
    const files = shards.map((_, i) => `model-${count(i + 1)}-of-${count(shards.length)}.safetensors`);
    const total = shards.flat().reduce((sum, tensor) => sum + tensor.bytes, 0);
    const bar = progress("base as qwen2", Math.ceil(total / 2 ** 20), "MiB");
    const target = await createAtomicFolder(out);
    try {
      let done = 0;
      for (const [i, shard] of shards.entries()) {
        const file = await createAtomicFile(join(target.path, files[i]!));
        await file.write(encodeSafetensorsHeader(shard));
        for (const tensor of shard) {
          const { name, from } = sourceOf(tensor, base.config);
          const length = elementsOf(tensor);
          for (let at = 0; at < length; at += PIECE_ELEMENTS) {
            signal?.throwIfAborted();
            const bytes = await base.readRaw(name, from + at, Math.min(PIECE_ELEMENTS, length - at));
            await file.write(bytes);
            done += bytes.length;
            bar.update(Math.floor(done / 2 ** 20));
          }
        }
        await file.commit();
      }
      const weightMap = shards.flatMap((shard, i) => shard.map(({ name }) => [name, files[i]!]));
      await writeJson(join(target.path, "model.safetensors.index.json"), {
        metadata: { total_size: total },
        weight_map: Object.fromEntries(weightMap),
      });
      const largest = shards.flat().reduce((a, b) => (b.bytes > a.bytes ? b : a));
      await writeJson(join(target.path, "config.json"), {
        ...toHuggingFaceConfig(config),
        torch_dtype: DTYPES[largest.dtype]!.name,
      });
      await (await openCheckpoint(target.path)).close();
      await writeManifest(target.path, STAGE, key, { from: folder });
      bar.finish();
      await target.commit();
    } catch (error) {
      await target.abort();
      throw error;
    }
  } finally {
    await base.close();
  }
}

/** Removes what `writeAsQwen2` wrote. */
export async function removeBase(out: string): Promise<void> {
  // First what makes it count.
  await rm(join(out, MANIFEST_FILE), { force: true });
  await rm(out, { recursive: true, force: true });
}

type Planned = ParameterShape & { readonly dtype: string; readonly bytes: number };

function cutShards(config: ModelConfig, base: Checkpoint): Planned[][] {
  const shards: Planned[][] = [[]];
  let filled = 0;
  for (const parameter of parameterShapes(config)) {
    const source = sourceOf(parameter, base.config).name;
    const { dtype } = base.tensors.get(source)!;
    const type = DTYPES[dtype];
    if (type === undefined)
      throw new UserError("bad-checkpoint", `is stored as ${dtype}, expected F32, F16 or BF16`, {
        file: base.folder,
        at: source,
      });
    const bytes = elementsOf(parameter) * type.bytes;
    if (filled > 0 && filled + bytes > SHARD_BYTES) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push({ ...parameter, dtype, bytes });
    filled += bytes;
  }
  // The widest types first, as the format's readers expect.
  const width = ({ dtype }: Planned): number => DTYPES[dtype]!.bytes;
  return shards.map((shard) => shard.sort((a, b) => width(b) - width(a)));
}

/** Query, key and value are the thirds of one matrix, row after row; all others have a weight of their own. */
function sourceOf({ role, layer, kind, shape }: ParameterShape, config: ModelConfig): Source {
  const third = (["query", "key", "value"] satisfies WeightRole[] as WeightRole[]).indexOf(role);
  const name = weightName(config.architecture, third < 0 ? role : "query-key-value", layer, kind);
  return { name, from: Math.max(0, third) * elementsOf({ shape }) };
}

function count(value: number): string {
  return String(value).padStart(5, "0");
}
