import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { UserError } from "../core/index.ts";
import { openGguf, readGgufHeader } from "../engine/index.ts";
import { initializeWeights, type ModelConfig, openCheckpoint, writeSafetensors } from "../model/index.ts";
import { trainByteLevelBpe } from "../tokenizer/index.ts";
import { ggufLogits, graphLogits, writeCheckpoint } from "./agreement.test.helper.ts";
import { exportGguf } from "./export-gguf.ts";
import { importLlama2c, readLlama2c } from "./llama2c.ts";
import { largestLogitDifference } from "./try-out.ts";

const TOKENIZER = trainByteLevelBpe(["the man said yes and the man said no", "the answer is yes"], {
  vocabularySize: 280,
  specialTokens: ["<|endoftext|>", "<|im_end|>"],
});
const QWEN: ModelConfig = {
  architecture: "qwen2",
  // More rows than tokens: the rest is padding.
  vocabularySize: 288,
  hiddenSize: 64,
  intermediateSize: 96,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 16,
  normEpsilon: 1e-6,
  ropeTheta: 1e6,
  contextLength: 64,
  tiedEmbeddings: true,
  attentionBias: true,
  bosId: undefined,
  eosId: undefined,
};
const LLAMA: ModelConfig = {
  ...QWEN,
  architecture: "llama",
  tiedEmbeddings: false,
  attentionBias: false,
  normEpsilon: 1e-5,
  ropeTheta: 10_000,
};
/** Heads that are not hidden size / heads, as in Gemma-7B. */
const WIDE_HEADS: ModelConfig = { ...LLAMA, headSize: 32 };

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-export-"));
  for (const [name, config] of Object.entries({ qwen: QWEN, llama: LLAMA, wide: WIDE_HEADS })) {
    await writeCheckpoint(join(folder, name), config, TOKENIZER);
  }
});
after(() => rm(folder, { recursive: true }));

const IDS = Int32Array.of(5, 250, 17, 99, 260, 3, 3, 120, 64, 200, 1, 31);

for (const name of ["qwen", "llama", "wide"]) {
  test(`${name}: the exported file gives the logits of our own forward pass`, async () => {
    const out = join(folder, `${name}-f32.gguf`);
    const result = await exportGguf(join(folder, name), { type: "f32", out });
    assert.equal(result.maxLogitDifference, null);
    const checkpoint = await openCheckpoint(join(folder, name));
    const ours = await graphLogits(checkpoint, IDS);
    await checkpoint.close();
    const theirs = await ggufLogits(out, IDS);
    assert.ok(Math.max(...ours[11]!.map(Math.abs)) > 1, "the logits say something");
    const difference = largestLogitDifference(ours, theirs);
    // float32 on two engines: 1e-5 of logits around 20; a row in the wrong place moves them by whole units.
    assert.ok(difference < 1e-3, `logits differ by ${difference}`);
  });
}

test("metadata and tensors are complete, and read back as they were written", async () => {
  const out = join(folder, "complete.gguf");
  const result = await exportGguf(join(folder, "qwen"), { type: "F16", out });
  const { metadata, tensors, fileBytes } = await readGgufHeader(out);
  assert.equal(result.bytes, fileBytes);
  assert.equal(result.type, "f16");
  const get = (key: string): unknown => metadata.get(key);
  assert.equal(get("general.architecture"), "qwen2");
  assert.equal(get("general.file_type"), 1);
  assert.equal(get("qwen2.attention.head_count_kv"), 2);
  assert.equal(get("qwen2.rope.freq_base"), 1e6);
  assert.equal(get("tokenizer.ggml.pre"), "qwen2");
  assert.equal(get("tokenizer.ggml.add_bos_token"), false);
  const tokens = get("tokenizer.ggml.tokens") as string[];
  const types = get("tokenizer.ggml.token_type") as number[];
  assert.equal(tokens.length, QWEN.vocabularySize);
  assert.equal(types.length, QWEN.vocabularySize);
  assert.deepEqual(get("tokenizer.ggml.merges"), [...TOKENIZER.merges]);
  const end = TOKENIZER.addedTokenId("<|endoftext|>")!;
  assert.deepEqual([tokens[end], types[end], get("tokenizer.ggml.eos_token_id")], ["<|endoftext|>", 3, end]);
  const last = QWEN.vocabularySize - 1;
  assert.deepEqual([tokens[last], types[last]], [`[PAD${last}]`, 5]);
  const type = (name: string): unknown => tensors.find((tensor) => tensor.name === name)?.type;
  assert.equal(type("blk.1.attn_q.weight"), "F16");
  assert.equal(type("blk.1.attn_q.bias"), "F32");
  assert.equal(type("blk.0.ffn_norm.weight"), "F32");
  assert.equal(type("output.weight"), undefined);
  assert.deepEqual(tensors.find((tensor) => tensor.name === "blk.0.ffn_down.weight")?.shape, [96, 64]);
});

