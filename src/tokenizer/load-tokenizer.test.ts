import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ByteLevelBpe, loadTokenizer, saveTokenizer, trainByteLevelBpe } from "./index.ts";
import { PRE_TOKENIZERS } from "./pre-tokenizers.ts";

const TEXT =
  "Drink clean water. Boil water before drinking. 喝干净的水，喝水前烧开。 1234 it's IT'S \u0085\uFEFF";
const bpe = trainByteLevelBpe([TEXT, TEXT], {
  vocabularySize: 320,
  specialTokens: ["<|endoftext|>", "<|im_end|>"],
});

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-tokenizer-"));
});
after(() => rm(folder, { recursive: true }));

const place = (...parts: string[]): string => join(folder, ...parts);
const refuses = (path: string, code: string, message: RegExp) =>
  assert.rejects(loadTokenizer(path), { name: "UserError", code, message });

test("what is saved is loaded again, and the same bytes are written each time", async () => {
  for (const preTokenizer of ["qwen2", "llama-bpe", "gpt-2", "smollm"] as const) {
    const original = trainByteLevelBpe([TEXT], {
      vocabularySize: 300,
      specialTokens: ["<|endoftext|>"],
      preTokenizer,
      nfc: preTokenizer === "qwen2",
    });
    const chatTemplate = "{{ messages[0].content }}";
    await saveTokenizer(original, place(preTokenizer), { chatTemplate });
    const loaded = await loadTokenizer(place(preTokenizer));
    assert.ok(loaded instanceof ByteLevelBpe);
    assert.deepEqual(loaded.encode(TEXT), original.encode(TEXT));
    assert.deepEqual(loaded.tokens, original.tokens);
    assert.equal(loaded.preTokenizer, preTokenizer);
    assert.equal(loaded.nfc, original.nfc);
    assert.equal(loaded.eosId, original.eosId);
    assert.equal(loaded.chatTemplate, chatTemplate);
    await saveTokenizer(loaded, place(`${preTokenizer}-again`));
    for (const name of ["tokenizer.json", "tokenizer_config.json"])
      assert.deepEqual(
        await readFile(place(`${preTokenizer}-again`, name)),
        await readFile(place(preTokenizer, name)),
      );
  }
});

test("tokenizer.json may hold merges as pairs", async () => {
  await saveTokenizer(bpe, place("pairs"));
  const file = place("pairs", "tokenizer.json");
  const json = JSON.parse(await readFile(file, "utf8"));
  json.model.merges = json.model.merges.map((merge: string) => merge.split(" "));
  await writeFile(file, JSON.stringify(json));
  assert.deepEqual((await loadTokenizer(file)).encode(TEXT), bpe.encode(TEXT));
});

test("vocab.json and merges.txt load, with added tokens and the class of the configuration", async () => {
  await saveTokenizer(bpe, place("old"));
  const json = JSON.parse(await readFile(place("old", "tokenizer.json"), "utf8"));
  await rm(place("old", "tokenizer.json"));
  await writeFile(place("old", "vocab.json"), JSON.stringify(json.model.vocab));
  await writeFile(place("old", "merges.txt"), `#version: 0.2\n${json.model.merges.join("\n")}\n`);
  await writeFile(place("old", "added_tokens.json"), JSON.stringify({ "<tool>": bpe.vocabularySize }));
  await refuses(place("old"), "unsupported-tokenizer", /PreTrainedTokenizerFast/);
  await writeFile(
    place("old", "tokenizer_config.json"),
    JSON.stringify({
      tokenizer_class: "Qwen2Tokenizer",
      eos_token: { content: "<|im_end|>" },
      added_tokens_decoder: Object.fromEntries(
        bpe.addedTokens.map((token) => [token.id, { content: token.text, special: true }]),
      ),
    }),
  );
  const loaded = await loadTokenizer(place("old"));
  assert.deepEqual(loaded.encode(TEXT), bpe.encode(TEXT));
  assert.equal(loaded.eosId, bpe.addedTokenId("<|im_end|>"));
  // A token that is no control token is found in user text.
  assert.deepEqual([...loaded.encode("<tool>")], [bpe.vocabularySize]);
});

