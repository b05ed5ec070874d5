import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import { isBoilerplate } from "./boilerplate.ts";
import { CLEAN_RULES, type CleanRule } from "./clean-change.ts";
import { type CleanExample, cleanCorpus } from "./clean-corpus.ts";
import { createCleaner, lengthBounds } from "./clean-document.ts";
import type { Document } from "./document.ts";
import { importCorpus } from "./import-corpus.ts";
import { loadLanguageDetector } from "./language-detector.ts";
import { createLineCounter } from "./line-counter.ts";
import { readCorpus } from "./read-documents.ts";
import { commonKey } from "./repeated-lines.ts";
import { otherLanguage } from "./text-language.ts";

let folder: string;
before(async () => {
  await loadLanguageDetector();
  folder = await mkdtemp(join(tmpdir(), "apollo-clean-"));
});
after(() => rm(folder, { recursive: true }));

/** Cleans one text of a book with one rule. */
function withRule(rule: CleanRule, text: string, language = "en"): string {
  const kind = { category: "medicalBook", language, kind: "text", stage: "pretrain" } as const;
  const clean = createCleaner(kind, {
    rules: new Set([rule]),
    bounds: lengthBounds(language),
    common: new Map(),
  });
  const cleaned = clean({ kind: "text", text }, () => {});
  return "content" in cleaned && cleaned.content.kind === "text" ? cleaned.content.text : "";
}

test("characters: composed form, nothing invisible, joiners that spell words stay", () => {
  assert.equal(withRule("unicode", "cafe\u0301 \ud800!"), "café \ufffd!");
  assert.equal(withRule("control-characters", "a\u0000b\u00adc\u200bd\ufeffe\u202af"), "abcdef");
  for (const text of ["क्\u200dष", "می\u200cشود", "ភាសា\u200bខ្មែរ"])
    assert.equal(withRule("control-characters", text), text);
  assert.equal(withRule("white-space", " a \r\n\r\n\r\n\r\n  b\tc\u2028d "), "a\n\n  b\tc\nd");
});

test("frames of pages go in six languages, sentences about cookies and rights stay", () => {
  const frames = [
    "© 2021 Example Health. All rights reserved.",
    "This website uses cookies to improve your experience. Accept all cookies",
    "Home | About us | Contact us | Site map",
    "Skip to main content",
    "Share on Facebook",
    "版权所有 不得转载",
    "上一篇：感冒了怎么办",
    "分享到微信",
    "Tous droits réservés.",
    "Ce site utilise des cookies",
    "Lire la suite »",
    "Todos los derechos reservados",
    "Aceptar todas las cookies",
    "सर्वाधिकार सुरक्षित",
    "और पढ़ें",
    "यहाँ क्लिक करें",
    "جميع الحقوق محفوظة",
    "اقرأ أيضا",
    "الرئيسية | من نحن | اتصل بنا",
  ];
  const text = [
    "Patients have rights.",
    "Share what you know with your doctor, and read more about side effects in the leaflet.",
    "(C) 2011",
    "(C) 1200 mg",
    "Comments of the family were noted.",
    "患者应注册后就诊，并阅读更多说明。",
    "El contacto con el virus basta.",
    "रोगी को आगे पढ़ें कहा गया।",
    "يقرأ المريض المزيد عن الدواء.",
  ];
  for (const line of frames) assert.ok(isBoilerplate(line), line);
  for (const line of text) assert.ok(!isBoilerplate(line), line);
  assert.equal(
    withRule("boilerplate", `Home\n\nFever is a sign.\nRead more\n${frames[0]}`),
    "Fever is a sign.",
  );
});

test("repeated paragraphs and lines go; figures, table rows and code may repeat", () => {
  const line = "Drink plenty of water during the day.";
  assert.equal(withRule("repeats", `${line}\nRest.\n${line}\nRest.`), `${line}\nRest.\nRest.`);
  const paragraph = "Fever is a sign of many illnesses.\nIt is seldom dangerous by itself.";
  assert.equal(
    withRule("repeats", `${paragraph}\n\nRest.\n\n${paragraph.toUpperCase()}`),
    `${paragraph}\n\nRest.`,
  );
  const doses =
    "Amoxicillin\n500 mg twice a day for seven days\nCefalexin\n500 mg twice a day for seven days";
  assert.equal(withRule("repeats", doses), doses);
  const twins = "500 mg twice a day for seven days";
  assert.equal(withRule("repeats", `${twins}\n${twins}`), twins);
  const code = "```\nprint('the patient is well today')\nprint('the patient is well today')\n```";
  assert.equal(withRule("repeats", code), code);
});

