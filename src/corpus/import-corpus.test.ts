import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import { corpusFileName, parseCorpusFileName } from "./corpus-files.ts";
import { importCorpus } from "./import-corpus.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-import-"));
});
after(() => rm(folder, { recursive: true }));

async function write(name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, typeof value === "string" ? value : JSON.stringify(value, null, 2));
  return path;
}

const json = async (...parts: string[]) => JSON.parse(await readFile(join(folder, ...parts), "utf8"));
const lines = (...parts: string[]) => jsonLines(join(folder, ...parts));

test("file names tell category, language, kind and stage, and are made from them", () => {
  const cases: [
    name: string,
    category: string,
    language: string,
    kind: string,
    stage: string,
    out: string,
  ][] = [
    ["medicalBook_en_qa.json", "medicalBook", "en", "qa", "pretrain", "medicalBook_en_qa.json"],
    ["medicalWiki_hi_text.jsonl", "medicalWiki", "hi", "text", "pretrain", "medicalWiki_hi_text.json"],
    ["medicalExam_fr.json", "medicalExam", "fr", "qa", "sft", "medicalExam_fr.json"],
    ["medicalExam_en_clean.json", "medicalExam", "en", "qa", "sft", "medicalExam_en.json"],
    [
      "medicalGuideline_zh_zhyx_qa.json",
      "medicalGuideline",
      "zh",
      "qa",
      "pretrain",
      "medicalGuideline_zh_qa.json",
    ],
    ["Medical_Book_en_sampled.json", "medicalBook", "en", "qa", "pretrain", "medicalBook_en_qa.json"],
    ["General_zh_sampled.json", "general", "zh", "qa", "sft", "general_zh.json"],
  ];
  for (const [name, category, language, kind, stage, out] of cases) {
    const parsed = parseCorpusFileName(`somewhere/${name}`);
    assert.deepEqual(parsed, { category, language, kind, stage }, name);
    assert.equal(corpusFileName(parsed!), out);
  }
  for (const name of ["exam.json", "notes_xx.json", "medicalBook_qa.json"])
    assert.equal(parseCorpusFileName(name), undefined, name);
});

test("documents are kept once, in Apollo's format, with a ledger; the rest is counted by reason", async () => {
  await write("in/medicalBook_en_text.json", [
    "Wash your hands.",
    "  ",
    7,
    "Wash  your\nhands. ",
    ["Boil it."],
  ]);
  await write("in/medicalExam_es.json", [
    ["¿Qué es la fiebre?", "Temperatura alta."],
    ["¿Sola?"],
    [],
    ["¿Vacía?", " "],
    "texto",
    ["¿Qué es la fiebre?", "Temperatura alta."],
  ]);
  await write("in/general_ar.jsonl", `${JSON.stringify(["ما الحمى؟", "حرارة مرتفعة."])}\n\n`);
  await write("in/manifest.json", {});
  const result = await importCorpus([join(folder, "in")], join(folder, "out"), { keepGoing: true });
  assert.deepEqual(result, {
    documents: 4,
    byLanguage: { ar: 1, en: 2, es: 1 },
    byCategory: { general: 1, medicalBook: 2, medicalExam: 1 },
    dropped: {
      empty: 2,
      "empty-turn": 1,
      "exact-duplicate": 2,
      "not-a-string": 1,
      "odd-length": 1,
      "wrong-shape": 1,
    },
    broken: 3,
    notes: {},
    otherLanguage: {},
    skippedFiles: {},
  });
  assert.deepEqual(await json("out", "medicalBook_en_text.json"), ["Wash your hands.", "Boil it."]);
  assert.deepEqual(await json("out", "medicalExam_es.json"), [["¿Qué es la fiebre?", "Temperatura alta."]]);
  const [first] = await lines("out", "medicalBook_en_text.ledger.jsonl");
  const bytes = await readFile(first.origin.file);
  assert.equal(bytes.toString("utf8", first.origin.start, first.origin.end), '"Wash your hands."');
  const dropped = await lines("out", "dropped.jsonl");
  assert.equal(dropped.length, 8);
  // A duplicate names the document that stayed.
  const duplicate = dropped.find((line) => line.reason === "exact-duplicate" && line.id === first.id);
  assert.equal(duplicate.origin.file, first.origin.file);
});