test("each type says how far it is from F32", async () => {
  const differences: number[] = [];
  for (const type of ["bf16", "f16", "q8_0", "q4_0"]) {
    const out = join(folder, `llama-${type}.gguf`);
    const result = await exportGguf(join(folder, "llama"), { type, out });
    assert.ok(result.maxLogitDifference! > 0);
    assert.ok(result.divergence! > 0 && result.divergence! < result.maxLogitDifference!);
    differences.push(result.maxLogitDifference!);
  }
  const [bf16, f16, q8, q4] = differences as [number, number, number, number];
  assert.ok(f16 < bf16 && f16 < q8 && q8 < q4, differences.join(", "));
  const left = (await readdir(folder)).filter((name) => name.includes(".tmp-") || name.endsWith(".part"));
  assert.deepEqual(left, []);
});

test("weights beyond a type's range are refused, and no file is left", async () => {
  const path = join(folder, "huge");
  await cp(join(folder, "llama"), path, { recursive: true });
  const weights = initializeWeights(LLAMA, 1);
  const name = "model.layers.1.mlp.down_proj.weight";
  weights.get(name)!.data[0] = 1e6;
  await writeSafetensors(
    join(path, "model.safetensors"),
    [...weights].map(([tensor, { shape, data }]) => ({ name: tensor, shape, data })),
  );
  const out = join(folder, "huge.gguf");
  await assert.rejects(exportGguf(path, { type: "f16", out }), { code: "not-finite", file: out });
  assert.equal(existsSync(out), false);
  assert.equal((await exportGguf(path, { type: "bf16", out })).ran, true);
});

test("the tokenizer of the file gives the ids of the checkpoint's", async () => {
  const out = join(folder, "ids.gguf");
  await exportGguf(join(folder, "qwen"), { type: "q8_0", out });
  const model = await openGguf(out, { threads: 1 });
  for (const text of ["the man said 123 yes!", "発熱, बुखार, حمى", "  two  spaces\n\nlines"]) {
    assert.deepEqual(model.tokenizer.encode(text), TOKENIZER.encode(text));
  }
  await model.close();
});

test("SmolLM's way of cutting text, and its token roles, are in the file as llama.cpp reads them", async () => {
  const path = join(folder, "smollm");
  const texts = ["the man said yes 12 times, and the man said no", "a  5 b  7\n 8 "];
  const tokenizer = trainByteLevelBpe(texts, {
    vocabularySize: 300,
    specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    preTokenizer: "smollm",
    nfc: false,
  });
  await writeCheckpoint(path, { ...LLAMA, vocabularySize: 300 }, tokenizer);
  const settings = JSON.parse(await readFile(join(path, "tokenizer_config.json"), "utf8"));
  await writeFile(
    join(path, "tokenizer_config.json"),
    JSON.stringify({ ...settings, unk_token: "<|endoftext|>", pad_token: "<|im_end|>" }),
  );
  const out = join(folder, "smollm.gguf");
  await exportGguf(path, { type: "f32", out });
  const { metadata } = await readGgufHeader(out);
  assert.equal(metadata.get("tokenizer.ggml.pre"), "smollm");
  const idOf = (role: string): unknown => metadata.get(`tokenizer.ggml.${role}_token_id`);
  assert.equal(idOf("unknown"), tokenizer.addedTokenId("<|endoftext|>"));
  assert.equal(idOf("padding"), tokenizer.addedTokenId("<|im_end|>"));
  const model = await openGguf(out, { threads: 1 });
  for (const text of [...texts, "at 12  and 3½", "x 5's", "  7\n 8 ", "२४ घंटे", "24小时", "\u00a05"])
    assert.deepEqual(model.tokenizer.encode(text), tokenizer.encode(text), text);
  await model.close();
});

