import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { auditSuite } from "./audit.ts";
import type { FindingCode } from "./audit-finding.ts";
import { findingCounts, renderFindings } from "./audit-report.ts";
import { loadSuite, type Suite } from "./suite.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-audit-"));
});
after(() => rm(folder, { recursive: true }));

interface RawItem {
  readonly question: string;
  readonly options: readonly string[];
  readonly answer: string;
  readonly source: string;
  readonly context?: string;
}

async function suiteOf(items: readonly RawItem[]): Promise<Suite> {
  const path = join(folder, "suite.json");
  await writeFile(path, JSON.stringify(items));
  return loadSuite(path);
}

/** `source: count` of the findings of one kind. */
async function found(
  code: FindingCode,
  items: readonly RawItem[],
  against?: readonly RawItem[],
): Promise<Record<string, number>> {
  const other = against === undefined ? undefined : await suiteOf(against);
  const { findings } = await auditSuite(await suiteOf(items), { against: other });
  for (const { count, ids } of findings) assert.equal(count, ids.length);
  return Object.fromEntries(
    findings.filter((finding) => finding.code === code).map(({ source, count }) => [source, count]),
  );
}

const ORGANS = ["liver", "heart", "lung", "kidney", "spleen", "brain", "skin", "bone", "eye", "ear"];
const VERBS = ["swells", "bleeds", "aches", "itches", "shrinks", "hardens"];
/** Sixty different items whose right letters go round. */
function exam(source: string): RawItem[] {
  return ORGANS.flatMap((organ, i) =>
    VERBS.map((verb, j) => ({
      question: `Patient ${7 * i + j}: ${organ} ${verb}. Why?`,
      options: [`${verb} first`, `${organ} second`, `third ${i}`, `fourth ${j}`],
      answer: "ABCD"[(i + 3 * j) % 4]!,
      source,
    })),
  );
}
const ITEM: RawItem = {
  question: "Which organ makes bile?",
  options: ["liver", "heart"],
  answer: "A",
  source: "s-en",
};

test("a sound suite has no findings", async () => {
  const suite = await suiteOf(exam("own-en"));
  assert.deepEqual(await auditSuite(suite, { against: await suiteOf([ITEM]) }), { items: 60, findings: [] });
  assert.match(renderFindings([]), /Nothing was found/);
});

test("near-copies of one text are outliers, whatever they speak of; a source's own form is none", async () => {
  const copies = Array.from({ length: 14 }, (_, i) => ({
    question: `How is a ship's anchor ${i % 2 === 0 ? "raised" : "hauled up"} in a storm number ${i}?`,
    options: [
      "By turning the capstan slowly by hand",
      "By cutting the chain near the bow",
      `By waiting for ${i} calm tides`,
      "By calling the harbour master at once",
    ],
    answer: "ABCD"[i % 4]!,
    source: "own-en",
  }));
  assert.deepEqual(await found("off-topic", [...exam("own-en"), ...copies]), { "own-en": 14 });
  assert.deepEqual(await found("off-topic", [...exam("own-en").slice(0, 10), ...copies]), {});
});

test("repeated rows: within a source, contradicting, across sources", async () => {
  const items = [
    ITEM,
    { ...ITEM, question: "Which organ makes  bile ?" },
    { ...ITEM, options: ["heart", "liver"], answer: "B" },
    { ...ITEM, answer: "B" },
    { ...ITEM, source: "t-en" },
  ];
  assert.deepEqual(await found("duplicate", items), { "s-en": 2 });
  assert.deepEqual(await found("conflicting-gold", items), { "s-en": 1 });
  assert.deepEqual(await found("duplicate-across-sources", items), { "t-en": 1 });
});

test("items of another suite: each accounts for one row, of its own source first", async () => {
  const items = [{ ...ITEM, source: "t-en" }, ITEM, ITEM, ...exam("own-en")];
  assert.deepEqual(await found("dev-inside-test", items, [ITEM, ...exam("own-en").slice(5, 8)]), {
    "own-en": 3,
    "s-en": 1,
  });
});

