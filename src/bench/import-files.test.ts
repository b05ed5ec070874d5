import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { strToU8, zipSync } from "fflate";
import { UserError } from "../core/index.ts";
import type { ImportFormatName } from "./import-formats.ts";
import type { ReleasedItem } from "./import-item.ts";
import { importSuite } from "./import-suite.ts";
import { loadSuite } from "./suite.ts";
import { parseXlsx } from "./xlsx.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-import-files-"));
});
after(() => rm(folder, { recursive: true }));

async function imported(format: ImportFormatName, paths: readonly string[], source?: string) {
  const out = join(folder, "out.json");
  const result = await importSuite(format, paths, out, { source });
  return { ...result, list: JSON.parse(await readFile(out, "utf8")) as ReleasedItem[] };
}

/** A Parquet file of one row a value, made by DuckDB from SQL literals. */
async function parquet(name: string, ...rows: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const union = rows
    .map((row) => `SELECT record.* FROM (SELECT unnest(${row}) AS record)`)
    .join(" UNION ALL ");
  await connection.run(`COPY (${union}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** A workbook as Excel lays it out: the first sheet is not sheet1.xml, texts are shared, one of them rich, one with a reading aid. */
function workbook(sheet: string, strings: readonly string[]): Uint8Array {
  return zipSync({
    "[Content_Types].xml": strToU8(`${head}<Types/>`),
    "xl/workbook.xml": strToU8(
      `${head}<workbook ${main} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Test" sheetId="2" r:id="rId7"/><sheet name="Other" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    "xl/_rels/workbook.xml.rels": strToU8(
      `${head}<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId7" Target="worksheets/sheet2.xml"/></Relationships>`,
    ),
    "xl/sharedStrings.xml": strToU8(
      `${head}<sst ${main}>${strings.map((string) => `<si>${string}</si>`).join("")}</sst>`,
    ),
    "xl/worksheets/sheet1.xml": strToU8(`${head}<worksheet ${main}><sheetData/></worksheet>`),
    "xl/worksheets/sheet2.xml": strToU8(
      `${head}<worksheet ${main}><sheetData>${sheet}</sheetData></worksheet>`,
    ),
  });
}

test("a workbook: shared, rich and inline texts, gaps, numbers, escaped characters", () => {
  const bytes = workbook(
    `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row><row r="2"/>
<row r="4"><c r="B4" t="inlineStr"><is><t>a &amp; b</t></is></c><c r="AB4"><v>2.5</v></c><c t="b"><v>1</v></c><c t="str"><f>A1</f><v>x_x000D_
y</v></c></row>`,
    [
      '<t xml:space="preserve"> one </t>',
      '<r><t>t</t></r><r><t>wo</t></r><rPh sb="0" eb="1"><t>ni</t></rPh><phoneticPr fontId="1"/>',
    ],
  );
  const [first, second, ...others] = parseXlsx(bytes, "f.xlsx");
  assert.deepEqual(first, { fields: [" one ", "", "two"], line: 1 });
  assert.equal(second!.line, 4);
  assert.deepEqual(second!.fields.slice(0, 2), ["", "a & b"]);
  assert.deepEqual(second!.fields.slice(26), ["", "2.5", "1", "x\ny"]);
  assert.deepEqual(others, []);
});

test("what is no workbook gives one clear error", () => {
  const whole = workbook("<row><c><v>1</v></c></row>", []);
  for (const bytes of [
    whole.slice(0, whole.length >> 1),
    zipSync({ "a.txt": strToU8("a") }),
    workbook("<row><c>", []),
  ]) {
    assert.throws(
      () => parseXlsx(bytes, "f.xlsx"),
      (error) => error instanceof UserError && error.code === "bad-xlsx" && error.file === "f.xlsx",
    );
  }
});

