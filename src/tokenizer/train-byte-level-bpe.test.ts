import assert from "node:assert/strict";
import { test } from "node:test";
import { createByteLevelBpeTrainer, trainByteLevelBpe } from "./index.ts";

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

test("memory is bounded: rare pieces are halved or forgotten, frequent ones are not", () => {
  const options = { vocabularySize: 400, specialTokens: ["<|endoftext|>"], heldPieces: 64 };
  const trainer = createByteLevelBpeTrainer(options);
  const exact = createByteLevelBpeTrainer({ ...options, heldPieces: 1 << 20 });
  for (let i = 0; i < 400; i++) {
    const text = `fever and cough ${(i * 7919).toString(36)} 患者发烧${String.fromCharCode(0x4e00 + i)}应多喝水`;
    trainer.add(text);
    exact.add(text);
  }
  assert.ok(trainer.forgotten > 0 && exact.forgotten === 0);
  const [bounded, full] = [trainer.finish(), exact.finish()];
  assert.deepEqual(bounded.encode("fever and cough").length, full.encode("fever and cough").length);
  assert.ok(bounded.encode("患者发烧").length <= 6, "clauses that were halved are learnt from");
  for (const text of ["fever", "患者丸应多喝水", "\u{1f600}"])
    assert.equal(bounded.decode(bounded.encode(text)), text);
});
