// A Hugging Face checkpoint folder: configuration and weights, in one file or in shards.
import { join } from "node:path";
import { exists, isFolder, readJson, UserError } from "../core/index.ts";
import { type ModelConfig, readModelConfig } from "./config.ts";
import { parameterShapes } from "./parameters.ts";
import { openSafetensors, type Safetensors, type TensorInfo } from "./safetensors.ts";

/** An open checkpoint. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The weight as float32, row-major. */
  read(name: string): Promise<Float32Array>;
  /** `count` values of the weight from value `from` on. */
  readRange(name: string, from: number, count: number): Promise<Float32Array>;
  /** The same values as the file stores them. */
  readRaw(name: string, from: number, count: number): Promise<Uint8Array>;
  /** The file a weight lies in. */
  fileOf(name: string): string;
  close(): Promise<void>;
}

/** Opens a checkpoint folder; every weight the architecture needs must be there in its shape, else `UserError`. */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  if (!(await isFolder(folder))) {
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
  return {
    folder,
    config,
    tensors: new Map([...home].map(([name, file]) => [name, file.tensors.get(name)!])),
    read: async (name) => fileOf(name).read(name),
    readRange: async (name, from, count) => fileOf(name).readRange(name, from, count),
    readRaw: async (name, from, count) => fileOf(name).readRaw(name, from, count),
    fileOf: (name) => fileOf(name).path,
    close,
  };
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
  const index = (await readJson(indexPath)) as { weight_map?: unknown } | null;
  const names = [...new Set(Object.values(index?.weight_map ?? {}))].sort() as string[];
  const foreign = names.find((name) => typeof name !== "string" || /[/\\]|\.\./u.test(name));
  if (names.length === 0 || foreign !== undefined) {
    throw new UserError(
      "bad-checkpoint",
      `weight_map must map names to files of this folder, found ${foreign === undefined ? "nothing" : JSON.stringify(foreign)}`,
      {
        file: indexPath,
      },
    );
  }
  const files: Safetensors[] = [];
  try {
    for (const name of names) files.push(await openSafetensors(join(folder, name)));
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
  return files;
}