test("bad input gives one clear error and leaves nothing behind", async () => {
  const out = join(folder, "bad.gguf");
  const rejects = (promise: Promise<unknown>, code: string): Promise<void> =>
    assert.rejects(promise, (error) => error instanceof UserError && error.code === code);
  await rejects(exportGguf(join(folder, "qwen"), { type: "q9", out }), "unknown-type");
  await rejects(exportGguf(join(folder, "absent"), { type: "f16", out }), "file-not-found");
  const copy = join(folder, "broken");
  await cp(join(folder, "qwen"), copy, { recursive: true });
  await rm(join(copy, "tokenizer.json"));
  await rejects(exportGguf(copy, { type: "f16", out }), "unsupported-tokenizer");
  await truncate(join(copy, "model.safetensors"), 10_000);
  await rejects(exportGguf(copy, { type: "f16", out }), "bad-safetensors");
  const extra = join(folder, "extra");
  await writeCheckpoint(extra, QWEN, TOKENIZER);
  const tensors = [...initializeWeights(QWEN, 1)].map(([name, { shape, data }]) => ({ name, shape, data }));
  const adapter = { name: "model.layers.0.lora_A.weight", shape: [1], data: new Float32Array(1) };
  await writeSafetensors(join(extra, "model.safetensors"), [...tensors, adapter]);
  await rejects(exportGguf(extra, { type: "f16", out }), "unknown-tensor");
  await writeFile(join(folder, "short.bin"), Buffer.alloc(20));
  await rejects(importLlama2c(join(folder, "short.bin"), "t", { type: "f32", out }), "bad-llama2c");
  assert.equal(existsSync(out), false);
});

const stories = fileURLToPath(new URL("../../../shared/data/models/stories260K/", import.meta.url));
const skip = existsSync(stories) ? false : "../shared/data is absent";

test("stories260K, converted, continues exactly as its own program does", { skip }, async () => {
  const out = join(folder, "stories.gguf");
  await importLlama2c(join(stories, "stories260K.bin"), join(stories, "tok512.bin"), { type: "f32", out });
  const expected = await readFile(join(stories, "expected_greedy_200.txt"), "utf8");
  const model = await openGguf(out, { threads: 1 });
  const session = model.open();
  let id = model.tokenizer.bosId!;
  const ids: number[] = [];
  for (let step = 0; step < 200; step++) {
    const logits = await session.advance(Int32Array.of(id));
    id = logits.reduce((best, value, i) => (value > logits[best]! ? i : best), 0);
    ids.push(id);
  }
  session.dispose();
  const bytes = Buffer.concat(ids.map((token) => model.tokenizer.bytes(token)));
  await model.close();
  // The program leaves out the space that SentencePiece puts before the first word.
  assert.equal(bytes.toString("utf8").replace(/^ /u, ""), expected);
});

test("stories260K: the graph and the file give the same logits", { skip }, async () => {
  const out = join(folder, "stories-logits.gguf");
  await importLlama2c(join(stories, "stories260K.bin"), join(stories, "tok512.bin"), { type: "f32", out });
  const weights = await readLlama2c(join(stories, "stories260K.bin"));
  const ids = Int32Array.of(1, 403, 407, 261, 378, 300, 266, 500, 42, 317);
  const difference = largestLogitDifference(await graphLogits(weights, ids), await ggufLogits(out, ids));
  assert.ok(difference < 1e-3, `logits differ by ${difference}`);
});
