import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import type { CorpusFileKind } from "./corpus-files.ts";
import { importCorpus } from "./import-corpus.ts";
import { openContent } from "./input-content.ts";
import type { InputFormat } from "./input-format.ts";
import { openRecords } from "./open-records.ts";
import type { PreparedRecord } from "./prepare-records.ts";
import { createRangeWorkers } from "./range-workers.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-broken-"));
});
after(() => rm(folder, { recursive: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
  return path;
}

const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

/** A name, its content, the error's code and byte, and what is kept and counted with `keepGoing`. */
const CASES: readonly (readonly [
  name: string,
  content: string | Uint8Array,
  code: string,
  at: string,
  kept: number,
  dropped: Record<string, number>,
])[] = [
  ["cut/math_en.json", '[["1?", "1"], ["2?", "', "bad-json", "byte 22", 1, { "bad-json": 1 }],
  ["cut/general_en.jsonl", '["1?", "1"]\n["2?", ', "bad-json", "byte 12", 1, { "bad-json": 1 }],
  [
    "nest/math_en.json",
    '[["1?", "1"], ["2?", ["2"}, ["3?", "3"]]',
    "bad-json",
    "byte 14",
    1,
    { "bad-json": 2 },
  ],
  [
    "nest2/math_en.json",
    '[["1?", "1"], ["2?", "2"}, ["3?", "3"]]',
    "bad-json",
    "byte 14",
    2,
    { "bad-json": 1 },
  ],
  ["list/math_en.json", '[["1?", ["1"]], ["2?", "2"]]', "not-a-string", "byte 1", 1, { "not-a-string": 1 }],
  ["comma/math_en.json", '[["1?", "1"] ["2?", "2"]]', "bad-json", "byte 13", 1, { "bad-json": 1 }],
  ["odd/math_en.json", '[["1?", "1", "2?"], ["3?", "3"]]', "odd-length", "byte 1", 1, { "odd-length": 1 }],
  [
    "lone/math_en.json",
    '[["1?", "\\ud83d"], ["3?", "3"]]',
    "lone-surrogate",
    "byte 9",
    1,
    { "lone-surrogate": 1 },
  ],
  [
    "utf8/math_en.json",
    bytes('[["1?", "', [0xc3, 0x28], '"], ["3?", "3"]]'),
    "bad-encoding",
    "byte 9",
    1,
    { "bad-encoding": 1 },
  ],
  // A line of GB18030 in a file of UTF-8.
  [
    "mixed/math_zh.jsonl",
    bytes('["1?", "一"]\n["2?", "', [0xb7, 0xa2], '"]\n["3?", "3"]\n'),
    "bad-encoding",
    "byte 22",
    2,
    { "bad-encoding": 1 },
  ],
  [
    "half/math_zh.json",
    Buffer.from('\uFEFF[["1?", "1"], ["2?', "utf16le"),
    "bad-json",
    "byte 38",
    1,
    { "bad-json": 1 },
  ],
  [
    "unit/math_zh.json",
    Buffer.from('\uFEFF[["1?", "1"], ["2?", "2"]]', "utf16le").subarray(0, -1),
    "bad-encoding",
    "byte 53",
    2,
    { "bad-encoding": 1 },
  ],
  // Both the JSON and, behind that, the encoding are broken.
  [
    "units/math_zh.json",
    bytes([0, 0x78, 0, 0x79], [0xdc, 0, 0, 0x41]),
    "bad-json",
    "byte 0",
    0,
    { "bad-json": 1 },
  ],
  [
    "gb/math_zh.json",
    bytes(
      '[["1?", "',
      [...Buffer.from("b7a2c9d5cac7cce5cec2c9fdb8df", "hex")],
      '"], ["2?", "',
      [0xff, 0x22],
      '"]]',
    ),
    "bad-encoding",
    "byte 35",
    1,
    { "bad-encoding": 1 },
  ],
  ["csv/math_en.csv", 'question,answer\n1?,1\n2?,"2', "bad-csv", "byte 24", 1, { "bad-csv": 1 }],
  [
    "csv2/math_en.csv",
    bytes("question,answer\n1?,1\n2?,", [0xe9], "\n3?,3\n"),
    "bad-encoding",
    "byte 24",
    2,
    { "bad-encoding": 1 },
  ],
  [
    "xml/math_en.xml",
    "<d><QAPairs><QAPair><Question>1?</Question><Answer>1</Answer></QAPair><QAPair><Question>2?</d>",
    "bad-xml",
    "byte 94",
    1,
    { "bad-xml": 1 },
  ],
  [
    "text/math_en_text.txt",
    bytes("Good.\n", [0xe9], "\n\nBetter.\n"),
    "bad-encoding",
    "byte 6",
    2,
    { "bad-encoding": 1 },
  ],
  [
    "zip/math_en.json.gz",
    bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]),
    "bad-archive",
    "unpacked byte 0",
    0,
    { "bad-archive": 1 },
  ],
];

