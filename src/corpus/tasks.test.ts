// Stages divided into tasks give the bytes of one process, however many tasks there are. With the project's data folder at hand also for real files.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { exists, hashBytes, readJson, type TaskOptions, type UserError } from "../core/index.ts";
import { loadTokenizer, saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { cleanCorpus } from "./clean-corpus.ts";
import { decontaminateCorpus } from "./decontaminate-corpus.ts";
import { type DedupResult, dedupCorpus } from "./dedup-corpus.ts";
import { type Document, documentTexts } from "./document.ts";
import { importCorpus } from "./import-corpus.ts";
import { inlineExecutor } from "./inline-executor.test.helper.ts";
import { packCorpus } from "./pack-corpus.ts";
import { readCorpus } from "./read-documents.ts";
import type { Segmenter } from "./segments.ts";
import { readInOrder, tokenisePart } from "./tokenise-part.ts";

const COUNTS = [1, 2, 3, 8];
const SAMPLES = fileURLToPath(new URL("../../samples", import.meta.url));
const PUBLISHED = fileURLToPath(new URL("../../../shared/data/apollo-corpus-samples", import.meta.url));

let folder: string;
/** Corpora to try: ours, one made to be awkward, and the published one where it is. */
const corpora: Record<string, string> = {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-tasks-"));
  const shipped = (await readdir(join(SAMPLES, "corpus"))).filter((name) => /_(?:en|hi|zh)[_.]/u.test(name));
  await importCorpus(
    shipped.map((name) => join(SAMPLES, "corpus", name)),
    join(folder, "samples"),
  );
  corpora.samples = join(folder, "samples");
  corpora.awkward = await makeAwkward(join(folder, "awkward"));
  if (await exists(PUBLISHED)) {
    await importCorpus([PUBLISHED], join(folder, "published"));
    corpora.published = join(folder, "published");
  }
});
after(() => rm(folder, { recursive: true }));

/** A corpus that no step of ours wrote: laid out otherwise, without ledgers, with an empty file and one of lines, and with much in common. */
async function makeAwkward(path: string): Promise<string> {
  await mkdir(path);
  const footer = "Ask your doctor or pharmacist for advice about this.";
  const leaflets = Array.from(
    { length: 90 },
    (_, i) =>
      `Leaflet ${i} "quoted, [bracketed]" 阿莫西林 \\ ${"word ".repeat((i * 7) % 60)}\nTake ${i} tablets of medicine number ${i} a day, with water.\n${footer}\nWrite to a${i}@example.org or call.\n${i % 3 === 0 ? footer.toUpperCase() : `The end of leaflet number ${i} is here.`}`,
  );
  await writeFile(join(path, "medicalGuideline_en_text.json"), JSON.stringify(leaflets, undefined, 4));
  await writeFile(join(path, "medicalBook_en_text.json"), " [ ] ");
  const pairs = leaflets.map((text, i) => [`What does leaflet number ${i % 80} say?`, text]);
  const nearly = pairs
    .slice(30, 40)
    .map(([question, text]) => [question, text!.replace("is here", "is right here")]);
  const lines = pairs.map((pair) => JSON.stringify(pair));
  lines.splice(7, 0, "", "  ");
  await writeFile(join(path, "medicalWeb_en_qa.jsonl"), lines.join("\n"));
  await writeFile(join(path, "medicalPatient_es.json"), JSON.stringify([...pairs.slice(0, 3), ...nearly]));
  return path;
}

/** Hashes of all files under a folder by their paths in it. */
async function contentsOf(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[file.slice(path.length + 1)] = hashBytes(await readFile(file));
  }
  return files;
}

/** Every number for the awkward corpus; real files are many, and take their time. */
function countsFor(name: string): readonly number[] {
  if (name.endsWith("published")) return [3];
  return name.endsWith("awkward") || name === "import-raw" || name === "clean-samples" ? COUNTS : [3, 8];
}