test("CMExam as a workbook gives what the CSV gives", async () => {
  const cells = (row: number, values: readonly string[]): string =>
    `<row r="${row}">${values.map((value, i) => `<c r="${"ABC"[i]}${row}" t="inlineStr"><is><t>${value}</t></is></c>`).join("")}</row>`;
  const sheet = [
    cells(1, ["Question", "Options", "Answer"]),
    cells(2, ["哪些", "A 肝\nB 心\nC 肺", "AC"]),
    cells(3, ["哪个", "A 肝\nB 心", "B"]),
  ];
  const path = join(folder, "test.xlsx");
  await writeFile(path, workbook(sheet.join(""), []));
  const csv = join(folder, "test.csv");
  await writeFile(csv, 'Question,Options,Answer\n哪些,"A 肝\nB 心\nC 肺",AC\n哪个,"A 肝\nB 心",B\n');
  const { list } = await imported("cmexam", [path]);
  assert.equal(list.length, 2);
  assert.deepEqual(list, (await imported("cmexam", [csv])).list);
});

test("CMB: one right answer a question, answers beside or in a file of their own", async () => {
  const record = (id: number, answer?: string, type = "单项选择题") => ({
    id,
    exam_class: "执业医师",
    question: `问题${id}`,
    question_type: type,
    option: { A: "肝", B: "心", C: "肺", D: "皮", E: "", F: "" },
    ...(answer === undefined ? {} : { answer }),
  });
  const questions = join(folder, "questions.json");
  const answers = join(folder, "answers.json");
  await writeFile(questions, JSON.stringify([record(1), record(2), record(3), record(4, "D")]));
  await writeFile(
    answers,
    JSON.stringify([
      { id: 2, answer: "B" },
      { id: 1, answer: "AB" },
    ]),
  );
  const { list, refused } = await imported("cmb", [questions, answers]);
  assert.deepEqual(list, [
    {
      question: "问题2",
      options: "(A) 肝.\n(B) 心.\n(C) 肺.\n(D) 皮.\n(E) .",
      answer: "(B)",
      source: "cmb-single",
    },
    {
      question: "问题4",
      options: "(A) 肝.\n(B) 心.\n(C) 肺.\n(D) 皮.\n(E) .",
      answer: "(D)",
      source: "cmb-single",
    },
  ]);
  assert.deepEqual(refused, { "several-answers": 1, "bad-answer": 1 });
});

test("Arabic MMLU: the six subjects of a folder, in the language of its source", async () => {
  const test = join(folder, "mmlu_Arabic", "test");
  await mkdir(test, { recursive: true });
  await writeFile(join(test, "anatomy_test.csv"), "أين الكبد؟,في البطن,في الرأس,في اليد,في القدم,A\n");
  await writeFile(join(test, "virology_test.csv"), "x,1,2,3,4,A\n");
  const { list, skippedFiles, out } = await imported("mmlu-ar", [join(folder, "mmlu_Arabic")]);
  assert.deepEqual(list, [
    {
      question: "أين الكبد؟",
      options: "(A) في البطن\n(B) في الرأس\n(C) في اليد\n(D) في القدم",
      answer: "(A)",
      source: "mmlu-medical-ar",
    },
  ]);
  assert.equal(skippedFiles.length, 1);
  assert.equal((await loadSuite(out)).items[0]!.language, "ar");
});

