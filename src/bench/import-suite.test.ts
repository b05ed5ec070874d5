import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { UserError } from "../core/index.ts";
import type { ImportFormatName } from "./import-formats.ts";
import type { ReleasedItem } from "./import-item.ts";
import { importSuite } from "./import-suite.ts";
import { loadSuite } from "./suite.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-import-suite-"));
});
after(() => rm(folder, { recursive: true }));

async function imported(format: ImportFormatName, content: unknown, source?: string) {
  const path = join(folder, "in");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  const out = join(folder, "out.json");
  const result = await importSuite(format, [path], out, { source });
  return { ...result, list: JSON.parse(await readFile(out, "utf8")) as ReleasedItem[] };
}

function rejects(promise: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  return assert.rejects(
    promise,
    (error) => error instanceof UserError && error.code === code && message.test(error.message),
  );
}

test("MMLU: with or without a header, answers as letters or numbers", async () => {
  const expected = {
    question: "Bile comes from, where?",
    context: "",
    options: "(A) liver\n(B) heart\n(C) lung\n(D) skin",
    answer: "(C)",
    source: "mmlu-medical",
  };
  const row = '"Bile comes from, where?",liver,heart,lung,skin,';
  const { list, refused } = await imported("mmlu", `${row}C\n${row}E\n${row}\nshort,row\n`);
  assert.deepEqual(list, [expected]);
  assert.deepEqual(refused, { "bad-answer": 2, "unreadable-record": 1 });
  const headed = await imported(
    "mmlu",
    `question,choice0,choice1,choice2,choice3,answer\n${row}2\n`,
    "own-en",
  );
  assert.deepEqual(headed.list, [{ ...expected, source: "own-en" }]);
});

test("CMMLU: options get the full stop of XMedBench's release", async () => {
  const { list } = await imported("cmmlu", ",Question,A,B,C,D,Answer\n0,哪个器官,肝,心,肺,皮,B\n");
  assert.deepEqual(list, [
    {
      question: "哪个器官",
      options: "(A) 肝.\n(B) 心.\n(C) 肺.\n(D) 皮.",
      answer: "(B)",
      source: "cmmlu-medical",
    },
  ]);
});

test("PubMedQA: in the order of the file, the first paragraph as context", async () => {
  const record = (QUESTION: string, final_decision: string) => ({
    QUESTION,
    CONTEXTS: ['One "7": {paragraph}.', "Another."],
    final_decision,
  });
  const text = `{"20": ${JSON.stringify(record("Is it?", "maybe"))}, "3": ${JSON.stringify(record("Was it?", "yes"))}}`;
  const { list } = await imported("pubmedqa", text);
  assert.deepEqual(
    list.map(({ question, answer, context }) => [question, answer, context]),
    [
      ["Is it?", "(C)", 'One "7": {paragraph}.'],
      ["Was it?", "(A)", 'One "7": {paragraph}.'],
    ],
  );
});

test("MedQA: English and Chinese lines", async () => {
  const line = (question: string) =>
    JSON.stringify({ question, answer: "heart", options: { B: "heart", A: "liver" }, answer_idx: "B" });
  const { list, bySource } = await imported("medqa", `${line("Which?")}\n${line("哪个？")}\n`);
  assert.equal(list[0]?.options, "(A) liver.\n(B) heart.");
  assert.equal(list[0]?.answer, "(B)");
  assert.deepEqual(bySource, { "medqa-usmle": 1, "medqa-mcmle": 1 });
  assert.equal((await imported("medqa", line("Which?"))).items, 1);
});

test("HEAD-QA: the items of all exams", async () => {
  const data = (ra: unknown) => [
    {
      qid: "1",
      qtext: "¿Cuál?",
      ra,
      answers: [1, 2].map((aid) => ({ aid, atext: `opción ${aid}.` })),
      image: "",
    },
  ];
  const { list, refused } = await imported("headqa", {
    version: "1.0",
    exams: { one: { data: data("2") }, two: { data: data(1) }, three: { data: data(5) } },
  });
  assert.deepEqual(
    list.map(({ options, answer }) => [options, answer]),
    ["(B)", "(A)"].map((answer) => ["(A) opción 1..\n(B) opción 2..", answer]),
  );
  assert.deepEqual(refused, { "bad-answer": 1 });
});