test("lines that many documents share are counted once a document, with bounded memory", () => {
  const counter = createLineCounter(join(folder, "lines"), 8);
  for (let i = 0; i < 40; i++)
    counter.add([
      `Leaflet ${i}\nAsk your doctor or pharmacist for advice.\nThis line stands in document number ${i} alone.`,
    ]);
  // Exactly, however often the memory was full.
  assert.deepEqual([...counter.common()], [[commonKey("ASK your doctor, or pharmacist, for advice!"), 40]]);
  const answers = createLineCounter(join(folder, "lines"));
  for (let i = 0; i < 40; i++) answers.add(["Drink enough and rest until the fever is gone."]);
  assert.equal(answers.common().size, 0);
});

test("a turn plainly in another language is told; names, formulas and little text are not", () => {
  const en =
    "The patient should drink enough and rest until the fever has gone, and see a doctor if it lasts.";
  const es =
    "El paciente debe beber lo suficiente y descansar hasta que desaparezca la fiebre, y acudir al médico.";
  const fr =
    "Le patient doit boire suffisamment et se reposer jusqu'à ce que la fièvre ait disparu, puis consulter.";
  const zh = "患者应多喝水，多休息，直到退烧；如果发烧持续三天以上，应及时去医院就诊。";
  const hi = "रोगी को पर्याप्त पानी पीना चाहिए और बुखार उतरने तक आराम करना चाहिए, फिर डॉक्टर से मिलना चाहिए।";
  const ar = "يجب على المريض أن يشرب كمية كافية من الماء وأن يستريح حتى تزول الحمى، ثم يراجع الطبيب.";
  const all = { en, es, fr, zh, hi, ar };
  for (const [language, text] of Object.entries(all))
    for (const expected of Object.keys(all))
      assert.equal(
        otherLanguage(text, expected),
        expected === language ? undefined : language,
        `${language} as ${expected}`,
      );
  for (const text of [
    "Atropine.",
    "ATP, ADP, phosphocreatine",
    "(A) Escherichia coli. (B) Clostridium difficile. (C) Salmonella enterica.",
  ])
    for (const expected of Object.keys(all)) assert.equal(otherLanguage(text, expected), undefined, text);
  assert.equal(otherLanguage(`下列剂型 ${en.slice(0, 40)}`, "zh"), undefined);
});

const PAGE = [
  "Home | About us | Contact us",
  "High blood pressure often has no signs at all, and so it should be measured once a year by everyone.",
  "Write to nurse@example.org or call (212) 555-0143 for advice. Take 500 mg twice a day, PMID 31234567.",
].join("\n");

async function makeCorpus(): Promise<string> {
  const corpus = join(folder, "raw");
  await mkdir(corpus, { recursive: true });
  const files = {
    "medicalWeb_en_text.json": [
      PAGE,
      "Too short.",
      "Une femme de trente ans se présente avec une fièvre depuis trois jours et une toux sèche qui la réveille la nuit.",
    ],
    "medicalPatient_zh.json": [
      [
        "发烧怎么办？",
        "多喝水，多休息。\u200b",
        "Please translate the following text into good English for me, I need it for my doctor today.",
        "好。",
      ],
      ["嗯", "请描述症状。"],
    ],
    "code_en.json": [["Write a loop, please.", "Home\nx = 1\nHome"]],
  };
  for (const [name, value] of Object.entries(files))
    await writeFile(join(corpus, name), JSON.stringify(value));
  return corpus;
}