test("a tiktoken file's merges follow from its ranks", async () => {
  const pieces = Array.from({ length: 256 }, (_, byte) => Buffer.of(byte));
  for (const word of ["ab", "cd", "abcd", " abcd"]) pieces.push(Buffer.from(word));
  const file = place("qwen.tiktoken");
  const lines = pieces.map((piece, rank) => `${piece.toString("base64")} ${rank}\n`);
  await writeFile(file, lines.join(""));
  const loaded = await loadTokenizer(file);
  assert.ok(loaded instanceof ByteLevelBpe);
  assert.deepEqual(loaded.merges, ["a b", "c d", "ab cd", "Ġ abcd"]);
  assert.deepEqual([...loaded.encode("abcd abcd")], [258, 259]);
  assert.equal(loaded.eosId, 260);
  await writeFile(file, lines.slice(0, 100).join("") + lines.slice(101).join(""));
  await refuses(file, "bad-vocabulary", /rank 100/);
});

test("bad input is refused with a clear error", async () => {
  await refuses(place("nothing"), "file-not-found", /no such file/);
  await mkdir(place("sentencepiece"));
  await refuses(place("sentencepiece"), "unsupported-tokenizer", /no tokenizer/);
  await writeFile(place("sentencepiece", "tokenizer.model"), "");
  await refuses(place("sentencepiece"), "bad-sentencepiece", /no pieces/);
  await writeFile(place("sentencepiece", "spiece.txt"), "");
  await refuses(place("sentencepiece", "spiece.txt"), "unsupported-tokenizer", /not a tokenizer/);
  const bad = place("bad.json");
  await writeFile(bad, '{"model": {"type": "BPE", "vocab": {"a": ');
  await refuses(bad, "bad-json", /not valid JSON/);
  await writeFile(bad, "{}");
  await refuses(bad, "bad-tokenizer", /expected/);
  await writeFile(bad, '{"model": {"type": "Unigram"}}');
  await refuses(bad, "unsupported-tokenizer", /Unigram/);
  await saveTokenizer(bpe, place("changed"));
  const json = JSON.parse(await readFile(place("changed", "tokenizer.json"), "utf8"));
  const change = async (value: object): Promise<void> =>
    writeFile(bad, JSON.stringify({ ...json, ...value }));
  await change({ normalizer: { type: "Lowercase" } });
  await refuses(bad, "unsupported-tokenizer", /Lowercase/);
  await change({ model: { ...json.model, merges: ["a bcd"] } });
  await refuses(bad, "bad-merge", /a bcd/);
  await change({ model: { ...json.model, byte_fallback: true } });
  await refuses(bad, "unsupported-tokenizer", /normalises by NFC/);
  json.pre_tokenizer.pretokenizers[0].pattern.Regex = PRE_TOKENIZERS.qwen2.huggingFace.replace("{L}", "{M}");
  await change({});
  await refuses(bad, "unsupported-tokenizer", /cuts text in a way we do not know/);
});

test("GGUF: a vocabulary that is cut off or of another kind is refused", async () => {
  const file = place("model.gguf");
  const text = (value: string): Buffer => {
    const bytes = Buffer.alloc(8 + Buffer.byteLength(value));
    bytes.writeBigUInt64LE(BigInt(Buffer.byteLength(value)));
    bytes.write(value, 8);
    return bytes;
  };
  const header = Buffer.alloc(24);
  header.write("GGUF");
  header.writeUInt32LE(3, 4);
  header.writeBigUInt64LE(1n, 16);
  const entry = Buffer.concat([text("tokenizer.ggml.model"), Buffer.of(8, 0, 0, 0), text("bert")]);
  await writeFile(file, Buffer.concat([header, entry]));
  await refuses(file, "unsupported-tokenizer", /bert/);
  await writeFile(file, Buffer.concat([header, entry.subarray(0, 20)]));
  await refuses(file, "truncated-gguf", /cut off/);
  await writeFile(file, "not a model");
  await refuses(file, "not-gguf", /GGUF/);
});
