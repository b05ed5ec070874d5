import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { firstStepsFor, footnoteFor } from "./first-steps.ts";
import { normalise } from "./normalise.ts";
import { RED_FLAG_CATEGORIES } from "./red-flag-language.ts";
import { assessRedFlags } from "./red-flags.ts";

const LANGUAGES = ["en", "zh", "fr", "es", "hi", "ar"] as const;
const PHRASES = new URL("../../src/medical/phrases/", import.meta.url);
const SHARED = new URL("../../../shared/data/", import.meta.url);

const rows = (name: string): string[][] =>
  readFileSync(new URL(name, PHRASES), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));
const isAlarm = (text: string): boolean => ["same_day", "call_now"].includes(assessRedFlags(text).level);
const levelOf = (text: string) => assessRedFlags(text).level;

/** Least recall in every cell of a category or a language; a cell of 12 cannot say more. */
const LEAST = { "seeds.tsv": 0.9, "held-out.tsv": 0.9 };
for (const [name, least] of Object.entries(LEAST)) {
  test(`${name}: danger signs are found in every category and language`, (context) => {
    const cells = new Map<string, { found: number; all: number; missed: string[] }>();
    let [named, all] = [0, 0];
    for (const [category = "", language = "", texts = ""] of rows(name)) {
      for (const text of texts.split(" | ")) {
        const { categories } = assessRedFlags(text);
        all++;
        if (categories.some((found) => found === category)) named++;
        for (const key of [category, language]) {
          const cell = cells.get(key) ?? { found: 0, all: 0, missed: [] };
          cells.set(key, cell);
          cell.all++;
          if (isAlarm(text)) cell.found++;
          else cell.missed.push(text);
        }
      }
    }
    for (const key of [...RED_FLAG_CATEGORIES, ...LANGUAGES]) {
      const cell = cells.get(key);
      assert.ok(cell !== undefined && cell.all >= 12, `${key} has too few phrases`);
      assert.ok(cell.found / cell.all >= least, `${key}: ${cell.missed.join(" / ")}`);
      context.diagnostic(`${key} ${cell.found}/${cell.all}`);
    }
    assert.ok(named / all >= 0.95, `the right category is named for ${named} of ${all}`);
  });
}

for (const name of ["seeds-ordinary.tsv", "held-out-ordinary.tsv"]) {
  test(`${name}: no alarm over the past, exams, definitions, idioms and everyday questions`, () => {
    const alarms = rows(name).filter(([, text = ""]) => isAlarm(text));
    assert.deepEqual(alarms, []);
  });
}

test("third.tsv: what the lists learnt from it stays learnt", () => {
  const missed = rows("third.tsv").flatMap(([, , texts = ""]) =>
    texts.split(" | ").filter((text) => !isAlarm(text)),
  );
  assert.deepEqual(missed, []);
});

/** What these sets have taught, and what was found before they taught anything (README.md); neither may be lost. */
const LEARNT = { "unseen.tsv": 48, "blind.tsv": 125 };
for (const [name, least] of Object.entries(LEARNT)) {
  test(`${name}: phrasings are found no worse than before`, (context) => {
    const texts = rows(name).flatMap(([, , line = ""]) => line.split(" | "));
    const found = texts.filter(isAlarm).length;
    context.diagnostic(`${found}/${texts.length}`);
    assert.ok(found >= least, `${found} of ${texts.length}`);
  });
}

/** Sets with near misses: at least so many of the emergencies, at most so many of the others. `blind-3` was never tuned on. */
const WITH_NEAR_MISSES = { "blind-2.tsv": [119, 1], "blind-3.tsv": [30, 1], "blind-4.tsv": [60, 4] } as const;
for (const [name, [least, most]] of Object.entries(WITH_NEAR_MISSES)) {
  test(`${name}: emergencies call for help now, near misses do not`, (context) => {
    const all = rows(name).map(([level, , , text = ""]) => ({ emergency: level === "call_now", text }));
    const missed = all.filter(({ emergency, text }) => emergency && levelOf(text) !== "call_now");
    const false_ = all.filter(({ emergency, text }) => !emergency && isAlarm(text));
    const emergencies = all.filter(({ emergency }) => emergency).length;
    context.diagnostic(`${emergencies - missed.length}/${emergencies}, ${false_.length} false alarms`);
    assert.ok(emergencies - missed.length >= least, missed.map(({ text }) => text).join(" / "));
    assert.ok(false_.length <= most, false_.map(({ text }) => text).join(" / "));
  });
}