test("a corpus is cleaned with counted reasons, ledger and examples; the same bytes again", async () => {
  const corpus = join(folder, "corpus");
  await importCorpus([await makeCorpus()], corpus);
  const out = join(folder, "out");
  const result = await cleanCorpus(corpus, out);
  assert.deepEqual(result, {
    documents: 6,
    kept: 3,
    changed: 2,
    dropped: { "too-short": 2, "wrong-language": 1 },
    changes: {
      "boilerplate-line": 1,
      "control-character": 1,
      "masked-email": 1,
      "masked-phone": 1,
      "wrong-language-turn": 1,
    },
    byLanguage: {
      en: { "boilerplate-line": 1, "masked-email": 1, "masked-phone": 1 },
      zh: { "control-character": 1, "wrong-language-turn": 1 },
    },
  });
  const documents: Document[] = [];
  for await (const document of readCorpus(out)) documents.push(document);
  const page = documents.find(({ category }) => category === "medicalWeb")!;
  assert.equal(
    page.kind === "text" && page.text,
    `${PAGE.split("\n")[1]}\nWrite to [EMAIL] or call [PHONE] for advice. Take 500 mg twice a day, PMID 31234567.`,
  );
  assert.deepEqual(page.decisions.at(-1), {
    step: "clean",
    decision: "keep",
    reason: "boilerplate-line 1; masked-email 1; masked-phone 1",
  });
  const dropped = await jsonLines(join(out, "dropped.jsonl"));
  assert.deepEqual(dropped.map(({ reason }) => reason).sort(), ["too-short", "too-short", "wrong-language"]);

  const examples: CleanExample[] = [];
  const again = join(folder, "again");
  await cleanCorpus(corpus, again, { examples: 1, show: (example) => examples.push(example) });
  assert.ok(
    examples.some(({ reason, before }) => reason === "masked-email" && before.includes("nurse@example.org")),
  );
  for (const name of await readdir(out))
    assert.deepEqual(await readFile(join(again, name)), await readFile(join(out, name)), name);
  // What was masked is nowhere in the folder.
  for (const name of await readdir(out))
    assert.doesNotMatch(await readFile(join(out, name), "utf8"), /nurse@/u);
  assert.deepEqual(await cleanCorpus(corpus, out), result);
});

test("each rule can be switched off; bounds can be given; what is no rule is refused", async () => {
  const corpus = join(folder, "corpus");
  const nothing = await cleanCorpus(corpus, join(folder, "nothing"), { skip: CLEAN_RULES });
  assert.deepEqual([nothing.kept, nothing.changed], [6, 0]);
  const unmasked = await cleanCorpus(corpus, join(folder, "unmasked"), { skip: ["personal-data"] });
  assert.deepEqual(unmasked.byLanguage.en, { "boilerplate-line": 1 });
  const short = await cleanCorpus(corpus, join(folder, "short"), {
    bounds: { en: { leastText: 5 }, zh: { leastQuestion: 1 } },
  });
  assert.deepEqual(short.dropped, { "wrong-language": 1 });
  await assert.rejects(cleanCorpus(corpus, corpus), { code: "same-folder" });
  await assert.rejects(cleanCorpus(corpus, join(folder, "x"), { skip: ["magic" as CleanRule] }), {
    code: "unknown-rule",
  });
});

const SAMPLES = fileURLToPath(new URL("../../../shared/data/apollo-corpus-samples", import.meta.url));
const skip = existsSync(SAMPLES) ? false : `no samples at ${SAMPLES}`;

test("ApolloCorpus's samples: translated exercises among English ones go, nothing medical does", {
  skip,
}, async () => {
  const corpus = join(folder, "samples");
  await importCorpus([SAMPLES], corpus);
  const dropped: CleanExample[] = [];
  const result = await cleanCorpus(corpus, join(folder, "samples-clean"), {
    examples: 1000,
    show: (example) => example.reason === "wrong-language" && dropped.push(example),
  });
  assert.equal(result.documents, 1999);
  // Read one by one: 21 exercises of a reading test in as many languages, a Chinese text among English books, an English
  // translation, and C++ cut in the middle.
  assert.deepEqual(result.dropped, { "wrong-language": 24 });
  assert.equal(dropped.filter(({ before }) => before.startsWith("You are a medical doctor")).length, 21);
});
