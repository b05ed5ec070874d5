// Sixteen-bit floats, by bit patterns: IEEE binary16 and bfloat16 to and from float32.

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** binary16 -> float32, exact (subnormals, infinities and NaN included). */
export function float16ToFloat32(source: Uint16Array): Float32Array {
  const out = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) {
    const half = source[i]!;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) out[i] = sign * fraction * 2 ** -24;
    else if (exponent === 31) out[i] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else out[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return out;
}

/** float32 -> binary16, rounded to nearest even; too large becomes infinity. */
export function float32ToFloat16(source: Float32Array): Uint16Array {
  const out = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) {
    float[0] = source[i]!;
    const word = bits[0]!;
    const sign = (word >>> 16) & 0x8000;
    const exponent = ((word >>> 23) & 0xff) - 112;
    const fraction = word & 0x7fffff;
    if (exponent >= 31) {
      // Infinity and NaN have exponent 255 here (143 after the shift).
      out[i] = sign | 0x7c00 | (exponent === 143 && fraction !== 0 ? 0x200 : 0);
    } else if (exponent <= 0) {
      out[i] = exponent < -10 ? sign : sign | roundShift(fraction | 0x800000, 14 - exponent);
    } else {
      // A carry out of the fraction runs into the exponent, which is just what rounding up wants.
      out[i] = sign | ((exponent << 10) + roundShift(fraction, 13));
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
