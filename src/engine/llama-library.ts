// Finds llama.cpp's shared libraries in the installed `@node-llama-cpp/<platform>` package and binds the functions we call.
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import koffi, { type LibraryHandle } from "koffi";
import { UserError } from "../core/index.ts";
import { checkLayout, type Fields } from "./llama-layout.ts";
import { createMutex } from "./mutex.ts";

/** The address of a native object. */
export type Pointer = bigint;

/** llama.cpp's functions, by their C names without the `llama_` prefix. */
export type LlamaFunctions = ReturnType<typeof bind>;

/** Package of this platform's CPU (or Metal) build. */
const PACKAGE: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-arm64": "mac-arm64-metal",
  "darwin-x64": "mac-x64",
  "win32-x64": "win-x64",
};

/** A folder with another build of the same version (CUDA, Vulkan); used instead of the installed package. */
export const FOLDER_VARIABLE = "APOLLO_LLAMA_LIBRARIES";

const LOG_ERROR = 4;

let loaded: LlamaFunctions | undefined;

/** llama.cpp, loaded once; `UserError` when there is no build for this platform or it is another version. */
export function loadLlama(): LlamaFunctions {
  loaded ??= load(findLibraryFolder());
  return loaded;
}

/** llama.cpp has one log for the process: work whose errors are wanted takes turns. */
const logging = createMutex();

/** Runs `work` and gives its result with the last error that llama.cpp logged meanwhile, on whatever thread. */
export function withLlamaErrors<T>(
  llama: LlamaFunctions,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly lastError: string | undefined }> {
  return logging(async () => {
    let lastError: string | undefined;
    const callback = koffi.register((level: number, text: string | null) => {
      if (level === LOG_ERROR && text !== null && text.trim() !== "") lastError = text.trim();
    }, "llama_log_callback*");
    llama.log_set(callback, null);
    try {
      return { result: await work(), lastError };
    } finally {
      llama.log_set(llama.silence, null);
      koffi.unregister(callback);
    }
  });
}

/** The folder that llama.cpp's libraries are taken from; `UserError` when there is none for this platform. */
export function findLibraryFolder(): string {
  const given = process.env[FOLDER_VARIABLE];
  if (given !== undefined && given !== "") return given;
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGE[platform];
  if (name === undefined) {
    throw new UserError("unsupported-platform", `there is no llama.cpp build for ${platform}`, {
      remedy: `Supported: ${Object.keys(PACKAGE).join(", ")}. Or set ${FOLDER_VARIABLE} to a folder with libllama 0.4.`,
    });
  }
  // The package exports only an entry point that is missing from it, so its folder is looked up beside each node_modules.
  const roots = createRequire(import.meta.url).resolve.paths("@node-llama-cpp") ?? [];
  for (const root of roots) {
    const bins = join(root, "@node-llama-cpp", name, "bins");
    if (!existsSync(bins)) continue;
    const folder = readdirSync(bins).find((entry) => findLibrary(join(bins, entry), "llama") !== undefined);
    if (folder !== undefined) return join(bins, folder);
  }
  throw new UserError("llama-library-missing", `the package @node-llama-cpp/${name} is not installed`, {
    remedy: "Install the optional dependencies: npm ci",
  });
}

/** File names carry a variant and a version: libllama.so, libllama.v0.4.0.so, libggml.cuda.v0.4.0.so, ggml.dll. */
export function findLibrary(folder: string, name: string): string | undefined {
  const pattern = new RegExp(`^(lib)?${name}(\\.[a-z]+)?(\\.v[0-9.]+)?\\.(so|dylib|dll)$`);
  const file = existsSync(folder) ? readdirSync(folder).find((entry) => pattern.test(entry)) : undefined;
  return file === undefined ? undefined : join(folder, file);
}