test("Parquet of the hub: each data set by its columns", async () => {
  const files = [
    await parquet(
      "medmcqa.parquet",
      "[{question: 'Q1', opa: 'a', opb: 'b', opc: 'c', opd: 'd', cop: 3::BIGINT, exp: NULL}, {question: 'Q2', opa: 'a', opb: 'b', opc: 'c', opd: 'd', cop: -1::BIGINT, exp: 'e'}]",
    ),
    await parquet(
      "medqa-hf.parquet",
      "[{id: '1', sent1: 'Q3', sent2: '', ending0: 'a', ending1: 'b', ending2: 'c', ending3: 'd', label: 1::BIGINT}]",
    ),
    await parquet(
      "medqa.parquet",
      "[{question: 'Q4', answer: 'b', options: {A: 'a', B: 'b', C: NULL::VARCHAR}, answer_idx: 'B'}]",
    ),
    await parquet(
      "pubmedqa.parquet",
      "[{pubid: 7::INTEGER, question: 'Q5', context: {contexts: ['one', 'two'], labels: ['X', 'Y']}, long_answer: 'l', final_decision: 'maybe'}]",
    ),
    await parquet(
      "mmlu.parquet",
      "[{question: 'Q6', subject: 'anatomy', choices: ['a', 'b', 'c', 'd'], answer: 2::BIGINT}, {question: 'Q', subject: 'astronomy', choices: ['a', 'b', 'c', 'd'], answer: 2::BIGINT}]",
    ),
    await parquet(
      "headqa.parquet",
      "[{name: 'n', qtext: 'Q7', ra: 2::INTEGER, answers: [{aid: 1::INTEGER, atext: 'a'}, {aid: 2::INTEGER, atext: 'b'}]}]",
    ),
    await parquet(
      "french.parquet",
      "[{question: 'Q8', answer_a: 'a', answer_b: 'b', answer_c: 'c', answer_d: 'd', answer_e: 'e', correct_answers: [4::BIGINT]}, {question: 'Q', answer_a: 'a', answer_b: 'b', answer_c: 'c', answer_d: 'd', answer_e: 'e', correct_answers: [0::BIGINT, 1]}]",
    ),
    await parquet("cmmlu.parquet", "[{Question: 'Q9', A: 'a', B: 'b', C: 'c', D: 'd', Answer: 'D'}]"),
    await parquet(
      "openlife.parquet",
      "[{id: 'x', data: {Question: 'Q10', Options: {A: 'a', B: 'b'}, \"Correct Option\": 'B', Context: ['para']}, subject_name: 'PubMedQA'}]",
    ),
    await parquet("other.parquet", "[{text: 'not an exam'}]"),
  ];
  const { list, refused } = await imported("hub", files);
  assert.deepEqual(
    list.map(({ question, options, answer, source, context }) => [
      question,
      options.split("\n").length,
      answer,
      source,
      context,
    ]),
    [
      ["Q1", 4, "(D)", "medmcqa", ""],
      ["Q3", 4, "(B)", "medqa-usmle", ""],
      ["Q4", 2, "(B)", "medqa-usmle", ""],
      ["Q5", 3, "(C)", "pubmedqa", "one"],
      ["Q6", 4, "(C)", "mmlu-medical", ""],
      ["Q7", 2, "(B)", "headqa", undefined],
      ["Q8", 5, "(E)", "frenchmedmcqa", undefined],
      ["Q9", 4, "(D)", "cmmlu-medical", undefined],
      ["Q10", 2, "(B)", "pubmedqa", "para"],
    ],
  );
  assert.deepEqual(refused, {
    "bad-answer": 1,
    "other-subject": 1,
    "several-answers": 1,
    "unreadable-record": 1,
  });
  const jsonl = join(folder, "rows.jsonl");
  await writeFile(
    jsonl,
    `${JSON.stringify({ question: "Q", opa: "a", opb: "b", opc: "c", opd: "d", cop: 0 })}\n`,
  );
  assert.equal((await imported("hub", [jsonl], "own-en")).list[0]!.source, "own-en");
});

test("a cut Parquet file, and Parquet where text is wanted, are errors that say so", async () => {
  const whole = await readFile(
    await parquet("whole.parquet", "[{question: 'Q', choices: ['a', 'b'], answer: 0}]"),
  );
  const cut = join(folder, "cut.parquet");
  await writeFile(cut, whole.subarray(0, whole.length - 9));
  await assert.rejects(
    imported("hub", [cut]),
    (error) => error instanceof UserError && error.code === "bad-parquet" && error.file === cut,
  );
  await assert.rejects(
    imported("headqa", [join(folder, "whole.parquet")]),
    (error) => error instanceof UserError && error.code === "bad-format" && /Parquet/u.test(error.message),
  );
});
