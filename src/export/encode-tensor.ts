// Float32 values as GGUF stores them: F32, F16, BF16 and Q8_0, bit for bit as ggml writes them.
import { float32ToBfloat16, float32ToFloat16 } from "../model/index.ts";

/** Elements in a Q8_0 block. */
const Q8_0_ELEMENTS = 32;
/** A scale of 2 bytes and 32 signed bytes. */
const Q8_0_BYTES = 34;

/** Tensor types that we write ourselves: ggml's code, and the bytes of each run of elements along a row. */
export const ENCODED_TYPES = {
  F32: { code: 0, elements: 1, bytes: 4 },
  F16: { code: 1, elements: 1, bytes: 2 },
  BF16: { code: 30, elements: 1, bytes: 2 },
  Q8_0: { code: 8, elements: Q8_0_ELEMENTS, bytes: Q8_0_BYTES },
} as const;

/** One of them. */
export type EncodedType = keyof typeof ENCODED_TYPES;

/** Encodes whole rows; for Q8_0 the row length must be a multiple of 32. */
export function encodeTensor(values: Float32Array, type: EncodedType): Uint8Array {
  switch (type) {
    case "F32":
      return bytesOf(values);
    case "F16":
      return bytesOf(float32ToFloat16(values));
    case "BF16":
      return bytesOf(float32ToBfloat16(values));
    case "Q8_0":
      return encodeQ8(values);
    default:
      return type satisfies never;
  }
}

/**
 * Blocks of 32: d = max|x| / 127 as F16, then round(x / d) as signed bytes, halves away from zero, all in float32.
 * Source: `quantize_row_q8_0_ref`, ggml/src/ggml-quants.c.
 */
function encodeQ8(values: Float32Array): Uint8Array {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  const blocks = values.length / Q8_0_ELEMENTS;
  const scales = new Float32Array(blocks);
  const out = new Uint8Array(blocks * Q8_0_BYTES);
  const quants = new Int8Array(out.buffer);
  for (let block = 0; block < blocks; block++) {
    const from = block * Q8_0_ELEMENTS;
    // Without their signs, floats compare as their bits do. No branch on a value: half of them would be guessed wrong.
    let largest = 0;
    for (let i = from; i < from + Q8_0_ELEMENTS; i++) {
      const lead = (largest - (words[i]! & 0x7fffffff)) | 0;
      largest = (largest - (lead & (lead >> 31))) | 0;
    }
    float.setInt32(0, largest);
    const scale = Math.fround(float.getFloat32(0) / 127);
    // ggml multiplies by the reciprocal of the unrounded scale.
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    scales[block] = scale;
    const to = block * Q8_0_BYTES + 2 - from;
    for (let i = from; i < from + Q8_0_ELEMENTS; i++) {
      const sign = words[i]! >> 31;
      const size = (Math.abs(Math.fround(values[i]! * inverse)) + 0.5) | 0;
      quants[to + i] = (size ^ sign) - sign;
    }
  }
  const halves = float32ToFloat16(scales);
  const view = new DataView(out.buffer);
  for (let block = 0; block < blocks; block++) view.setUint16(block * Q8_0_BYTES, halves[block]!, true);
  return out;
}

const float = new DataView(new ArrayBuffer(4));

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
