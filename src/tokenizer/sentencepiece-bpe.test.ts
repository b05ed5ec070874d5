import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type SentencePiece, SentencePieceBpe, type SentencePieceDefinition } from "./index.ts";
import { smallPieces } from "./sentencepiece.test.helper.ts";

const PIECES = smallPieces();
const make = (options: Partial<SentencePieceDefinition> = {}): SentencePieceBpe =>
  new SentencePieceBpe({
    kind: "sentencepiece",
    pieces: PIECES,
    spacePrefix: "control",
    byteFallback: true,
    unknownId: 0,
    bosToken: "<s>",
    eosToken: "</s>",
    addBos: true,
    ...options,
  });
const bpe = make();
const texts = (ids: Int32Array, tokenizer = bpe): string[] => Array.from(ids, (id) => tokenizer.tokens[id]!);

/** Half a surrogate pair cannot be said in UTF-8, and U+2581 is the mark of a space. */
const anyText = fc
  .string({ unit: "binary", maxLength: 80 })
  .map((text) => Buffer.from(text).toString().replaceAll("▁", "_"));
/** Many words and spaces of the vocabulary, so that pieces do merge. */
const knownText = fc
  .array(fc.constantFrom("hello", " ", "  ", "world", "he", "l", "o", "水", "é", "z", "<s>"), {
    maxLength: 40,
  })
  .map((parts) => parts.join(""));

test("a space goes in front, words merge, and characters without a piece become bytes", () => {
  assert.deepEqual(texts(bpe.encode("hello world")), ["▁hello", "▁world"]);
  assert.deepEqual(texts(bpe.encode("  hello")), ["▁", "▁", "▁hello"]);
  assert.deepEqual(texts(bpe.encode("hü水")), ["▁h", "<0xC3>", "<0xBC>", "水"]);
  assert.deepEqual([...bpe.encode("")], []);
  assert.deepEqual(texts(make({ spacePrefix: "none" }).encode("hello")), ["hello"]);
});

test("decode(encode(x)) is x, with and without the space in front", () => {
  for (const spacePrefix of ["none", "start", "control", "sections"] as const) {
    const tokenizer = make({ spacePrefix });
    fc.assert(
      fc.property(fc.oneof(anyText, knownText), (text) => {
        assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
      }),
      { seed: 1, numRuns: 300 },
    );
  }
});

test("what does not come back: U+2581, half a surrogate pair, and Metaspace's first space", () => {
  assert.equal(bpe.decode(bpe.encode("a▁b\uD800")), "a b\uFFFD");
  const metaspace = make({ spacePrefix: "start", prefixUnlessSpace: true });
  assert.equal(metaspace.decode(metaspace.encode(" hello")), "hello");
});

test("control and byte tokens never come out of user text, and control tokens do when asked for", () => {
  const spelt = ["<s>", "</s>", "<unk>", "<0x0A>", "<0x", "s>", "hello", " "];
  fc.assert(
    fc.property(fc.array(fc.oneof(anyText, fc.constantFrom(...spelt)), { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      assert.ok(!bpe.encode(text).some((id) => bpe.isSpecial(id)));
      assert.equal(bpe.decode(bpe.encode(text)), text);
    }),
    { seed: 2, numRuns: 300 },
  );
  // Not even where a piece of the vocabulary leads there: "<s" and ">" are pieces, <s> a control token.
  const risky = make({ pieces: smallPieces({ text: "<s", score: 1, type: "normal" }) });
  assert.deepEqual(texts(risky.encode("<s>"), risky), ["▁", "<s", ">"]);
  const ids = bpe.encode("<s>hello</s>", { special: "parse" });
  assert.deepEqual(texts(ids), ["<s>", "▁hello", "</s>"]);
  assert.equal(bpe.decode(ids), "hello");
  assert.equal(bpe.decode(ids, { special: true }), "<s> hello</s>");
  assert.ok(bpe.isEnd(bpe.eosId!) && !bpe.isEnd(bpe.bosId!));
});

test("where the space goes around user-defined tokens", () => {
  const pieces = smallPieces({ text: "<tool>", score: 0, type: "user-defined" });
  const around = (spacePrefix: "none" | "start" | "control" | "sections"): string[] => {
    const tokenizer = make({ pieces, spacePrefix });
    return [texts(tokenizer.encode("<tool>hello"), tokenizer).join(" ")];
  };
  assert.deepEqual(around("none"), ["<tool> hello"]);
  assert.deepEqual(around("start"), ["<tool> hello"]);
  assert.deepEqual(around("control"), ["▁ <tool> hello"]);
  assert.deepEqual(around("sections"), ["<tool> ▁hello"]);
});

test("bos comes first only when asked for and wanted by the model", () => {
  assert.equal(bpe.encode("hello", { bos: true })[0], bpe.bosId);
  assert.notEqual(bpe.encode("hello")[0], bpe.bosId);
  const without = make({ addBos: false });
  assert.deepEqual(without.encode("hello", { bos: true }), without.encode("hello"));
});

test("without byte fallback neighbouring unknown characters are one unknown token", () => {
  const tokenizer = make({ byteFallback: false });
  assert.deepEqual([...tokenizer.encode("zz hello")].slice(-2), [0, tokenizer.tokens.indexOf("▁hello")]);
  assert.equal(
    [...make({ byteFallback: false, fuseUnknown: false }).encode("zz")].filter((id) => id === 0).length,
    2,
  );
});

test("bytes of ids join to the text, and ids that no token has are empty", () => {
  const ids = bpe.encode("hü 水");
  assert.equal(Buffer.concat(Array.from(ids, (id) => bpe.bytes(id))).toString(), " hü 水");
  assert.equal(bpe.decode([99_999]), "");
  assert.equal(bpe.tokenType(99_999), "unused");
});

test("merges follow SentencePiece's definition: highest score, then leftmost, also among equal scores", () => {
  const symbols = ["a", "b", "c"];
  const pairs = ["ab", "bc", "ca", "aa", "abc", "caa", "aab", "bca", "abca"];
  const scores = fc.array(fc.integer({ min: -3, max: 0 }), {
    minLength: pairs.length,
    maxLength: pairs.length,
  });
  const word = fc.array(fc.constantFrom(...symbols), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(scores, word, (drawn, letters) => {
      const pieces: SentencePiece[] = [...symbols, ...pairs].map((text, i) => ({
        text,
        score: i < symbols.length ? -9 : drawn[i - symbols.length]!,
        type: "normal",
      }));
      const tokenizer = make({ pieces, byteFallback: false, spacePrefix: "none", unknownId: undefined });
      assert.deepEqual(
        texts(tokenizer.encode(letters.join("")), tokenizer),
        mergeByDefinition(letters, pieces),
      );
    }),
    { seed: 3, numRuns: 300 },
  );

  function mergeByDefinition(letters: readonly string[], pieces: readonly SentencePiece[]): string[] {
    const scoreOf = new Map(pieces.map(({ text, score }) => [text, score]));
    const parts = [...letters];
    for (;;) {
      const offers = parts.slice(1).map((part, i) => scoreOf.get(parts[i]! + part) ?? -Infinity);
      const best = Math.max(-Infinity, ...offers);
      if (best === -Infinity) return parts;
      const at = offers.indexOf(best);
      parts.splice(at, 2, parts[at]! + parts[at + 1]!);
    }
  }
});
