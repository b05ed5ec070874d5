import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadLanguageDetector } from "./language-detector.ts";
import { checkAnswer, checkQuestion } from "./qa-check.ts";
import { figuresOf, ungroundedFigures } from "./qa-figures.ts";
import { readDialogue, unwrapReply } from "./qa-reply.ts";
import { isOnTopic } from "./qa-topic.ts";
import { isQuestion, refusal, sourceMention } from "./qa-wording.ts";

before(loadLanguageDetector);

const SAMPLES = fileURLToPath(new URL("../../samples/corpus", import.meta.url));

test("figures are found in a passage whatever their digits, separators, words and units", () => {
  const same: readonly (readonly [answer: string, passage: string])[] = [
    ["500 mg twice daily for 5-10 days", "0.5 g, two times a day, 5 to 10 days"],
    ["0.5 g two times a day", "500 mg twice a day"],
    ["٥٠٠ ملغ كل ٨ ساعات", "500 mg toutes les 8 heures"],
    ["५०० मिलीग्राम दिन में दो बार", "500 mg, 2 times"],
    ["每次三片，每日两次，共十四天", "3 tablets, 2 times, for two weeks"],
    ["百分之五十的患者", "50 % of patients"],
    ["1,5 mg", "1.5 mg"],
    ["1 234,5 mg", "1,234.5 mg"],
    ["12,34,567 लोग", "1234567 people"],
    ["١٬٢٣٤٫٥ ملغ", "1234.5 mg"],
    ["140/90 mmHg", "140/90毫米汞柱"],
    ["37,5 °C", "37.5℃"],
    ["about 3 million people", "3,000,000 people"],
    ["in 2019", "since the year 2019"],
    ["1. Wash\n2. Rinse\n(3) Dry", "no figures"],
    ["one in half of the cases", "no figures"],
  ];
  for (const [answer, passage] of same)
    assert.deepEqual(ungroundedFigures(answer, passage), [], `${answer} in ${passage}`);
});

test("other amounts, other units and units of nothing are not grounded", () => {
  const other: readonly (readonly [answer: string, passage: string, missing: string])[] = [
    ["5 mg", "5 weeks of 10 mg", "5 mg"],
    ["20 mg", "20 children", "20 mg"],
    ["500 mg", "500 µg", "500 mg"],
    ["1.5 g", "1.5 mg", "1.5 g"],
    ["take it three times a day", "twice a day", "three times"],
    ["每日三次", "每日两次", "三次"],
    ["٥ ملغ", "50 mg", "5 ملغ"],
    ["60 %", "about 6 of 100", "60 %"],
    ["in 2020", "in 2019", "2020"],
  ];
  for (const [answer, passage, missing] of other)
    assert.deepEqual(
      ungroundedFigures(answer, passage).map(({ text }) => text),
      [missing],
      `${answer} in ${passage}`,
    );
  assert.deepEqual(
    figuresOf("5-10 mg").map(({ dimension }) => dimension),
    ["mass", "mass"],
  );
});

test("talk of the text is heard in six languages; ordinary sentences with the same words are not", () => {
  const mentions = [
    "Can you tell me more about the passage?",
    "The passage is about a surgical procedure.",
    "In the context of the referenced document, the answer is yes.",
    "What is the main topic of this article?",
    "This passage can be found in a book.",
    "According to the passage, it is 5 mg.",
    "The text does not say.",
    "As mentioned in the reference text, rest helps.",
    "根据上述资料，应多喝水。",
    "文中提到的剂量是多少？",
    "D’après le texte, il faut boire.",
    "Que recommande le passage ci-dessus ?",
    "Según el texto, ¿cuál es la dosis?",
    "El fragmento anterior explica la dosis.",
    "दिए गए अनुच्छेद के अनुसार खुराक क्या है?",
    "पाठ में बताया गया है कि पानी पिएँ।",
    "وفقًا للنص، ما هي الجرعة؟",
    "يذكر المقال أن الماء مفيد.",
  ];
  for (const text of mentions) assert.notEqual(sourceMention(text), undefined, text);
  const ordinary = [
    "The nasal passage is blocked.",
    "What is known about the passage of stones?",
    "The passage is narrow in some children.",
    "Send a text message to the clinic.",
    "Pain in the passage of urine is common.",
    "In the context of pregnancy, ask first.",
    "The value lies in the reference range.",
    "该材料可用于补牙。",
    "Le passage des aliments est douloureux.",
    "El paciente no puede tragar.",
    "इस संदर्भ में सावधानी रखें।",
    "ألم في الفقرة القطنية الرابعة.",
  ];
  for (const text of ordinary) assert.equal(sourceMention(text), undefined, text);
});

