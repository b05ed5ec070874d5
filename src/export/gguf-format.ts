// The GGUF container, version 3: value types, tensor types and typed metadata values.
// Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; sizes: gguf-py/gguf/constants.py at llama.cpp v0.4.0.

export const GGUF_MAGIC = "GGUF";
export const GGUF_VERSION = 3;
/** Tensors start at multiples of this, in bytes, unless `general.alignment` says otherwise. */
export const DEFAULT_ALIGNMENT = 32;
/** Longer tensor names are refused by ggml (GGML_MAX_NAME, with its final zero). */
export const MAX_TENSOR_NAME_BYTES = 63;
/** ggml's GGML_MAX_DIMS. */
export const MAX_DIMENSIONS = 4;

/** Codes of value types. */
export const VALUE_TYPES = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** A metadata value with its type: llama.cpp refuses a count that is not `uint32`, an epsilon that is not `float32`. */
export type MetadataValue =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "uint32" | "float32"; readonly value: number }
  | { readonly type: "string[]"; readonly value: readonly string[] }
  | { readonly type: "int32[]" | "float32[]"; readonly value: ArrayLike<number> };

/** Metadata in the order it is written. */
export type Metadata = ReadonlyMap<string, MetadataValue>;

/** How tensor data is stored: `bytes` for each run of `elements` along a row. */
export interface TensorType {
  readonly name: string;
  readonly code: number;
  readonly elements: number;
  readonly bytes: number;
}

const TENSOR_TYPES: readonly TensorType[] = (
  [
    [0, "F32", 1, 4],
    [1, "F16", 1, 2],
    [2, "Q4_0", 32, 18],
    [3, "Q4_1", 32, 20],
    [6, "Q5_0", 32, 22],
    [7, "Q5_1", 32, 24],
    [8, "Q8_0", 32, 34],
    [9, "Q8_1", 32, 40],
    [10, "Q2_K", 256, 84],
    [11, "Q3_K", 256, 110],
    [12, "Q4_K", 256, 144],
    [13, "Q5_K", 256, 176],
    [14, "Q6_K", 256, 210],
    [15, "Q8_K", 256, 292],
    [16, "IQ2_XXS", 256, 66],
    [17, "IQ2_XS", 256, 74],
    [18, "IQ3_XXS", 256, 98],
    [19, "IQ1_S", 256, 50],
    [20, "IQ4_NL", 32, 18],
    [21, "IQ3_S", 256, 110],
    [22, "IQ2_S", 256, 82],
    [23, "IQ4_XS", 256, 136],
    [24, "I8", 1, 1],
    [25, "I16", 1, 2],
    [26, "I32", 1, 4],
    [27, "I64", 1, 8],
    [28, "F64", 1, 8],
    [29, "IQ1_M", 256, 56],
    [30, "BF16", 1, 2],
    [34, "TQ1_0", 256, 54],
    [35, "TQ2_0", 256, 66],
    [39, "MXFP4", 32, 17],
    [40, "NVFP4", 64, 36],
  ] as const
).map(([code, name, elements, bytes]) => ({ code, name, elements, bytes }));

/** The tensor type with this code, `undefined` for an unknown one. */
export function tensorTypeByCode(code: number): TensorType | undefined {
  return TENSOR_TYPES.find((type) => type.code === code);
}

/** The tensor type of this name. */
export function tensorTypeByName(name: string): TensorType | undefined {
  return TENSOR_TYPES.find((type) => type.name === name);
}

/** `value` rounded up to a multiple of `alignment`. */
export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
