import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { loadTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { createRowFiller } from "./fill-rows.ts";
import { importCorpus } from "./import-corpus.ts";
import { orderKey } from "./mixture.ts";
import { packCorpus } from "./pack-corpus.ts";

const LENGTH = 96;
const PAIRS = [
  ["What is fever?", "A body temperature above 38 degrees."],
  ["How is malaria spread?", "By the bite of an infected mosquito."],
  ["什么是发烧？", "体温超过三十八度。"],
  ["Should I boil water?", "(A) Yes, when it is not safe to drink.", "How long?", "One minute is enough."],
];
const TEXTS = ["Wash your hands with soap.", "Vaccines protect children. ".repeat(20)];
const tokenizer = trainByteLevelBpe([...PAIRS.flat(), ...TEXTS], {
  vocabularySize: 400,
  specialTokens: ["<|endoftext|>"],
});

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-pack-"));
  await writeFile(join(folder, "medicalExam_en.json"), JSON.stringify(PAIRS));
  await writeFile(join(folder, "medicalBook_en_text.json"), JSON.stringify(TEXTS));
  await importCorpus(
    [join(folder, "medicalExam_en.json"), join(folder, "medicalBook_en_text.json")],
    join(folder, "corpus"),
  );
});
after(() => rm(folder, { recursive: true }));

type Row = Record<"input_ids" | "labels" | "position_ids" | "segment_ids" | "doc_ids", number[]>;

async function readRows(out: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`SELECT * FROM '${join(out, "packed.parquet")}'`);
  const rows = reader.getRowObjectsJson() as unknown as Row[];
  connection.closeSync();
  instance.closeSync();
  return rows;
}

test("rows hold every document, labels exactly its answers and ends", async () => {
  const out = join(folder, "packed");
  const result = await packCorpus(join(folder, "corpus"), { tokenizer, length: LENGTH, out });
  const rows = await readRows(out);
  assert.equal(rows.length, result.rows);
  const documents = (await readFile(join(out, "documents.jsonl"), "utf8")).trim().split("\n");
  assert.equal(documents.length, PAIRS.length + TEXTS.length);

  let tokens = 0;
  let learnt = 0;
  const answers: string[] = [];
  const whole: string[] = [];
  for (const row of rows) {
    for (const column of Object.values(row)) assert.equal(column.length, LENGTH);
    for (let from = 0; from < LENGTH; ) {
      const segment = row.segment_ids[from]!;
      let to = from;
      while (to < LENGTH && row.segment_ids[to] === segment) to++;
      const labels = row.labels.slice(from, to);
      const ids = row.input_ids.slice(from, to);
      if (segment === -1) {
        assert.equal(to, LENGTH, "padding is at the end");
        assert.ok(ids.every((id) => id === tokenizer.eosId));
        assert.ok(labels.every((label) => label === -100));
        assert.ok(row.doc_ids.slice(from, to).every((document) => document === -1));
        assert.ok(row.position_ids.slice(from, to).every((position) => position === 0));
      } else {
        assert.equal(labels[0], -100);
        assert.ok(labels.every((label, i) => label === -100 || label === ids[i]));
        assert.deepEqual(
          row.position_ids.slice(from, to),
          ids.map((_, i) => i),
        );
        assert.equal(new Set(row.doc_ids.slice(from, to)).size, 1);
        const file = JSON.parse(documents[row.doc_ids[from]!]!).file;
        whole.push(tokenizer.decode(ids, { special: true }));
        const said = tokenizer.decode(
          labels.filter((label) => label >= 0),
          { special: true },
        );
        if (file === "medicalExam_en.json") answers.push(said);
        tokens += to - from;
        learnt += labels.filter((label) => label >= 0).length;
      }
      from = to;
    }
  }
  assert.deepEqual([result.tokens, result.labelTokens], [tokens, learnt]);
  assert.equal(result.utilisation, tokens / (rows.length * LENGTH));

  // Instructions are seen twice, as in Apollo's mixture.
  const expected = PAIRS.map((turns) =>
    turns
      .filter((_, i) => i % 2 === 1)
      .map((answer) => `${answer}<|endoftext|>`)
      .join(""),
  );
  assert.deepEqual(answers.sort(), [...expected, ...expected].sort());
  assert.ok(whole.includes(`User:${PAIRS[0]![0]}\nAssistant:${PAIRS[0]![1]}<|endoftext|>`));
  // The long text is split over segments and loses nothing.
  const pieces = whole.filter((text) => text.includes("accine")).join("");
  assert.equal(pieces.split("Vaccines").length - 1, 20);
});

