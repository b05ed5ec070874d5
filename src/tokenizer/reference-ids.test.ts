// Ids that other programs give for real vocabularies; the data is not part of the project.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type ByteLevelBpe, loadTokenizer } from "./index.ts";

const DATA = fileURLToPath(new URL("../../../shared/data/tokenizers", import.meta.url));
const skip = existsSync(DATA) ? false : `no reference data at ${DATA}`;

test("Qwen1.5: Hugging Face's ids, from either layout of the vocabulary", { skip }, async () => {
  const expected = JSON.parse(readFileSync(join(DATA, "expected-hf/expected_tokenizations.json"), "utf8"));
  const cases = Object.values(expected["Xenova/Qwen1.5-0.5B-Chat"].cases) as {
    text: string;
    ids: number[];
    decoded: string;
  }[];
  assert.ok(cases.length >= 25);
  const fromTiktoken = await loadTokenizer(join(DATA, "qwen"));
  const fromMerges = await loadTokenizer(join(DATA, "qwen/derived"));
  assert.deepEqual(fromTiktoken.merges, fromMerges.merges);
  for (const tokenizer of [fromTiktoken, fromMerges]) {
    for (const { text, ids, decoded } of cases) {
      assert.deepEqual([...tokenizer.encode(text, { special: "parse" })], ids);
      assert.equal(tokenizer.decode(ids, { special: true }), decoded);
    }
  }
});

test("Qwen2 and GPT-2: llama.cpp's ids", { skip }, async () => {
  check("qwen2", await loadTokenizer(join(DATA, "qwen")));
  check("gpt-2", await loadTokenizer(join(DATA, "llama.cpp-vocab/ggml-vocab-gpt-2.gguf")));

  function check(name: string, tokenizer: ByteLevelBpe): void {
    const read = (kind: string): string =>
      readFileSync(join(DATA, `llama.cpp-vocab/ggml-vocab-${name}.gguf.${kind}`), "utf8");
    const inputs = read("inp").split("\n__ggml_vocab_test__\n");
    const outputs = read("out").split("\n");
    assert.ok(inputs.length >= 46);
    inputs.forEach((text, i) => {
      assert.equal([...tokenizer.encode(text)].join(" "), outputs[i]?.trim());
    });
  }
});

test("SentencePiece vocabularies are refused, not guessed", { skip }, async () => {
  for (const path of ["llama2", "hf-tokenizer-json/llama-test-tokenizer.json"])
    await assert.rejects(loadTokenizer(join(DATA, path)), { code: "unsupported-tokenizer" });
  await assert.rejects(loadTokenizer(join(DATA, "llama.cpp-vocab/ggml-vocab-llama-spm.gguf")), {
    code: "unsupported-tokenizer",
  });
});
