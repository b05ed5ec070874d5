// Ids that other programs give for real vocabularies; the data is not part of the project.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { ByteLevelBpe, loadTokenizer, type Tokenizer } from "./index.ts";

const DATA = fileURLToPath(new URL("../../../shared/data/tokenizers", import.meta.url));
const skip = existsSync(DATA) ? false : `no reference data at ${DATA}`;

interface HuggingFaceCase {
  readonly text: string;
  readonly ids: number[];
  readonly decoded: string;
}

test("Qwen1.5: Hugging Face's ids, from either layout of the vocabulary", { skip }, async () => {
  const expected = JSON.parse(readFileSync(join(DATA, "expected-hf/expected_tokenizations.json"), "utf8"));
  const cases = Object.values(expected["Xenova/Qwen1.5-0.5B-Chat"].cases) as HuggingFaceCase[];
  assert.ok(cases.length >= 25);
  const fromTiktoken = await loadTokenizer(join(DATA, "qwen"));
  assert.ok(fromTiktoken instanceof ByteLevelBpe);
  const fromMerges = await loadTokenizer(join(DATA, "qwen/derived"));
  assert.ok(fromMerges instanceof ByteLevelBpe);
  assert.deepEqual(fromTiktoken.merges, fromMerges.merges);
  for (const tokenizer of [fromTiktoken, fromMerges]) {
    for (const { text, ids, decoded } of cases) {
      assert.deepEqual([...tokenizer.encode(text, { special: "parse" })], ids);
      assert.equal(tokenizer.decode(ids, { special: true }), decoded);
    }
  }
});

test("Qwen2 and GPT-2: llama.cpp's ids", { skip }, async () => {
  checkLlamaCpp("qwen2", await loadTokenizer(join(DATA, "qwen")));
  checkLlamaCpp("gpt-2", await loadTokenizer(join(DATA, "llama.cpp-vocab/ggml-vocab-gpt-2.gguf")));
});

function checkLlamaCpp(name: string, tokenizer: Tokenizer): void {
  const read = (kind: string): string =>
    readFileSync(join(DATA, `llama.cpp-vocab/ggml-vocab-${name}.gguf.${kind}`), "utf8");
  const inputs = read("inp").split("\n__ggml_vocab_test__\n");
  const outputs = read("out").split("\n");
  assert.ok(inputs.length >= 46);
  inputs.forEach((text, i) => {
    assert.equal([...tokenizer.encode(text)].join(" "), outputs[i]?.trim());
  });
}

test("Llama 2: the reference ids, from tokenizer.model, tokenizer.json and GGUF alike", {
  skip,
}, async () => {
  const expected = JSON.parse(readFileSync(join(DATA, "expected-hf/expected_tokenizations.json"), "utf8"));
  const cases = Object.values(expected["Xenova/llama-tokenizer"].cases) as HuggingFaceCase[];
  assert.ok(cases.length >= 37);
  const gguf = "llama.cpp-vocab/ggml-vocab-llama-spm.gguf";
  for (const path of ["llama2", "hf-tokenizer-json/llama-test-tokenizer.json", gguf]) {
    const tokenizer = await loadTokenizer(join(DATA, path));
    for (const { text, ids, decoded } of cases) {
      assert.deepEqual([...tokenizer.encode(text, { special: "parse", bos: true })], ids);
      assert.equal(tokenizer.decode(ids, { special: true }), decoded);
    }
    checkLlamaCpp("llama-spm", tokenizer);
  }
});

test("Llama 2: decode(encode(x)) is x, and control tokens never come out of text", { skip }, async () => {
  const tokenizer = await loadTokenizer(join(DATA, "llama2"));
  const json = await loadTokenizer(join(DATA, "hf-tokenizer-json/llama-test-tokenizer.json"));
  const part = fc.oneof(
    fc
      .string({ unit: "binary", maxLength: 60 })
      .map((text) => Buffer.from(text).toString().replaceAll("▁", "_")),
    fc.constantFrom("<s>", "</s>", "<unk>", "<0x0A>", " ", "   ", "the patient", "पानी", "ماء", "\n\n"),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      const ids = tokenizer.encode(text);
      assert.equal(tokenizer.decode(ids), text);
      assert.ok(!ids.some((id) => tokenizer.isSpecial(id)));
      assert.deepEqual(json.encode(text), ids);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test("Qwen and GPT-2: decode(encode(x)) is x, and control tokens never come out of text", {
  skip,
}, async () => {
  const qwen = await loadTokenizer(join(DATA, "qwen"));
  const gpt2 = await loadTokenizer(join(DATA, "llama.cpp-vocab/ggml-vocab-gpt-2.gguf"));
  const part = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }).map((text) => Buffer.from(text).toString()),
    fc.constantFrom(
      "<|im_start|>",
      "<|endoftext|>",
      "<|im_end|>",
      "user\n",
      "  ",
      "don't",
      "पानी",
      "ماء",
      "发烧",
    ),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      for (const tokenizer of [qwen, gpt2]) {
        const ids = tokenizer.encode(text);
        assert.equal(tokenizer.decode(ids), tokenizer === qwen ? text.normalize("NFC") : text);
        assert.ok(!ids.some((id) => tokenizer.isSpecial(id)));
      }
    }),
    { seed: 6, numRuns: 300 },
  );
  for (const token of ["<|im_start|>", "<|endoftext|>"])
    assert.deepEqual(
      [...qwen.encode(token, { special: "parse" })].map((id) => qwen.isSpecial(id)),
      [true],
    );
});
