// Rows of weights from one stored type to another by ggml's own routines, on other threads: what llama.cpp's quantiser would
// write, bit for bit, while this thread reads and writes.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import koffi, { type LibraryHandle } from "koffi";
import { findLibrary, findLibraryFolder, loadLlama } from "./llama-library.ts";

/** Types that rows are read in. */
export type FloatType = "F32" | "F16" | "BF16";

/** Types that rows are written in. */
export type RowType = FloatType | "Q8_0";

/** `ggml_type` of ggml.h. */
const Q8_0 = 8;

/** Bytes of one value. */
const WIDTH: Readonly<Record<FloatType, number>> = { F32: 4, F16: 2, BF16: 2 };

type Convert = (source: Uint8Array, out: Uint8Array, count: number) => Promise<void>;

interface RowRoutines {
  readonly widen: Readonly<Record<"F16" | "BF16", Convert>>;
  readonly narrow: Readonly<Record<"F16" | "BF16" | "Q8_0", Convert>>;
}

let bound: RowRoutines | undefined;

/**
 * Converts whole rows: `source` holds them as `from`; gives the bytes as `to`, at the beginning of `out`, which must have room
 * for them. Rounds to nearest even (F16, BF16), or blocks of 32 as `quantize_row_q8_0_ref` makes them (Q8_0: the number of
 * values must be a multiple of 32). All three buffers belong to the call until it is done; `float32` needs 4 bytes a value,
 * and only where neither side is F32.
 */
export async function encodeRows(
  source: Uint8Array,
  from: FloatType,
  to: RowType,
  buffers: { readonly float32: Uint8Array; readonly out: Uint8Array },
): Promise<Uint8Array> {
  if (from === to) return source;
  bound ??= bind();
  const count = source.byteLength / WIDTH[from];
  let values = source;
  if (from !== "F32") {
    values = (to === "F32" ? buffers.out : buffers.float32).subarray(0, 4 * count);
    await bound.widen[from](source, values, count);
  }
  if (to === "F32") return values;
  const out = buffers.out.subarray(0, to === "Q8_0" ? (count / 32) * 34 : 2 * count);
  await bound.narrow[to](values, out, count);
  return out;
}

function bind(): RowRoutines {
  loadLlama();
  const folder = findLibraryFolder();
  const base = koffi.load(findLibrary(folder, "ggml-base")!);
  // The portable build converts to F16 a value at a time; the processor's own has an instruction for it, and the same result.
  const cpu = loadProcessorLibrary(folder) ?? base;
  const prefix = cpu === base ? "ggml" : "ggml_cpu";
  const suffix = cpu === base ? "_row" : "";
  const quantize = base.func(
    "size_t ggml_quantize_chunk(int type, void* source, void* out, int64_t start, int64_t rows, int64_t count, void* importance)",
  );
  return {
    widen: {
      F16: converter(cpu, `${prefix}_fp16_to_fp32${suffix}`),
      BF16: converter(base, "ggml_bf16_to_fp32_row"),
    },
    narrow: {
      F16: converter(cpu, `${prefix}_fp32_to_fp16${suffix}`),
      BF16: converter(base, "ggml_fp32_to_bf16_row_ref"),
      Q8_0: (source, out, count) =>
        onAnotherThread((done) => quantize.async(Q8_0, source, out, 0, 1, count, null, done)),
    },
  };
}

function converter(library: LibraryHandle, name: string): Convert {
  const native = library.func(`void ${name}(void* source, void* out, int64_t count)`);
  return (source, out, count) => onAnotherThread((done) => native.async(source, out, count, done));
}

function onAnotherThread(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}

/** The build that ggml itself would choose for this processor: each says how much of it it can use, and 0 when too much. */
function loadProcessorLibrary(folder: string): LibraryHandle | undefined {
  let best: LibraryHandle | undefined;
  let highest = 0;
  for (const name of readdirSync(folder)) {
    if (!/^(lib)?ggml-cpu-\w+\.(so|dylib|dll)$/u.test(name)) continue;
    try {
      const library = koffi.load(join(folder, name));
      const score = (library.func("int ggml_backend_score()") as unknown as () => number)();
      if (score > highest) [best, highest] = [library, score];
    } catch {
      // Another processor's build may not load here.
    }
  }
  return best;
}
