import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openGguf } from "./open-gguf.ts";
import { groupByPrefix } from "./score.ts";
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
    const [group, ...others] = groupByPrefix(tokenizer, { prompt, continuations: [continuation] }, 0);
    assert.ok(group !== undefined && others.length === 0);
    const [scored] = group.continuations;
    assert.deepEqual(group.prefix, tokenizer.encode(prompt.trimEnd()), prompt);
    assert.ok(scored !== undefined && scored.length > 0);
    assert.equal(text(group.prefix) + text(scored), prompt + continuation);
  }
  await model.close();
});
