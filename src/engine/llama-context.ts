// One llama.cpp context: a KV cache of several sequences and a batch to fill. Knows native memory, not what is computed.
// Sequences have cells of their own (`kv_unified` off): cell = position, so neighbours never change the order of a sum.
import assert from "node:assert/strict";
import koffi from "koffi";
import { UserError } from "../core/index.ts";
import type { LlamaFunctions, Pointer } from "./llama-library.ts";
import { withCores } from "./processor.ts";

/** What a context is made with. */
export interface ContextOptions {
  /** Tokens that each sequence can hold; llama.cpp rounds it up to 256. */
  readonly cells: number;
  readonly sequences: number;
  /** Most rows of one decode whose logits are wanted. */
  readonly outputs: number;
  readonly threads: number;
  /** Flash attention where the backend has it. */
  readonly flash: boolean;
  /** Numbers of the KV cache. */
  readonly cache: "f16" | "f32";
  /** A native callback that sees every node of the computation (`cb_eval`). */
  readonly onNode?: Pointer;
  /** Every row gives its vector of the last layer instead of waiting to be asked for logits. Default false. */
  readonly embeddings?: boolean;
}

/** A native context; every method but `decode` must be called while no decode runs. */
export interface LlamaContext {
  readonly cells: number;
  readonly sequences: number;
  /** Most rows of one decode. */
  readonly capacity: number;
  readonly outputs: number;
  /** Adds a row to the next batch; rows of one sequence in order, sequences in ascending order. Gives the row's index. */
  add(token: number, position: number, sequence: number, wantsLogits: boolean): number;
  /** Evaluates the rows added so far, on another thread. */
  decode(): Promise<void>;
  /** The logits of a row of the last decode that wanted them: a view of native memory, dead at the next decode. */
  logits(row: number): Float32Array;
  /** The vector of a row of the last decode, of a context for embeddings: a view of native memory as well. */
  embedding(row: number): Float32Array;
  /** Forgets a sequence from `position` on; `UserError` when the model's state cannot be cut there. */
  remove(sequence: number, position: number): void;
  /** The same; false when the state cannot be cut there. */
  tryRemove(sequence: number, position: number): boolean;
  /** Makes `target` a copy of the whole of `source`. */
  copy(source: number, target: number): void;
  free(): void;
}

/** ggml's numbers of these types. */
const CACHE_TYPES = { f32: 0, f16: 1 } as const;
/** A vector for each token; pooling is done here, so that it does not depend on what else is in the batch. */
const POOLING_NONE = 0;
const FLASH_ATTENTION_AUTO = -1;
const FLASH_ATTENTION_OFF = 0;
/** Rows evaluated together; more gains nothing on a CPU and costs memory. */
const BATCH_ROWS = 512;
/** LLAMA_MAX_SEQ of llama.cpp 0.4. */
export const MAX_SEQUENCES = 256;

/** Allocates a context for `model`; `UserError` when there is not enough memory. */
export async function createContext(
  llama: LlamaFunctions,
  model: Pointer,
  vocabularySize: number,
  options: ContextOptions,
): Promise<LlamaContext> {
  const { sequences, outputs, threads, flash, cache } = options;
  assert(sequences >= 1 && sequences <= MAX_SEQUENCES);
  const context = await llama.init_from_model(model, {
    ...llama.context_default_params(),
    n_ctx: options.cells * sequences,
    n_batch: BATCH_ROWS,
    n_ubatch: BATCH_ROWS,
    n_seq_max: sequences,
    n_outputs_max: outputs,
    n_outputs_max_per_seq: outputs,
    n_threads: threads,
    n_threads_batch: threads,
    flash_attn_type: flash ? FLASH_ATTENTION_AUTO : FLASH_ATTENTION_OFF,
    type_k: CACHE_TYPES[cache],
    type_v: CACHE_TYPES[cache],
    cb_eval: options.onNode ?? null,
    ...(options.embeddings ? { embeddings: true, pooling_type: POOLING_NONE } : {}),
  });
  if (context === null) {
    throw new UserError(
      "context-allocation",
      `no memory for a context of ${sequences} x ${options.cells} tokens`,
      { remedy: "Ask for a shorter context or fewer sequences." },
    );
  }
  const memory = llama.get_memory(context);
  if (memory === null) {
    llama.free(context);
    throw new UserError("not-a-language-model", "the model keeps no KV cache: it cannot continue a text");
  }
  const rows = allocateRows(llama);
  const logitsAt = createViews(vocabularySize);
  const vectorAt = createViews(llama.model_n_embd(model));
  let count = 0;
  return {
    cells: llama.n_ctx_seq(context),
    sequences,
    capacity: BATCH_ROWS,
    outputs,
    add(token, position, sequence, wantsLogits) {
      assert(count < BATCH_ROWS, "the batch is full");
      rows.token[count] = token;
      rows.position[count] = position;
      rows.sequence[count]![0] = sequence;
      rows.wantsLogits[count] = wantsLogits ? 1 : 0;
      return count++;
    },
    async decode() {
      const batch = { ...rows.native, n_tokens: count };
      count = 0;
      const status = await withCores(threads, () => llama.decode(context, batch));
      assert.equal(status, 0, `llama_decode of ${batch.n_tokens} rows gave ${status}`);
    },
    logits(row) {
      const address = llama.get_logits_ith(context, row);
      assert(address !== null, `row ${row} has no logits`);
      return logitsAt(address);
    },
    embedding(row) {
      const address = llama.get_embeddings_ith(context, row);
      assert(address !== null, `row ${row} has no vector`);
      return vectorAt(address);
    },
    remove(sequence, position) {
      if (llama.memory_seq_rm(memory, sequence, position, -1)) return;
      throw new UserError(
        "cannot-rewind",
        "models with a recurrent state cannot go back to an earlier position",
      );
    },
    tryRemove: (sequence, position) => llama.memory_seq_rm(memory, sequence, position, -1),
    copy(source, target) {
      llama.memory_seq_cp(memory, source, target, -1, -1);
    },
    free() {
      llama.batch_free(rows.native);
      llama.free(context);
    },
  };
}

/** The arrays of a native batch, as views that JavaScript can write. */
function allocateRows(llama: LlamaFunctions) {
  const native = llama.batch_init(BATCH_ROWS, 0, 1);
  const view = (address: Pointer, elements: number, bytes: number): ArrayBuffer =>
    koffi.view(address, elements * bytes);
  const sequences = new BigUint64Array(view(native.seq_id!, BATCH_ROWS, 8));
  new Int32Array(view(native.n_seq_id!, BATCH_ROWS, 4)).fill(1);
  return {
    native,
    token: new Int32Array(view(native.token!, BATCH_ROWS, 4)),
    position: new Int32Array(view(native.pos!, BATCH_ROWS, 4)),
    sequence: Array.from({ length: BATCH_ROWS }, (_, row) => new Int32Array(view(sequences[row]!, 1, 4))),
    wantsLogits: new Int8Array(view(native.logits!, BATCH_ROWS, 1)),
  };
}

/**
 * Views of native rows of `length` numbers, one for each address: a new one at every token would let V8 count its memory as garbage
 * again and again, which costs 5 % of a small model's time.
 */
function createViews(length: number): (address: Pointer) => Float32Array {
  const views = new Map<Pointer, Float32Array>();
  return (address) => {
    let view = views.get(address);
    if (view === undefined) {
      view = new Float32Array(koffi.view(address, length * Float32Array.BYTES_PER_ELEMENT));
      views.set(address, view);
    }
    return view;
  };
}
