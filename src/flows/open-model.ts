// Opens a model by its spec, the same wherever a model is named.
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { exists, hashFile, hashValue, type ProgressFactory, UserError } from "../core/index.ts";
import {
  type EndpointReport,
  type EndpointsModel,
  type LanguageModel,
  type LogitModel,
  openEndpoints,
  openGguf,
  openRemote,
  openRemoteLogits,
  type TokenPrice,
} from "../engine/index.ts";
import { exportGguf } from "../export/index.ts";
import { pull } from "../hub/index.ts";
import { createProxyModel } from "../proxy/index.ts";
import { type ModelSpec, parseModelSpec } from "./model-spec.ts";

/** Options for `openModel`. */
export interface OpenModelOptions {
  /** Context length to allocate; default: the model's own, at most 4096. */
  readonly contextLength?: number;
  /** CPU threads; default: all cores but never more than 8. */
  readonly threads?: number;
  /** Layers kept on a GPU, when llama.cpp has one; -1 = all. Default 0. */
  readonly gpuLayers?: number;
  /** Sequences that generate at once; default 4. */
  readonly maxSequences?: number;
  /** Name of the chat format; default: the model file's own. */
  readonly chatFormat?: string;
  /** What must not depend on batches, bit for bit: everything (default), scores, or nothing. */
  readonly exact?: boolean | "scores";
  /** What a server asks for a million tokens; the model's `usage()` then has a cost. */
  readonly price?: TokenPrice;
  /** Told of servers that go and come, where a spec names several. */
  readonly onEndpoint?: (message: string) => void;
  /** Shown while a checkpoint is converted or a model fetched. */
  readonly progress?: ProgressFactory;
}

/** Opens `file.gguf`, `folder/`, `hf:owner/name[:file]`, `http://host/v1#model`, several such or `proxy:BASE+EXPERT-ANTI@ALPHA[?OPTIONS]`. */
export function openModel(spec: string, options: OpenModelOptions = {}): Promise<LanguageModel> {
  const parsed = parseModelSpec(spec);
  if (parsed.kind === "remote") return openRemoteModel(parsed, options);
  if (parsed.kind === "endpoints") return openEndpointsModel(parsed, options);
  return openLogitModel(parsed, options);
}

/** What came of each server of a model on several; `undefined` for every other model. */
export function endpointReports(model: LanguageModel): EndpointReport[] | undefined {
  return "endpoints" in model ? (model as EndpointsModel).endpoints() : undefined;
}

function openEndpointsModel(
  { source, model }: Extract<ModelSpec, { kind: "endpoints" }>,
  { price, onEndpoint }: OpenModelOptions,
): Promise<LanguageModel> {
  return openEndpoints(source, model, {
    ...(price === undefined ? {} : { price }),
    ...(onEndpoint === undefined ? {} : { onEvent: onEndpoint }),
  });
}

async function openRemoteModel(
  { url, model }: Extract<ModelSpec, { kind: "remote" }>,
  { price }: OpenModelOptions,
): Promise<LanguageModel> {
  const apiKey = process.env.OPENAI_API_KEY;
  return openRemote(url, model, {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(price === undefined ? {} : { price }),
  });
}

/** Opens what `parseModelSpec` read; `UserError` for a server, which gives no logits. */
export async function openLogitModel(spec: ModelSpec, options: OpenModelOptions): Promise<LogitModel> {
  switch (spec.kind) {
    case "gguf":
      return openFile(spec.path, options);
    case "checkpoint":
      return openFile(await convertCheckpoint(spec.path, options), options);
    case "hub":
      return openHub(spec.name, options);
    case "remote":
      throw new UserError(
        "no-logits",
        `${spec.url} gives no logits, which the small models of a proxy trio must`,
        {
          remedy: "Name a local model; the base of a trio may be on a server.",
        },
      );
    case "endpoints":
      throw new UserError("no-logits", `${spec.model} on several servers gives no logits`, {
        remedy: "Name a local model; the base of a trio may be on one server.",
      });
    case "proxy":
      return openProxy(spec, options);
    default:
      return spec satisfies never;
  }
}

function openFile(
  path: string,
  { progress: _shown, onEndpoint: _told, ...options }: OpenModelOptions,
): Promise<LogitModel> {
  return openGguf(path, options);
}

async function openHub(name: string, options: OpenModelOptions): Promise<LogitModel> {
  const { folder, files } = await pull(
    name,
    options.progress === undefined ? {} : { progress: options.progress },
  );
  const gguf = files.find((file) => file.endsWith(".gguf"));
  const path = gguf === undefined ? await convertCheckpoint(folder, options) : join(folder, gguf);
  return openFile(path, options);
}

async function openProxy(
  spec: Extract<ModelSpec, { kind: "proxy" }>,
  options: OpenModelOptions,
): Promise<LogitModel> {
  const { kind: _, base: _base, expert: _expert, anti: _anti, candidates: _candidates, ...steering } = spec;
  const members = await openMembers(spec, options);
  try {
    return createProxyModel({ ...members, ...steering });
  } catch (error) {
    for (const model of Object.values(members)) await model.close();
    throw error;
  }
}

