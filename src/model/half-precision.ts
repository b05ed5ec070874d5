// Sixteen-bit floats, by bit patterns: IEEE binary16 and bfloat16 to and from float32.

/** The value of every binary16 pattern, made when first needed: a look-up is ten times the arithmetic's speed. */
let halfValues: Float32Array | undefined;

/** binary16 -> float32, exact (subnormals, infinities and NaN included). */
export function float16ToFloat32(source: Uint16Array): Float32Array {
  halfValues ??= Float32Array.from({ length: 1 << 16 }, (_, half) => halfValue(half));
  const out = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) out[i] = halfValues[source[i]!]!;
  return out;
}

function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Bits of 2^-14, the smallest normal binary16, and of 2^16, the first power of two beyond its range. */
const SMALLEST_NORMAL_HALF = 0x38800000;
const BEYOND_HALF = 0x47800000;

/** float32 -> binary16, rounded to nearest even; too large becomes infinity. */
export function float32ToFloat16(source: Float32Array): Uint16Array {
  const words = new Uint32Array(source.buffer, source.byteOffset, source.length);
  const out = new Uint16Array(source.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const sign = (word >>> 16) & 0x8000;
    const size = word & 0x7fffffff;
    if (size >= SMALLEST_NORMAL_HALF && size < BEYOND_HALF) {
      // A carry out of the fraction runs into the exponent, up to infinity, which is just what rounding up wants.
      out[i] = sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
    } else if (size >= BEYOND_HALF) {
      out[i] = sign | 0x7c00 | (size > 0x7f800000 ? 0x200 : 0);
    } else {
      const exponent = (size >>> 23) - 112;
      out[i] = exponent < -10 ? sign : sign | roundShift((size & 0x7fffff) | 0x800000, 14 - exponent);
    }
  }
  return out;
}

/** bfloat16 -> float32, exact. */
export function bfloat16ToFloat32(source: Uint16Array): Float32Array {
  const out = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) out[i] = source[i]! << 16;
  return new Float32Array(out.buffer);
}

/** float32 -> bfloat16, rounded to nearest even; NaN stays a quiet NaN. */
export function float32ToBfloat16(source: Float32Array): Uint16Array {
  const words = new Uint32Array(source.buffer, source.byteOffset, source.length);
  const out = new Uint16Array(source.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    out[i] =
      (word & 0x7fffffff) > 0x7f800000 ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return out;
}

/** Shifts right by `count` bits, rounding to nearest even. */
function roundShift(value: number, count: number): number {
  const shifted = value >>> count;
  const rest = value & ((1 << count) - 1);
  const half = 1 << (count - 1);
  return rest > half || (rest === half && (shifted & 1) === 1) ? shifted + 1 : shifted;
}