test("typing on a phone: run together, no accents, doubled or dropped letters, sounds for spellings", () => {
  for (const text of [
    "cantbreathe help",
    "nopuedo respirar",
    "jarive plu a respirer",
    "me inche la garganta despues de comer camarones",
    "sine me dard hai aur pasina",
    "seene mein dard hai or paseena",
    "mesh 2ader atnafes el7a2ouni",
    "ebni shereb klor",
    "ابني شرب كلور",
  ])
    assert.equal(levelOf(text), "call_now", text);
});

test("a short Arabic word is found with what is written on it, and not inside another", () => {
  for (const text of ["ابني شرب سم", "ابني اكل سمك وبعدين وجهه تورم", "الكلب عضني", "وبلعه وشرق"])
    assert.ok(isAlarm(text), text);
  for (const text of [
    "بعض أنواع الشرق الأوسط صحية",
    "شرب الماء يفيد الجسم",
    "الشخصية والعالم",
    "أكل من كل قسم",
  ])
    assert.equal(isAlarm(text), false, text);
});

test("wanting to be gone is heard without the word, and a figure of speech is not taken for it", () => {
  for (const text of [
    "everyone would be better off without me and i have the pills ready",
    "im on the roof, goodbye everyone",
    "站在天台上了 对不起大家",
    "je suis sur le pont, adieu à tous",
    "estoy en la azotea y ya me despedí de todos",
    "chhat pe khada hu, sabko alvida",
    "छत पर हूं, सबको अलविदा",
    "أنا على السطح، سامحوني",
  ])
    assert.equal(assessRedFlags(text).category, "suicide", text);
  for (const text of [
    "this heat is killing me, what should I drink",
    "老板快把我逼疯了 喝什么茶",
    "je suis mort de rire devant cette vidéo",
    "me muero de ganas de comer chocolate",
    "hans hans ke mar gaya yaar",
    "هموت من الضحك على المسلسل",
  ])
    assert.equal(isAlarm(text), false, text);
});

test("what only a past clause says is past, unless it is back", () => {
  for (const text of [
    "My dad had a stroke two years ago, now he wants to fly",
    "我爸前年脑梗过，现在能坐飞机吗",
    "quand j'étais petite j'ai bu de la javel, maintenant j'ai des reflux",
    "mi hija convulsionó cuando tenía 1 año, ahora tiene 10",
    "बचपन में मुझे दौरा पड़ा था, अब मैं 30 साल का हूं",
    "ابني لما كان رضيع جاله تشنج، ودلوقتي عنده 8 سنين",
  ])
    assert.equal(isAlarm(text), false, text);
  for (const text of [
    "He had a stroke two years ago, now his face is drooping",
    "我爸前年脑梗过，现在嘴又歪了",
    "il a fait un AVC il y a 3 ans, maintenant il ne parle plus et sa bouche est de travers",
    "tuvo un infarto hace 4 años, ahora le duele mucho el pecho y suda",
    "उन्हें 2 साल पहले दौरा पड़ा था, अब सीने में तेज दर्द है और पसीना आ रहा है",
    "صار معه جلطة قبل سنوات، ودلوقتي صدره بيوجعه جامد وعرقان",
  ])
    assert.equal(levelOf(text), "call_now", text);
});

test("the register of exams and papers raises no alarm, a cry for help in it does", () => {
  for (const text of [
    "Is continuous infusion of epinephrine associated with mortality in patients with cardiac arrest?",
    "A patient on the dental chair becomes unconscious, the first step is:",
    "大量咯血最常见于",
    "El coma hiperglucémico hiperosmolar no cetósico:",
    "मरीज को सीने में दर्द है, सबसे उचित निदान कौन सा है?",
    "ما هو التشخيص عند مريض عمره 60 عاما يعاني من ألم في الصدر؟",
  ])
    assert.equal(isAlarm(text), false, text);
  for (const text of [
    "patient collapsed not breathing help",
    "my patient is not breathing",
    "病人没呼吸了怎么办",
    "3 year old boy swallowed a battery",
  ])
    assert.equal(levelOf(text), "call_now", text);
});

test("a list reads only what may be in its language", () => {
  for (const text of [
    "Are current guidelines sufficient?",
    "The cross section of the root most prone to fracture",
    "Does hernia repair during banding matter?",
  ])
    assert.equal(levelOf(text), "none", text);
  assert.equal(levelOf("papa ko chest pain ho raha hai aur sweating"), "call_now");
});

