// Sixteen-bit floats, by bit patterns: IEEE binary16 and bfloat16 to float32. The way back is ggml's.

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

/** bfloat16 -> float32, exact. */
export function bfloat16ToFloat32(source: Uint16Array): Float32Array {
  const out = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) out[i] = source[i]! << 16;
  return new Float32Array(out.buffer);
}
