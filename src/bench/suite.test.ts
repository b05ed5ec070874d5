import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { UserError } from "../core/index.ts";
import { optionText } from "./item.ts";
import { createShotPicker, planItems } from "./plan.ts";
import { itemContinuations, itemPrompt } from "./prompts.ts";
import { plainProtocol } from "./protocol.ts";
import { loadSuite, pickItems } from "./suite.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-suite-"));
});
after(() => rm(folder, { recursive: true }));

async function suiteOf(records: unknown, name = "suite.json") {
  const path = join(folder, name);
  await writeFile(path, typeof records === "string" ? records : JSON.stringify(records));
  return loadSuite(path);
}

const QUESTION = { question: "Which?", options: "(A) one\n(B) two", answer: "(B)", source: "s-en" };

function rejects(promise: Promise<unknown>, code: string): Promise<void> {
  return assert.rejects(promise, (error) => error instanceof UserError && error.code === code);
}

test("items are typed; options may span lines", async () => {
  const suite = await suiteOf([
    { ...QUESTION, options: "(A) one\nand more\n(B) two..", context: "A passage." },
    { ...QUESTION, options: ["one", "two"], answer: "A", source: "medmcqa" },
    { ...QUESTION, question: "किस रोग में?", options: "(A) हाँ\n(B) नहीं", source: "own" },
    { ...QUESTION, language: "sw", source: "own" },
  ]);
  assert.deepEqual(suite.items[0], {
    id: "s-en/0",
    source: "s-en",
    language: "en",
    question: "Which?",
    context: "A passage.",
    options: ["one\nand more", "two.."],
    letters: ["A", "B"],
    gold: [1],
  });
  assert.deepEqual(
    suite.items.map((item) => [item.id, item.language]),
    [
      ["s-en/0", "en"],
      ["medmcqa/0", "en"],
      ["own/0", "hi"],
      ["own/1", "sw"],
    ],
  );
  assert.equal(optionText("two.."), "two");
});

test("what cannot be scored is refused with a reason, what is odd is noted", async () => {
  const suite = await suiteOf([
    QUESTION,
    { ...QUESTION, options: "(A) one\n(B) .", answer: "(A)" },
    { ...QUESTION, answer: "(AB)" },
    { ...QUESTION, options: "(A) same\n(B) Same." },
    { ...QUESTION, answer: "(C)" },
    { ...QUESTION, answer: "two" },
    { ...QUESTION, options: "one, two" },
    { ...QUESTION, options: "(A) one" },
    { ...QUESTION, question: " " },
    "text",
    { ...QUESTION, id: "s-en/0" },
  ]);
  assert.deepEqual(suite.refused, {
    "gold-outside-options": 1,
    "bad-answer": 1,
    "bad-options": 1,
    "too-few-options": 1,
    "no-question": 1,
    "not-an-object": 1,
    "doubled-id": 1,
  });
  assert.deepEqual(suite.notes, { "empty-option": 1, "multiple-gold": 1, "doubled-option": 1 });
  assert.equal(suite.items.length + Object.values(suite.refused).reduce((a, b) => a + b), suite.read);
});

test("JSON Lines are read too", async () => {
  const suite = await suiteOf(`${JSON.stringify(QUESTION)}\n\n${JSON.stringify(QUESTION)}\n`, "suite.jsonl");
  assert.deepEqual(
    suite.items.map((item) => item.id),
    ["s-en/0", "s-en/1"],
  );
});

test("a folder's files are one suite, of which sources can be picked", async () => {
  const place = join(folder, "test");
  await mkdir(place);
  const { source: _, ...unnamed } = QUESTION;
  await writeFile(join(place, "fr.json"), JSON.stringify([unnamed]));
  await writeFile(join(place, "en.json"), JSON.stringify([QUESTION, { ...QUESTION, question: "Who?" }]));
  const suite = await loadSuite(place);
  assert.deepEqual(
    suite.items.map(({ id }) => id),
    ["s-en/0", "s-en/1", "fr/0"],
  );
  const french = pickItems(suite, { sources: ["fr"] });
  assert.deepEqual(
    french.items.map(({ id }) => id),
    ["fr/0"],
  );
  assert.notEqual(french.hash, suite.hash);
  const english = pickItems(suite, { languages: ["en"] });
  assert.deepEqual(
    english.items.map(({ id }) => id),
    suite.items.filter(({ language }) => language === "en").map(({ id }) => id),
  );
  assert.equal(pickItems(suite, {}), suite);
  for (const wrong of [
    { sources: ["fr", "absent"] },
    { languages: ["xx"] },
    { sources: ["s-en"], languages: ["fr"] },
  ])
    assert.throws(() => pickItems(suite, wrong), { code: "empty-suite" });
});

