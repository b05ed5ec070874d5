import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { decontaminateCorpus } from "./decontaminate-corpus.ts";
import { type ExamItem, readExamItems } from "./exam-suite.ts";
import { createFixedLengthFinder } from "./fixed-length-rules.ts";
import { createGramIndex } from "./gram-index.ts";
import { createLeakFinder } from "./leak-rules.ts";
import { reduceText } from "./match-text.ts";
import { type FlaggedDocument, reviewLeaks } from "./review-leaks.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-leaks-"));
});
after(() => rm(folder, { recursive: true }));

async function write(name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

const EXAM = [
  {
    question: "Which vitamin deficiency causes night blindness in young children?",
    options: "(A) Vitamin A.\n(B) Vitamin C.\n(C) Vitamin D.\n(D) Vitamin K.",
    answer: "(A)",
    source: "sample-en",
  },
  {
    question: "Which of the following statements is true?",
    options: "(A) Insulin raises the blood sugar.\n(B) Insulin lowers the blood sugar.",
    answer: "(B)",
    source: "sample-en",
  },
  {
    question: "Which of the following statements is true?",
    options: "(A) Antibiotics cure the flu.\n(B) Antibiotics act on bacteria.",
    answer: "(B)",
    source: "sample-en",
  },
  {
    question: "心脏有几个腔？",
    options: "(A) 两个腔室。\n(B) 四个腔室。",
    answer: "(B)",
    source: "sample-zh",
  },
  {
    question: "ما هو العضو الذي يضخ الدم في جسم الإنسان؟",
    options: "(A) القلب.\n(B) الكبد.",
    answer: "(A)",
    source: "sample-ar",
  },
];

async function items(): Promise<ExamItem[]> {
  return readExamItems([await write("suite.json", EXAM)]);
}

test("a question long for its script is proof by itself, however it is typeset", async () => {
  const finder = createLeakFinder(await items());
  const [leak] = finder.find([
    "Before.\nWHICH vitamin-deficiency causes\n  night blindness, in young children … After.",
  ]);
  assert.equal(leak?.rule, "question");
  assert.equal(leak?.item.id, "suite:0");
  assert.equal(leak?.match, "WHICH vitamin-deficiency causes\n  night blindness, in young children");
  assert.equal(finder.find(["ما هو العضو الذي يضخ الدم في جسم الإنسان"])[0]?.rule, "question");
});

test("a question that several items share needs its options or its answer", async () => {
  const finder = createLeakFinder(await items());
  const question = "Which of the following statements is true?";
  assert.deepEqual(finder.find([question, "It depends."]), []);
  const withOptions = finder.find([`${question} a) Antibiotics cure the flu b) Antibiotics act on bacteria`]);
  assert.deepEqual(
    withOptions.map(({ item, rule }) => [item.id, rule]),
    [["suite:2", "question-and-options"]],
  );
  const withAnswer = finder.find([question, "Insulin lowers the blood sugar."]);
  assert.deepEqual(
    withAnswer.map(({ item, rule }) => [item.id, rule]),
    [["suite:1", "question-and-answer"]],
  );
});

test("a short question counts where it is asked, not where its words meet in running text", async () => {
  const finder = createLeakFinder(await items());
  assert.equal(finder.find(["心脏有几个腔", "四个腔室"])[0]?.rule, "question-and-answer");
  assert.equal(finder.find(["复习。心脏有几个腔？四个腔室。"])[0]?.rule, "question-and-answer");
  assert.deepEqual(finder.find(["我们知道心脏有几个腔四个腔室"]), []);
  assert.deepEqual(finder.find(["心脏有几个腔", "很多"]), []);
});

test("reduced text keeps letters, marks and digits and knows their places", () => {
  const reduced = reduceText(["Ａ-b  Ç!", "हि 😀𠀀1"]);
  assert.equal(reduced.text, "abç\u0001हि𠀀1");
  assert.equal(reduced.original(0, 3), "A-b  Ç");
  assert.equal(reduced.original(4, 8), "हि 😀𠀀");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const { text: units, original } = reduceText([text]);
      const plain = text.normalize("NFKC").replace(/[\p{P}\p{S}\p{Z}\p{C}]+/gu, "");
      assert.equal(units.length, plain.length);
      if (units !== "") assert.equal(reduceText([original(0, units.length)]).text, units);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("flagged documents are put aside with their evidence, and may be brought back", async () => {
  const corpus = join(folder, "corpus");
  const clean = ["How do I treat a cold?", "Rest and drink enough."];
  const leak = ["心脏有几个腔？", "四个腔室。"];
  await write("corpus/medicalExam_zh.json", [leak, ["心脏在哪里？", "在胸腔。"]]);
  await write("corpus/medicalPatient_en.json", [clean]);
  await write("corpus/medicalBook_en_text.json", [`Quiz. ${EXAM[0]!.question} Vitamin A.`]);
  const suite = await write("suite.json", EXAM);
  const result = await decontaminateCorpus(corpus, [suite], join(folder, "out"));
  assert.deepEqual(result, {
    documents: 4,
    flagged: 2,
    byRule: { question: 1, "question-and-answer": 1 },
    byLanguage: { en: 1, zh: 1 },
    reviewed: { keep: 0, drop: 0 },
    evidence: join(folder, "out", "flagged.jsonl"),
  });
  const read = async (name: string) => JSON.parse(await readFile(join(folder, "out", name), "utf8"));
  assert.deepEqual(await read("medicalPatient_en.json"), [clean]);
  assert.deepEqual(await read("medicalExam_zh.json"), [["心脏在哪里？", "在胸腔。"]]);
  assert.deepEqual(await read("quarantine/medicalExam_zh.json"), [leak]);
  const evidence = (await readFile(result.evidence, "utf8")).trim().split("\n");
  const ledger = await read("quarantine/medicalExam_zh.ledger.jsonl");
  assert.deepEqual(JSON.parse(evidence[1]!), {
    document: ledger.id,
    item: "suite:3",
    source: "sample-zh",
    rule: "question-and-answer",
    match: "心脏有几个腔?\n四个腔室",
  });
  assert.equal(ledger.decisions.at(-1).decision, "quarantine");
  // Again: the same bytes.
  await decontaminateCorpus(corpus, [suite], join(folder, "again"));
  for (const name of await readdir(join(folder, "out"), { recursive: true })) {
    if (!/\.jsonl?$/u.test(name)) continue;
    assert.deepEqual(
      await readFile(join(folder, "again", name)),
      await readFile(join(folder, "out", name)),
      name,
    );
  }
});

test("runs of n units are found wherever they stand, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(3), { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(3), { maxLength: 30 }),
      (sequences, text) => {
        const index = createGramIndex(4);
        sequences.forEach((units, item) => {
          assert.equal(index.add(Uint32Array.from(units), item), units.length >= 4);
        });
        const found = new Set<number>();
        index.scan(Uint32Array.from(text), (item) => found.add(item));
        const runs = (units: number[]): string[] =>
          units.slice(0, Math.max(0, units.length - 3)).map((_, i) => units.slice(i, i + 4).join());
        const inText = new Set(runs(text));
        const expected = sequences.flatMap((units, item) =>
          runs(units).some((run) => inText.has(run)) ? [item] : [],
        );
        assert.deepEqual([...found].sort(), expected);
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});

test("the rules of others: 64 characters, 13 words, in Chinese 13 characters", async () => {
  const exam = await items();
  const published = createFixedLengthFinder(exam, "published-64");
  const ngram = createFixedLengthFinder(exam, "ngram-13");
  const [leak] = published.find([`So: ${EXAM[0]!.question} (A) Vitamin A.`]);
  assert.deepEqual([leak?.item.id, leak?.rule], ["suite:0", "published-64"]);
  assert.equal(leak?.match, `${EXAM[0]!.question} (A) Vitamin A`);
  assert.deepEqual(published.find([EXAM[0]!.question.slice(10)]), []);
  assert.equal(ngram.find([`Q. ${EXAM[0]!.question}\n(a) Vitamin A (b) Vitamin C`])[0]?.item.id, "suite:0");
  assert.equal(
    ngram.find(["复习：心脏有几个腔？（A）两个腔室（B）四个"])[0]?.match,
    "心脏有几个腔?(a)两个腔室(b)四个",
  );
  assert.deepEqual(ngram.find(["心脏有几个腔", "两个腔室"]), []);
});

test("a person's verdicts are kept, applied, and asked for again only when something new is found", async () => {
  const corpus = join(folder, "corpus");
  const out = join(folder, "judged");
  const suites = [await write("suite.json", EXAM)];
  await decontaminateCorpus(corpus, suites, out);
  const asked: FlaggedDocument[] = [];
  const first = await reviewLeaks(out, suites, async (flagged) => {
    asked.push(flagged);
    return asked.length === 1 ? "keep" : "next";
  });
  assert.deepEqual([first.keep, first.drop, first.left, asked.length], [1, 0, 1, 2]);
  assert.match(asked[0]!.leaks[0]!.excerpt, /night blindness/u);
  // What was decided holds; the rest is asked for again.
  const second = await reviewLeaks(out, suites, async (flagged) => {
    assert.equal(flagged.document.language, "zh");
    return "drop";
  });
  assert.deepEqual([second.keep, second.drop, second.left], [0, 1, 0]);
  const result = await decontaminateCorpus(corpus, suites, out);
  assert.deepEqual([result.flagged, result.reviewed], [2, { keep: 1, drop: 1 }]);
  const ledger = await readFile(join(out, "medicalBook_en_text.ledger.jsonl"), "utf8");
  assert.match(ledger, /"keep","reason":"reviewed, no leak: question sample-en suite:0"/u);
  assert.match(await readFile(join(out, "dropped.jsonl"), "utf8"), /reviewed: question-and-answer/u);
  assert.deepEqual(
    (await readdir(out)).filter((name) => name === "quarantine"),
    [],
  );
  // Another exam with the same passage: a kept document is flagged anew.
  const other = await write("other.json", [{ ...EXAM[0]!, source: "other" }]);
  assert.deepEqual((await decontaminateCorpus(corpus, [other], out)).reviewed, { keep: 0, drop: 0 });
  await writeFile(join(folder, "judged.review.jsonl"), "{}\n");
  await assert.rejects(decontaminateCorpus(corpus, suites, out), { code: "bad-review", at: "line 1" });
});

test("side by side: what each rule flags, and what it alone does", async () => {
  const corpus = join(folder, "corpus");
  const suites = [await write("suite.json", EXAM)];
  const { compared } = await decontaminateCorpus(corpus, suites, join(folder, "compared"), { compare: true });
  assert.deepEqual(
    compared?.map(({ rule, flagged, alone, unmatchableItems }) => [rule, flagged, alone, unmatchableItems]),
    [
      ["adaptive", 2, 2, 0],
      ["published-64", 0, 0, 2],
      ["ngram-13", 0, 0, 0],
    ],
  );
  await assert.rejects(
    decontaminateCorpus(corpus, suites, join(folder, "x"), { rule: "magic" as "adaptive" }),
    {
      code: "unknown-rule",
    },
  );
});

test("suites: what is no exam is refused with its place", async () => {
  const refuses = async (value: unknown, code: string, at?: string): Promise<void> => {
    const file = await write("bad.json", value);
    await assert.rejects(readExamItems([file]), { name: "UserError", code, ...(at ? { at } : {}) });
  };
  await refuses([], "empty-suite");
  await refuses([EXAM[0], { question: "Why?" }], "bad-item", "item 1, options");
  await refuses('[{"question": "Wh', "bad-json", "byte 17");
  await assert.rejects(readExamItems([join(folder, "no.json")]), { code: "file-not-found" });
});

const SUITE = fileURLToPath(new URL("../../../shared/data/xmedbench/test.json", import.meta.url));
const skip = existsSync(SUITE) ? false : `no XMedBench at ${SUITE}`;

test("planted copies of XMedBench are found: 99 % in five languages, 95 % in Chinese", {
  skip,
}, async (t) => {
  const exam = await readExamItems([SUITE]);
  const finder = createLeakFinder(exam);
  const languageOf = (source: string): string =>
    ({ headqa: "es", frenchmedmcqa: "fr", "mmlu-medical-ar": "ar", "mmlu-medical-hi": "hi" })[source] ??
    (/^(cmb|cmexam|cmmlu|medqa-mcmle)/u.test(source) ? "zh" : "en");
  const styles: ((item: ExamItem) => string[])[] = [
    ({ question, gold }) => [question, gold.join(" ")],
    ({ question, options, gold }) => [`${question}\n${options.join("\n")}`, gold.join(" ")],
    ({ question, gold }) => [`Rest helps. 多休息。\n${question}\n${gold.join(" ")}\nRest helps. 多休息。`],
  ];
  for (const style of styles) {
    const found = new Map<string, { all: number; hit: number }>();
    for (const item of exam) {
      const language = languageOf(item.source);
      const tally = found.get(language) ?? { all: 0, hit: 0 };
      found.set(language, tally);
      tally.all++;
      if (finder.find(style(item)).length > 0) tally.hit++;
    }
    assert.equal(found.size, 6);
    for (const [language, { all, hit }] of found) {
      const said = `${language}: ${hit} of ${all} (${((100 * hit) / all).toFixed(2)} %)`;
      t.diagnostic(said);
      assert.ok(hit / all >= (language === "zh" ? 0.95 : 0.99), said);
    }
  }
});