test("importing again gives the same bytes, and importing the result changes nothing", async () => {
  await write("same/math_en.json", [
    ["1+1?", "2"],
    ["2+2?", "4"],
  ]);
  await importCorpus([join(folder, "same")], join(folder, "one"));
  await importCorpus([join(folder, "same")], join(folder, "two"));
  await importCorpus([join(folder, "one")], join(folder, "three"));
  for (const name of await readdir(join(folder, "one")))
    assert.deepEqual(
      await readFile(join(folder, "one", name)),
      await readFile(join(folder, "two", name)),
      name,
    );
  assert.deepEqual(
    await readFile(join(folder, "one", "math_en.json")),
    await readFile(join(folder, "three", "math_en.json")),
  );
  const manifest = join(folder, "one", "manifest.json");
  const before = await readFile(manifest, "utf8");
  await writeFile(manifest, before.replace('"documents": 2', '"documents": 3'));
  // The manifest's key still matches: the work is not done again.
  assert.equal((await importCorpus([join(folder, "same")], join(folder, "one"))).documents, 3);
});

test("a failed import leaves what was there before", async () => {
  const good = await write("keep/math_en.json", [["1+1?", "2"]]);
  await importCorpus([good], join(folder, "kept"));
  const names = await readdir(join(folder, "kept"));
  const cut = await write("keep/math_zh.json", '[["1+1?", "2"], ["2+');
  await assert.rejects(importCorpus([cut], join(folder, "kept")), { code: "bad-json", file: cut });
  assert.deepEqual(await readdir(join(folder, "kept")), names);
  const left = (await readdir(folder)).filter((name) => name.endsWith(".part"));
  assert.deepEqual(left, []);
});

test("bad input is refused with a clear error", async () => {
  const out = join(folder, "never");
  const refuses = (input: string, code: string) =>
    assert.rejects(importCorpus([input], out), { name: "UserError", code });
  await refuses(join(folder, "nowhere"), "file-not-found");
  await refuses(await write("bad/list.json", []), "unknown-file-name");
  await refuses(await write("bad/math_en.json", []), "empty-corpus");
  await mkdir(join(folder, "nothing"));
  await refuses(join(folder, "nothing"), "empty-folder");
  assert.ok(!existsSync(out));
  const mine = await write("mine/letter.txt", "mine");
  const good = await write("good/math_en.json", [["1+1?", "2"]]);
  await assert.rejects(importCorpus([good], join(mine, "..")), { code: "folder-not-empty" });
  assert.equal(await readFile(mine, "utf8"), "mine");
});

test("names may be replaced by options", async () => {
  const file = await write("given/leaflets.jsonl", '["पानी उबालें।"]\n"हाथ धोएँ।"\n');
  await importCorpus([file], join(folder, "named"), {
    category: "medicalGuideline",
    language: "hi",
    kind: "text",
  });
  assert.deepEqual(await json("named", "medicalGuideline_hi_text.json"), ["पानी उबालें।", "हाथ धोएँ।"]);
});

const SAMPLES = fileURLToPath(new URL("../../../shared/data/apollo-corpus-samples", import.meta.url));
const skip = existsSync(SAMPLES) ? false : `no samples at ${SAMPLES}`;

test("the published samples import whole", { skip }, async () => {
  const result = await importCorpus([SAMPLES], join(folder, "samples"));
  assert.deepEqual(result.byLanguage, { en: 999, zh: 1000 });
  assert.deepEqual(result.dropped, { "exact-duplicate": 1 });
});
