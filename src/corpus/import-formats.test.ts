import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { strToU8, zipSync } from "fflate";
import { importCorpus } from "./import-corpus.ts";
import { folder, imported, importFolder } from "./import-file.test.helper.ts";

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

test("OpenAI messages: several turns, system, parts, neighbours, loose ends", async () => {
  const say = (role: string, content: unknown) => ({ role, content });
  const content = [
    { messages: [say("user", "Fever?"), say("assistant", "A high temperature.")] },
    {
      messages: [
        say("system", "You are a nurse."),
        say("user", "I feel ill."),
        say("user", "And cold."),
        say("assistant", [
          { type: "text", text: "Since " },
          { type: "text", text: "when?" },
        ]),
        say("user", "Today."),
        say("assistant", "Rest."),
      ],
    },
    {
      messages: [
        say("assistant", "Hello!"),
        say("user", "Cough?"),
        say("assistant", "Drink tea."),
        say("user", "Thanks"),
      ],
    },
    { messages: [say("system", "Nobody speaks.")] },
    { messages: [say("user", "What is it?"), say("tool", "{}"), say("assistant", "That.")] },
  ]
    .map(line)
    .join("");
  const { result, json, ledger } = await imported("medicalPatient_en.jsonl", content);
  assert.deepEqual(await json("medicalPatient_en.json"), [
    ["Fever?", "A high temperature."],
    ["You are a nurse.\n\nI feel ill.\n\nAnd cold.", "Since when?", "Today.", "Rest."],
    ["Cough?", "Drink tea."],
  ]);
  assert.deepEqual(result.dropped, { "no-exchange": 1, "not-text": 1 });
  assert.deepEqual(result.notes, {
    "answer-without-question": 1,
    "question-without-answer": 1,
    "system-in-question": 1,
  });
  const [, second] = await ledger("medicalPatient_en.ledger.jsonl");
  assert.deepEqual(second.decisions, [{ step: "import", decision: "keep", reason: "system-in-question" }]);
  const bytes = await readFile(second.origin.file);
  assert.equal(JSON.parse(bytes.toString("utf8", second.origin.start, second.origin.end)).messages.length, 6);
});

test("ShareGPT, ApolloMoE, Alpaca, columns of questions and texts, as lines and as one array", async () => {
  const records = [
    {
      id: "x",
      conversations: [
        { from: "human", value: "A?" },
        { from: "gpt", value: "B." },
      ],
    },
    { conversations: [{ value: "C?" }, { value: "D." }] },
    { instruction: "Translate.", input: "Fieber", output: "Fever" },
    { instruction: "Why?", input: "", output: "So.", system: "Be brief.", history: [["Hm?", "Yes?"]] },
    { Question: "E?", Answer: "F." },
    { prompt: "G?", completion: "H." },
    { text: "A plain text." },
  ];
  const turns = [
    ["A?", "B."],
    ["C?", "D."],
    ["Translate.\nFieber", "Fever"],
    ["Be brief.\n\nHm?", "Yes?", "Why?", "So."],
    ["E?", "F."],
    ["G?", "H."],
  ];
  const options = { category: "general", language: "en" };
  for (const [name, content] of [
    ["chats.jsonl", records.map(line).join("")],
    ["chats.json", JSON.stringify(records, null, 4)],
    ["lines.json", records.map(line).join("")],
  ] as const) {
    const { json } = await imported(name, content, options);
    assert.deepEqual(await json("general_en_qa.json"), turns, name);
    assert.deepEqual(await json("general_en_text.json"), ["A plain text."], name);
  }
});

test("CSV: usual and named columns, semicolons, quoted line breaks, rows that do not fit", async () => {
  const { json, ledger } = await imported(
    "medicalExam_fr.csv",
    '\uFEFFid;question;answer\r\n1;"Que dit ""le foie"";\nencore ?";Rien.\r\n2;Bile ?;Vésicule.\r\n',
  );
  assert.deepEqual(await json("medicalExam_fr.json"), [
    ['Que dit "le foie";\nencore ?', "Rien."],
    ["Bile ?", "Vésicule."],
  ]);
  const [first] = await ledger("medicalExam_fr.ledger.jsonl");
  const bytes = await readFile(first.origin.file);
  assert.equal(
    bytes.toString("utf8", first.origin.start, first.origin.end).trim(),
    '1;"Que dit ""le foie"";\nencore ?";Rien.',
  );
  const options = { category: "medicalWiki", language: "en", columns: { text: "Body" } };
  const wiki = await imported("wiki.tsv", "Title\tBody\nLiver\tIt makes bile.\n", options);
  assert.deepEqual(await wiki.json("medicalWiki_en_text.json"), ["It makes bile."]);
  const shape = { code: "bad-columns", message: /found the columns a, b/ };
  await assert.rejects(imported("math_en.csv", "a,b\n1,2\n"), shape);
  const wide = imported("math_en.csv", "question,answer\n1+1?,2\n2+2?,4,5\n");
  await assert.rejects(wide, { code: "bad-csv", at: "byte 23", message: /3 fields in line 3, expected 2/ });
});

