// How much each input of each matrix of a model matters: the mean square of what a calibration text sends through it. The
// quantiser then spends its precision where the text needs it. What is collected is what llama.cpp's imatrix tool collects:
// its evaluation hook shows every matrix product of the layers with its inputs.
import assert from "node:assert/strict";
import koffi from "koffi";
import { UserError } from "../core/index.ts";
import { createContext, type LlamaContext } from "./llama-context.ts";
import { type LlamaFunctions, loadLlama, type Pointer } from "./llama-library.ts";
import { createLlamaVocabulary } from "./llama-vocabulary.ts";
import { loadModel } from "./open-gguf.ts";

/** Mean squares of the inputs of each matrix, by the GGUF name of its tensor. */
export interface ImportanceMatrix {
  readonly entries: ReadonlyMap<string, Float32Array>;
  /** Pieces of calibration text that were evaluated. */
  readonly chunks: number;
  readonly tokens: number;
  /** What the text was; stands in the quantised file. */
  readonly dataset: string;
}

/** How to measure. */
export interface ImportanceOptions {
  /** What the text is, for the file's metadata. */
  readonly dataset: string;
  /** Most tokens taken of each text. Default: all. */
  readonly tokensPerText?: number;
  readonly threads?: number;
  /** Called with the tokens evaluated so far and their number. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Tokens of one piece of text; the model sees nothing before it. */
const CHUNK_TOKENS = 512;
/** Rows of one decode: all of them have logits, because the last layer is computed for those alone. */
const DECODE_ROWS = 128;

/** Places in ggml's `struct ggml_tensor` (ggml.h at v0.4.0 of llama.cpp), checked against what ggml's functions say. */
const TENSOR = { bytes: 336, type: 0, sizes: 16, strides: 48, sources: 152, name: 256 } as const;
const GGML_TYPE_F32 = 0;

/**
 * Runs the texts through the model at `path` (F32, F16 or BF16) and gives the importance of each layer's matrices' inputs.
 * `UserError` when the file does not load or the texts are empty.
 */
export async function measureImportance(
  path: string,
  texts: readonly string[],
  options: ImportanceOptions,
): Promise<ImportanceMatrix> {
  const llama = loadLlama();
  const threads = options.threads ?? 1;
  const model = await loadModel(llama, path, 0);
  const sums = new Map<string, InputSums>();
  const hook = koffi.register(
    (node: Pointer, ask: boolean) => (ask ? isLayerProduct(llama, node) : collect(llama, node, sums)),
    "llama_eval_callback*",
  );
  const vocabulary = createLlamaVocabulary(llama, model);
  let context: LlamaContext | undefined;
  try {
    const cells = Math.min(CHUNK_TOKENS, llama.model_n_ctx_train(model));
    const prefix = vocabulary.addBos ? [vocabulary.bosId!] : [];
    const chunks = texts.flatMap((text) =>
      cut(vocabulary.encode(text).subarray(0, options.tokensPerText), cells - prefix.length),
    );
    const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (total === 0) throw new UserError("empty-calibration", "the calibration text is empty");
    context = await createContext(llama, model, vocabulary.vocabularySize, {
      cells,
      sequences: 1,
      outputs: DECODE_ROWS,
      threads,
      flash: false,
      cache: "f32",
      onNode: hook,
    });
    let done = 0;
    for (const chunk of chunks) {
      options.signal?.throwIfAborted();
      await evaluate(context, [...prefix, ...chunk]);
      done += chunk.length;
      options.onProgress?.(done, total);
    }
    const entries = new Map([...sums].map(([name, { squares, rows }]) => [name, means(squares, rows)]));
    return { entries, chunks: chunks.length, tokens: total, dataset: options.dataset };
  } finally {
    context?.free();
    vocabulary.release();
    llama.model_free(model);
    koffi.unregister(hook);
  }
}

interface InputSums {
  readonly squares: Float64Array;
  rows: number;
}

function cut(tokens: Int32Array, length: number): Int32Array[] {
  const count = Math.ceil(tokens.length / length);
  return Array.from({ length: count }, (_, i) => tokens.subarray(i * length, (i + 1) * length));
}

async function evaluate(context: LlamaContext, tokens: readonly number[]): Promise<void> {
  for (let from = 0; from < tokens.length; from += DECODE_ROWS) {
    tokens.slice(from, from + DECODE_ROWS).forEach((token, i) => {
      context.add(token, from + i, 0, true);
    });
    await context.decode();
  }
  context.remove(0, 0);
}

function means(squares: Float64Array, rows: number): Float32Array {
  return Float32Array.from(squares, (sum) => sum / rows);
}

/** The first two sources of a node. */
function sourcesOf(node: Pointer): [Pointer, Pointer] {
  const [first, second] = new BigUint64Array(koffi.view(node, TENSOR.bytes), TENSOR.sources, 2);
  return [first!, second!];
}

/** A product of a layer's weights with inputs of 32 bits. */
function isLayerProduct(llama: LlamaFunctions, node: Pointer): boolean {
  if (llama.tensor_operation(node) !== "MUL_MAT") return false;
  const [weights, inputs] = sourcesOf(node);
  const type = new Int32Array(koffi.view(inputs, TENSOR.bytes), TENSOR.type, 1)[0];
  return type === GGML_TYPE_F32 && llama.tensor_name(weights).startsWith("blk.");
}

/** Adds the squares of the node's inputs; true lets the computation go on. */
function collect(llama: LlamaFunctions, node: Pointer, sums: Map<string, InputSums>): boolean {
  const [weights, inputs] = sourcesOf(node);
  const name = llama.tensor_name(weights);
  const struct = koffi.view(inputs, TENSOR.bytes);
  const [width = 0, ...others] = Array.from(new BigInt64Array(struct, TENSOR.sizes, 4), Number);
  const [step, stride = 0] = Array.from(new BigInt64Array(struct, TENSOR.strides, 4), Number);
  const rows = others.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(Number(llama.tensor_bytes(inputs)));
  // A layout other than ours would show in any of these.
  assert.ok(
    step === 4 && stride === 4 * width && bytes.length === rows * stride,
    `${name}: its inputs have gaps`,
  );
  llama.tensor_get(inputs, bytes, 0, bytes.length);
  const values = new Float32Array(bytes.buffer);
  const entry = sums.get(name) ?? { squares: new Float64Array(width), rows: 0 };
  sums.set(name, entry);
  assert.equal(entry.squares.length, width);
  const { squares } = entry;
  for (let at = 0; at < values.length; at += width) {
    for (let i = 0; i < width; i++) squares[i]! += values[at + i]! * values[at + i]!;
  }
  entry.rows += rows;
  return true;
}

/** Sizes of llama.h's `llama_model_imatrix_data` and `llama_model_kv_override`, and of the override's texts. */
const ENTRY_BYTES = 24;
const OVERRIDE_BYTES = 264;
const OVERRIDE_TEXT_BYTES = 127;
const OVERRIDE_INTEGER = 0;
const OVERRIDE_TEXT = 3;

/** The matrix as the quantiser takes it, and what it writes about it into the file; `free` when the quantiser is done. */
export function nativeImportance({ entries, chunks, dataset }: ImportanceMatrix): {
  readonly entries: Pointer;
  readonly metadata: Pointer;
  free(): void;
} {
  const blocks: Pointer[] = [];
  const allocate = (bytes: number): { at: Pointer; view: DataView; all: Uint8Array } => {
    const at = koffi.address(koffi.alloc("uint8_t", bytes));
    blocks.push(at);
    const buffer = koffi.view(at, bytes);
    const all = new Uint8Array(buffer);
    all.fill(0);
    return { at, view: new DataView(buffer), all };
  };
  const copy = (bytes: Uint8Array): Pointer => {
    const block = allocate(bytes.length);
    block.all.set(bytes);
    return block.at;
  };
  // A nameless entry ends each list.
  const list = allocate((entries.size + 1) * ENTRY_BYTES);
  [...entries].forEach(([name, values], i) => {
    list.view.setBigUint64(i * ENTRY_BYTES, copy(Buffer.from(`${name}\0`)), true);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    list.view.setBigUint64(i * ENTRY_BYTES + 8, copy(bytes), true);
    list.view.setBigUint64(i * ENTRY_BYTES + 16, BigInt(values.length), true);
  });
  const notes: readonly (readonly [key: string, value: string | number])[] = [
    ["quantize.imatrix.dataset", dataset],
    ["quantize.imatrix.entries_count", entries.size],
    ["quantize.imatrix.chunks_count", chunks],
  ];
  const overrides = allocate((notes.length + 1) * OVERRIDE_BYTES);
  notes.forEach(([key, value], i) => {
    const at = i * OVERRIDE_BYTES;
    overrides.view.setInt32(at, typeof value === "string" ? OVERRIDE_TEXT : OVERRIDE_INTEGER, true);
    overrides.all.set(Buffer.from(key), at + 4);
    if (typeof value === "number") overrides.view.setBigInt64(at + 136, BigInt(value), true);
    else overrides.all.set(Buffer.from(value).subarray(0, OVERRIDE_TEXT_BYTES), at + 136);
  });
  return {
    entries: list.at,
    metadata: overrides.at,
    free() {
      for (const block of blocks) koffi.free(block);
    },
  };
}
