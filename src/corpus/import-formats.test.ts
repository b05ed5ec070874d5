import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { strToU8, zipSync } from "fflate";
import { type ImportOptions, importCorpus } from "./import-corpus.ts";
import { inlineExecutor } from "./inline-executor.test.helper.ts";
import { findMembers } from "./json-members.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-formats-"));
});
after(() => rm(folder, { recursive: true }));

let imports = 0;
/** Imports one file with such a content; gives the corpus files, the result and the ledgers' origins. */
async function imported(name: string, content: string | Uint8Array, options: ImportOptions = {}) {
  const input = join(folder, String(imports++));
  await mkdir(join(input, name, ".."), { recursive: true });
  await writeFile(join(input, name), content);
  return importFolder(input, options);
}

async function importFolder(input: string, options: ImportOptions = {}) {
  const out = `${input}-out`;
  const result = await importCorpus([input], out, options);
  return {
    result,
    json: async (file: string) => JSON.parse(await readFile(join(out, file), "utf8")),
    ledger: async (file: string) =>
      (await readFile(join(out, file), "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
  };
}

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

test("texts: short files whole, long ones cut where a reader would cut, nothing lost", async () => {
  const section = (title: string, n: number): string =>
    `## ${title}\n\n${"Drink enough water. ".repeat(n)}\n\n`;
  const long = `# Water\n\n${section("Why", 120)}${section("How", 120)}${section("When", 500)}`;
  const input = join(folder, "medicalGuideline_en");
  await mkdir(join(input, "deep"), { recursive: true });
  await writeFile(join(input, "a.md"), long);
  await writeFile(join(input, "deep", "b.txt"), "\uFEFFShort.\r\n\r\nStill short.\r\n");
  await writeFile(join(input, "README.md"), "About these texts.");
  await writeFile(join(input, "photo.jpg"), "no text");
  const { result, json, ledger } = await importFolder(input);
  const texts: string[] = await json("medicalGuideline_en_text.json");
  assert.deepEqual(
    texts.map((text) => text.slice(0, 8)),
    ["# Water\n", "## How\n\n", "## When\n", "Drink en", "Short.\n\n"],
  );
  assert.ok(texts.every((text) => text.length <= 8000));
  const squeezed = (text: string): string => text.replace(/\s+/gu, "");
  assert.equal(squeezed(texts.slice(0, 4).join("")), squeezed(long));
  assert.equal(texts.at(-1), "Short.\n\nStill short.");
  assert.deepEqual(result.skippedFiles, { "about-the-data": 1, "unknown-format": 1 });
  for (const [i, { origin }] of (await ledger("medicalGuideline_en_text.ledger.jsonl")).entries()) {
    const bytes = await readFile(origin.file);
    assert.equal(squeezed(bytes.toString("utf8", origin.start, origin.end)), squeezed(texts[i]!));
  }
});

/** GB18030 bytes of "发烧是体温升高" and of the JSON around. */
const GB = { fever: "b7a2c9d5cac7cce5cec2c9fdb8df" };

test("encodings: marks, UTF-16 either way, GB18030, packed, named; the same documents from each", async () => {
  const text = JSON.stringify(["发烧是体温升高"]);
  const utf16 = Buffer.from(`\uFEFF${text}`, "utf16le");
  const gb = Buffer.concat([Buffer.from('["'), Buffer.from(GB.fever, "hex"), Buffer.from('"]')]);
  const variants: Record<string, Uint8Array> = {
    "medicalWiki_zh_text.json": Buffer.from(`\uFEFF${text}`),
    "utf16le/medicalWiki_zh_text.json": utf16,
    "utf16be/medicalWiki_zh_text.json": Buffer.from(utf16).swap16(),
    "bare/medicalWiki_zh_text.json": Buffer.from(text, "utf16le"),
    "gb/medicalWiki_zh_text.json": gb,
    "gz/medicalWiki_zh_text.json.gz": gzipSync(gb),
  };
  for (const [name, content] of Object.entries(variants)) {
    const { json } = await imported(name, content);
    assert.deepEqual(await json("medicalWiki_zh_text.json"), ["发烧是体温升高"], name);
  }
  const latin = Buffer.from('["Fi\xe8vre et toux."]', "latin1");
  const refused = { code: "bad-encoding", at: "byte 4", message: /0xe8/ };
  await assert.rejects(imported("medicalWiki_fr_text.json", latin), refused);
  const named = await imported("medicalWiki_fr_text.json", latin, { encoding: "windows-1252" });
  assert.deepEqual(await named.json("medicalWiki_fr_text.json"), ["Fièvre et toux."]);
  await assert.rejects(imported("medicalWiki_fr_text.json", latin, { encoding: "klingon" }), {
    code: "bad-option",
  });
});

test("documents in another language than they are said to be are taken, counted and marked", async () => {
  const english =
    "The liver makes bile, and the bile is kept in the gall bladder until it is needed for a meal.";
  const french =
    "Le foie produit la bile, et la bile est gardée dans la vésicule jusqu'à ce que le repas en ait besoin, puis elle coule.";
  const hindi = "यकृत पित्त बनाता है और पित्त पित्ताशय में रखा जाता है।";
  const code =
    "for (int i = 0; i < n; i++) { sum += values[i] * weights[i]; } return sum / (n == 0 ? 1 : n); // {}[]();";
  const { result, ledger } = await imported(
    "medicalWiki_en_text.json",
    JSON.stringify([english, french, hindi, code]),
  );
  assert.deepEqual(result.otherLanguage, { "en: fr": 1, "en: hi": 1 });
  assert.equal(result.documents, 4);
  const entries = await ledger("medicalWiki_en_text.ledger.jsonl");
  assert.deepEqual(
    entries.map((entry) => entry.decisions[0].reason),
    [undefined, "written-in-fr", "written-in-hi", undefined],
  );
});

const DATA = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const skip = existsSync(DATA) ? false : `no data at ${DATA}`;

test("MedQuAD and TICO-19 as published", { skip }, async () => {
  const medquad = await importCorpus([join(DATA, "medquad")], join(folder, "medquad"));
  assert.deepEqual([medquad.documents, medquad.dropped, medquad.otherLanguage], [2085, {}, {}]);
  const tico = await importCorpus([join(DATA, "tico19/TM/all.en-hi.tmx.zip")], join(folder, "tico"));
  assert.deepEqual(tico.byLanguage, { en: 3070, hi: 3070 });
});

test("corpus files merged into one object, as Apollo's mixTrain.json is: each member is a file of its own", async () => {
  const merged = {
    medicalBook_en_qa: [['What is "asthma" \\\\?', "A disease, [of] {the} airways."]],
    medicalWiki_zh_text: ["哮喘是一种气道疾病。"],
    math_en: [
      ["1?", "1"],
      ["2?", "2"],
    ],
    code_en: [],
  };
  for (const text of [JSON.stringify(merged, null, 2), JSON.stringify(merged)]) {
    const { result, json, ledger } = await imported("mixTrain.json", text);
    assert.equal(result.documents, 4);
    assert.deepEqual(result.byCategory, { math: 2, medicalBook: 1, medicalWiki: 1 });
    assert.deepEqual(await json("medicalBook_en_qa.json"), merged.medicalBook_en_qa);
    assert.deepEqual(await json("medicalWiki_zh_text.json"), merged.medicalWiki_zh_text);
    assert.deepEqual(await json("math_en.json"), merged.math_en);
    const tasks = { executor: inlineExecutor(), count: 3 };
    const parted = await imported("mixTrain.json", text, { tasks });
    assert.deepEqual(parted.result, result);
    const [, second] = await ledger("math_en.ledger.jsonl");
    assert.match(second.origin.file, /mixTrain\.json\/math_en$/);
    assert.equal(second.origin.of, "content");
  }
  // The byte of a fault is the file's.
  const cut = JSON.stringify(merged).slice(0, -20);
  await assert.rejects(imported("mixTrain.json", cut), {
    code: "bad-json",
    at: `byte ${Buffer.byteLength(cut)}`,
  });
  const odd = '{"math_en": [["1?", "1"], ["2?"]], "math_zh": [["1?", "1"]]}';
  await assert.rejects(imported("mixTrain.json", odd), { code: "odd-length", at: "byte 26" });
  const kept = await imported("mixTrain.json", odd, { keepGoing: true });
  assert.deepEqual([kept.result.documents, kept.result.broken], [1, 1]);
});

test("places of members are found wherever blocks end", async () => {
  const text = '{ "a\\"b_en": ["x\\\\", {"y": "]}"}] , "c_en":[[1,"\\""]],"d_en":["\u00e9"]}';
  const whole = Buffer.from(text);
  for (const size of [1, 2, 3, 7, 1000]) {
    async function* blocks() {
      for (let i = 0; i < whole.length; i += size) yield whole.subarray(i, i + size);
    }
    const members = await findMembers(blocks());
    assert.deepEqual(
      Object.fromEntries(
        members.map(({ name, start, end }) => [name, JSON.parse(whole.subarray(start, end).toString())]),
      ),
      JSON.parse(text),
    );
  }
});
