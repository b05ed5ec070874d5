// A Hugging Face checkpoint folder: configuration and weights, in one file or in shards.
import { join } from "node:path";
import { exists, isFolder, readJson, UserError } from "../core/index.ts";
import { type ModelConfig, readModelConfig } from "./config.ts";
import { parameterShapes, weightName } from "./parameters.ts";
import { elementsOf, openSafetensors, type Safetensors, type TensorInfo } from "./safetensors.ts";

const SHARD_NAME = /^[\w-][\w.-]*\.safetensors$/u;

const COMPANION_FILES =
  /^(?:(?:generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json|merges\.txt|tokenizer\.model|chat_template\.\w+|.*\.tiktoken|\w+\.py)$/u;

/** What a checkpoint has besides weights and config.json that belongs to the model: settings, tokenizers of every kind, and code of its own. */
export function isCompanionFile(name: string): boolean {
  return COMPANION_FILES.test(name);
}

/** An open checkpoint. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The weight as float32, row-major. */
  read(name: string): Promise<Float32Array>;
  /** `count` values of the weight from value `from` on. */
  readRange(name: string, from: number, count: number): Promise<Float32Array>;
  /** The same values as the file stores them; in `room`, where given, which must be exactly as long as they are. */
  readRaw(name: string, from: number, count: number, room?: Uint8Array): Promise<Uint8Array>;
  /** The file a weight lies in. */
  fileOf(name: string): string;
  close(): Promise<void>;
}

/** Opens a checkpoint folder; every weight the architecture needs must be there in its shape, else `UserError`. */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  if (!(await isFolder(folder))) {
    if (await exists(folder)) {
      throw new UserError(
        "not-a-folder",
        "is a file: a checkpoint is a folder with config.json and safetensors",
        {
          file: folder,
          remedy: "Name the folder; a GGUF file is known by its ending, .gguf.",
        },
      );
    }
    throw new UserError("file-not-found", "no such checkpoint folder", {
      file: folder,
      remedy: "Check the path.",
    });
  }
  const config = await readModelConfig(folder);
  const files = await openFiles(folder);
  const home = new Map<string, Safetensors>();
  for (const file of files) for (const name of file.tensors.keys()) home.set(name, file);
  const close = async (): Promise<void> => {
    for (const file of files) await file.close();
  };
  for (const { name, shape } of parameterShapes(config)) {
    const found = home.get(name)?.tensors.get(name)?.shape;
    if (found === undefined || found.join() !== shape.join()) {
      await close();
      throw new UserError(
        "bad-checkpoint",
        found === undefined ? "is missing" : `has shape [${found}], config.json asks for [${shape}]`,
        { file: folder, at: name, remedy: "Weights and config.json must belong together." },
      );
    }
  }
  const fileOf = (name: string): Safetensors => {
    const file = home.get(name);
    if (file === undefined) throw new UserError("missing-tensor", `no tensor "${name}"`, { file: folder });
    return file;
  };
  try {
    await refuseSecondHead(config, home, folder);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    folder,
    config,
    tensors: new Map([...home].map(([name, file]) => [name, file.tensors.get(name)!])),
    read: async (name) => fileOf(name).read(name),
    readRange: async (name, from, count) => fileOf(name).readRange(name, from, count),
    readRaw: async (name, from, count, room) => fileOf(name).readRaw(name, from, count, room),
    fileOf: (name) => fileOf(name).path,
    close,
  };
}

/** Values compared at once. */
const BLOCK = 2 ** 20;

/**
 * A tied model may hold its head all the same. Where that is not the embedding, releases of transformers differ in which of the two
 * they compute with, and it is not for us to choose.
 */
async function refuseSecondHead(
  config: ModelConfig,
  home: ReadonlyMap<string, Safetensors>,
  folder: string,
): Promise<void> {
  const [embedding, head] = (["embedding", "head"] as const).map((role) =>
    weightName(config.architecture, role),
  ) as [string, string];
  const file = home.get(head);
  if (!config.tiedEmbeddings || file === undefined) return;
  const own = home.get(embedding)!;
  const values = config.vocabularySize * config.hiddenSize;
  let same = elementsOf(file.tensors.get(head)!) === values;
  for (let from = 0; same && from < values; from += BLOCK) {
    const count = Math.min(BLOCK, values - from);
    const [ours, theirs] = [
      await own.readRange(embedding, from, count),
      await file.readRange(head, from, count),
    ];
    same = ours.every((value, i) => Object.is(value, theirs[i]));
  }
  if (same) return;
  throw new UserError("bad-checkpoint", "is not the embedding, though config.json says that the head is", {
    file: folder,
    at: head,
    remedy:
      "Set tie_word_embeddings to false in config.json where the head is its own, or take it out of the weights.",
  });
}

async function openFiles(folder: string): Promise<Safetensors[]> {
  const single = join(folder, "model.safetensors");
  if (await exists(single)) return [await openSafetensors(single)];
  const indexPath = join(folder, "model.safetensors.index.json");
  if (!(await exists(indexPath))) {
    throw new UserError(
      "file-not-found",
      "holds neither model.safetensors nor model.safetensors.index.json",
      {
        file: folder,
        remedy: "Point at a folder with safetensors weights.",
      },
    );
  }
  const weightMap = readWeightMap(await readJson(indexPath), indexPath);
  const names = [...new Set(weightMap.values())].sort();
  const files: Safetensors[] = [];
  try {
    for (const name of names) files.push(await openSafetensors(join(folder, name)));
    names.forEach((name, i) => {
      checkShard(name, files[i]!, weightMap, indexPath);
    });
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
  return files;
}

/** Names of weights to names of files, plain ones: an index must not lead out of its folder, or to itself. */
function readWeightMap(index: unknown, indexPath: string): Map<string, string> {
  const { weight_map: weightMap } = (index ?? {}) as { weight_map?: unknown };
  const isRecord = typeof weightMap === "object" && weightMap !== null && !Array.isArray(weightMap);
  const entries = isRecord ? Object.entries(weightMap) : [];
  const foreign = entries.find(([, file]) => typeof file !== "string" || !SHARD_NAME.test(file));
  if (entries.length === 0 || foreign !== undefined) {
    const found = foreign === undefined ? "nothing" : (JSON.stringify(foreign[1]) ?? "").slice(0, 80);
    throw new UserError(
      "bad-checkpoint",
      `must map weights to .safetensors files of this folder, found ${found}`,
      {
        file: indexPath,
        at: "weight_map",
        remedy: "Fetch or write the checkpoint again.",
      },
    );
  }
  return new Map(entries as [string, string][]);
}

/** Index and file must agree both ways, or a weight is read from a file that nobody meant. */
function checkShard(
  name: string,
  { tensors }: Safetensors,
  weightMap: ReadonlyMap<string, string>,
  indexPath: string,
): void {
  const wrong = (at: string, message: string): UserError =>
    new UserError("bad-checkpoint", message, {
      file: indexPath,
      at,
      remedy: "Index and files must belong together: fetch or write the checkpoint again.",
    });
  for (const [weight, file] of weightMap)
    if (file === name && !tensors.has(weight)) throw wrong(weight, `is not in ${name}`);
  for (const weight of tensors.keys()) {
    const file = weightMap.get(weight);
    if (file !== name) throw wrong(weight, `is in ${name}, the index says ${file ?? "nothing of it"}`);
  }
}
