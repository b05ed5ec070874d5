import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createUtf8Guard, unfinishedCharacter } from "./utf8-prefix.ts";

test("prefixes of UTF-8 are told from the rest as the platform's decoder tells them", () => {
  const platform = (bytes: Uint8Array): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  const lead = fc.constantFrom(0xc1, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0x80, 0x9f, 0xa0, 0xbf, 0x22);
  fc.assert(
    fc.property(fc.array(fc.oneof(lead, fc.integer({ min: 0, max: 255 })), { maxLength: 6 }), (list) => {
      const bytes = Uint8Array.from(list);
      assert.equal(unfinishedCharacter(bytes) !== undefined, platform(bytes), String(list));
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.deepEqual(unfinishedCharacter(Buffer.from(text)), []);
    }),
  );
});

test("a guard remembers the character it stands in", () => {
  const guard = createUtf8Guard((id) => Uint8Array.of(id), new Uint8Array(256));
  assert.ok(guard.allows(0xe2) && !guard.allows(0x82) && guard.allows(0x22));
  guard.accept(0xe2);
  assert.ok(guard.allows(0x82) && !guard.allows(0x22) && !guard.allows(0xe2));
  guard.accept(0x82);
  guard.accept(0xac);
  assert.ok(guard.allows(0x22) && !guard.allows(0xac));
});