test("the tokenizer beside the rows carries the chat template of the format", async () => {
  const { Template } = await import("@huggingface/jinja");
  const saved = await loadTokenizer(join(folder, "packed", "tokenizer"));
  assert.deepEqual(saved.tokens, tokenizer.tokens);
  const text = new Template(saved.chatTemplate!).render({
    messages: [
      { role: "user", content: "q1" },
      { role: "assistant", content: "a1" },
      { role: "user", content: "q2" },
    ],
    add_generation_prompt: true,
  });
  assert.equal(text, "User:q1\nAssistant:a1<|endoftext|>User:q2\nAssistant:");
});

test("packing again gives the same bytes; another seed another order", async () => {
  const pack = async (name: string, seed: number): Promise<Map<string, Buffer>> => {
    const out = join(folder, name);
    await packCorpus(join(folder, "corpus"), { tokenizer, length: LENGTH, out, seed });
    const names = (await readdir(out, { recursive: true })).filter((file) => file.includes("."));
    return new Map(
      await Promise.all(names.map(async (file) => [file, await readFile(join(out, file))] as const)),
    );
  };
  const first = await pack("first", 1);
  assert.deepEqual(await pack("second", 1), first);
  assert.deepEqual([...first.keys()].sort(), [
    "documents.jsonl",
    "manifest.json",
    "packed.parquet",
    "tokenizer/tokenizer.json",
    "tokenizer/tokenizer_config.json",
  ]);
  assert.notDeepEqual((await pack("third", 2)).get("packed.parquet"), first.get("packed.parquet"));
});

test("what does not fit a row is cut where it hurts least, and counted", async () => {
  const word = "water ".repeat(200);
  const long = [
    [
      "Is this short?",
      "Yes, it is rather short, but not very.",
      `Long? ${"water ".repeat(7)}`,
      `Then ${"water ".repeat(6)}`,
    ],
    ["Why?", word],
    [word, "No."],
  ];
  const out = join(folder, "cut");
  await mkdir(join(folder, "long"));
  await writeFile(join(folder, "long", "general_en.json"), JSON.stringify(long));
  await packCorpus(join(folder, "long"), { tokenizer, length: LENGTH, out });
  const manifest = JSON.parse(await readFile(join(out, "manifest.json"), "utf8"));
  assert.deepEqual(manifest.result.cut, {
    "answer-truncated": 1,
    "question-too-long": 1,
    "split-at-turn": 1,
  });
});

test("rows: each segment once, none too full, those that begin rows in order", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 32 }), { maxLength: 200 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 20 }), (list, window) => {
      const rows: (readonly number[])[] = [];
      const filler = createRowFiller(32, window, (row) => rows.push(row));
      for (const [segment, size] of list.entries()) filler.add(segment, size);
      filler.finish();
      assert.deepEqual(
        rows.flat().sort((a, b) => a - b),
        list.map((_, i) => i),
      );
      for (const row of rows) assert.ok(row.reduce((sum, segment) => sum + list[segment]!, 0) <= 32);
      const firsts = rows.map(([first]) => first!);
      assert.deepEqual(
        firsts,
        [...firsts].sort((a, b) => a - b),
      );
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("order keys follow the priorities and do not depend on other documents", () => {
  const mean = (priority: number): number => {
    let sum = 0;
    for (let i = 0; i < 2000; i++) sum += orderKey(42, `document ${i}`, 0, priority);
    return sum / 2000;
  };
  // The mean of Exp(1)/priority is 1/priority; 2,000 draws are within 10 % of it.
  assert.ok(Math.abs(mean(16) * 16 - 1) < 0.1);
  assert.ok(Math.abs(mean(2) * 2 - 1) < 0.1);
  assert.notEqual(orderKey(42, "a", 0, 2), orderKey(42, "a", 1, 2));
});

test("bad input is refused with a clear error", async () => {
  const out = join(folder, "never");
  const pack = (from: string, length: number) => packCorpus(from, { tokenizer, length, out });
  await assert.rejects(pack(join(folder, "nowhere"), LENGTH), { code: "file-not-found" });
  await assert.rejects(pack(join(folder, "corpus"), 0.5), { code: "bad-length" });
  await mkdir(join(folder, "odd"));
  await writeFile(join(folder, "odd", "general_en.json"), '[["a", "b", "c"]]');
  await assert.rejects(pack(join(folder, "odd"), LENGTH), { code: "bad-document", at: "byte 1" });
  await assert.rejects(readdir(out), { code: "ENOENT" });
});