/** Runs a stage undivided and divided; everything in its folder must be the same, and nothing left beside it. */
async function divideEqually(
  name: string,
  run: (out: string, options: { readonly tasks?: TaskOptions }) => Promise<unknown>,
): Promise<void> {
  const one = join(folder, `${name}-one`);
  const result = await run(one, {});
  const expected = await contentsOf(one);
  assert.ok(Object.keys(expected).length > 1);
  for (const count of countsFor(name)) {
    // In a folder of the same name: some results name it.
    const out = join(folder, `${name}-${count}`, `${name}-one`);
    await mkdir(join(folder, `${name}-${count}`));
    const told: string[] = [];
    const executor = inlineExecutor((stage, task) => told.push(`${stage} ${task}`));
    const divided = await run(out, { tasks: { executor, count } });
    assert.deepEqual(
      JSON.parse(JSON.stringify(divided).replaceAll(out, one)),
      result,
      `${name}, ${count} tasks`,
    );
    assert.deepEqual(await contentsOf(out), expected, `${name}, ${count} tasks`);
    assert.ok(count === 1 || told.length >= count / 2, `${name}, ${count} tasks: ${told}`);
    assert.equal(await exists(`${out}.tasks`), false);
    // It is there: no task is begun.
    told.length = 0;
    assert.deepEqual(await run(out, { tasks: { executor, count } }), divided);
    assert.deepEqual(told, []);
  }
}

test("import: any number of tasks gives the same bytes: formats, duplicates across files, broken records", async () => {
  const raw = join(folder, "raw");
  await mkdir(raw);
  const pairs = Array.from({ length: 60 }, (_, i) => [
    `Question "${i % 50}"?`,
    `回答 [${i % 50}], \\ ${"x".repeat(i * 9)}`,
  ]);
  await writeFile(join(raw, "medicalExam_zh.json"), JSON.stringify(pairs, undefined, 2));
  const chats = pairs.map(([user, text]) => ({
    messages: [
      { role: "user", content: `${user} And then?` },
      { role: "assistant", content: text },
    ],
  }));
  const lines = [...chats.map((chat) => JSON.stringify(chat)), JSON.stringify(pairs[3])];
  lines.splice(5, 0, "", "{broken", "\t");
  await writeFile(join(raw, "medicalPatient_en.jsonl"), `\uFEFF${lines.join("\r\n")}`);
  await writeFile(
    join(raw, "general_en_qa.csv"),
    `question,answer\n${pairs.map(([q]) => `${q!.replaceAll('"', "")},yes`).join("\n")}\n`,
  );
  await writeFile(
    join(raw, "medicalBook_en_text.json.gz"),
    gzipSync(JSON.stringify(["A book in one line of text."])),
  );
  // Several corpus files in one object, as the published mixture is.
  const merged = {
    medicalWiki_en_text: ["The first wiki text.", "The second one."],
    medicalPatient_es: pairs.slice(40),
  };
  await writeFile(join(raw, "mixTrain.json"), JSON.stringify(merged));
  // Breaks in the middle: the rest is one dropped record.
  await writeFile(
    join(raw, "medicalWeb_en_qa.json"),
    `${JSON.stringify(pairs.slice(0, 30)).slice(0, -1)} oops ${JSON.stringify(pairs)}`,
  );
  await divideEqually("import-raw", (out, tasks) => importCorpus([raw], out, { keepGoing: true, ...tasks }));
  await divideEqually("import-samples", (out, tasks) => importCorpus([join(SAMPLES, "corpus")], out, tasks));
  if (await exists(PUBLISHED))
    await divideEqually("import-published", (out, tasks) => importCorpus([PUBLISHED], out, tasks));
  const { result } = (await readJson(join(folder, "import-raw-one", "manifest.json"))) as {
    result: { dropped: Record<string, number>; broken: number };
  };
  assert.ok(result.dropped["exact-duplicate"]! > 20 && result.broken === 2);
  // Without --keep-going the task's error comes back with file and byte, as from one process.
  const executor = inlineExecutor();
  const errors = await Promise.all(
    [{}, { tasks: { executor, count: 3 } }].map((tasks, i) =>
      importCorpus([join(raw, "medicalPatient_en.jsonl")], join(folder, `broken-${i}`), tasks).then(
        () => undefined,
        (error: UserError) => error.line,
      ),
    ),
  );
  assert.match(errors[0]!, /medicalPatient_en\.jsonl: byte \d+: not valid JSON/u);
  assert.equal(errors[1], errors[0]);
});

test("clean: any number of tasks gives the same bytes", async () => {
  for (const [name, corpus] of Object.entries(corpora))
    await divideEqually(`clean-${name}`, (out, tasks) => cleanCorpus(corpus, out, tasks));
  const manifest = (await readJson(join(folder, "clean-awkward-one", "manifest.json"))) as {
    result: { changes: Record<string, number> };
  };
  assert.ok(manifest.result.changes["common-line"]! > 100, "lines that files have in common were met");
});

