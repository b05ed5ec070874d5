import assert from "node:assert/strict";
import { test } from "node:test";
import { extractAnswer } from "./extract-answer.ts";
import type { Item } from "./item.ts";

function item(language: string, options = ["Aspirin", "Insulin", "Heparin", "Morphine"]): Item {
  const letters = [..."ABCDE"].slice(0, options.length);
  return { id: "x/0", source: "x", language, question: "?", options, letters, gold: [0] };
}

function letters(language: string, response: string, options?: string[]): string {
  const answer = extractAnswer(response, item(language, options));
  return answer === undefined ? "none" : answer.choice.map((i) => "ABCDE"[i]).join("");
}

test("conclusions are read in six languages", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["en", "The correct answer is (B).", "B"],
    ["en", "The correct answer is option C", "C"],
    ["en", "Answer: D", "D"],
    ["en", "A is wrong because of its half-life. The answer is B because it acts fast.", "B"],
    ["en", "C is correct.", "C"],
    ["en", "\\boxed{D}", "D"],
    ["en", '{"answer": "B"}', "B"],
    ["en", "<think>The answer is A</think>The answer is C", "C"],
    ["zh", "正确答案是(C).", "C"],
    ["zh", "本题考查药物，故选B。", "B"],
    ["zh", "答案：Ｄ", "D"],
    ["zh", "选项B正确", "B"],
    ["zh", "故选B项", "B"],
    ["fr", "La bonne réponse est la réponse B", "B"],
    ["fr", "La proposition C est exacte.", "C"],
    ["es", "La respuesta correcta es la opción D.", "D"],
    ["es", "La respuesta es b)", "B"],
    ["es", "Por lo tanto, la correcta es la A", "A"],
    ["hi", "सही उत्तर है (B)।", "B"],
    ["hi", "सही उत्तर: ख", "B"],
    ["hi", "विकल्प C सही है", "C"],
    ["hi", "sahi jawab D hai", "D"],
    ["ar", "الإجابة الصحيحة هي (C).", "C"],
    ["ar", "الإجابة الصحيحة هي الخيار ب", "B"],
    ["ar", "الجواب: أ", "A"],
  ];
  for (const [language, response, expected] of cases) {
    assert.equal(letters(language, response), expected, `${language}: ${response}`);
  }
});

test("the last conclusion counts, negated ones do not", () => {
  assert.equal(letters("en", "The answer is A. On reflection, the answer is D."), "D");
  assert.equal(letters("en", "The answer is not B."), "none");
  assert.equal(letters("en", "The answer is C; incorrect answer: A"), "C");
});

test("bare labels, label with text, and option texts", () => {
  assert.equal(letters("en", "B"), "B");
  assert.equal(letters("en", "(C)"), "C");
  assert.equal(letters("en", "Let me think.\nB."), "B");
  assert.equal(letters("en", "(D) Morphine, because it relieves pain"), "D");
  assert.equal(letters("en", "I would give insulin here."), "B");
  assert.equal(letters("en", "Insulin or heparin."), "none");
  assert.equal(letters("en", "It is type 1 diabetes", ["Type 1", "Type 1 diabetes"]), "B");
});

test("capitals in prose are not answers", () => {
  assert.equal(letters("en", "A patient came. Based on the findings, D is plausible."), "none");
  assert.equal(letters("en", "The answer is A common cause of pain."), "none");
  assert.equal(letters("zh", "答案是B超检查"), "none");
  assert.equal(letters("zh", "建议补充维生素D"), "none");
  assert.equal(letters("ar", "الإجابة هي التهاب"), "none");
  assert.equal(letters("hi", "उत्तर है कमजोरी"), "none");
  assert.equal(letters("en", "I cannot answer that."), "none");
  assert.equal(letters("en", ""), "none");
});

test("several labels make a set", () => {
  assert.equal(letters("fr", "Les bonnes réponses : A, C et E", ["a1", "b1", "c1", "d1", "e1"]), "ACE");
  assert.equal(letters("zh", "正确答案是ABD"), "ABD");
  assert.equal(letters("en", "The answer is A and C."), "AC");
  assert.equal(letters("fr", "Bonnes réponses : A et C", ["a1", "b1", "c1", "d1", "e1"]), "AC");
});
