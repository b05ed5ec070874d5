// The GGUF container, version 3: its limits and typed metadata values.
// Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.

export const GGUF_MAGIC = "GGUF";
export const GGUF_VERSION = 3;
/** Tensors start at multiples of this, in bytes, unless `general.alignment` says otherwise. */
export const DEFAULT_ALIGNMENT = 32;
/** ggml's GGML_MAX_DIMS. */
export const MAX_DIMENSIONS = 4;

/** A metadata value with its type: llama.cpp refuses a count that is not `uint32`, an epsilon that is not `float32`. */
export type MetadataValue =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "uint32" | "float32"; readonly value: number }
  | { readonly type: "string[]"; readonly value: readonly string[] }
  | { readonly type: "int32[]" | "float32[]"; readonly value: ArrayLike<number> };

/** Metadata in the order it is written. */
export type Metadata = ReadonlyMap<string, MetadataValue>;

/** `value` rounded up to a multiple of `alignment`. */
export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

/** A metadata value of each kind. */
export const text = (value: string): MetadataValue => ({ type: "string", value });
export const count = (value: number): MetadataValue => ({ type: "uint32", value });
export const real = (value: number): MetadataValue => ({ type: "float32", value });
export const flag = (value: boolean): MetadataValue => ({ type: "bool", value });