function load(folder: string): LlamaFunctions {
  const open = (name: string): LibraryHandle => {
    const file = findLibrary(folder, name);
    if (file === undefined)
      throw new UserError("llama-library-missing", `holds no lib${name}`, {
        file: folder,
        remedy: "Run: npm ci",
      });
    try {
      return koffi.load(file);
    } catch (error) {
      throw new UserError("llama-library-broken", `cannot be loaded (${(error as Error).message.trim()})`, {
        file,
        remedy: "Reinstall: npm ci",
        cause: error,
      });
    }
  };
  // Windows finds a library's neighbours only when they are already loaded.
  const base = open("ggml-base");
  const ggml = open("ggml");
  const llama = bind(open("llama"), base);
  checkLayout(folder, {
    version: llama.version(),
    model: llama.model_default_params(),
    context: llama.context_default_params(),
    quantize: llama.model_quantize_default_params(),
  });
  llama.log_set(llama.silence, null);
  ggml.func("void ggml_backend_load_all_from_path(const char* folder)")(
    dirname(findLibrary(folder, "ggml")!),
  );
  llama.backend_init();
  return llama;
}

/** A C function, called on this thread. */
type Call<A extends readonly unknown[], R> = (...args: A) => R;
/** A C function, called on another thread. */
type AsyncCall<A extends readonly unknown[], R> = (...args: A) => Promise<R>;

