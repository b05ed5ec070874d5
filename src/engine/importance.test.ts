import assert from "node:assert/strict";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type ImportanceMatrix,
  measureImportance,
  quantizeGguf,
  readGgufHeader,
  writeTinyGguf,
} from "./index.ts";

let folder = "";
let model = "";
let importance: ImportanceMatrix;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-importance-"));
  model = join(folder, "tiny.gguf");
  await writeTinyGguf(model, { hiddenSize: 256, layers: 2, seed: 4, contextLength: 64 });
  importance = await measureImportance(
    model,
    ["the answer is yes, the other answer is no. ".repeat(20), "an error"],
    {
      dataset: "two texts",
      tokensPerText: 100,
    },
  );
});
after(() => rm(folder, { recursive: true }));

async function tensor(path: string, name: string): Promise<Buffer> {
  const { tensors, dataStart } = await readGgufHeader(path);
  const { offset, bytes } = tensors.find((candidate) => candidate.name === name)!;
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, dataStart + offset);
  await file.close();
  return buffer;
}

test("every matrix of the layers is seen, by every token", () => {
  const names = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];
  const expected = [0, 1].flatMap((layer) => names.map((name) => `blk.${layer}.${name}.weight`));
  assert.deepEqual([...importance.entries.keys()].sort(), expected.sort());
  assert.ok(importance.tokens > 100 && importance.tokens <= 200, `${importance.tokens}`);
  assert.ok(importance.chunks >= 3);
});

test("behind a norm the mean squares are what the norm makes of any text", async () => {
  for (const layer of [0, 1]) {
    const bytes = await tensor(model, `blk.${layer}.attn_norm.weight`);
    const norm = new Float32Array(bytes.buffer, bytes.byteOffset, 256);
    const values = importance.entries.get(`blk.${layer}.attn_q.weight`)!;
    // x / rms(x) has mean square one over its dimensions; the norm then multiplies by its weight.
    const mean = values.reduce((sum, value, i) => sum + value / norm[i]! ** 2, 0) / values.length;
    assert.ok(Math.abs(mean - 1) < 0.01, `${mean}`);
    assert.deepEqual(values, importance.entries.get(`blk.${layer}.attn_v.weight`));
  }
});

test("the same texts give the same matrix; it changes what is quantised and is noted in the file", async () => {
  const [plain, weighed, again] = ["plain", "weighed", "again"].map((name) => join(folder, `${name}.gguf`));
  await quantizeGguf(model, plain!, "q2_k", { threads: 1 });
  await quantizeGguf(model, weighed!, "q2_k", { threads: 1, importance });
  await quantizeGguf(model, again!, "q2_k", { threads: 1, importance });
  const name = "blk.1.ffn_gate.weight";
  assert.deepEqual(await tensor(again!, name), await tensor(weighed!, name));
  assert.notDeepEqual(await tensor(plain!, name), await tensor(weighed!, name));
  const { metadata } = await readGgufHeader(weighed!);
  assert.equal(metadata.get("quantize.imatrix.dataset"), "two texts");
  assert.equal(metadata.get("quantize.imatrix.entries_count"), 14);
  assert.equal(metadata.get("quantize.imatrix.chunks_count"), importance.chunks);
});

test("an empty text measures nothing", async () => {
  await assert.rejects(measureImportance(model, [""], { dataset: "none" }), { code: "empty-calibration" });
});