test("FrenchMedMCQA: questions with one right answer", async () => {
  const answers = { a: "foie", b: "cœur", c: "peau" };
  const { list, refused } = await imported("frenchmedmcqa", [
    { id: "1", question: "Lequel ?", answers, correct_answers: ["b"] },
    { id: "2", question: "Lesquels ?", answers, correct_answers: ["a", "b"] },
  ]);
  assert.deepEqual(list, [
    {
      question: "Lequel ?",
      options: "(A) foie.\n(B) cœur.\n(C) peau.",
      answer: "(B)",
      source: "frenchmedmcqa",
    },
  ]);
  assert.deepEqual(refused, { "several-answers": 1 });
});

test("MedMCQA: answers counted from 1, or from 0 as on the hub", async () => {
  const lines = (...cops: number[]) =>
    cops
      .map((cop) => JSON.stringify({ question: "Which?", opa: "a", opb: "b", opc: "c", opd: "d", cop }))
      .join("\n");
  const answers = async (text: string) => (await imported("medmcqa", text)).list.map(({ answer }) => answer);
  assert.deepEqual(await answers(lines(1, 4)), ["(A)", "(D)"]);
  assert.deepEqual(await answers(lines(0, 3)), ["(A)", "(D)"]);
});

test("CMExam: options in one field, several right letters", async () => {
  const head = "Question,Options,Answer,Explanation\n";
  const { list, refused } = await imported(
    "cmexam",
    `${head}哪些,"A 肝\nB 心\nC 肺",AC,说明\n哪个,"A 肝\nB 心",B,\n哪个,"甲\n乙",A,\n`,
  );
  assert.deepEqual(
    list.map(({ options, answer }) => [options, answer]),
    [
      ["(A) 肝.\n(B) 心.\n(C) 肺.", "(AC)"],
      ["(A) 肝.\n(B) 心.", "(B)"],
    ],
  );
  assert.deepEqual(refused, { "unreadable-record": 1 });
  const suite = await loadSuite(join(folder, "out.json"));
  assert.deepEqual(suite.items[0]?.gold, [0, 2]);
});

test("what is not of the format gives one clear error", async () => {
  await rejects(imported("mmlu", ""), "nothing-imported", /no item of format mmlu/);
  await rejects(imported("medqa", [{ other: 1 }]), "nothing-imported", /unreadable-record: 1/);
  await rejects(imported("headqa", { other: 1 }), "bad-format", /no list of records/);
  await rejects(imported("pubmedqa", '{"1": {'), "bad-json", /not valid JSON/);
  await rejects(imported("medqa", '{"a": 1}\n{"a": '), "bad-json", /not valid JSON/);
  await rejects(importSuite("mmlu", [join(folder, "absent.csv")], join(folder, "o")), "file-not-found", /./);
  await mkdir(join(folder, "empty"));
  await rejects(importSuite("mmlu", [join(folder, "empty")], join(folder, "o")), "empty-folder", /no \.csv/);
});

const data = fileURLToPath(new URL("../../../shared/data/", import.meta.url));
test("published files give XMedBench's items exactly", {
  skip: existsSync(data) ? false : "../shared/data is absent",
}, async () => {
  const released = JSON.parse(await readFile(join(data, "xmedbench/test.json"), "utf8")) as ReleasedItem[];
  const out = join(folder, "released.json");
  for (const [format, place, source] of [
    ["mmlu", "mmlu-csv", "mmlu-medical"],
    ["cmmlu", "cmmlu", "cmmlu-medical"],
    ["pubmedqa", "pubmedqa", "pubmedqa"],
  ] as const) {
    await importSuite(format, [join(data, place)], out);
    const expected = released.filter((item) => item.source === source);
    assert.ok(expected.length > 0);
    assert.deepEqual(JSON.parse(await readFile(out, "utf8")), expected, format);
  }
});
