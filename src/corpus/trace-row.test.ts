import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { trainByteLevelBpe } from "../tokenizer/index.ts";
import { dedupCorpus } from "./dedup-corpus.ts";
import { importCorpus } from "./import-corpus.ts";
import { packCorpus } from "./pack-corpus.ts";
import { traceRow } from "./trace-row.ts";

const PAIRS = [
  ["What is fever?", "A body temperature above 38 degrees."],
  ["什么是发烧？", "体温超过三十八度。"],
];
const TEXTS = ["Wash your hands with soap. ".repeat(12), "WASH your hands with soap. ".repeat(12)];
const tokenizer = trainByteLevelBpe([...PAIRS.flat(), ...TEXTS], {
  vocabularySize: 300,
  specialTokens: ["<|endoftext|>"],
});

let folder: string;
let packed: string;
let rows: number;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-trace-"));
  const inputs = [join(folder, "medicalExam_en.json"), join(folder, "medicalBook_en_text.json")];
  await writeFile(inputs[0]!, JSON.stringify(PAIRS, null, 2));
  await writeFile(inputs[1]!, JSON.stringify(TEXTS));
  await importCorpus(inputs, join(folder, "corpus"));
  await dedupCorpus(join(folder, "corpus"), join(folder, "unique"));
  packed = join(folder, "packed");
  rows = (await packCorpus(join(folder, "unique"), { tokenizer, length: 64, out: packed })).rows;
});
after(() => rm(folder, { recursive: true }));

test("every position of every row leads to the bytes it came from and to every decision on the way", async () => {
  const seen = new Set<string>();
  for (let row = 0; row < rows; row++) {
    const trace = await traceRow(packed, row);
    assert.equal(trace.length, 64);
    assert.ok(trace.segments.length > 0);
    let at = 0;
    for (const { from, to, labelTokens, file, origin, decisions, text } of trace.segments) {
      assert.equal(from, at);
      assert.ok(to > from && labelTokens > 0 && labelTokens < to - from + 1);
      at = to;
      const bytes = (await readFile(origin.file)).subarray(origin.start, origin.end);
      const content: unknown = JSON.parse(bytes.toString("utf8"));
      seen.add(JSON.stringify(content));
      const whole = Array.isArray(content) ? content[0] : (content as string);
      assert.match(file, typeof content === "string" ? /^medicalBook_en_text/u : /^medicalExam_en/u);
      assert.ok(text.includes(whole.slice(0, 5)) || whole.includes(text.slice(-6)), `${text} is of ${whole}`);
      assert.deepEqual(decisions, [
        { step: "import", decision: "keep" },
        { step: "dedup", decision: "keep" },
      ]);
    }
    assert.ok(at <= 64);
  }
  assert.deepEqual([...seen].sort(), [TEXTS[0], ...PAIRS].map((content) => JSON.stringify(content)).sort());
});

test("rows that are not there, and folders that hold none", async () => {
  await assert.rejects(traceRow(packed, rows), (error: Error & { remedy?: string }) => {
    assert.match(error.message, new RegExp(`no row ${rows}`, "u"));
    assert.match(String(error.remedy), new RegExp(`last one is ${rows - 1}`, "u"));
    return true;
  });
  for (const row of [-1, 0.5]) await assert.rejects(traceRow(packed, row), { code: "no-such-row" });
  await assert.rejects(traceRow(join(folder, "corpus"), 0), { code: "file-not-found" });
  await truncate(join(packed, "documents.jsonl"), 0);
  await assert.rejects(traceRow(packed, 0), { code: "bad-packed-rows" });
  await truncate(join(packed, "packed.parquet"), 100);
  await assert.rejects(traceRow(packed, 0), { code: "bad-packed-rows" });
});
