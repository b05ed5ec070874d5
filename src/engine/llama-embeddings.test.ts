// Embeddings of a real model.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type LogitModel, openGguf, writeTinyGguf } from "./index.ts";

let folder: string;
let model: LogitModel;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-embed-"));
  await writeTinyGguf(join(folder, "tiny.gguf"), { seed: 4, hiddenSize: 64 });
  model = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
});

after(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

const TEXTS = ["the man said no", "a", "发烧三天", "the answer is yes and then ".repeat(9)];
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

test("vectors have length 1 and do not depend on batch or order, bit for bit", async () => {
  const together = await model.embed!(TEXTS);
  for (const [i, { vector, tokens }] of together.entries()) {
    assert.equal(vector.length, 64);
    assert(Math.abs(dot(vector, vector) - 1) < 1e-6);
    assert.equal(tokens, model.tokenizer.encode(TEXTS[i]!).length);
    assert.deepEqual(await model.embed!([TEXTS[i]!]), [together[i]]);
  }
  assert.deepEqual((await model.embed!([...TEXTS].reverse())).reverse(), together);
  assert(dot(together[0]!.vector, together[2]!.vector) < 0.99, "other texts, other vectors");
});

test("the last token's vector knows the whole text, the mean is between the tokens", async () => {
  const pooled = async (text: string, pooling: "mean" | "last") =>
    (await model.embed!([text], { pooling }))[0]!.vector;
  assert.deepEqual(await pooled("a", "last"), await pooled("a", "mean"), "one token is its own mean");
  assert.notDeepEqual(await pooled(TEXTS[0]!, "last"), await pooled(TEXTS[0]!, "mean"));
  // Causal attention: a text's first token has the vector it has alone, so the mean of two tokens follows from their lasts.
  const ends = Int32Array.of(...model.tokenizer.encode("a"), ...model.tokenizer.encode("n"));
  assert.equal(ends.length, 2);
  assert.notDeepEqual(await pooled("an", "last"), await pooled("n", "last"));
});

test("an empty text and one that is too long are told", async () => {
  await assert.rejects(model.embed!(["a", ""]), { code: "empty-text", at: "text 1" });
  await assert.rejects(model.embed!(["a ".repeat(2000)]), { code: "context-length-exceeded" });
  assert.equal((await model.embed!([])).length, 0);
});
