import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../core/index.ts";
import { createPieceCutter } from "./cut-pieces.ts";
import { createPieceCache } from "./piece-cache.ts";
import { PRE_TOKENIZERS, type PreTokenizer } from "./pre-tokenizers.ts";

/** Everything that the patterns treat apart: letters, marks, figures and signs of many scripts, white space, halves of pairs. */
const PARTS = [
  ..."aZéßſ ßÀ'’-_.,;()<>\t\n\r\f\u00a0\u0085\u2028\u3000\ufeff\u200b19½٣३〇Ⅻ中文かなحकािม์",
  ..."𠀀😀𝟙𝒜",
  "\ud800",
  "\udc00",
  "'s",
  "'LL",
  "'ſ",
  "  ",
  "\r\n",
  "the",
  " 12345",
  " mg/dL",
  "\u0301",
  "\u{1f468}\u200d\u{1f469}",
];

test("text is cut as the pattern cuts it, whatever it is made of", () => {
  const random = createRandom(11);
  for (const name of Object.keys(PRE_TOKENIZERS) as PreTokenizer[]) {
    const cut = createPieceCutter(name);
    const { pattern } = PRE_TOKENIZERS[name];
    for (let round = 0; round < 6000; round++) {
      let text = "";
      for (let n = 1 + random.integer(12); n > 0; n--)
        text +=
          random.integer(8) === 0
            ? String.fromCodePoint(random.integer(0x10000))
            : PARTS[random.integer(PARTS.length)]!;
      const pieces: string[] = [];
      for (let from = 0; from < text.length; ) {
        const to = cut(text, from);
        pieces.push(text.slice(from, to));
        from = to;
      }
      assert.deepEqual(pieces, text.match(pattern), JSON.stringify(text));
    }
  }
});

test("a piece is found by its units alone, and more pieces than the cache holds do no harm", () => {
  const cache = createPieceCache();
  const into = new Int32Array(64);
  const text = Array.from({ length: 300_000 }, (_, i) => `x${i} `).join("");
  const pass = (start: number): number => {
    let hits = 0;
    for (let from = start; from < text.length; ) {
      const to = text.indexOf(" ", from) + 1;
      const number = Number(text.slice(from + 1, to - 1));
      const known = cache.find(text, from, to, into, 1);
      if (known < 0) cache.add(text, from, to, Int32Array.of(number, to - from));
      else {
        hits++;
        assert.deepEqual([known, into[1], into[2]], [2, number, to - from]);
      }
      from = to;
    }
    return hits;
  };
  assert.equal(pass(0), 0, "all are different");
  // The last 30,000 came after the cache was emptied.
  assert.equal(pass(text.indexOf("x270000 ")), 30_000);
});
