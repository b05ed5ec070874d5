import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BYTE_SPELLING, BYTES_IN_ALPHABET_ORDER } from "./byte-alphabet.ts";
import { ByteLevelBpe, trainByteLevelBpe } from "./index.ts";
import { mergePiece } from "./merge-piece.ts";
import { createMergeTable, NO_MERGE } from "./merge-table.ts";
import { PRE_TOKENIZERS } from "./pre-tokenizers.ts";

const TEXTS = [
  "Wash your hands with soap and water for twenty seconds. Washing hands prevents the spread of germs.",
  "用肥皂和水洗手二十秒。洗手可以防止细菌传播。",
  "साबुन और पानी से हाथ धोएँ। हाथ धोने से रोगाणु नहीं फैलते।",
  "اغسل يديك بالماء والصابون. غسل اليدين يمنع انتشار الجراثيم.",
];
const SPECIAL = ["<|endoftext|>", "<|im_start|>"];
const bpe = trainByteLevelBpe(TEXTS, { vocabularySize: 400, specialTokens: SPECIAL });
const anyText = fc.string({ unit: "binary", maxLength: 80 });

test("decode(encode(x)) is x in NFC for any Unicode text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(bpe.decode(bpe.encode(text)), text.normalize("NFC"));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("without the NFC flag text comes back as it was, in every pre-tokenizer", () => {
  for (const preTokenizer of ["qwen2", "llama-bpe", "gpt-2", "smollm"] as const) {
    const plain = trainByteLevelBpe(TEXTS, {
      vocabularySize: 300,
      specialTokens: SPECIAL,
      preTokenizer,
      nfc: false,
    });
    fc.assert(
      fc.property(anyText, (text) => assert.equal(plain.decode(plain.encode(text)), text)),
      { seed: 2, numRuns: 200 },
    );
  }
});

test("SmolLM's pieces: digits by themselves, GPT-2's pattern between them", () => {
  // As Hugging Face's Digits and ByteLevel cut them: spaces before a digit stay together, no space joins a digit.
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["a  5 b", ["a", "  ", "5", " b"]],
    ["at 12  and", ["at", " ", "1", "2", " ", " and"]],
    ["12½", ["1", "2", "½"]],
    ["x 5's", ["x", " ", "5", "'s"]],
    ["  7\n 8 ", ["  ", "7", "\n ", "8", " "]],
  ];
  for (const [text, pieces] of cases) assert.deepEqual(text.match(PRE_TOKENIZERS.smollm.pattern), pieces);
});

test("bytes that no character needs may lack a token, and are left out; others may not", () => {
  const without = (...missing: number[]): ByteLevelBpe => {
    const byteTokens = BYTES_IN_ALPHABET_ORDER.filter((byte) => !missing.includes(byte));
    const tokens = byteTokens.map((byte) => BYTE_SPELLING[byte]!);
    return new ByteLevelBpe({
      tokens: [...tokens, "!?"],
      merges: ["! ?"],
      addedTokens: [],
      preTokenizer: "smollm",
    });
  };
  const lacking = without(0x04, 0xc0, 0xf1, 0xff);
  // Hugging Face's ids: what is left out parts nothing.
  assert.deepEqual(lacking.encode("!\u0004?"), lacking.encode("!?"));
  assert.equal(lacking.encode("\u0004").length, 0);
  assert.equal(lacking.decode(lacking.encode("x\u{40000}y")).includes("x"), true);
  for (const needed of [0x0a, 0x41, 0x80, 0xe0, 0xf0])
    assert.throws(() => without(needed), { code: "bad-vocabulary" });
});

test("special tokens never come out of user text, and do when asked for", () => {
  const written = fc.array(fc.oneof(anyText, fc.constantFrom(...SPECIAL)), { maxLength: 6 });
  fc.assert(
    fc.property(written, (parts) => {
      assert.ok(!bpe.encode(parts.join("")).some((id) => bpe.isSpecial(id)));
    }),
    { seed: 3, numRuns: 200 },
  );
  const ids = bpe.encode("soap<|endoftext|>water<|im_start|>", { special: "parse" });
  assert.deepEqual(
    [...ids].filter((id) => bpe.isSpecial(id)),
    [bpe.eosId, bpe.addedTokenId("<|im_start|>")],
  );
  assert.equal(bpe.decode(ids), "soapwater");
  assert.equal(bpe.decode(ids, { special: true }), "soap<|endoftext|>water<|im_start|>");
  assert.ok(bpe.isEnd(bpe.eosId!) && !bpe.isEnd(0));
});

test("a decode of half a character, or of an id that no token has, does not fail", () => {
  const [first] = bpe.encode("😀");
  assert.equal(bpe.decode([first!]), "\uFFFD");
  assert.equal(bpe.decode([99_999]), "");
  assert.equal(bpe.tokenType(99_999), "unused");
});

test("bos comes first only when asked for and wanted by the model", () => {
  const { tokens, merges, addedTokens } = bpe;
  const ordinary = tokens.slice(0, -SPECIAL.length);
  const definition = { tokens: ordinary, merges, addedTokens, preTokenizer: "llama-bpe" } as const;
  const llama = new ByteLevelBpe({ ...definition, bosToken: "<|im_start|>", addBos: true });
  assert.equal(llama.encode("hands", { bos: true })[0], llama.bosId);
  assert.notEqual(llama.encode("hands")[0], llama.bosId);
  const without = new ByteLevelBpe({ ...definition, bosToken: "<|im_start|>" });
  assert.deepEqual(without.encode("hands", { bos: true }), without.encode("hands"));
});

test("the longest added token wins, and one may take white space along", () => {
  const ordinary = bpe.tokens.slice(0, -SPECIAL.length);
  const extended = new ByteLevelBpe({
    tokens: ordinary,
    merges: bpe.merges,
    addedTokens: [
      { id: ordinary.length, text: "[a]", special: false },
      { id: ordinary.length + 1, text: "[a][b]", special: false, stripLeft: true, stripRight: true },
    ],
    preTokenizer: "qwen2",
  });
  const [short, long] = [ordinary.length, ordinary.length + 1];
  assert.deepEqual([...extended.encode("[a]  [a][b]\n[a]")], [short, long, short]);
});

test("merging by heap gives what merging by definition gives", () => {
  // Merges over three symbols, each result a symbol of its own.
  const left = Int32Array.of(0, 3, 1, 0, 4, 2, 3);
  const right = Int32Array.of(0, 3, 2, 1, 1, 2, 0);
  const merged = Int32Array.of(3, 4, 5, 6, 7, 8, 9);
  const table = createMergeTable(left, right, merged);
  const symbols = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(symbols, (piece) => {
      const ids = Int32Array.from(piece);
      const length = mergePiece(ids, ids.length, table);
      assert.deepEqual([...ids.subarray(0, length)], mergeByDefinition(piece));
    }),
    { seed: 4, numRuns: 300 },
  );

  function mergeByDefinition(piece: readonly number[]): number[] {
    const ids = [...piece];
    for (;;) {
      const ranks = ids.slice(1).map((id, i) => table.rank(ids[i]!, id));
      const best = Math.min(NO_MERGE, ...ranks);
      if (best === NO_MERGE) return ids;
      ids.splice(ranks.indexOf(best), 2, merged[best]!);
    }
  }
});