test("dedup: any number of tasks gives the same bytes, also against another corpus", async () => {
  for (const [name, corpus] of Object.entries(corpora))
    await divideEqually(`dedup-${name}`, (out, tasks) =>
      dedupCorpus(corpus, out, { threshold: 0.7, ...tasks }),
    );
  await divideEqually("dedup-against", (out, tasks) =>
    dedupCorpus(corpora.samples!, out, { against: corpora.samples!, ...tasks }),
  );
  const resultOf = async (name: string) =>
    ((await readJson(join(folder, `dedup-${name}-one`, "manifest.json"))) as { result: DedupResult }).result;
  const { exact, near } = await resultOf("awkward");
  assert.ok(exact >= 3 && near >= 5, `${exact} exact, ${near} near`);
  assert.equal((await resultOf("against")).kept, 0);
});

test("decontaminate: any number of tasks gives the same bytes, evidence, quarantine and comparison too", async () => {
  const exam = join(SAMPLES, "exam");
  const suite = join(folder, "suite.json");
  const item = (i: number) => ({
    question: `Take ${i} tablets of medicine number ${i} a day, with water.`,
    options: ["(A) yes", "(B) no"],
    answer: "(A)",
    source: "leaflets",
  });
  await writeFile(suite, JSON.stringify([2, 50, 51, 89].map(item)));
  for (const [name, corpus] of Object.entries(corpora))
    await divideEqually(`decontaminate-${name}`, (out, tasks) =>
      decontaminateCorpus(corpus, name === "awkward" ? [suite] : [suite, exam], out, {
        compare: name === "awkward",
        ...tasks,
      }),
    );
  const { result } = (await readJson(join(folder, "decontaminate-awkward-one", "manifest.json"))) as {
    result: { flagged: number };
  };
  assert.ok(result.flagged >= 4);
});

test("pack: any number of tasks gives the same rows, also when the order does not fit the memory", async () => {
  const texts: string[] = [];
  for await (const document of readCorpus(corpora.samples!)) texts.push(...documentTexts(document));
  const tokenizerPath = join(folder, "tokenizer");
  const learnt = trainByteLevelBpe(texts.slice(0, 60), {
    vocabularySize: 400,
    specialTokens: ["<|endoftext|>"],
  });
  await saveTokenizer(learnt, tokenizerPath, { eosToken: "<|endoftext|>" });
  const tokenizer = await loadTokenizer(tokenizerPath);
  // Each document twice or three times, half of them with the same few ids.
  const mixture = { medicalGuideline: { priority: 3, epochs: 2 }, medicalWeb: { priority: 1, epochs: 3 } };
  for (const [name, corpus] of Object.entries(corpora))
    await divideEqually(`pack-${name}`, (out, tasks) =>
      packCorpus(corpus, {
        tokenizer,
        tokenizerPath,
        length: 128,
        out,
        ...(name === "awkward" ? { mixture } : {}),
        ...tasks,
      }),
    );
});

test("an order that does not fit the memory is the order", async () => {
  const documents = async function* (): AsyncGenerator<Document> {
    for (let i = 0; i < 40; i++) {
      const content = { kind: "text", text: String(i) } as const;
      const origin = { file: "x", start: i, end: i + 1 };
      yield {
        ...content,
        id: `${i % 7}`,
        category: "general",
        language: "en",
        stage: "sft",
        origin,
        decisions: [],
      };
    }
  };
  const orders: number[][] = [];
  for (const held of [3, 1000]) {
    const own = join(folder, `order-${held}`);
    await mkdir(own);
    const tokenise: Segmenter = ({ origin }) => [Int32Array.of(origin.start, 1), Int32Array.of(origin.start)];
    const sources = [{ file: "x", source: 0, documents: documents() }];
    const setting = { tokenise, seed: 1, mixture: {}, folder: own, list: join(own, "list"), tell: () => {} };
    const part = await tokenisePart(sources, { ...setting, held });
    assert.equal(part.runs.length > 1, held === 3);
    const ordered = [...readInOrder([{ ...part, folder: own }])];
    for (const { document, tokens } of ordered) assert.equal(tokens[0], document);
    orders.push(ordered.map(({ document }) => document));
  }
  assert.equal(orders[0]!.length, 160);
  assert.deepEqual(orders[0], orders[1]);
});