function bind(library: LibraryHandle, base: LibraryHandle) {
  koffi.proto("void llama_log_callback(int level, const char* text, void* data)");
  koffi.proto("bool llama_eval_callback(void* tensor, bool ask, void* data)");
  const call = <A extends readonly unknown[], R>(definition: string): Call<A, R> =>
    library.func(definition) as unknown as Call<A, R>;
  const callAsync = <A extends readonly unknown[], R>(definition: string): AsyncCall<A, R> => {
    const native = library.func(definition);
    return (...args) =>
      new Promise<R>((resolve, reject) => {
        native.async(...args, (error: Error | null, result: R) => (error ? reject(error) : resolve(result)));
      });
  };
  return {
    version: call<[], string>("const char* llama_version()"),
    log_set: call<[callback: Pointer, data: null], void>("void llama_log_set(void* callback, void* data)"),
    /** A log callback that does nothing: any function without effect serves, and a native one runs on every thread. */
    silence: library.symbol("llama_supports_mmap") as Pointer,
    supports_gpu_offload: call<[], boolean>("bool llama_supports_gpu_offload()"),
    backend_init: call<[], void>("void llama_backend_init()"),
    model_default_params: call<[], Fields>("llama_model_params llama_model_default_params()"),
    context_default_params: call<[], Fields>("llama_context_params llama_context_default_params()"),
    model_quantize_default_params: call<[], Fields>(
      "llama_model_quantize_params llama_model_quantize_default_params()",
    ),
    model_load_from_file: callAsync<[path: string, params: Fields], Pointer | null>(
      "void* llama_model_load_from_file(const char* path, llama_model_params params)",
    ),
    model_free: call<[model: Pointer], void>("void llama_model_free(void* model)"),
    model_has_encoder: call<[model: Pointer], boolean>("bool llama_model_has_encoder(void* model)"),
    model_is_recurrent: call<[model: Pointer], boolean>("bool llama_model_is_recurrent(void* model)"),
    model_is_hybrid: call<[model: Pointer], boolean>("bool llama_model_is_hybrid(void* model)"),
    model_n_ctx_train: call<[model: Pointer], number>("int llama_model_n_ctx_train(void* model)"),
    model_get_vocab: call<[model: Pointer], Pointer>("void* llama_model_get_vocab(void* model)"),
    model_quantize: callAsync<[input: string, output: string, params: Fields], number>(
      "uint32_t llama_model_quantize(const char* input, const char* output, llama_model_quantize_params* params)",
    ),
    init_from_model: callAsync<[model: Pointer, params: Fields], Pointer | null>(
      "void* llama_init_from_model(void* model, llama_context_params params)",
    ),
    free: call<[context: Pointer], void>("void llama_free(void* context)"),
    n_ctx_seq: call<[context: Pointer], number>("uint32_t llama_n_ctx_seq(void* context)"),
    batch_init: call<[tokens: number, embedding: 0, sequences: number], Record<string, Pointer>>(
      "llama_batch llama_batch_init(int tokens, int embedding, int sequences)",
    ),
    batch_free: call<[batch: unknown], void>("void llama_batch_free(llama_batch batch)"),
    decode: callAsync<[context: Pointer, batch: unknown], number>(
      "int llama_decode(void* context, llama_batch batch)",
    ),
    get_logits_ith: call<[context: Pointer, row: number], Pointer | null>(
      "void* llama_get_logits_ith(void* context, int row)",
    ),
    model_n_embd: call<[model: Pointer], number>("int llama_model_n_embd_out(void* model)"),
    get_embeddings_ith: call<[context: Pointer, row: number], Pointer | null>(
      "void* llama_get_embeddings_ith(void* context, int row)",
    ),
    sampler_init_grammar: call<[vocabulary: Pointer, grammar: string, root: string], Pointer | null>(
      "void* llama_sampler_init_grammar(void* vocabulary, const char* grammar, const char* root)",
    ),
    sampler_apply: call<[sampler: Pointer, candidates: Fields], void>(
      "void llama_sampler_apply(void* sampler, _Inout_ llama_token_data_array* candidates)",
    ),
    sampler_accept: call<[sampler: Pointer, token: number], void>(
      "void llama_sampler_accept(void* sampler, int token)",
    ),
    sampler_free: call<[sampler: Pointer], void>("void llama_sampler_free(void* sampler)"),
    get_memory: call<[context: Pointer], Pointer | null>("void* llama_get_memory(void* context)"),
    memory_seq_rm: call<[memory: Pointer, sequence: number, from: number, to: number], boolean>(
      "bool llama_memory_seq_rm(void* memory, int sequence, int from, int to)",
    ),
    memory_seq_cp: call<[memory: Pointer, source: number, target: number, from: number, to: number], void>(
      "void llama_memory_seq_cp(void* memory, int source, int target, int from, int to)",
    ),
    vocab_n_tokens: call<[vocabulary: Pointer], number>("int llama_vocab_n_tokens(void* vocabulary)"),
    vocab_bos: call<[vocabulary: Pointer], number>("int llama_vocab_bos(void* vocabulary)"),
    vocab_eos: call<[vocabulary: Pointer], number>("int llama_vocab_eos(void* vocabulary)"),
    vocab_get_add_bos: call<[vocabulary: Pointer], boolean>("bool llama_vocab_get_add_bos(void* vocabulary)"),
    vocab_is_eog: call<[vocabulary: Pointer, id: number], boolean>(
      "bool llama_vocab_is_eog(void* vocabulary, int id)",
    ),
    vocab_is_control: call<[vocabulary: Pointer, id: number], boolean>(
      "bool llama_vocab_is_control(void* vocabulary, int id)",
    ),
    tokenize: call<
      [
        vocabulary: Pointer,
        text: Uint8Array,
        bytes: number,
        out: Int32Array,
        capacity: number,
        special: boolean,
        parse: boolean,
      ],
      number
    >(
      "int llama_tokenize(void* vocabulary, const uint8_t* text, int bytes, _Out_ int32_t* out, int capacity, bool special, bool parse)",
    ),
    token_to_piece: call<
      [vocabulary: Pointer, id: number, out: Uint8Array, capacity: number, strip: number, special: boolean],
      number
    >(
      "int llama_token_to_piece(void* vocabulary, int id, _Out_ uint8_t* out, int capacity, int strip, bool special)",
    ),
    /** What a node of the computation does: `MUL_MAT`. */
    tensor_operation: base.func("const char* ggml_op_desc(void* tensor)") as unknown as Call<
      [tensor: Pointer],
      string
    >,
    tensor_name: base.func("const char* ggml_get_name(void* tensor)") as unknown as Call<
      [tensor: Pointer],
      string
    >,
    tensor_bytes: base.func("size_t ggml_nbytes(void* tensor)") as unknown as Call<[tensor: Pointer], number>,
    tensor_get: base.func(
      "void ggml_backend_tensor_get(void* tensor, _Out_ uint8_t* data, size_t offset, size_t size)",
    ) as unknown as Call<[tensor: Pointer, data: Uint8Array, offset: number, size: number], void>,
  };
}

/** Version of the loaded llama.cpp; `UserError` as `loadLlama`. */
export function llamaVersion(): string {
  return loadLlama().version();
}
