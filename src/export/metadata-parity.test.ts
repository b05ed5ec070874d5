// Our metadata and tensor lists against those of llama.cpp's own converter for published shapes, key by key. The record was
// made by fixtures/record-metadata.py.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type ModelConfig, parseModelConfig } from "../model/index.ts";
import { type LoadedTokenizer, loadTokenizer } from "../tokenizer/index.ts";
import type { MetadataValue } from "./gguf-format.ts";
import { modelMetadata } from "./gguf-metadata.ts";
import { tensorSources } from "./tensor-sources.ts";

interface Recorded {
  readonly config: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
  readonly tensors: number;
  readonly tensorsSha256: string;
}

const FIXTURES = fileURLToPath(new URL("../../src/export/fixtures/", import.meta.url));
const QWEN = fileURLToPath(new URL("../../../shared/data/tokenizers/qwen/derived/", import.meta.url));
const TEMPLATE = "{% for message in messages %}{{ message['role'] + ': ' + message['content'] }}{% endfor %}";
const recorded = JSON.parse(await readFile(join(FIXTURES, "metadata.json"), "utf8")) as Record<
  string,
  Recorded
>;

/** What we state and the converter leaves to the readers' defaults. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  gemma: ["gemma.rope.freq_base", "tokenizer.ggml.unknown_token_id"],
  gemma2: ["gemma2.rope.freq_base", "tokenizer.ggml.unknown_token_id"],
  qwen2: [],
};

for (const name of ["gemma-2b", "gemma-2-2b"]) {
  test(`${name}: metadata and tensors as llama.cpp's converter writes them`, async () => {
    compare(name, await loadTokenizer(join(FIXTURES, "gemma")), 0);
  });
}

test("Qwen2.5-0.5B: metadata and tensors as llama.cpp's converter writes them", async (t) => {
  if (!existsSync(QWEN)) return t.skip("../shared/data is not here");
  const { ByteLevelBpe } = await import("../tokenizer/index.ts");
  const plain = await loadTokenizer(QWEN);
  const added = JSON.parse(await readFile(join(QWEN, "added_tokens_qwen2.5.json"), "utf8")) as Record<
    string,
    number
  >;
  assert.ok(plain instanceof ByteLevelBpe);
  const tokenizer = new ByteLevelBpe({
    tokens: plain.tokens.slice(0, 151_643),
    merges: plain.merges,
    preTokenizer: "qwen2",
    // As published: tool calls and file markers are text, the rest is control.
    addedTokens: Object.entries(added).map(([text, id]) => ({
      id,
      text,
      special: /^<\|/u.test(text) && !/fim|repo_name|file_sep/u.test(text),
    })),
    eosToken: "<|endoftext|>",
    chatTemplate: TEMPLATE,
  });
  compare("Qwen2.5-0.5B", tokenizer, 151_643);
});

function compare(name: string, vocabulary: LoadedTokenizer, paddingId: number): void {
  const expected = recorded[name]!;
  const config = parseModelConfig(expected.config, "config.json");
  const metadata = modelMetadata({
    config,
    vocabulary,
    name,
    fileType: "BF16",
    paddingId,
    unknownIsControl: true,
    file: name,
  });
  const found = Object.fromEntries([...metadata].map(([key, value]) => [key, summary(value)]));
  for (const key of OURS[config.architecture]!) {
    assert.ok(key in found && !(key in expected.metadata), key);
    delete found[key];
  }
  assert.deepEqual(found, expected.metadata);
  const tensors = tensorList(config);
  assert.equal(tensors.length, expected.tensors);
  assert.equal(sha256(JSON.stringify(tensors)), expected.tensorsSha256);
}

function summary({ type, value }: MetadataValue): unknown {
  switch (type) {
    case "string[]":
      return { length: value.length, sha256: sha256(value.join("\0")) };
    case "int32[]":
      return { length: value.length, sha256: sha256(new Uint8Array(Int32Array.from(value).buffer)) };
    case "float32[]":
      return { length: value.length, sha256: sha256(new Uint8Array(Float32Array.from(value).buffer)) };
    case "float32":
      return Math.fround(value);
    default:
      return value;
  }
}

/** Name, type and dimensions of every tensor, by name. */
function tensorList(config: ModelConfig): [string, string, number[]][] {
  const never = (): Promise<never> => Promise.reject(new Error("no weight is read"));
  return tensorSources({ config, read: never, readRange: never }, "BF16")
    .map(({ name, type, shape }): [string, string, number[]] => [name, type, [...shape].reverse()])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
