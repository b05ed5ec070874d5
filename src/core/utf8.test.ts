import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstInvalidByte } from "./utf8.ts";

test("the first byte that is not UTF-8 is found, whatever stands around it", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  const invalid = fc.constantFrom(
    [0xff],
    [0xb7, 0xa2],
    [0xe9],
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f],
  );
  fc.assert(
    fc.property(text, invalid, fc.constantFrom("", " and more é字"), (before, bad, after) => {
      const good = Buffer.from(before);
      assert.equal(firstInvalidByte(good), undefined);
      const bytes = Buffer.concat([good, Buffer.from(bad), Buffer.from(after)]);
      assert.equal(firstInvalidByte(bytes), good.length);
    }),
    { seed: 1, numRuns: 500 },
  );
});
