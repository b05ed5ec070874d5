import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import { type ApartPair, type Cluster, MOST_SHOWN } from "./clusters.ts";
import { dedupCorpus } from "./dedup-corpus.ts";
import { importCorpus } from "./import-corpus.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-dedup-"));
});
after(() => rm(folder, { recursive: true }));

let corpora = 0;

/** A corpus of the given files, imported. */
async function corpus(files: Record<string, unknown>): Promise<string> {
  const raw = join(folder, `raw-${++corpora}`);
  await mkdir(raw);
  for (const [name, value] of Object.entries(files)) await writeFile(join(raw, name), JSON.stringify(value));
  const out = join(folder, `corpus-${corpora}`);
  await importCorpus([raw], out);
  return out;
}

const lines = <T>(path: string): Promise<T[]> => jsonLines(path);

/** A text in each language, a few sentences long; none has a quantity. */
const TEXTS: Record<string, string> = {
  en: "Asthma is a disease of the airways. When something irritates them, the muscles around them tighten, the lining swells and breathing becomes hard. People wheeze and cough, above all at night and in the early morning. An inhaler opens the airways within minutes, and another kind of inhaler, taken every day, keeps the swelling down.",
  fr: "L'asthme est une maladie des voies respiratoires. Quand elles sont irritées, les muscles qui les entourent se contractent, la muqueuse gonfle et la respiration devient difficile. Les personnes sifflent et toussent, surtout la nuit et au petit matin. Un inhalateur ouvre les voies en peu de temps, et un autre traitement, pris chaque jour, réduit le gonflement.",
  es: "El asma es una enfermedad de las vías respiratorias. Cuando algo las irrita, los músculos que las rodean se contraen, la mucosa se hincha y respirar se vuelve difícil. Las personas tienen silbidos y tos, sobre todo por la noche y de madrugada. Un inhalador abre las vías en poco tiempo, y otro tratamiento, tomado cada día, reduce la hinchazón.",
  zh: "哮喘是一种气道疾病。当气道受到刺激时，周围的肌肉会收紧，黏膜会肿胀，呼吸变得困难。患者会喘息和咳嗽，夜间和清晨尤其明显。吸入剂可以在短时间内打开气道，而每天使用的另一种吸入剂可以减轻肿胀。患者应当了解诱发因素，例如冷空气、花粉、灰尘和烟雾，并尽量避开它们，同时随身携带急救药物。",
  hi: "दमा साँस की नलियों की बीमारी है। जब कोई चीज़ उन्हें परेशान करती है, तो आसपास की मांसपेशियाँ सिकुड़ जाती हैं, भीतर की परत सूज जाती है और साँस लेना कठिन हो जाता है। लोगों को घरघराहट और खाँसी होती है, ख़ासकर रात में और सुबह-सुबह। इनहेलर थोड़ी देर में नलियाँ खोल देता है, और रोज़ लिया जाने वाला दूसरा इनहेलर सूजन कम रखता है।",
  ar: "الربو مرض يصيب المجاري التنفسية. عندما يهيجها شيء ما تنقبض العضلات المحيطة بها وتتورم البطانة ويصبح التنفس صعبا. يعاني الناس من الصفير والسعال خاصة في الليل وفي الصباح الباكر. يفتح جهاز الاستنشاق المجاري خلال وقت قصير، وهناك جهاز آخر يؤخذ كل يوم ويخفف التورم.",
};
/** Another ending for each text, a short sentence longer. */
const ENDINGS: Record<string, string> = {
  en: " Ask your nurse how to use it.",
  fr: " Demandez conseil à votre infirmière.",
  es: " Pregunte a su enfermera cómo usarlo.",
  zh: "请向护士询问用法。",
  hi: " इसका उपयोग नर्स से पूछें।",
  ar: " اسأل الممرضة عن طريقة الاستعمال.",
};

