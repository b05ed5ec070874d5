// Opens a GGUF file as a `LogitModel`, run in this process by llama.cpp.
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { type GgufHeader, readGgufHeader, UserError } from "../core/index.ts";
import { type ChatFormatter, chatFormat, createChatTemplate, formatApolloChat } from "./chat-template.ts";
import type { LogitModel, TokenConstraint } from "./language-model.ts";
import { type ContextOptions, createContext, type LlamaContext, MAX_SEQUENCES } from "./llama-context.ts";
import { createEmbedder } from "./llama-embeddings.ts";
import { createGrammarConstraint } from "./llama-grammar.ts";
import {
  FOLDER_VARIABLE,
  type LlamaFunctions,
  loadLlama,
  type Pointer,
  withLlamaErrors,
} from "./llama-library.ts";
import { createRowEvaluator } from "./llama-rows.ts";
import { createSessionPool } from "./llama-sessions.ts";
import { createLlamaVocabulary } from "./llama-vocabulary.ts";
import { createLogitModel } from "./logit-model.ts";
import { ggufMemory, requireMemory } from "./memory.ts";
import { createUtf8Guard } from "./utf8-prefix.ts";

/** Options for `openGguf`. */
export interface GgufOptions {
  /** Tokens that prompt and continuation may take. Default: what the model was trained with, at most 4096. */
  readonly contextLength?: number;
  /** CPU threads of one decode. Default: all cores, at most 8. */
  readonly threads?: number;
  /** Sessions open at once; their KV cache is allocated when the first one advances. Default 4. */
  readonly maxSequences?: number;
  /**
   * Numbers depend on nothing but the tokens, bit for bit (on the CPU): no flash attention, and a 32-bit cache for sessions,
   * embeddings, and the scores of models whose weights are all F32. `"scores"`: scores and embeddings alone, while
   * sessions and generated text take the faster way, as a server wants it. Default true.
   */
  readonly exact?: boolean | "scores";
  /** Name of the chat format (`apollo-0.5b` ...). Default: the file's own chat template, else Apollo's plain format. */
  readonly chatFormat?: string;
  /** Layers to keep on a GPU, when the llama.cpp build has one; -1 = all. Default 0. */
  readonly gpuLayers?: number;
}

const DEFAULT_CONTEXT_LENGTH = 4096;
const DEFAULT_THREADS = 8;
const DEFAULT_SEQUENCES = 4;
/**
 * Rows of a prompt to be scored at a time. Attention without flash writes a row of the context for each row and head: 64 of them stay in
 * the processor's cache (SmolLM2-135M, 1500 tokens: 4.1 s, in pieces of 512 5.4 s; flash attention 4.4 s).
 */
