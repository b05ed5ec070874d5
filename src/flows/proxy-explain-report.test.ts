import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExplainedToken } from "../proxy/index.ts";
import { renderExplainReport } from "./proxy-explain-report.ts";

function token(bytes: Uint8Array, combined: number, special = false): ExplainedToken {
  const opinion = (chosen: number) => ({ chosen, top: [{ bytes: Buffer.from(" <b>"), probability: 0.5 }] });
  return {
    id: 1,
    bytes,
    special,
    base: opinion(0.1),
    expert: opinion(0.6),
    anti: opinion(0.2),
    combined: opinion(combined),
    changed: combined > 0.5,
    klToBase: 1.25,
    truncated: 0,
  };
}

test("tokens that share a character are one piece of the heat map, and special tokens are no text", () => {
  const [first, second] = [Buffer.from("क").subarray(0, 2), Buffer.from("क").subarray(2)];
  const page = renderExplainReport({
    prompt: "a < b",
    model: "base",
    tokens: [
      token(Buffer.from("x"), 0.1),
      token(first, 0.3),
      token(second, 0.9),
      token(Buffer.from("<|end|>"), 0.9, true),
    ],
  });
  const [, answer = ""] = /class="answer"[^>]*>(.*?)<\/p>/u.exec(page) ?? [];
  assert.equal(
    answer,
    '<a href="#t0" style="--heat:0%">x</a><a href="#t1" class="changed" style="--heat:40%">क</a>',
  );
  assert.equal(page.match(/<tr role="row" id=/gu)?.length, 4);
  assert.match(page, /&#60;E0 A4&#62;/u);
  assert.match(page, /2 of 4 tokens/u);
  assert.doesNotMatch(page, /<b>|https?:|<script|NaN|undefined|<\|end/u);
});