test("broken input names file and byte", async () => {
  const out = join(folder, "refused");
  for (const [name, content, code, at] of CASES) {
    const file = await write(name, content);
    await assert.rejects(
      importCorpus([file], out),
      (error: { code: string; at: string; file: string; remedy: string }) => {
        assert.deepEqual([error.file, error.code, error.at], [file, code, at], name);
        assert.ok(error.remedy.length > 0);
        return true;
      },
    );
    assert.ok(!existsSync(out));
  }
});

test("with keepGoing what is broken is counted, and the rest is taken", async () => {
  const files = await Promise.all(CASES.map(([name, content]) => write(name, content)));
  const out = join(folder, "kept");
  const result = await importCorpus(files, out, { keepGoing: true });
  const entries = await jsonLines(join(out, "dropped.jsonl"));
  for (const name of await readdir(out))
    if (name.endsWith(".ledger.jsonl")) entries.push(...(await jsonLines(join(out, name))));
  let broken = 0;
  for (const [i, [name, , , , kept, dropped]] of CASES.entries()) {
    const own = entries.filter((entry) => entry.origin.file === files[i]);
    // Taken, or the same as what another case's file holds.
    const good = own.filter(({ reason }) => reason === undefined || reason === "exact-duplicate");
    assert.equal(good.length, kept, name);
    const reasons = own.filter((entry) => !good.includes(entry)).map((entry) => entry.reason);
    const expected = Object.entries(dropped).flatMap(([reason, n]) => Array<string>(n).fill(reason));
    assert.deepEqual(reasons, expected, name);
    broken += reasons.length;
  }
  assert.equal(result.broken, broken);
});

test("a file of a format that nobody can tell ends the import; with keepGoing it is counted, and the rest is taken", async () => {
  const inputs = join(folder, "unknown-xml");
  await write("unknown-xml/medicalWeb_en.xml", "<?xml version='1.0'?><rss><item>news</item></rss>");
  await write("unknown-xml/math_en.json", '[["1?", "1"]]');
  const out = join(folder, "unknown-xml-out");
  await assert.rejects(importCorpus([inputs], out), { code: "unknown-format" });
  const result = await importCorpus([inputs], out, { keepGoing: true });
  assert.deepEqual([result.documents, result.broken, result.dropped], [1, 1, { "unknown-format": 1 }]);
  const entry = JSON.parse(await readFile(join(out, "dropped.jsonl"), "utf8"));
  assert.match(entry.origin.file, /medicalWeb_en\.xml$/);
  assert.deepEqual([entry.origin.start, entry.origin.end, entry.restOfFile], [0, 49, true]);
  assert.match(entry.message, /neither TMX nor MedQuAD/);
  // Of nothing but such files there is no corpus.
  const alone = join(inputs, "medicalWeb_en.xml");
  await assert.rejects(importCorpus([alone], out, { keepGoing: true }), { code: "empty-corpus" });
});