test("exact and near duplicates are found across files in every language; the first one stays", async () => {
  const files: Record<string, unknown> = {};
  for (const [language, text] of Object.entries(TEXTS)) {
    files[`medicalBook_${language}_text.json`] = [text];
    files[`medicalWeb_${language}_text.json`] = [
      // Import keeps it, as it differs in case and punctuation.
      text.toUpperCase().replaceAll(/[,،，]/gu, ";"),
      `${text}${ENDINGS[language]}`,
    ];
    files[`medicalWiki_${language}_text.json`] = [[...text].slice(0, 60).join("")];
  }
  const source = await corpus(files);
  const out = join(folder, "languages");
  const result = await dedupCorpus(source, out);
  const clusters = await lines<Cluster>(result.clusters);
  assert.deepEqual(result, {
    documents: 24,
    kept: 12,
    exact: 6,
    near: 6,
    apart: {},
    clusters: join(out, "clusters.jsonl"),
  });
  assert.equal(clusters.length, 6);
  for (const { kept, dropped } of clusters) {
    assert.match(kept.origin.file, /medicalBook_/u);
    assert.deepEqual(dropped.map(({ kind }) => kind).sort(), ["exact", "near"]);
    for (const { kind, jaccard, estimate, origin, difference } of dropped) {
      assert.match(origin.file, /medicalWeb_/u);
      assert.ok(Math.abs(jaccard - estimate) < 0.15, `${jaccard} was estimated as ${estimate}`);
      if (kind === "exact") assert.equal(jaccard, 1);
      else assert.ok(Object.values(ENDINGS).some((ending) => difference.dropped.endsWith(ending.slice(1))));
    }
  }
  const reasons = (await lines<{ reason: string }>(join(out, "dropped.jsonl"))).map(({ reason }) => reason);
  assert.equal(reasons.filter((reason) => reason === "exact-duplicate").length, 6);
  assert.equal(reasons.filter((reason) => reason === "near-duplicate").length, 6);
  assert.deepEqual(JSON.parse(await readFile(join(out, "medicalBook_zh_text.json"), "utf8")), [TEXTS.zh]);
  assert.equal(existsSync(join(out, "medicalWeb_zh_text.json")), false, "nothing of it is left");
  const [entry] = await lines<{ decisions: unknown }>(join(out, "medicalBook_zh_text.ledger.jsonl"));
  assert.deepEqual(entry?.decisions, [
    { step: "import", decision: "keep" },
    { step: "dedup", decision: "keep" },
  ]);
});

/** Pairs alike in nearly every letter that say different things. */
const DISTINCT: readonly (readonly [string, string, string, (text: string) => string])[] = [
  ["a dose", "quantities", `${TEXTS.en} Take 5 mg daily.`, (text) => text.replace("5 mg", "10 mg")],
  ["a decimal point", "quantities", `${TEXTS.en} Take 1.5 mg daily.`, (text) => text.replace("1.5", "15")],
  ["a unit", "quantities", `${TEXTS.en} Take 5 mg daily.`, (text) => text.replace("mg", "g")],
  ["a comparison", "quantities", `${TEXTS.en} Treat if < 7.`, (text) => text.replace("<", ">")],
  [
    "a number word",
    "quantities",
    `${TEXTS.en} Take it twice a day.`,
    (text) => text.replace("twice", "once"),
  ],
  ["a Chinese dose", "quantities", `${TEXTS.zh}每日三次。`, (text) => text.replace("三", "两")],
  ["Devanagari digits", "quantities", `${TEXTS.hi} रोज़ ५ गोली।`, (text) => text.replace("५", "७")],
  ["Arabic digits", "quantities", `${TEXTS.ar} خذ ٥ ملغ.`, (text) => text.replace("٥", "٧")],
  [
    "a negation",
    "negations",
    `${TEXTS.en} It is safe in pregnancy.`,
    (text) => text.replace("is safe", "is not safe"),
  ],
  ["a Chinese negation", "negations", `${TEXTS.zh}孕妇可用。`, (text) => text.replace("可用", "不可用")],
  [
    "the subject",
    "subject",
    `${TEXTS.en} ${TEXTS.en} Coma is studied. Research on coma goes on.`,
    (text) => text.replace("Coma", "Syncope").replace("coma", "syncope"),
  ],
];