test("Parquet: texts, messages as structs, lists of turns, named columns; places are rows", async () => {
  const path = join(folder, "parquet");
  await mkdir(path);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const write = (name: string, rows: string) =>
    connection.run(`COPY (SELECT * FROM ${rows}) TO '${join(path, name)}' (FORMAT parquet)`);
  await write(
    "medicalWiki_es_text.parquet",
    "(VALUES ('El hígado produce bilis.'), ('El riñón filtra.')) AS t(text)",
  );
  await write(
    "general_fr.parquet",
    "(VALUES ([{role: 'user', content: 'Fièvre ?'}, {role: 'assistant', content: 'Oui.'}])) AS t(messages)",
  );
  await write("math_hi.parquet", "(VALUES (['१+१?', '२', '२+२?', '४'], 'x'::BLOB)) AS t(turns, picture)");
  await write("code_en.parquet", "(VALUES ('sum(1,2)?', 3)) AS t(Q, \"the answer\")");
  connection.closeSync();
  instance.closeSync();
  await assert.rejects(importFolder(path), { code: "bad-columns", message: /Q, the answer/ });
  const { json, ledger } = await importFolder(path, {
    columns: { question: "Q", answer: "the answer" },
  });
  assert.deepEqual(await json("medicalWiki_es_text.json"), ["El hígado produce bilis.", "El riñón filtra."]);
  assert.deepEqual(await json("general_fr.json"), [["Fièvre ?", "Oui."]]);
  assert.deepEqual(await json("math_hi.json"), [["१+१?", "२", "२+२?", "४"]]);
  assert.deepEqual(await json("code_en.json"), [["sum(1,2)?", "3"]]);
  const [, second] = await ledger("medicalWiki_es_text.ledger.jsonl");
  assert.deepEqual([second.origin.start, second.origin.end, second.origin.of], [1, 2, "rows"]);
  const whole = await readFile(join(path, "code_en.parquet"));
  const cut = imported("code_en.parquet", whole.subarray(0, whole.length - 20));
  await assert.rejects(cut, { code: "bad-parquet", at: "row 0" });
});

const MEDQUAD = `<?xml version="1.0" encoding="UTF-8"?>
<Document id="1" source="x"><Focus>Été</Focus><QAPairs>
  <QAPair pid="1"><Question qid="1">What is a fever &amp; why?</Question>
    <Answer>Summary : It   is <![CDATA[> 38]]>.</Answer></QAPair>
  <QAPair pid="2"><Question qid="2">Is the answer kept?</Question><Answer></Answer></QAPair>
</QAPairs></Document>`;

test("MedQuAD, both its spellings, with the bytes of each pair", async () => {
  const { result, json, ledger } = await imported("a/0000001.xml", MEDQUAD);
  assert.deepEqual(await json("medicalWeb_en_qa.json"), [
    ["What is a fever & why?", "Summary : It is > 38."],
  ]);
  assert.deepEqual(result.dropped, { "empty-turn": 1 });
  const [first] = await ledger("medicalWeb_en_qa.ledger.jsonl");
  const bytes = await readFile(first.origin.file);
  const pair = bytes.toString("utf8", first.origin.start, first.origin.end);
  assert.ok(pair.startsWith('<QAPair pid="1">') && pair.endsWith("</QAPair>"), pair);
  const other = "<doc><qaPairs><pair><question>a?</question><answer>b</answer></pair></qaPairs></doc>";
  const second = await imported("medicalWiki_en/1.xml", other);
  assert.deepEqual(await second.json("medicalWiki_en.json"), [["a?", "b"]]);
});

const TMX = `<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><body>
<tu tuid="1"><tuv xml:lang="en"><seg>Wash <bpt i="1">&lt;b&gt;</bpt>your<ept i="1"/> hands.</seg></tuv>
<tuv xml:lang="es-LA"><seg>Lávese las manos.</seg></tuv></tu>
<tu tuid="2"><tuv xml:lang="EN-us"><seg>Boil it.</seg></tuv><tuv xml:lang="es"><seg> </seg></tuv></tu>
</body></tmx>`;

test("TMX: translations asked for in the answer's language, or texts; zipped, one language", async () => {
  const { result, json } = await imported("memory.tmx", TMX);
  assert.deepEqual(await json("translation_en_qa.json"), [
    ["Translate into English:\nLávese las manos.", "Wash your hands."],
  ]);
  assert.deepEqual(await json("translation_es_qa.json"), [
    ["Traduzca al español:\nWash your hands.", "Lávese las manos."],
  ]);
  assert.deepEqual(result.dropped, { "empty-turn": 2 });
  // A code of three letters may have one of two; what has none, or no partner, is counted.
  const codes = TMX.replace("EN-us", "ckb")
    .replace("es-LA", "spa")
    .replace("</body>", '<tu><tuv xml:lang="en"><seg>A.</seg></tuv></tu></body>');
  const others = await imported("codes.tmx", codes.replaceAll("<seg> </seg>", "<seg>Hierva.</seg>"));
  assert.deepEqual(others.result.byLanguage, { en: 1, es: 2 });
  assert.deepEqual(others.result.dropped, { empty: 1, "no-language-code": 1 });
  const zip = zipSync({ "a/memory.tmx": strToU8(TMX), "README.txt": strToU8("About.") });
  const texts = await imported("all.tmx.zip", zip, { kind: "text", category: "medicalWeb", language: "es" });
  assert.deepEqual(await texts.json("medicalWeb_es_text.json"), ["Lávese las manos."]);
  assert.deepEqual(texts.result.skippedFiles, { "about-the-data": 1 });
  const [origin] = (await texts.ledger("medicalWeb_es_text.ledger.jsonl")).map((entry) => entry.origin);
  assert.match(origin.file, /all\.tmx\.zip\/a\/memory\.tmx$/);
  assert.equal(origin.of, "content");
});

const DATA = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const skip = existsSync(DATA) ? false : `no data at ${DATA}`;

test("MedQuAD and TICO-19 as published", { skip }, async () => {
  const medquad = await importCorpus([join(DATA, "medquad")], join(folder, "medquad"));
  assert.deepEqual([medquad.documents, medquad.dropped, medquad.otherLanguage], [2085, {}, {}]);
  const tico = await importCorpus([join(DATA, "tico19/TM/all.en-hi.tmx.zip")], join(folder, "tico"));
  assert.deepEqual(tico.byLanguage, { en: 3070, hi: 3070 });
});
