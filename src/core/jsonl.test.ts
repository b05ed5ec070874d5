import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createJsonLinesWriter, type JsonLine, readJsonLines } from "./jsonl.ts";

const folder = await mkdtemp(join(tmpdir(), "apollo-jsonl-"));
after(() => rm(folder, { recursive: true }));
const path = join(folder, "records.jsonl");

async function readAll(text: string | Uint8Array): Promise<JsonLine[]> {
  await writeFile(path, text);
  const lines: JsonLine[] = [];
  for await (const line of readJsonLines(path)) lines.push(line);
  return lines;
}

test("every record knows its line and its bytes", async () => {
  const text = `{"a":"é"}\n\n  [1, 2]  \r\n"中文"\n   \n3`;
  const lines = await readAll(text);
  const bytes = Buffer.from(text);
  assert.deepEqual(
    lines.map(({ value, line }) => [value, line]),
    [
      [{ a: "é" }, 1],
      [[1, 2], 3],
      ["中文", 4],
      [3, 6],
    ],
  );
  for (const { value, start, end } of lines) {
    assert.deepEqual(JSON.parse(bytes.subarray(start, end).toString()), value, "the bytes are the record");
  }
});

test("records longer than a block of reading, and letters cut by its border, come out whole", async () => {
  // 3-byte letters at a distance that puts some across every border of 1 MiB.
  const values = [..."abcdefg"].map((letter, i) => `${letter.repeat(i)}${"中".repeat(450_000 + i)}`);
  const lines = await readAll(values.map((value) => JSON.stringify(value)).join("\n"));
  assert.deepEqual(
    lines.map(({ value }) => value),
    values,
  );
});

test("an empty file has no records; a byte order mark is none", async () => {
  assert.deepEqual(await readAll(""), []);
  assert.deepEqual(await readAll("\n\n"), []);
  assert.deepEqual(
    (await readAll(`\uFEFF{"a":1}`)).map(({ value }) => value),
    [{ a: 1 }],
  );
});

test("a malformed line is named; a missing file too", async () => {
  await assert.rejects(readAll(`{"a":1}\n\n{"b":`), {
    name: "UserError",
    code: "bad-json",
    at: "line 3",
    file: path,
  });
  await assert.rejects(readJsonLines(join(folder, "absent")).next(), { code: "file-not-found" });
  await assert.rejects(readJsonLines(folder).next(), { code: "not-a-file" });
});

test("what is written is read again; nothing is there before the end", async () => {
  const out = join(folder, "out.jsonl");
  const records = Array.from({ length: 3000 }, (_, i) => ({ i, text: "ا".repeat(i) }));
  const writer = await createJsonLinesWriter(out);
  for (const record of records) await writer.write(record);
  assert.equal(writer.count, 3000);
  assert.ok(!(await readdir(folder)).includes("out.jsonl"));
  await writer.commit();
  const read: unknown[] = [];
  for await (const { value } of readJsonLines(out)) read.push(value);
  assert.deepEqual(read, records);

  const aborted = await createJsonLinesWriter(out);
  await aborted.write({});
  await aborted.abort();
  assert.equal((await readFile(out, "utf8")).split("\n").length, 3001, "the old file stays");
});