test("texts that differ in a dose, a negation or the subject both stay, and the reason is written down", async () => {
  for (const [name, reason, text, change] of DISTINCT) {
    assert.notEqual(change(text), text);
    const source = await corpus({ "medicalWeb_en_text.json": [text, change(text)] });
    const out = join(folder, name.replaceAll(" ", "-"));
    const result = await dedupCorpus(source, out);
    assert.equal(result.kept, 2, name);
    assert.deepEqual(result.apart, { [reason]: 1 }, name);
    const [pair] = await lines<ApartPair>(join(out, "apart.jsonl"));
    assert.equal(pair?.reason, reason);
    assert.ok(pair.jaccard >= 0.8 && pair.jaccard <= 1);
    assert.notEqual(pair.difference.first, pair.difference.second);
  }
});

test("the same figures in other digits are equal, and so are the same answers to the same question alone", async () => {
  const digits = await corpus({
    "medicalWeb_ar_text.json": [`${TEXTS.ar} خذ ٥ ملغ.`, `${TEXTS.ar} خذ 5 ملغ.`],
  });
  assert.equal((await dedupCorpus(digits, join(folder, "digits"))).near, 1);

  const hyphens = await corpus({
    "medicalWeb_en_text.json": [`${TEXTS.en} Aged 10 months, 5-7 mg.`, `${TEXTS.en} Aged 10-months, 5-7mg.`],
  });
  assert.equal((await dedupCorpus(hyphens, join(folder, "hyphens"))).exact, 1);

  const answers = await corpus({
    "medicalExam_en.json": [
      ["What opens the airways?", TEXTS.en],
      ["What opens the airways ?", `${TEXTS.en}${ENDINGS.en}`],
      ["Why do people cough at night?", TEXTS.en],
    ],
  });
  const result = await dedupCorpus(answers, join(folder, "answers"));
  assert.deepEqual([result.kept, result.near, result.apart], [2, 1, { turns: 1 }]);
});

test("no chain of small changes leads from one text to another", async () => {
  const words = TEXTS.en!.split(" ");
  // Each step replaces a few words more, from the front.
  const steps = [0, 3, 6, 9, 12, 15].map((n) =>
    words.map((word, i) => (i < n ? `w${word}x` : word)).join(" "),
  );
  const source = await corpus({ "medicalWeb_en_text.json": steps });
  const out = join(folder, "chain");
  const result = await dedupCorpus(source, out);
  assert.ok(result.near > 0 && result.kept > 1);
  for (const { dropped } of await lines<Cluster>(result.clusters))
    for (const { jaccard } of dropped) assert.ok(jaccard >= 0.8);
});

test("of a document's many duplicates the first are shown side by side, all are counted and listed", async () => {
  const words = (TEXTS.en as string).split(" ");
  // The same letters with other punctuation: import keeps them, deduplication does not.
  const copy = (n: number): string =>
    words.map((word, i) => (i < 16 && (n >> i) % 2 === 1 ? `${word},` : word)).join(" ");
  const source = await corpus({
    "medicalBook_en_text.json": Array.from({ length: MOST_SHOWN + 3 }, (_, n) => copy(n)),
    "medicalWeb_fr_text.json": [TEXTS.fr, `${TEXTS.fr}!`],
  });
  const out = join(folder, "many");
  const result = await dedupCorpus(source, out);
  assert.deepEqual([result.kept, result.exact], [2, MOST_SHOWN + 3]);
  const [cut, whole] = await lines<Cluster>(result.clusters);
  const dropped = await lines<{ document: string; of: string }>(join(out, "dropped.jsonl"));
  const of = dropped.filter((line) => line.of === cut?.kept.document).map(({ document }) => document);
  assert.equal(of.length, MOST_SHOWN + 2);
  assert.equal(cut?.droppedInAll, MOST_SHOWN + 2);
  assert.deepEqual(
    cut?.dropped.map(({ document }) => document),
    of.slice(0, MOST_SHOWN),
  );
  assert.equal(whole?.dropped.length, 1);
  assert.ok(whole !== undefined && !("droppedInAll" in whole), "said only where something is left out");
});