test("refusals are told from sympathy, questions from statements", () => {
  for (const text of [
    "As an AI, I cannot help.",
    "很抱歉，我无法回答。",
    "Je suis désolé, je ne peux pas.",
    "Lo siento, no puedo.",
    "क्षमा करें, मैं उत्तर नहीं दे सकता।",
    "عذرًا، لا يمكنني الإجابة.",
  ])
    assert.notEqual(refusal(text), undefined, text);
  for (const text of ["I’m sorry to hear that you feel ill. Please rest.", "Lo siento mucho. Cuénteme más."])
    assert.equal(refusal(text), undefined, text);
  const questions = [
    "en:Explain how malaria spreads",
    "zh:疟疾是如何传播的",
    "fr:Quelle est la dose",
    "es:¿Qué hacer?",
    "hi:मलेरिया कैसे फैलता है",
    "ar:كيف تنتقل الملاريا",
  ];
  for (const text of questions) assert.ok(isQuestion(text.slice(3), text.slice(0, 2)), text);
  assert.ok(!isQuestion("Malaria spreads through mosquitoes.", "en"));
});

test("replies lose their wrapping; dialogues must take turns", () => {
  assert.equal(unwrapReply("<think>hm\n</think>\n**Question:** “What is it?”"), "What is it?");
  assert.equal(unwrapReply("Sure! Here is a question:\n\nWhat is it?"), "What is it?");
  assert.equal(unwrapReply("问题：这是什么？"), "这是什么？");
  assert.equal(
    unwrapReply("“Fever” means more than 38 °C; “chill” is another."),
    "“Fever” means more than 38 °C; “chill” is another.",
  );
  assert.deepEqual(readDialogue("<Patient> a </Patient>\n<doctor>b</Doctor>"), ["a", "b"]);
  for (const reply of [
    "",
    "<Doctor>b</Doctor><Patient>a</Patient>",
    "<Patient>a</Patient>",
    "<Patient></Patient><Doctor>b</Doctor>",
  ])
    assert.equal(readDialogue(reply), undefined);
});

test("no pair of the shipped samples, written by hand in six languages, is rejected", async () => {
  let pairs = 0;
  for (const file of (await readdir(SAMPLES)).filter((name) => !name.includes("_text"))) {
    const [, language = ""] = /_([a-z]{2})[_.]/u.exec(file) ?? [];
    const documents = JSON.parse(await readFile(join(SAMPLES, file), "utf8")) as string[][];
    for (const [question = "", answer = ""] of documents) {
      const context = {
        language,
        source: `${question}\n${answer}`,
        prompt: "",
        given: [`${question}\n${answer}`],
      } as const;
      assert.equal(checkQuestion(question, context), undefined, question);
      assert.equal(checkAnswer(answer, question, context), undefined, answer);
      pairs++;
    }
  }
  assert.equal(pairs, 480);
});

test("a question that has no word of its passage asks nothing about it; in any language one that has stays", () => {
  const pairs: readonly (readonly [passage: string, on: string, off: string])[] = [
    [
      "Reye's syndrome follows a viral illness such as flu. It harms the brain and the liver.",
      "What does Reye's syndrome harm?",
      "Can you explain it to me?",
    ],
    ["HIV attacks cells of the immune system.", "How does HIV work?", "Which profession is this?"],
    ["哮喘是一种慢性气道疾病，患者会喘息。", "哮喘患者有什么表现？", "这个问题是什么意思？"],
    [
      "L'asthme resserre les voies respiratoires.",
      "Qu'est-ce que l'asthme ?",
      "Pouvez-vous répondre à la question ?",
    ],
    ["El asma estrecha las vías respiratorias.", "¿Qué es el asma?", "¿Puede responder a esta pregunta?"],
    ["दमा साँस की नलियों की बीमारी है।", "दमा क्या है?", "क्या आप इस प्रश्न का उत्तर दे सकते हैं?"],
    ["الربو مرض يصيب المجاري التنفسية.", "ما هو الربو؟", "هل يمكن أن تجيب عن هذا السؤال؟"],
  ];
  for (const [passage, on, off] of pairs) {
    assert.ok(isOnTopic(on, passage), on);
    assert.ok(!isOnTopic(off, passage), off);
  }
});

const PUBLISHED = fileURLToPath(new URL("../../../shared/data/apollo-corpus-samples", import.meta.url));
test("published medical questions are on the topic of their own answers", {
  skip: existsSync(PUBLISHED) ? false : "shared/data is absent",
}, async () => {
  for (const source of ["Book", "Exam", "Guideline", "Paper", "Web", "Wiki"])
    for (const language of ["en", "zh"]) {
      const file = join(PUBLISHED, `Medical_${source}_${language}_sampled.json`);
      for (const [question = "", answer = ""] of JSON.parse(await readFile(file, "utf8")) as string[][])
        assert.ok(isOnTopic(question, answer), question);
    }
});
