import assert from "node:assert/strict";
import { test } from "node:test";
import { klDivergence } from "./divergence.ts";

test("KL by hand: two tokens, three tokens, itself, and a token that one side rules out", () => {
  const logits = (...shares: number[]): Float32Array => Float32Array.from(shares, Math.log);
  const near = (found: number, expected: number): void =>
    assert.ok(Math.abs(found - expected) < 1e-7, `${found} is not ${expected}`);
  // 0.75 ln(0.75 / 0.5) + 0.25 ln(0.25 / 0.5)
  near(klDivergence(logits(0.75, 0.25), logits(0.5, 0.5)), 0.130812035941137);
  // 0.5 ln(0.5 / 0.25) + 0.25 ln(0.25 / 0.25) + 0.25 ln(0.25 / 0.5): ln 2 / 4
  near(klDivergence(logits(0.5, 0.25, 0.25), logits(0.25, 0.25, 0.5)), Math.LN2 / 4);
  near(klDivergence(Float32Array.of(3, 3, -Infinity), Float32Array.of(7, 7, 7)), Math.log(3 / 2));
  // A constant added to all logits changes nothing.
  near(klDivergence(Float32Array.of(101, 102), Float32Array.of(1, 2)), 0);
  assert.equal(klDivergence(Float32Array.of(0.1, -7, 3), Float32Array.of(0.1, -7, 3)), 0);
});