test("a denied sign is no sign, and the next clause still counts", () => {
  const cases: [string, string][] = [
    ["I have a cough but no chest pain", "none"],
    ["no chest pain but I can't breathe", "call_now"],
    ["我咳嗽，没有胸痛", "none"],
    ["没有胸痛，但是喘不上气", "call_now"],
    ["je tousse, pas de douleur dans la poitrine", "none"],
    ["tengo tos, sin dolor en el pecho", "none"],
    ["खांसी है, सीने में दर्द नहीं है", "none"],
    ["عندي كحة بدون ألم في الصدر", "none"],
  ];
  for (const [text, level] of cases) assert.equal(levelOf(text), level, text);
});

test("an old illness with a new sign, and a belittled one, are emergencies", () => {
  for (const text of [
    "I had a stroke in 2019, now my left arm is weak again",
    "probably nothing but my chest feels tight and my arm is numb",
    "胸口疼，没事吧？",
    "c'est sûrement rien mais j'ai mal à la poitrine et au bras",
    "seguro no es nada pero me aprieta el pecho",
    "shayad gas hai par seene me dard aur pasina hai",
    "يمكن بس غازات بس صدري بيوجعني وعرقان",
  ])
    assert.equal(levelOf(text), "call_now", text);
});

test("an exam item is at most a footnote", () => {
  const item =
    "A 54-year-old man presents with crushing chest pain and sweating. Which of the following is the best next step?\nA. aspirin\nB. rest\nC. nitrates\nD. none";
  const assessment = assessRedFlags(item);
  assert.equal(assessment.level, "info");
  assert.equal(firstStepsFor(assessment, "en"), undefined);
  assert.match(footnoteFor(assessment, "fr") ?? "", /numéro d’urgence/u);
  assert.equal(footnoteFor(assessRedFlags("How much water should I drink?"), "en"), undefined);
});

test("an age under three months with a fever counts, at four years it does not", () => {
  for (const text of [
    "my 5 week old has 38.3",
    "宝宝40天发烧38.5",
    "bébé de 5 semaines, 38,4",
    "40 din ke bachche ko bukhar hai",
  ])
    assert.equal(levelOf(text), "call_now", text);
  for (const text of [
    "My 4 year old has 38.3 and is playing",
    "三岁孩子37.5度精神好",
    "mon fils de 4 ans a 38 et joue",
  ])
    assert.equal(levelOf(text), "none", text);
});

test("spelling does not matter: accents, traditional characters, drawn-out letters, other digits", () => {
  assert.equal(normalise("Fièvre ÉLEVÉE ３８.５"), "fievre elevee 38.5");
  assert.equal(normalise("heeeelp I can’t"), "help i cant");
  assert.equal(normalise("頭痛發燒"), "头痛发烧");
  assert.equal(normalise("حرارَتــي ٣٨٫٥"), "حرارتي 38.5");
  assert.equal(normalise("मुँह ज़हर ३८"), "मुंह जहर 38");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.ok(["none", "info", "same_day", "call_now"].includes(levelOf(text)));
    }),
  );
});

test("every category has first steps in every language, short enough to read in a hurry", () => {
  for (const language of LANGUAGES) {
    for (const category of RED_FLAG_CATEGORIES) {
      for (const level of ["same_day", "call_now"] as const) {
        const card = firstStepsFor({ level, category, categories: [category] }, language);
        assert.ok(card !== undefined);
        for (const text of [card.title, card.call, card.now, card.not, card.limits])
          assert.ok(text.length > 5 && text.length < 240, `${language} ${category}: ${text}`);
        assert.equal(card.urgent, level === "call_now");
      }
    }
    const suicide = firstStepsFor(
      { level: "same_day", category: "suicide", categories: ["suicide"] },
      language,
    );
    assert.deepEqual(suicide?.services, ["crisis", "emergency"]);
  }
});

test("real questions about diseases raise no alarm", (context) => {
  const folder = new URL("medquad/", SHARED);
  if (!existsSync(folder)) return context.skip("no shared data");
  const questions = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".xml"))
    .slice(0, 60)
    .flatMap((file) =>
      [...readFileSync(new URL(file, folder), "utf8").matchAll(/<Question[^>]*>([^<]+)</gu)].map(
        ([, text = ""]) => text,
      ),
    );
  assert.ok(questions.length > 50);
  assert.deepEqual(questions.filter(isAlarm), []);
});