test("bad suites give one clear error", async () => {
  await rejects(loadSuite(join(folder, "absent.json")), "file-not-found");
  await rejects(suiteOf([]), "empty-suite");
  await rejects(suiteOf(""), "empty-suite");
  await rejects(suiteOf([{ ...QUESTION, answer: "(Z)" }]), "empty-suite");
  await rejects(suiteOf(JSON.stringify([QUESTION]).slice(0, 40)), "bad-json");
  await rejects(suiteOf("[1, 2"), "bad-json");
  await rejects(suiteOf('"text"'), "bad-suite");
});

test("a limit draws by the seed; a smaller limit is a subset of a larger one", async () => {
  const records = Array.from({ length: 40 }, (_, i) => ({ ...QUESTION, question: `Which ${i}?` }));
  const { items } = await suiteOf([...records, { ...QUESTION, answer: "(AB)" }]);
  const ids = (limit: number, seed: number): string[] =>
    planItems(items, { mode: "letter", limit, seed }).items.map((item) => item.id);
  assert.equal(ids(10, 1).length, 10);
  assert.deepEqual(ids(10, 1), ids(10, 1));
  assert.notDeepEqual(ids(10, 1), ids(10, 2));
  assert.ok(ids(5, 1).every((id) => ids(10, 1).includes(id)));
  assert.deepEqual(planItems(items, { mode: "letter", limit: 10, seed: 1 }).skipped, {
    "multiple-gold": 1,
    "over-limit": 30,
  });
  assert.deepEqual(planItems(items, { mode: "generate", seed: 1 }).skipped, {});
  // A part of the suite is drawn in the suite's order: what both may score, both score.
  const part = items.filter((_, i) => i % 4 !== 0);
  const partIds = planItems(part, { mode: "letter", limit: 10, seed: 1, whole: items }).items.map(
    ({ id }) => id,
  );
  const possible = ids(10, 1).filter((id) => part.some((item) => item.id === id));
  assert.ok(possible.length > 4 && possible.every((id) => partIds.includes(id)));
});

test("worked examples are drawn by the seed and never hold the question itself", async () => {
  const records = Array.from({ length: 6 }, (_, i) => ({ ...QUESTION, question: `Which ${i % 3}?` }));
  const { items } = await suiteOf(records);
  const pick = createShotPicker(items, { count: 5, seed: 1, protocol: plainProtocol("letter") });
  const shots = pick(items[0]!);
  assert.equal(shots.length, 4);
  assert.ok(shots.every((shot) => shot.question !== "Which 0?"));
  assert.deepEqual(pick(items[0]!), shots);
  const other = await suiteOf([{ ...QUESTION, source: "other-en", question: "Another?" }]);
  assert.equal(
    createShotPicker(other.items, { count: 1, seed: 1, protocol: plainProtocol("letter") })(items[0]!).length,
    1,
  );
});

test("prompts of the three modes", async () => {
  const { items } = await suiteOf([
    { ...QUESTION, options: "(A) one.\n(B) .", answer: "(A)", context: "Seen." },
    { ...QUESTION, source: "cmexam" },
  ]);
  const [item, chinese] = items as [(typeof items)[0], (typeof items)[0]];
  assert.equal(itemPrompt(item, "text"), "User:Seen.\nWhich?\nAssistant:");
  assert.deepEqual(itemContinuations(item, "text"), ["one", undefined]);
  assert.match(itemPrompt(item, "letter"), /^User:You are a doctor.* from A to B\.\nContext: Seen\.\n/u);
  assert.match(
    itemPrompt(item, "letter"),
    /\nOptions:\nA\. one\.\nB\. \.\nAssistant:The correct answer is option$/u,
  );
  assert.deepEqual(itemContinuations(item, "letter"), [" A", " B"]);
  assert.match(itemPrompt(item, "generate"), /Assistant:$/u);
  assert.match(
    itemPrompt(chinese, "letter", [chinese]),
    /^User:您是.*Assistant:正确答案： B\n\nUser:您是.*正确答案：$/su,
  );
});

const xmedbench = fileURLToPath(new URL("../../../shared/data/xmedbench/test.json", import.meta.url));
test("the released XMedBench loads whole", {
  skip: existsSync(xmedbench) ? false : "../shared/data is absent",
}, async () => {
  const suite = await loadSuite(xmedbench);
  assert.equal(suite.items.length, 22_326);
  assert.deepEqual(suite.refused, {});
  // Table D of the audit: 62 items of CMExam with several right letters, 122 of CMB with an empty option.
  assert.equal(suite.notes["multiple-gold"], 62);
  assert.equal(suite.notes["empty-option"], 122);
  const languages = new Map<string, number>();
  for (const item of suite.items) languages.set(item.language, (languages.get(item.language) ?? 0) + 1);
  assert.deepEqual(Object.fromEntries(languages), {
    es: 2742,
    ar: 1088,
    hi: 1089,
    zh: 8759,
    en: 8327,
    fr: 321,
  });
});
