// A checkpoint as the hub and transformers want it: weights in shards with an index, configuration, tokenizer, chat template.
// The folder appears whole or not at all, and is opened again before it does.
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  createAtomicFile,
  createAtomicFolder,
  type ProgressFactory,
  readJson,
  silentProgress,
  UserError,
  writeFileAtomic,
  writeJson,
  writeManifest,
} from "../core/index.ts";
import {
  type Checkpoint,
  configText,
  elementsOf,
  encodeSafetensorsHeader,
  isCompanionFile,
  openCheckpoint,
  parameterShapes,
} from "../model/index.ts";
import { ENCODED_TYPES, encodePiece, PIECE_ELEMENTS, type Piece, writePieces } from "./encode-tensor.ts";
import { readTraining } from "./training-record.ts";

/** How to write. */
export interface HfOptions {
  /** The folder to write. */
  readonly out: string;
  /** `f32`, `f16` or `bf16`. Default: as the checkpoint stores each weight. */
  readonly type?: string;
  /** Most bytes of one file of weights. Default 5 GB, the hub's advice. */
  readonly shardBytes?: number;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** What was written. */
export interface HfResult {
  readonly out: string;
  readonly bytes: number;
  readonly files: readonly string[];
  readonly tensors: number;
}

const DEFAULT_SHARD_BYTES = 5e9;
const TYPES = ["F32", "F16", "BF16"] as const;
type StoredType = (typeof TYPES)[number];

interface Planned {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StoredType;
  readonly bytes: number;
}

/** Writes the checkpoint in `folder` for the hub. `UserError` when something a reader needs is missing. */
export async function exportHf(folder: string, options: HfOptions): Promise<HfResult> {
  const { out, progress = silentProgress, signal } = options;
  const type = readType(options.type);
  const checkpoint = await openCheckpoint(folder);
  try {
    const companions = (await readdir(folder)).filter(isCompanionFile);
    if (!companions.some((name) => /^tokenizer\.(json|model)$|^vocab\.json$|\.tiktoken$/u.test(name))) {
      throw new UserError("no-tokenizer", "holds no tokenizer: the model could not read text", {
        file: folder,
        remedy: "Put the model's tokenizer files in the folder.",
      });
    }
    const shards = planShards(checkpoint, type, options.shardBytes ?? DEFAULT_SHARD_BYTES);
    const files = shards.map((_, i) => shardName(i, shards.length));
    const bytes = shards.flat().reduce((sum, tensor) => sum + tensor.bytes, 0);
    const tensors = shards.flat().length;
    const target = await createAtomicFolder(out);
    const bar = progress("write", Math.ceil(bytes / 2 ** 20), "MiB");
    try {
      let done = 0;
      const onBytes = (count: number): void => {
        signal?.throwIfAborted();
        done += count;
        bar.update(Math.floor(done / 2 ** 20));
      };
      for (const [i, shard] of shards.entries())
        await writeShard(join(target.path, files[i]!), shard, checkpoint, onBytes);
      if (shards.length > 1) {
        const weightMap = shards.flatMap((shard, i) => shard.map(({ name }) => [name, files[i]!]));
        await writeJson(join(target.path, "model.safetensors.index.json"), {
          metadata: { total_size: bytes },
          weight_map: Object.fromEntries(weightMap.sort(([a], [b]) => (a! < b! ? -1 : 1))),
        });
      }
      for (const name of companions) await copyFile(join(folder, name), join(target.path, name));
      await writeSettings(folder, target.path, checkpoint, shards.flat(), companions);
      await (await openCheckpoint(target.path)).close();
      const result = { out, bytes, files, tensors };
      const inputs = { checkpoint: folder, type: type ?? "stored", training: await readTraining(folder) };
      await writeManifest(target.path, "export hf", inputs, result);
      bar.finish();
      await target.commit();
      return result;
    } catch (error) {
      await target.abort();
      throw error;
    }
  } finally {
    await checkpoint.close();
  }
}

function readType(text: string | undefined): StoredType | undefined {
  if (text === undefined) return undefined;
  const type = TYPES.find((known) => known === text.toUpperCase());
  if (type !== undefined) return type;
  throw new UserError("unknown-type", `"${text}" is no type of checkpoint weights`, {
    remedy: "Known: f32, f16, bf16.",
  });
}

/** Weights in checkpoint order, cut into files; what the architecture has no place for is left out. */
function planShards(checkpoint: Checkpoint, type: StoredType | undefined, most: number): Planned[][] {
  const shards: Planned[][] = [[]];
  let filled = 0;
  for (const { name, shape } of parameterShapes(checkpoint.config)) {
    const stored = TYPES.find((known) => known === checkpoint.tensors.get(name)?.dtype);
    // Doubles are read as float32, so that is what can be written.
    const dtype = type ?? stored ?? "F32";
    const bytes = elementsOf({ shape }) * ENCODED_TYPES[dtype].bytes;
    if (filled > 0 && filled + bytes > most) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push({ name, shape, dtype, bytes });
    filled += bytes;
  }
  const width = ({ dtype }: Planned): number => ENCODED_TYPES[dtype].bytes;
  return shards.map((shard) => shard.sort((a, b) => width(b) - width(a) || (a.name < b.name ? -1 : 1)));
}

function shardName(index: number, count: number): string {
  const number = (value: number): string => String(value).padStart(5, "0");
  return count === 1 ? "model.safetensors" : `model-${number(index + 1)}-of-${number(count)}.safetensors`;
}

async function writeShard(
  path: string,
  shard: readonly Planned[],
  checkpoint: Checkpoint,
  onBytes: (count: number) => void,
): Promise<void> {
  const file = await createAtomicFile(path);
  try {
    await file.write(encodeSafetensorsHeader(shard));
    await writePieces(shardPieces(shard, checkpoint), async (bytes) => {
      await file.write(bytes);
      onBytes(bytes.byteLength);
    });
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** The weights of a file in order: as they are stored, or as another type. */
function* shardPieces(
  shard: readonly Planned[],
  { tensors, readRange, readRaw }: Checkpoint,
): Generator<Piece> {
  for (const { name, shape, dtype: to } of shard) {
    const from = TYPES.find((known) => known === tensors.get(name)!.dtype);
    const length = elementsOf({ shape });
    for (let start = 0; start < length; start += PIECE_ELEMENTS) {
      const count = Math.min(PIECE_ELEMENTS, length - start);
      yield async (buffers) => {
        if (from === undefined) {
          const { buffer, byteOffset, byteLength } = await readRange(name, start, count);
          return encodePiece(new Uint8Array(buffer, byteOffset, byteLength), "F32", to, buffers);
        }
        const room = buffers.take("source", count * ENCODED_TYPES[from].bytes);
        return encodePiece(await readRaw(name, start, count, room), from, to, buffers);
      };
    }
  }
}

/** config.json with the weights' own type, and a generation_config.json where there is none. */
async function writeSettings(
  from: string,
  to: string,
  { config }: Checkpoint,
  tensors: readonly Planned[],
  companions: readonly string[],
): Promise<void> {
  const largest = tensors.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const dtype = { F32: "float32", F16: "float16", BF16: "bfloat16" }[largest.dtype];
  const { dtype: newer, ...settings } = (await readJson(join(from, "config.json"))) as Record<
    string,
    unknown
  >;
  // Releases of transformers differ in the key's name.
  const typed = { ...settings, ...(newer === undefined ? {} : { dtype }), torch_dtype: dtype };
  await writeFileAtomic(join(to, "config.json"), configText(typed));
  if (companions.includes("generation_config.json")) return;
  await writeJson(join(to, "generation_config.json"), {
    ...(config.bosId === undefined ? {} : { bos_token_id: config.bosId }),
    ...(config.eosId === undefined ? {} : { eos_token_id: config.eosId }),
    do_sample: false,
  });
}
