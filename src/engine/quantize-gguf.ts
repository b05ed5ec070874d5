// Quantises GGUF files with llama.cpp's own code, so that the result is what its tools would make.
import { rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { asFileError, makeFolder, readGgufHeader, temporaryPath, UserError } from "../core/index.ts";
import { type ImportanceMatrix, nativeImportance } from "./importance.ts";
import { loadLlama, withLlamaErrors } from "./llama-library.ts";

/** llama.cpp's file types by the names people use; values are `llama_ftype` of llama.h at v0.4.0. */
const FILE_TYPES = {
  f32: 0,
  f16: 1,
  bf16: 32,
  q8_0: 7,
  q6_k: 18,
  q5_k_m: 17,
  q5_k_s: 16,
  q5_1: 9,
  q5_0: 8,
  q4_k_m: 15,
  q4_k_s: 14,
  q4_1: 3,
  q4_0: 2,
  iq4_nl: 25,
  iq4_xs: 30,
  q3_k_l: 13,
  q3_k_m: 12,
  q3_k_s: 11,
  q2_k: 10,
} as const;

/** A type that `quantizeGguf` can write. */
export type GgufFileType = keyof typeof FILE_TYPES;

/** All types that `quantizeGguf` can write, the most faithful first. */
export const GGUF_FILE_TYPES = Object.keys(FILE_TYPES) as readonly GgufFileType[];

/**
 * Writes `input` to `output` with its matrices stored as `type` (norms and biases stay 32-bit). The file appears whole or
 * not at all. `UserError` when the input is broken or already quantised, or the type is unknown.
 */
export async function quantizeGguf(
  input: string,
  output: string,
  type: GgufFileType,
  options: {
    /** Default: all cores. */
    readonly threads?: number;
    /** Which inputs of each matrix matter; its errors are then weighed by them. */
    readonly importance?: ImportanceMatrix | undefined;
  } = {},
): Promise<void> {
  const fileType = FILE_TYPES[type];
  if (fileType === undefined) {
    throw new UserError("unknown-gguf-type", `"${type}" is not a GGUF type`, {
      remedy: `Known: ${GGUF_FILE_TYPES.join(", ")}.`,
    });
  }
  const { tensors } = await readGgufHeader(input);
  if (tensors.length === 0)
    throw new UserError("vocabulary-only", "holds a vocabulary and no weights", { file: input });
  const llama = loadLlama();
  const temporary = await temporaryPath(output);
  const importance = options.importance === undefined ? undefined : nativeImportance(options.importance);
  try {
    await makeFolder(dirname(output));
    const { result: status, lastError } = await withLlamaErrors(llama, () =>
      llama.model_quantize(input, temporary, {
        ...llama.model_quantize_default_params(),
        nthread: options.threads ?? availableParallelism(),
        ftype: fileType,
        ...(importance === undefined
          ? {}
          : { imatrix: importance.entries, kv_overrides: importance.metadata }),
      }),
    );
    if (status !== 0) {
      throw new UserError("cannot-quantize", `llama.cpp cannot make ${type} of it (${lastError ?? status})`, {
        file: input,
        remedy: "Quantise from an F32, F16 or BF16 file.",
      });
    }
    await rename(temporary, output);
  } catch (error) {
    throw asFileError(error, output);
  } finally {
    importance?.free();
    await rm(temporary, { force: true });
  }
}