test("a record of 100 MB is left out with its size, and the next one is read", async () => {
  const huge = Buffer.alloc(1e8, "x");
  const content = Buffer.concat([Buffer.from('["one", "'), huge, Buffer.from('", "two"]')]);
  const file = await write("huge/medicalBook_en_text.json", content);
  const out = join(folder, "huge-out");
  const result = await importCorpus([file], out, { keepGoing: true });
  assert.deepEqual([result.documents, result.dropped], [2, { "too-large": 1 }]);
  const entry = JSON.parse(await readFile(join(out, "dropped.jsonl"), "utf8"));
  assert.deepEqual([entry.origin.start, entry.origin.end, entry.at], [8, 100_000_010, 8]);
  assert.match(entry.message, /100 MB, expected at most 64 MiB/);
  await rm(file);
});

async function recordsOf(format: InputFormat, name: string, content: Uint8Array): Promise<PreparedRecord[]> {
  const file = await write(name, content);
  const hint: Pick<CorpusFileKind, "category" | "stage" | "language"> = {
    category: "general",
    stage: "pretrain",
    language: "en",
  };
  const records: PreparedRecord[] = [];
  const input = { content: await openContent({ file }), format, hint };
  for await (const batch of openRecords(input, {}, createRangeWorkers(1))) records.push(...batch.records);
  return records;
}

test("a file that is cut at any byte loses no whole record, and says that something is missing", async () => {
  const pair = (n: number) => [`Où est ${n}?`, `在 "${n}"\n`];
  const samples: Record<string, readonly [InputFormat, string]> = {
    "cut.json": ["json", JSON.stringify([pair(1), pair(2)], null, 1)],
    "cut.jsonl": ["jsonl", [1, 2].map((n) => `${JSON.stringify(pair(n))}\n`).join("")],
    "cut.csv": ["csv", 'question,answer\n"a, ""b""?","c"\n"d\n?","e"\n'],
    "cut.xml": [
      "medquad",
      `<QAPairs>${[1, 2].map((n) => `<QAPair><Question>é${n}?</Question><Answer>${n}</Answer></QAPair>`).join("")}</QAPairs>`,
    ],
  };
  for (const [name, [format, text]] of Object.entries(samples)) {
    const whole = Buffer.from(text);
    const all = await recordsOf(format, name, whole);
    assert.ok(
      all.every((record) => "id" in record),
      name,
    );
    for (let cut = 0; cut < whole.length; cut++) {
      const records = await recordsOf(format, name, whole.subarray(0, cut));
      const kept: readonly PreparedRecord[] = records.filter((record) => "id" in record);
      const complete: readonly PreparedRecord[] = all.filter((record) => record.end <= cut);
      // The last row of a table, or line, may be whole without the line break that was cut.
      assert.deepEqual(kept.slice(0, complete.length), complete, `${name} cut at ${cut}`);
      const border = format === "jsonl" || format === "csv";
      const silent = records.every((record) => "id" in record);
      if (silent) assert.ok(border && kept.length === complete.length, `${name} cut at ${cut} says nothing`);
    }
  }
});

test("no bytes make it crash", async () => {
  const formats: readonly InputFormat[] = ["json", "jsonl", "csv", "medquad", "tmx", "text", "markdown"];
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc
      .constantFrom(
        '["',
        '"]',
        '",',
        "[[",
        "{",
        "}",
        "\\u",
        "\\ud8",
        "\n",
        "question,answer\n",
        "<QAPair>",
        "<tu><seg>",
        "</tu>",
      )
      .map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 20 }),
      fc.constantFrom(...formats),
      async (parts, format) => {
        await recordsOf(format, "fuzz", Buffer.concat(parts));
      },
    ),
    { seed: 3, numRuns: 300 },
  );
  assert.ok((await readdir(folder)).includes("fuzz"));
});
