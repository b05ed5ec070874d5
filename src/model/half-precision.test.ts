import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./half-precision.ts";

const PATTERNS = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
const isNaN16 = (pattern: number): boolean => (pattern & 0x7fff) > 0x7c00;
const isNaNB16 = (pattern: number): boolean => (pattern & 0x7fff) > 0x7f80;

test("all 65,536 binary16 patterns come back as they were; NaN stays NaN", () => {
  const wide = float16ToFloat32(PATTERNS);
  const back = float32ToFloat16(wide);
  for (const pattern of PATTERNS) {
    if (isNaN16(pattern)) assert.ok(Number.isNaN(wide[pattern]) && isNaN16(back[pattern]!), `${pattern}`);
    else assert.equal(back[pattern], pattern);
  }
});

test("all 65,536 bfloat16 patterns come back as they were; NaN stays NaN", () => {
  const wide = bfloat16ToFloat32(PATTERNS);
  const back = float32ToBfloat16(wide);
  for (const pattern of PATTERNS) {
    if (isNaNB16(pattern)) assert.ok(Number.isNaN(wide[pattern]) && isNaNB16(back[pattern]!), `${pattern}`);
    else assert.equal(back[pattern], pattern);
  }
});

test("binary16 means what IEEE 754 says", () => {
  const values = float16ToFloat32(
    Uint16Array.of(0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x3555),
  );
  assert.deepEqual(
    [...values],
    [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, -2, 65504, Infinity, -Infinity, 0.333251953125],
  );
});

for (const [name, widen, narrow, finite] of [
  ["binary16", float16ToFloat32, float32ToFloat16, 0x7bff],
  ["bfloat16", bfloat16ToFloat32, float32ToBfloat16, 0x7f7f],
] as const) {
  test(`${name}: between two neighbours the nearer one, in the middle the even one`, () => {
    const values = widen(PATTERNS);
    const above = new Float32Array(finite);
    const middle = new Float32Array(finite);
    const below = new Float32Array(finite);
    const bits = { above: view(above), middle: view(middle), below: view(below) };
    for (let pattern = 0; pattern < finite; pattern++) {
      // Exact in float32: one bit more than the narrow type has.
      middle[pattern] = (values[pattern]! + values[pattern + 1]!) / 2;
      bits.above[pattern] = bits.middle[pattern]! + 1;
      bits.below[pattern] = bits.middle[pattern]! - 1;
    }
    const rounded = { above: narrow(above), middle: narrow(middle), below: narrow(below) };
    const negative = narrow(middle.map((value) => -value));
    for (let pattern = 0; pattern < finite; pattern++) {
      const even = pattern % 2 === 0 ? pattern : pattern + 1;
      assert.equal(rounded.middle[pattern], even, `middle above ${pattern}`);
      assert.equal(negative[pattern], even | 0x8000);
      assert.equal(rounded.above[pattern], pattern + 1, `above the middle above ${pattern}`);
      assert.equal(rounded.below[pattern], pattern, `below the middle above ${pattern}`);
    }
  });

  test(`${name}: what is too large becomes infinite, what is too small zero, with its sign`, () => {
    const infinite = finite + 1;
    assert.equal(narrow(Float32Array.of(Infinity))[0], infinite);
    assert.equal(narrow(Float32Array.of(-Infinity))[0], infinite | 0x8000);
    assert.equal(narrow(Float32Array.of(3.4e38))[0], name === "binary16" ? infinite : 0x7f80);
    assert.equal(narrow(Float32Array.of(-1e-45))[0], 0x8000);
  });
}

test("65519.996 is the last float32 that does not become infinite in binary16", () => {
  assert.deepEqual([...float32ToFloat16(Float32Array.of(65519.996, 65520))], [0x7bff, 0x7c00]);
});

test("a part of a buffer is converted, not its beginning", () => {
  const part = Float32Array.of(9, 9, 1, 2).subarray(2);
  assert.deepEqual([...float16ToFloat32(float32ToFloat16(part))], [1, 2]);
  assert.deepEqual([...bfloat16ToFloat32(float32ToBfloat16(part))], [1, 2]);
});

function view(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer);
}