const PREFIX_ROWS = 64;
const GPU_PREFIX_ROWS = 512;
/** Rows that pad a batch take cells for a moment. */
const SPARE_CELLS = 2;
/** A byte that no UTF-8 text holds. */
const NO_CHARACTER = Uint8Array.of(0xff);
/** llama.cpp's LLAMA_POOLING_TYPE_LAST, as embedding models state it in their metadata. */
const POOLING_LAST = 3;

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
  // A GPU has memory of its own, about which llama.cpp's error says enough.
  if (settings.gpuLayers === 0)
    requireMemory(
      ggufMemory(header).weights,
      "the model",
      path,
      "Close other programs, or take a smaller quantisation: apollo export gguf --type q4_0",
    );
  const llama = loadLlama();
  if (settings.gpuLayers !== 0 && !llama.supports_gpu_offload()) {
    throw new UserError("no-gpu", "layers were to go on a GPU, but this build of llama.cpp knows none", {
      remedy: `Set ${FOLDER_VARIABLE} to a folder with a CUDA, Vulkan or Metal build of the same version.`,
    });
  }
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
  readonly exactSessions: boolean;
  readonly gpuLayers: number;
  readonly chatFormat: ChatFormatter | undefined;
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
    exact: options.exact !== false,
    exactSessions: (options.exact ?? true) === true,
    gpuLayers: options.gpuLayers ?? 0,
    chatFormat: options.chatFormat === undefined ? undefined : chatFormat(options.chatFormat),
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
  const { threads, exact, exactSessions, maxSequences } = settings;
  const { cachePerToken } = ggufMemory(header);
  // Beside rounded weights, a 16-bit cache changes nothing that could be seen.
  const narrow = !exact || header.tensors.some(({ type }) => type !== "F32");
  // On a GPU no bits are promised, and flash attention over large batches is what it is good at.
  const flash = narrow && (!exact || settings.gpuLayers !== 0);
  /** Contexts are made when they are first needed. */
  const makeContext = (options: Omit<ContextOptions, "threads">): Promise<LlamaContext> => {
    const cache = (options.cells * options.sequences * cachePerToken) / (options.cache === "f32" ? 1 : 2);
    const outputs = 2 * Float32Array.BYTES_PER_ELEMENT * options.outputs * vocabularySize;
    requireMemory(
      cache + outputs,
      `the cache of ${options.sequences} x ${options.cells} tokens`,
      path,
      "Open it with a shorter context or fewer sequences.",
    );
    return createContext(llama, model, vocabularySize, { ...options, threads });
  };
  const architecture = header.metadata.get("general.architecture");
  const found = header.metadata.get("tokenizer.chat_template");
  const template =
    settings.chatFormat === undefined && typeof found === "string" && found.trim() !== "" ? found : undefined;
  const sessions = createSessionPool({
    contextLength,
    vocabularySize,
    maxSequences,
    exact: exactSessions,
    rewinds: !llama.model_is_recurrent(model) && !llama.model_is_hybrid(model),
    createContext: (sequences) =>
      makeContext({
        cells: contextLength + SPARE_CELLS,
        sequences,
        outputs: Math.max(sequences, SPARE_CELLS),
        flash: !exactSessions,
        cache: exactSessions ? "f32" : "f16",
      }),
  });
  const rows = createRowEvaluator({
    contextLength,
    cellBytes: narrow ? cachePerToken / 2 : cachePerToken,
    prefixRows: flash ? GPU_PREFIX_ROWS : PREFIX_ROWS,
    createContext: (size) => makeContext({ ...size, flash, cache: narrow ? "f16" : "f32" }),
  });
  const embedder = createEmbedder({
    contextLength,
    pooling: header.metadata.get(`${architecture}.pooling_type`) === POOLING_LAST ? "last" : "mean",
    encode: (text) => tokenizer.encode(text, { special: "parse", bos: true }),
    createContext: (size) =>
      makeContext({ ...size, flash: !exact, cache: exact ? "f32" : "f16", embeddings: true }),
  });
  const constraints = new Set<TokenConstraint>();
  const brokenCharacters = new Uint8Array(vocabularySize);
  let closed: Promise<void> | undefined;
  return createLogitModel({
    id: basename(path).replace(/\.gguf$/iu, ""),
    contextLength,
    vocabularySize,
    tokenizer,
    formatChat:
      settings.chatFormat ??
      (template === undefined ? formatApolloChat : createChatTemplate(template, tokenizer, path)),
    ...(template === undefined ? {} : { chatTemplate: template }),
    open: sessions.open,
    openWhenFree: sessions.openWhenFree,
    visitLogits: rows.visitLogits,
    embed: embedder.embed,
    usage() {
      const [scored, generated] = [rows.usage(), sessions.usage()];
      return {
        ...generated,
        promptTokens: scored.promptTokens + generated.promptTokens,
        reusedTokens: scored.reusedTokens + generated.reusedTokens,
      };
    },
    constrain(grammar) {
      // A special token gives no text, whatever its spelling.
      const bytesOf = (id: number): Uint8Array =>
        tokenizer.isSpecial(id) && !tokenizer.isEnd(id) ? NO_CHARACTER : tokenizer.bytes(id);
      const characters = createUtf8Guard(bytesOf, brokenCharacters);
      const constraint = createGrammarConstraint(llama, model, grammar, characters);
      constraints.add(constraint);
      return constraint;
    },
    close() {
      closed ??= Promise.all([sessions.close(), rows.close(), embedder.close()]).then(() => {
        for (const constraint of constraints) constraint.dispose();
        tokenizer.release();
        llama.model_free(model);
      });
      return closed;
    },
  });
}
