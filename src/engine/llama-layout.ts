// The C structures of llama.cpp 0.4 that cross the FFI by value, and the checks that the loaded library has the same ones.
// Source: ggml-org/llama.cpp include/llama.h at v0.4.0 (0.5.0 is the same). A wrong layout would corrupt memory silently,
// so sizes, recognisable defaults and the version are all compared before the first call.
import koffi, { type TypeObject } from "koffi";
import { UserError } from "../core/index.ts";

const modelParams: TypeObject = koffi.struct("llama_model_params", {
  devices: "void*",
  tensor_buft_overrides: "void*",
  n_gpu_layers: "int32",
  split_mode: "int32",
  load_mode: "int32",
  lazy_mode: "int32",
  main_gpu: "int32",
  tensor_split: "void*",
  progress_callback: "void*",
  progress_callback_user_data: "void*",
  kv_overrides: "void*",
  vocab_only: "bool",
  check_tensors: "bool",
  use_extra_bufts: "bool",
  no_host: "bool",
  no_alloc: "bool",
  load_mtp: "bool",
});

const contextParams: TypeObject = koffi.struct("llama_context_params", {
  n_ctx: "uint32",
  n_batch: "uint32",
  n_ubatch: "uint32",
  n_seq_max: "uint32",
  n_rs_seq: "uint32",
  n_outputs_max: "uint32",
  n_outputs_max_per_seq: "uint32",
  n_threads: "int32",
  n_threads_batch: "int32",
  ctx_type: "int32",
  rope_scaling_type: "int32",
  pooling_type: "int32",
  attention_type: "int32",
  flash_attn_type: "int32",
  rope_freq_base: "float",
  rope_freq_scale: "float",
  yarn_ext_factor: "float",
  yarn_attn_factor: "float",
  yarn_beta_fast: "float",
  yarn_beta_slow: "float",
  yarn_orig_ctx: "uint32",
  defrag_thold: "float",
  cb_eval: "void*",
  cb_eval_user_data: "void*",
  type_k: "int32",
  type_v: "int32",
  abort_callback: "void*",
  abort_callback_data: "void*",
  embeddings: "bool",
  offload_kqv: "bool",
  no_perf: "bool",
  op_offload: "bool",
  swa_full: "bool",
  kv_unified: "bool",
  samplers: "void*",
  n_samplers: "size_t",
  ctx_other: "void*",
});

const batch: TypeObject = koffi.struct("llama_batch", {
  n_tokens: "int32",
  token: "void*",
  embd: "void*",
  pos: "void*",
  n_seq_id: "void*",
  seq_id: "void*",
  logits: "void*",
});

/** Candidates for the next token: an array of (id int32, logit float, probability float). */
const tokenDataArray: TypeObject = koffi.struct("llama_token_data_array", {
  data: "void*",
  size: "size_t",
  selected: "int64",
  sorted: "bool",
});

const quantizeParams: TypeObject = koffi.struct("llama_model_quantize_params", {
  nthread: "int32",
  ftype: "int32",
  output_tensor_type: "int32",
  token_embedding_type: "int32",
  allow_requantize: "bool",
  quantize_output_tensor: "bool",
  only_copy: "bool",
  pure: "bool",
  keep_split: "bool",
  dry_run: "bool",
  imatrix: "void*",
  kv_overrides: "void*",
  tt_overrides: "void*",
  prune_layers: "void*",
  max_buf_size: "size_t",
});

/** A structure as koffi hands it over: one property for each field. */
export type Fields = Record<string, number | bigint | boolean | null>;

const SIZES: readonly (readonly [TypeObject, number])[] = [
  [modelParams, 80],
  [contextParams, 160],
  [batch, 56],
  [quantizeParams, 64],
  [tokenDataArray, 32],
];

const VERSION = /^0\.[45]\./;

/** Fields spread over each structure: if one were moved, a neighbour's value would be read in its place. */
const MODEL_DEFAULTS: Fields = { n_gpu_layers: -1, split_mode: 1, main_gpu: 0, use_extra_bufts: true };
const CONTEXT_DEFAULTS: Fields = {
  n_ctx: 512,
  n_batch: 2048,
  n_ubatch: 512,
  n_seq_max: 1,
  n_outputs_max_per_seq: 1,
  flash_attn_type: -1,
  yarn_ext_factor: -1,
  defrag_thold: -1,
  type_k: 1,
  type_v: 1,
  embeddings: false,
  offload_kqv: true,
  op_offload: true,
  kv_unified: false,
};
const QUANTIZE_DEFAULTS: Fields = { ftype: 7, quantize_output_tensor: true, max_buf_size: 8 * 2 ** 30 };

/** Throws unless the library at `folder` is the one these layouts were written for. */
export function checkLayout(
  folder: string,
  found: {
    readonly version: string;
    readonly model: Fields;
    readonly context: Fields;
    readonly quantize: Fields;
  },
): void {
  const problems: string[] = [];
  for (const [type, size] of SIZES)
    if (koffi.sizeof(type) !== size)
      problems.push(`${type.name} takes ${koffi.sizeof(type)} bytes, not ${size}`);
  if (!VERSION.test(found.version)) problems.push(`its version is ${found.version}, 0.4 was expected`);
  for (const [name, fields, defaults] of [
    ["llama_model_params", found.model, MODEL_DEFAULTS],
    ["llama_context_params", found.context, CONTEXT_DEFAULTS],
    ["llama_model_quantize_params", found.quantize, QUANTIZE_DEFAULTS],
  ] as const) {
    for (const [field, value] of Object.entries(defaults))
      if (fields[field] !== value)
        problems.push(`${name}.${field} is ${fields[field]} by default, not ${value}`);
  }
  if (problems.length === 0) return;
  throw new UserError(
    "llama-library-version",
    `does not hold the llama.cpp this program was built for: ${problems[0]}`,
    {
      file: folder,
      remedy: "Install the locked versions: npm ci",
    },
  );
}
