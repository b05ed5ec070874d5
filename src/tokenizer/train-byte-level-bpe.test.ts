import assert from "node:assert/strict";
import { test } from "node:test";
import { trainByteLevelBpe } from "./index.ts";

test("the most frequent pair is merged first, the lowest ids among equals", () => {
  const { merges } = trainByteLevelBpe(["ab ab ab cd cd xy xy"], { vocabularySize: 300, specialTokens: [] });
  // "ab" occurs three times; " ab", " cd" and " xy" twice each: ids order c < x < Ġ, so "cd" comes before "xy" and "Ġab".
  assert.deepEqual(merges.slice(0, 6), ["a b", "c d", "x y", "Ġ ab", "Ġ cd", "Ġ xy"]);
});

test("pair counts follow overlapping repeats", () => {
  const bpe = trainByteLevelBpe(["aaaa aaaa aaaa"], { vocabularySize: 300, specialTokens: [] });
  assert.deepEqual(bpe.merges, ["a a", "aa aa", "Ġ aaaa"]);
  assert.equal(bpe.encode("aaaa aaaa").length, 2);
});

test("the vocabulary is bytes, learnt tokens, special tokens, never more than asked for", () => {
  const text = "the spread of germs, the washing of hands, the germs of the hands".repeat(3);
  const bpe = trainByteLevelBpe([text], { vocabularySize: 280, specialTokens: ["<|endoftext|>"] });
  assert.equal(bpe.vocabularySize, 280);
  assert.equal(bpe.eosId, 279);
  assert.equal(bpe.tokens[0], "!");
  assert.equal(new Set(bpe.tokens).size, 280);
  const small = trainByteLevelBpe(["one"], { vocabularySize: 5000, specialTokens: ["<|endoftext|>"] });
  assert.equal(small.vocabularySize, 257);
});

test("the same texts give the same tokenizer", () => {
  const texts = ["fever and cough", "fever and rash", "cough and cold"];
  const train = () => trainByteLevelBpe(texts, { vocabularySize: 290, specialTokens: [] });
  assert.deepEqual(train().merges, train().merges);
});

test("too small a vocabulary is the user's mistake", () => {
  assert.throws(() => trainByteLevelBpe([], { vocabularySize: 256, specialTokens: ["<|endoftext|>"] }), {
    name: "UserError",
    code: "bad-vocabulary-size",
  });
});
