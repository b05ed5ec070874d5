import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import { EXPORT_FORMATS, exportCorpus } from "./export-corpus.ts";
import { importCorpus } from "./import-corpus.ts";

let folder: string;
let corpus: string;
const PAIRS = [
  ['What is "fever"?', "A high\ntemperature \\ heat."],
  ["什么是发烧？", "体温升高。", "还有呢？", "\u2028休息。😀"],
];
const TEXTS = ["Wash your hands.", "पानी उबालें।\n\tफिर पिएँ।"];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-export-"));
  corpus = join(folder, "corpus");
  await writeFile(join(folder, "medicalExam_en.json"), JSON.stringify(PAIRS, null, 2));
  await writeFile(join(folder, "medicalBook_en_text.json"), JSON.stringify(TEXTS, null, 2));
  const inputs = ["medicalExam_en.json", "medicalBook_en_text.json"].map((name) => join(folder, name));
  await importCorpus(inputs, corpus);
});
after(() => rm(folder, { recursive: true }));

test("apollo: the bytes that were imported, as they were published", async () => {
  const out = join(folder, "apollo");
  const result = await exportCorpus(corpus, out, { format: "apollo" });
  assert.deepEqual(result, {
    format: "apollo",
    documents: 4,
    files: { "medicalBook_en_text.json": 2, "medicalExam_en.json": 2 },
  });
  for (const name of Object.keys(result.files))
    assert.deepEqual(await readFile(join(out, name)), await readFile(join(folder, name)), name);
  assert.deepEqual(await exportCorpus(corpus, out, { format: "apollo" }), result);
});

test("messages: one conversation a line; texts as texts", async () => {
  const out = join(folder, "messages");
  await exportCorpus(corpus, out, { format: "messages" });
  const lines = (name: string) => jsonLines(join(out, name));
  const [, second] = await lines("medicalExam_en.jsonl");
  assert.deepEqual(second, {
    messages: PAIRS[1]!.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content })),
  });
  assert.deepEqual(
    await lines("medicalBook_en_text.jsonl"),
    TEXTS.map((text) => ({ text })),
  );
});

/** Exports, imports and exports again: everything must be as it was. */
async function assertStable(first: string, name: string): Promise<void> {
  for (const format of EXPORT_FORMATS) {
    const at = (step: string): string => join(folder, `${name}-${format}-${step}`);
    await exportCorpus(first, at("one"), { format });
    await importCorpus([at("one")], at("again"));
    await exportCorpus(at("again"), at("two"), { format });
    const names = (await readdir(first)).filter(
      (file) => /^[^.]+\.json$/u.test(file) && file !== "manifest.json",
    );
    assert.ok(names.length > 0);
    for (const file of names)
      assert.deepEqual(await readFile(join(at("again"), file)), await readFile(join(first, file)), file);
    for (const file of await readdir(at("one"))) {
      if (file === "manifest.json") continue;
      assert.deepEqual(await readFile(join(at("two"), file)), await readFile(join(at("one"), file)), file);
    }
  }
}

test("every format comes back as it went, to the byte", () => assertStable(corpus, "own"));

const SAMPLES = fileURLToPath(new URL("../../../shared/data/apollo-corpus-samples", import.meta.url));
const skip = existsSync(SAMPLES) ? false : `no samples at ${SAMPLES}`;

test("the published samples come out as they were published", { skip }, async () => {
  await importCorpus([SAMPLES], join(folder, "samples"));
  const out = join(folder, "published");
  const { files } = await exportCorpus(join(folder, "samples"), out, { format: "apollo" });
  let equal = 0;
  for (const name of Object.keys(files)) {
    const [, category = "", language = ""] = /^([a-zA-Z]+)_([a-z]{2})/u.exec(name) ?? [];
    const published = category.replace(/^(medical)?/u, "").replace(/^./u, (first) => first.toUpperCase());
    const prefix = category.startsWith("medical") ? "Medical_" : "";
    const original = await readFile(join(SAMPLES, `${prefix}${published}_${language}_sampled.json`));
    if (original.equals(await readFile(join(out, name)))) equal++;
    // It holds an exact duplicate.
    else assert.equal(name, "code_en.json");
  }
  assert.equal(equal, 19);
});
