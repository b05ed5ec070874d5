// Opens a GGUF file as a `LogitModel`, run in this process by llama.cpp.
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { UserError } from "../core/index.ts";
import { createChatTemplate, formatApolloChat } from "./chat-template.ts";
import { type GgufHeader, readGgufHeader } from "./gguf-header.ts";
import type { LogitModel } from "./language-model.ts";
import { createContext, MAX_SEQUENCES } from "./llama-context.ts";
import { type LlamaFunctions, loadLlama, type Pointer, withLlamaErrors } from "./llama-library.ts";
import { createRowEvaluator } from "./llama-rows.ts";
import { createSessionPool } from "./llama-sessions.ts";
import { createLlamaVocabulary } from "./llama-vocabulary.ts";
import { createLogitModel } from "./logit-model.ts";

/** Options for `openGguf`. */
export interface GgufOptions {
  /** Tokens that prompt and continuation may take. Default: what the model was trained with, at most 4096. */
  readonly contextLength?: number;
  /** CPU threads of one decode. Default: all cores, at most 8. */
  readonly threads?: number;
  /** Sessions open at once; their KV cache is allocated when the first one advances. Default 4. */
  readonly maxSequences?: number;
  /**
   * Flash attention off and a 32-bit KV cache: scores then depend on nothing but the tokens, bit for bit (on the CPU), at
   * twice the cache memory. Default true; a server that only generates is faster without.
   */
  readonly exact?: boolean;
  /** Layers to keep on a GPU, when the llama.cpp build has one; -1 = all. Default 0. */
  readonly gpuLayers?: number;
}

const DEFAULT_CONTEXT_LENGTH = 4096;
const DEFAULT_THREADS = 8;
const DEFAULT_SEQUENCES = 4;

/**
 * Opens the model at `path`; close it to free its memory.
 * `UserError` when the file is missing, broken, or of an architecture that llama.cpp does not run.
 */
export async function openGguf(path: string, options: GgufOptions = {}): Promise<LogitModel> {
  const header = await readGgufHeader(path);
  if (header.tensors.length === 0)
    throw new UserError("vocabulary-only", "holds a vocabulary and no weights: it cannot be run", {
      file: path,
    });
  const settings = readOptions(options);
  const llama = loadLlama();
  const model = await loadModel(llama, path, settings.gpuLayers);
  try {
    return assemble(llama, model, path, header, settings);
  } catch (error) {
    llama.model_free(model);
    throw error;
  }
}

interface Settings {
  readonly contextLength: number | undefined;
  readonly threads: number;
  readonly maxSequences: number;
  readonly exact: boolean;
  readonly gpuLayers: number;
}

function readOptions(options: GgufOptions): Settings {
  const whole = (name: keyof GgufOptions, lowest: number, highest: number): void => {
    const value = options[name];
    if (
      value === undefined ||
      (Number.isInteger(value) && Number(value) >= lowest && Number(value) <= highest)
    )
      return;
    throw new UserError(
      "bad-model-option",
      `${name} is ${value}, a whole number from ${lowest} to ${highest} was expected`,
    );
  };
  whole("contextLength", 1, 2 ** 24);
  whole("threads", 1, 512);
  whole("maxSequences", 1, MAX_SEQUENCES);
  whole("gpuLayers", -1, 10_000);
  return {
    contextLength: options.contextLength,
    threads: options.threads ?? Math.min(availableParallelism(), DEFAULT_THREADS),
    maxSequences: options.maxSequences ?? DEFAULT_SEQUENCES,
    exact: options.exact ?? true,
    gpuLayers: options.gpuLayers ?? 0,
  };
}

/** Loads a model with llama.cpp; `UserError` with its reason when it refuses. */
export async function loadModel(llama: LlamaFunctions, path: string, gpuLayers: number): Promise<Pointer> {
  const { result: model, lastError } = await withLlamaErrors(llama, () =>
    llama.model_load_from_file(path, { ...llama.model_default_params(), n_gpu_layers: gpuLayers }),
  );
  if (model === null) {
    const reason = lastError?.replace(/^\w+: /u, "") ?? "no reason was given";
    throw new UserError("unusable-gguf", `llama.cpp cannot load it (${reason})`, {
      file: path,
      remedy: "Check it with: apollo inspect",
    });
  }
  if (llama.model_has_encoder(model)) {
    llama.model_free(model);
    throw new UserError("not-a-language-model", "is an encoder model, a decoder-only one was expected", {
      file: path,
    });
  }
  return model;
}

function assemble(
  llama: LlamaFunctions,
  model: Pointer,
  path: string,
  header: GgufHeader,
  settings: Settings,
): LogitModel {
  const trained = llama.model_n_ctx_train(model);
  const contextLength = settings.contextLength ?? Math.min(trained, DEFAULT_CONTEXT_LENGTH);
  if (contextLength > trained) {
    throw new UserError(
      "context-too-long",
      `a context of ${contextLength} was asked for, the model was trained with ${trained}`,
      { file: path, remedy: `Ask for at most ${trained}.` },
    );
  }
  const tokenizer = createLlamaVocabulary(llama, model);
  const vocabularySize = tokenizer.vocabularySize;
  const { threads, exact, maxSequences } = settings;
  const template = header.metadata.get("tokenizer.chat_template");
  const sessions = createSessionPool({
    contextLength,
    vocabularySize,
    maxSequences,
    createContext: () =>
      createContext(llama, model, vocabularySize, {
        cells: contextLength,
        sequences: maxSequences,
        outputs: maxSequences,
        threads,
        exact,
      }),
  });
  const rows = createRowEvaluator({
    contextLength,
    createContext: (size) => createContext(llama, model, vocabularySize, { ...size, threads, exact }),
  });
  let closed: Promise<void> | undefined;
  return createLogitModel({
    id: basename(path).replace(/\.gguf$/iu, ""),
    contextLength,
    vocabularySize,
    tokenizer,
    formatChat:
      typeof template === "string" && template.trim() !== ""
        ? createChatTemplate(template, tokenizer, path)
        : formatApolloChat,
    open: sessions.open,
    visitLogits: rows.visitLogits,
    close() {
      closed ??= Promise.all([sessions.close(), rows.close()]).then(() => {
        tokenizer.release();
        llama.model_free(model);
      });
      return closed;
    },
  });
}
