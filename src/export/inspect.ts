// What a model file holds and what is wrong with it: GGUF files, safetensors files, checkpoint folders.
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { asFileError, exists, isFolder, readJson, UserError } from "../core/index.ts";
import { type GgufValue, readGgufHeader } from "../engine/index.ts";
import { openSafetensors, parameterShapes, parseModelConfig, type TensorInfo } from "../model/index.ts";
import { ggufProblems } from "./gguf-problems.ts";

/** Something that will fail or mislead. */
export interface Problem {
  /** A stable kebab-case name. */
  readonly code: string;
  readonly message: string;
}

/** One tensor, its shape as the file's own format orders it. */
export interface InspectedTensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** What was found. */
export interface Inspection {
  readonly format: "gguf" | "safetensors" | "checkpoint";
  /** `null` when the file does not say. */
  readonly architecture: string | null;
  /** Number of tensors. */
  readonly tensors: number;
  readonly parameters: number;
  /** Long lists are given by their length and beginning. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  readonly tensorList: readonly InspectedTensor[];
}

/** Lists longer than this are shortened in `metadata`. */
const WHOLE_LIST = 32;
const SHOWN_OF_LIST = 8;

/** Inspects a file or a checkpoint folder; `UserError` when it is missing, cut off or of another kind. */
export async function inspectFile(path: string): Promise<Inspection> {
  if (await isFolder(path)) return inspectCheckpoint(path);
  if (!(await exists(path))) throw asFileError({ code: "ENOENT" }, path);
  if (extname(path) === ".safetensors") return inspectSafetensors(path);
  return inspectGguf(path);
}

async function inspectGguf(path: string): Promise<Inspection> {
  const header = await readGgufHeader(path);
  const architecture = header.metadata.get("general.architecture");
  return {
    format: "gguf",
    architecture: typeof architecture === "string" ? architecture : null,
    ...totals(header.tensors),
    metadata: Object.fromEntries([...header.metadata].map(([key, value]) => [key, shorten(value)])),
    problems: ggufProblems(header),
  };
}

async function inspectSafetensors(path: string): Promise<Inspection> {
  const file = await openSafetensors(path);
  try {
    const problems: Problem[] = [];
    if (file.metadata.format === undefined) {
      problems.push({
        code: "no-format",
        message: '__metadata__ names no format: transformers refuses files without {"format": "pt"}',
      });
    }
    return {
      format: "safetensors",
      architecture: null,
      ...totals(fromSafetensors(file.tensors)),
      metadata: file.metadata,
      problems,
    };
  } finally {
    await file.close();
  }
}

async function inspectCheckpoint(folder: string): Promise<Inspection> {
  const names = (await readdir(folder)).sort();
  const configPath = join(folder, "config.json");
  if (!names.includes("config.json")) {
    throw new UserError("not-a-checkpoint", "holds no config.json", {
      file: folder,
      remedy: "Give a folder in Hugging Face layout, or a .gguf or .safetensors file.",
    });
  }
  const config = (await readJson(configPath)) as Record<string, unknown>;
  const tensors = new Map<string, TensorInfo>();
  const problems: Problem[] = [];
  for (const name of weightFiles(names)) {
    const file = await openSafetensors(join(folder, name));
    for (const [tensor, info] of file.tensors) {
      if (tensors.has(tensor))
        problems.push({ code: "doubled-tensor", message: `${tensor} is in two files` });
      tensors.set(tensor, info);
    }
    await file.close();
  }
  problems.push(...checkpointProblems(config, configPath, tensors, names));
  return {
    format: "checkpoint",
    architecture: typeof config.model_type === "string" ? config.model_type : null,
    ...totals(fromSafetensors(tensors)),
    metadata: config,
    problems,
  };
}

/** The single file wins over shards, as in loaders. */
function weightFiles(names: readonly string[]): string[] {
  if (names.includes("model.safetensors")) return ["model.safetensors"];
  return names.filter((name) => name.endsWith(".safetensors") && !name.startsWith("adapter"));
}

function checkpointProblems(
  config: Record<string, unknown>,
  configPath: string,
  tensors: ReadonlyMap<string, TensorInfo>,
  names: readonly string[],
): Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, message: string): void => {
    problems.push({ code, message });
  };
  if (tensors.size === 0) add("no-weights", "there is no safetensors file");
  const tokenizers = ["tokenizer.json", "tokenizer.model", "vocab.json"];
  if (!names.some((name) => tokenizers.includes(name) || name.endsWith(".tiktoken"))) {
    add("no-tokenizer", `none of ${tokenizers.join(", ")} is there: the model cannot read text`);
  }
  try {
    const shapes = parameterShapes(parseModelConfig(config, configPath));
    for (const { name, shape } of tensors.size === 0 ? [] : shapes) {
      const found = tensors.get(name)?.shape;
      if (found === undefined) add("missing-tensor", `${name} is missing`);
      else if (found.join() !== shape.join()) {
        add("tensor-shape", `${name} has shape [${found}], config.json asks for [${shape}]`);
      }
    }
    const known = new Set(shapes.map(({ name }) => name));
    for (const name of tensors.keys()) {
      if (!known.has(name)) add("unknown-tensor", `${name} is no weight of this architecture`);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    add(error.code, `config.json: ${error.at === undefined ? "" : `${error.at}: `}${error.message}`);
  }
  return problems;
}

function fromSafetensors(tensors: ReadonlyMap<string, TensorInfo>): InspectedTensor[] {
  return [...tensors].map(([name, info]) => ({
    name,
    type: info.dtype,
    shape: info.shape,
    bytes: info.end - info.start,
  }));
}

function totals(list: readonly InspectedTensor[]): Pick<Inspection, "tensors" | "parameters" | "tensorList"> {
  return {
    tensors: list.length,
    parameters: list.reduce((sum, tensor) => sum + tensor.shape.reduce((a, b) => a * b, 1), 0),
    tensorList: list.map(({ name, type, shape, bytes }) => ({ name, type, shape, bytes })),
  };
}

function shorten(value: GgufValue): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!Array.isArray(value)) return value;
  const list = value.map(shorten);
  return list.length <= WHOLE_LIST ? list : { length: list.length, first: list.slice(0, SHOWN_OF_LIST) };
}
