import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openGguf } from "./open-gguf.ts";
import { encodePair } from "./score.ts";
import { writeTinyGguf } from "./testing.ts";

test("a continuation is scored whole, also where a token would reach over the border", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-score-"));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path, { seed: 1 });
  const model = await openGguf(path, { threads: 1 });
  const { tokenizer } = model;
  const text = (ids: Int32Array): string => tokenizer.decode(ids);
  for (const [prompt, continuation] of [
    ["the man said", " yes"],
    ["the man ", "the"],
    // "the" is one token: cut at the prompt's length, nothing would be left of "e".
    ["th", "e"],
  ] as const) {
    const pair = encodePair(tokenizer, prompt, continuation);
    assert.deepEqual(pair.prefix, tokenizer.encode(prompt.trimEnd()), prompt);
    assert.equal(text(pair.prefix) + text(pair.continuation), prompt + continuation);
    assert.ok(pair.continuation.length > 0);
  }
  await model.close();
});
