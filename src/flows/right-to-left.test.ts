import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createDirectionStream } from "./right-to-left.ts";

const stream = (text: string, size = 1): string => {
  const direction = createDirectionStream();
  let shown = "";
  const characters = [...text];
  for (let i = 0; i < characters.length; i += size)
    shown += direction.push(characters.slice(i, i + size).join(""));
  return shown + direction.flush();
};

test("doses and ranges in Arabic are isolated however the text is cut", () => {
  for (const size of [1, 2, 3, 7, 100]) {
    assert.equal(
      stream("خذ amoxicillin 500 mg كل 8 ساعات.\nrest 120/80 now\nالضغط <5 %", size),
      "خذ \u2068amoxicillin 500 mg\u2069 كل \u20688\u2069 ساعات.\nrest 120/80 now\nالضغط \u2068<5 %\u2069",
      `in pieces of ${size}`,
    );
  }
});

test("nothing is lost or added but isolates, and left-to-right text passes at once", () => {
  const part = fc.constantFrom("ماء", " ", "5", "mg", "-", ".", "\n", "<", "a", "हिं", "水", "10", "،");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (parts, size) => {
      const text = parts.join("");
      assert.equal(stream(text, size).replace(/[\u2068\u2069]/gu, ""), text);
    }),
  );
  const direction = createDirectionStream();
  assert.equal(direction.push("Take 5 mg"), "Take 5 mg");
});
