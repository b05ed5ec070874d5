import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutPassages } from "./qa-passages.ts";
import { splitSentences } from "./qa-sentences.ts";
import { estimateTokens } from "./qa-tokens.ts";

const split = (text: string, language: string): string[] =>
  splitSentences(text, language).map(({ from, to }) => text.slice(from, to).trim());

test("sentences end as each language has it, and not after abbreviations, initials or decimal points", () => {
  const cases: readonly (readonly [language: string, ...string[]])[] = [
    ["en", "Dr. A. Smith gave 2.5 mg.", "It helped, e.g. with fever!", "Did it?"],
    ["zh", "高血压通常没有症状。", "要怎么办？", "请量血压！"],
    ["fr", "Mme Roux a vu le Dr. Petit, p. ex. hier.", "Que faire ?", "Buvez 1,5 litre d’eau."],
    ["es", "La Dra. Ruiz lo explicó.", "¿Qué hacer?", "¡Beba agua!"],
    ["hi", "डॉ. शर्मा ने दवा दी।", "क्या यह ठीक है?", "पानी पिएँ।"],
    ["ar", "ما هو العلاج؟", "اشرب الماء!", "راجع الطبيب."],
  ];
  for (const [language, ...sentences] of cases)
    assert.deepEqual(split(sentences.join(language === "zh" ? "" : " "), language), sentences);
  assert.deepEqual(split("Vitamin C.\nSalt", "en"), ["Vitamin C.", "Salt"]);
});

test("passages follow each other, lose nothing but white space, and keep to the budget", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "Take two tablets a day. ",
      "多喝水。",
      "Buvez ! ",
      "पानी पिएँ। ",
      "اشرب الماء؟ ",
      "\n\n",
      "𝒜",
      "word ",
    ),
    fc.string({ maxLength: 12, unit: "grapheme" }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 4, max: 60 }), (pieces, budget) => {
      const text = pieces.join("");
      const passages = cutPassages(text, "en", budget, estimateTokens);
      let end = 0;
      for (const { from, to, tokens } of passages) {
        assert.equal(text.slice(end, from).trim(), "");
        assert.ok(to > from);
        // A piece that cannot be cut any further may be longer: single characters.
        assert.ok(tokens <= budget || [...text.slice(from, to)].length <= 4 * budget);
        assert.ok(!/^[\uDC00-\uDFFF]/u.test(text.slice(from, to)));
        end = to;
      }
      assert.equal(text.slice(end).trim(), "");
    }),
  );
});

test("passages are about equally long and end where sentences end", () => {
  const sentence = "Wash your hands with soap and clean water for twenty seconds. ";
  const text = sentence.repeat(23);
  const passages = cutPassages(text, "en", 100, estimateTokens);
  const tokens = passages.map((passage) => passage.tokens);
  assert.ok(passages.length >= 4);
  assert.ok(Math.min(...tokens) > 0.6 * Math.max(...tokens), tokens.join(" "));
  for (const { from, to } of passages) assert.match(text.slice(from, to), /^Wash.*\.$/su);
});