test("faults of single items", async () => {
  const items = [
    { ...ITEM, answer: "AB" },
    { ...ITEM, question: "Which is empty?", options: ["x", ".", "y"] },
    { ...ITEM, question: "Which is doubled?", options: ["x", "X."] },
    { ...ITEM, question: "Which is out?", answer: "C" },
    { ...ITEM, question: "" },
    { ...ITEM, question: "What is shown in the figure?", source: "u-en" },
    { ...ITEM, question: "Which stops?", options: ["one..", "two.."] },
    { ...ITEM, question: "Which tells?", options: ["one", "two.", "three", "four"], answer: "B" },
    {
      ...ITEM,
      question: "Quel organe de la liste suivante est celui qui produit la bile dans le corps humain ?",
    },
    { ...ITEM, question: "किस अंग में पित्त बनता है और किस अंग में जमा होता है?", source: "v-hi" },
    { ...ITEM, question: "Which organ makes bile, and which stores it?", source: "v-hi" },
  ];
  const counts = async (code: FindingCode) => found(code, items);
  assert.deepEqual(await counts("multiple-gold"), { "s-en": 1 });
  assert.deepEqual(await counts("empty-option"), { "s-en": 1 });
  assert.deepEqual(await counts("doubled-option"), { "s-en": 1 });
  assert.deepEqual(await counts("gold-outside-options"), { "s-en": 1 });
  assert.deepEqual(await counts("refused"), { "s-en": 1 });
  assert.deepEqual(await counts("missing-context"), { "u-en": 1 });
  assert.deepEqual(await counts("language-mismatch"), { "s-en": 1, "v-hi": 1 });
  const { findings } = await auditSuite(await suiteOf(items));
  const punctuation = findings.filter(({ code }) => code === "option-punctuation");
  assert.deepEqual(
    punctuation.map(({ ids }) => ids),
    [["s-en/5"], ["s-en/6"]],
  );
});

test("an item without the passage that its source's items have", async () => {
  const items = exam("own-en").map((item, i) => (i === 7 ? item : { ...item, context: `Passage ${i}.` }));
  assert.deepEqual(await found("missing-context", items), { "own-en": 1 });
});

test("parallel sets: an item that one of them lacks", async () => {
  const english = exam("set-en");
  const french = exam("set-fr").filter((_, i) => i !== 21);
  const { findings } = await auditSuite(await suiteOf([...english, ...french]));
  assert.deepEqual(
    findings.filter(({ code }) => code === "misaligned").map(({ ids }) => ids),
    [["set-en/21"]],
  );
});

test("right letters: the majority baseline is told where it is no accident", async () => {
  const items = exam("own-en").map((item, i) => (i % 3 === 0 ? { ...item, answer: "D" } : item));
  const { findings } = await auditSuite(await suiteOf(items));
  const imbalance = findings.find(({ code }) => code === "gold-imbalance");
  assert.equal(imbalance?.count, items.filter(({ answer }) => answer === "D").length);
  assert.match(imbalance?.detail ?? "", /always D scores 51\.7 %, chance 25\.0 %/);
});

test("the report counts the scored sources and escapes what suites say", async () => {
  const audit = await auditSuite(await suiteOf([ITEM, ITEM, { ...ITEM, source: "<b>" }]));
  const counts = findingCounts(audit, new Set(["<b>"]));
  assert.deepEqual(
    counts.map(({ code, count }) => [code, count]),
    [["duplicate-across-sources", 1]],
  );
  const html = renderFindings(counts);
  assert.match(html, /&#60;b&#62;/);
  assert.ok(!html.includes("<b>"));
});

const data = new URL("../../../shared/data/xmedbench/", import.meta.url);
test("the released XMedBench", {
  skip: existsSync(fileURLToPath(data)) ? false : "../shared/data is absent",
}, async () => {
  const suite = await loadSuite(fileURLToPath(new URL("test.json", data)));
  const against = await loadSuite(fileURLToPath(new URL("dev.json", data)));
  const { items, findings } = await auditSuite(suite, { against });
  const count = (code: FindingCode, source: string) =>
    findings.find((finding) => finding.code === code && finding.source === source)?.count;
  assert.equal(items, 22_326);
  // The independent count of these items searched for the words of their one subject; this audit knows none.
  assert.equal(count("off-topic", "mmlu-medical-ar"), 208);
  assert.equal(findings.filter(({ code }) => code === "off-topic").length, 1);
  const inside = findings.filter(({ code }) => code === "dev-inside-test");
  assert.equal(
    inside.reduce((sum, finding) => sum + finding.count, 0),
    against.items.length,
  );
  assert.equal(count("duplicate", "mmlu-medical"), 78);
  assert.equal(count("multiple-gold", "cmexam"), 62);
  assert.equal(count("empty-option", "cmb-single"), 122);
  assert.equal(count("misaligned", "mmlu-medical-hi"), 1);
  // The three subjects that English alone has: 310 + 306 + 166.
  const english = findings.filter(({ code, source }) => code === "misaligned" && source === "mmlu-medical");
  assert.deepEqual(
    english.map((finding) => finding.count),
    [783, 782],
  );
});