test("what another corpus holds is dropped, and that corpus stays as it is", async () => {
  const known = await corpus({ "medicalBook_en_text.json": [TEXTS.en, TEXTS.fr] });
  const fresh = await corpus({
    "medicalWeb_en_text.json": [`${TEXTS.en}${ENDINGS.en}`, TEXTS.es, `${TEXTS.es}${ENDINGS.es}`],
  });
  const before = await readdir(known);
  const out = join(folder, "added");
  const result = await dedupCorpus(fresh, out, { against: known });
  assert.deepEqual([result.documents, result.kept, result.near, result.exact], [3, 1, 2, 0]);
  assert.deepEqual(JSON.parse(await readFile(join(out, "medicalWeb_en_text.json"), "utf8")), [TEXTS.es]);
  assert.equal(existsSync(join(out, "medicalBook_en_text.json")), false);
  const [first] = await lines<Cluster>(result.clusters);
  assert.match(first!.kept.origin.file, /medicalBook_en/u);
  assert.deepEqual(await readdir(known), before);
});

test("the same corpus gives the same bytes, and is not looked at twice", async () => {
  const source = await corpus({
    "medicalBook_en_text.json": [TEXTS.en, `${TEXTS.en}${ENDINGS.en}`, TEXTS.fr],
  });
  const [a, b] = [join(folder, "once"), join(folder, "again")];
  const result = await dedupCorpus(source, a);
  await dedupCorpus(source, b);
  for (const name of await readdir(a))
    assert.deepEqual(await readFile(join(a, name)), await readFile(join(b, name)), name);
  await writeFile(join(a, "mark"), "");
  assert.deepEqual(await dedupCorpus(source, a), result);
  assert.ok(existsSync(join(a, "mark")), "made again though nothing changed");
  await dedupCorpus(source, a, { threshold: 0.9 });
  assert.equal(existsSync(join(a, "mark")), false, "not made again with another threshold");
});

test("a corpus of duplicates of another, a missing folder, a threshold out of range, out = in", async () => {
  const known = await corpus({ "medicalBook_en_text.json": [TEXTS.en] });
  const result = await dedupCorpus(known, join(folder, "nothing"), { against: known });
  assert.deepEqual([result.documents, result.kept, result.exact], [1, 0, 1]);
  await assert.rejects(dedupCorpus(join(folder, "absent"), join(folder, "x")), { code: "file-not-found" });
  await assert.rejects(dedupCorpus(known, join(folder, "x"), { threshold: 80 }), { code: "bad-threshold" });
  assert.equal(existsSync(join(folder, "x")), false);
  await assert.rejects(dedupCorpus(known, `${known}/`), { code: "same-folder" });
  await assert.rejects(dedupCorpus(known, known, { against: known }), { code: "same-folder" });
  assert.ok(existsSync(join(known, "medicalBook_en_text.json")));
});

const SAMPLES = fileURLToPath(new URL("../../../shared/data/apollo-corpus-samples", import.meta.url));
test("ApolloCorpus's samples hold one exact duplicate and no near one", {
  skip: existsSync(SAMPLES) ? false : "shared/data is absent",
}, async () => {
  const source = join(folder, "samples");
  const { dropped } = await importCorpus([SAMPLES], source);
  assert.deepEqual(dropped, { "exact-duplicate": 1 });
  const result = await dedupCorpus(source, join(folder, "samples-unique"));
  assert.deepEqual([result.documents, result.exact, result.near], [1999, 0, 0]);
});