/** The three models of a trio. */
export interface ProxyMembers {
  readonly base: LogitModel;
  readonly expert: LogitModel;
  readonly anti: LogitModel;
}

/** Opens base, expert and anti-expert; a base on a server borrows the expert's tokenizer. Closes those opened when one fails. */
export async function openMembers(
  {
    base,
    expert,
    anti,
    candidates,
  }: Pick<Extract<ModelSpec, { kind: "proxy" }>, "base" | "expert" | "anti" | "candidates">,
  options: OpenModelOptions,
): Promise<ProxyMembers> {
  const opened: LogitModel[] = [];
  const open = async (opening: Promise<LogitModel>): Promise<LogitModel> => {
    const model = await opening;
    opened.push(model);
    return model;
  };
  try {
    if (base.kind !== "remote") {
      return {
        base: await open(openLogitModel(base, options)),
        expert: await open(openLogitModel(expert, options)),
        anti: await open(openLogitModel(anti, options)),
      };
    }
    const small = {
      expert: await open(openLogitModel(expert, options)),
      anti: await open(openLogitModel(anti, options)),
    };
    const vocabulary = small.expert;
    const apiKey = process.env.OPENAI_API_KEY;
    return {
      ...small,
      base: await open(
        openRemoteLogits(base.url, base.model, {
          vocabulary,
          ...(candidates === undefined ? {} : { candidates }),
          ...(apiKey === undefined ? {} : { apiKey }),
          ...(options.price === undefined ? {} : { price: options.price }),
        }),
      ),
    };
  } catch (error) {
    for (const model of opened) await model.close();
    throw error;
  }
}

/** What a server left out of the distributions that a trio was steered on; `undefined` for models that give all. */
export function truncationNote(model: LanguageModel): string | undefined {
  const {
    rows = 0,
    mass = 0,
    largest = 0,
  } = ("truncation" in model ? (model as LogitModel).truncation?.() : undefined) ?? {};
  if (rows === 0) return undefined;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return `the server's candidates left out ${percent(mass / rows)} of the probability on average, ${percent(largest)} at most (${rows} requests)`;
}

/** Up to this many bytes of weights a checkpoint is run in F32, that is exactly; larger ones in F16. */
const EXACT_BYTES = 2 ** 30;

/** llama.cpp reads GGUF only: a checkpoint is converted once and the result kept in the user's cache. */
async function convertCheckpoint(folder: string, { progress }: OpenModelOptions): Promise<string> {
  const { key, bytes } = await checkpointKey(folder);
  const type = bytes <= EXACT_BYTES ? "f32" : "f16";
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const name = basename(resolve(folder));
  const out = join(cache, "apollo", "gguf", key, `${name}.gguf`);
  if (!(await exists(out))) {
    await exportGguf(folder, { type, out, name, ...(progress === undefined ? {} : { progress }) });
  }
  return out;
}

/** What tells a checkpoint from another: its configuration, tokenizer, and the size and time of its weights. */
async function checkpointKey(folder: string): Promise<{ key: string; bytes: number }> {
  const texts = ["config.json", "tokenizer.json", "tokenizer_config.json"].map((name) => join(folder, name));
  const weights = ["model.safetensors", "model.safetensors.index.json"].map((name) => join(folder, name));
  const stats = await Promise.all(weights.map((path) => stat(path).catch(() => undefined)));
  const parts = await Promise.all(
    texts.map(async (path) => ((await exists(path)) ? hashFile(path) : undefined)),
  );
  const [single] = stats;
  return {
    key: hashValue([parts, stats.map((found) => found && [found.size, found.mtimeMs])]).slice(0, 32),
    // A sharded checkpoint has an index and is large.
    bytes: single?.size ?? Number.POSITIVE_INFINITY,
  };
}

/** What tells the model a spec names from another one of the same name; recorded by runs, and checked when they resume. */
export async function modelIdentity(spec: string): Promise<unknown> {
  return identityOf(parseModelSpec(spec));
}

async function identityOf(spec: ModelSpec): Promise<unknown> {
  switch (spec.kind) {
    case "gguf":
      return { sha256: await hashFile(spec.path) };
    case "checkpoint":
      return { checkpoint: (await checkpointKey(spec.path)).key };
    case "proxy": {
      const [base, expert, anti] = await Promise.all([spec.base, spec.expert, spec.anti].map(identityOf));
      const { kind: _, ...rest } = spec;
      return { ...rest, base, expert, anti };
    }
    case "endpoints":
      // Which servers answer may change while a run goes on: they have one model, or are not asked.
      return { kind: spec.kind, model: spec.model };
    case "hub":
    case "remote":
      return spec;
    default:
      return spec satisfies never;
  }
}
