// Parquet's DELTA_BINARY_PACKED encoding of int32: differences of neighbours, in as few bits as each block of 32 needs.
// Counting columns (positions, segments) shrink to almost nothing, and the bytes are the same on every machine, which those of
// a general compressor are not.
// Source: https://parquet.apache.org/docs/file-format/data-pages/encodings/ (DELTA_BINARY_PACKED = 5)
import { writeVarint, writeZigzag } from "./thrift-compact.ts";

const BLOCK = 128;
const MINIBLOCKS = 4;
const MINIBLOCK = BLOCK / MINIBLOCKS;

/** Encodes at least one value; `values` must lie within 2^30 of zero, so that no difference overflows. */
export function encodeDeltaBinary(values: Int32Array): Uint8Array {
  const header: number[] = [];
  writeVarint(header, BLOCK);
  writeVarint(header, MINIBLOCKS);
  writeVarint(header, values.length);
  writeZigzag(header, values[0]!);
  const blocks = Math.ceil((values.length - 1) / BLOCK);
  // The worst case: 32 bits a value, a full last block, and a head of ten bytes for each.
  const bytes = new Uint8Array(header.length + blocks * (BLOCK * 4 + 16));
  bytes.set(header);
  let at = header.length;
  const deltas = new Int32Array(BLOCK);
  for (let from = 1; from < values.length; from += BLOCK) {
    const count = Math.min(BLOCK, values.length - from);
    let least = 0x7fffffff;
    for (let i = 0; i < count; i++) {
      const delta = values[from + i]! - values[from + i - 1]!;
      deltas[i] = delta;
      if (delta < least) least = delta;
    }
    const head: number[] = [];
    writeZigzag(head, least);
    for (let m = 0; m < MINIBLOCKS; m++) {
      let most = 0;
      for (let i = m * MINIBLOCK; i < Math.min(count, (m + 1) * MINIBLOCK); i++) {
        deltas[i] = deltas[i]! - least;
        most |= deltas[i]!;
      }
      head.push(32 - Math.clz32(most));
    }
    bytes.set(head, at);
    at += head.length;
    deltas.fill(0, count);
    for (let m = 0; m < MINIBLOCKS; m++)
      at = packBits(deltas, m * MINIBLOCK, head[head.length - MINIBLOCKS + m]!, bytes, at);
  }
  return bytes.subarray(0, at);
}

/** Writes 32 values of `width` bits each, lowest bits first: `width` words of 32 bits. Gives the place after them. */
function packBits(values: Int32Array, from: number, width: number, bytes: Uint8Array, start: number): number {
  if (width === 0) return start;
  let at = start;
  let word = 0;
  let bits = 0;
  for (let i = from; i < from + MINIBLOCK; i++) {
    const value = values[i]!;
    word |= value << bits;
    bits += width;
    if (bits < 32) continue;
    bytes[at] = word;
    bytes[at + 1] = word >>> 8;
    bytes[at + 2] = word >>> 16;
    bytes[at + 3] = word >>> 24;
    at += 4;
    bits -= 32;
    // What did not fit; a shift by 32 would be one by 0.
    word = bits === 0 ? 0 : value >>> (width - bits);
  }
  return at;
}
