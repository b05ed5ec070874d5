import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readGgufHeader, tensorType, tinyVocabulary, writeTinyGguf } from "./index.ts";

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-header-"));
});

after(() => rm(folder, { recursive: true }));

test("metadata and tensors of a file are read", async () => {
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path, { addBos: true });
  const { version, metadata, tensors, dataStart, fileBytes } = await readGgufHeader(path);
  assert.equal(version, 3);
  assert.equal(metadata.get("general.architecture"), "qwen2");
  assert.equal(metadata.get("qwen2.context_length"), 512);
  assert.equal(metadata.get("tokenizer.ggml.add_bos_token"), true);
  assert.deepEqual(metadata.get("tokenizer.ggml.tokens"), tinyVocabulary());
  assert.deepEqual(tensors[0], {
    name: "token_embd.weight",
    shape: [32, tinyVocabulary().length],
    type: "F32",
    offset: 0,
    bytes: 4 * 32 * tinyVocabulary().length,
  });
  assert.equal(dataStart % 32, 0);
  const last = tensors.at(-1)!;
  assert.equal(dataStart + last.offset + last.bytes, fileBytes);
});

test("tensor types have the sizes of their blocks", () => {
  assert.deepEqual(tensorType(12), { code: 12, name: "Q4_K", elements: 256, bytes: 144 });
  assert.equal(tensorType(999), undefined);
});

for (const [file, architecture, tokens, tensorCount] of [
  ["tokenizers/llama.cpp-vocab/ggml-vocab-gpt-2.gguf", "gpt2", 50_257, 0],
  ["tokenizers/llama.cpp-vocab/ggml-vocab-llama-spm.gguf", "llama", 32_000, 0],
  ["models/llama-2-tiny-random/llama-2-tiny-random.gguf", "llama", 32_000, 12],
] as const) {
  test(`a foreign file is read: ${file}`, async (t) => {
    const path = fileURLToPath(new URL(`../../../shared/data/${file}`, import.meta.url));
    if (!existsSync(path)) return t.skip("../shared/data is not here");
    const { metadata, tensors } = await readGgufHeader(path);
    assert.equal(metadata.get("general.architecture"), architecture);
    assert.equal((metadata.get("tokenizer.ggml.tokens") as string[]).length, tokens);
    assert.equal(tensors.length, tensorCount);
  });
}
