import assert from "node:assert/strict";
import { test } from "node:test";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half-precision.ts";

test("binary16 means what IEEE 754 says", () => {
  const values = float16ToFloat32(
    Uint16Array.of(0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x3555),
  );
  assert.deepEqual(
    [...values],
    [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, -2, 65504, Infinity, -Infinity, 0.333251953125],
  );
  assert.ok(float16ToFloat32(Uint16Array.of(0x7c01, 0xfe00)).every(Number.isNaN));
});

test("bfloat16 is the upper half of a float32", () => {
  const values = bfloat16ToFloat32(
    Uint16Array.of(0x0000, 0x8000, 0x0001, 0x3f80, 0xc000, 0x7f7f, 0x7f80, 0xff80, 0x3eab),
  );
  const largest = (2 - 2 ** -7) * 2 ** 127;
  assert.deepEqual([...values], [0, -0, 2 ** -133, 1, -2, largest, Infinity, -Infinity, 0.333984375]);
  assert.ok(bfloat16ToFloat32(Uint16Array.of(0x7f81, 0xffc0)).every(Number.isNaN));
});

test("a part of a buffer is converted, not its beginning", () => {
  assert.deepEqual([...float16ToFloat32(Uint16Array.of(0, 0x3c00, 0x4000).subarray(1))], [1, 2]);
  assert.deepEqual([...bfloat16ToFloat32(Uint16Array.of(0, 0x3f80, 0x4000).subarray(1))], [1, 2]);
});
