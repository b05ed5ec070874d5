import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type JsonElement, readJsonArray } from "./json-array.ts";

let file: string;
before(async () => {
  file = join(await mkdtemp(join(tmpdir(), "apollo-json-")), "array.json");
});
after(() => rm(join(file, ".."), { recursive: true }));

async function read(text: string | Uint8Array): Promise<JsonElement[]> {
  await writeFile(file, text);
  const elements: JsonElement[] = [];
  for await (const element of readJsonArray(file)) elements.push(element);
  return elements;
}

test("any JSON array in any layout gives its elements and their bytes", async () => {
  const array = fc.array(fc.jsonValue(), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(array, fc.constantFrom(undefined, 1, "\t", "\r\n"), async (values, indent) => {
      const text = JSON.stringify(values, null, indent);
      const elements = await read(text);
      assert.deepEqual(
        elements.map((element) => element.value),
        JSON.parse(text),
      );
      const bytes = Buffer.from(text);
      for (const { value, start, end } of elements)
        assert.deepEqual(JSON.parse(bytes.toString("utf8", start, end)), value);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("elements may cross blocks, at every byte", async () => {
  const long = `"\\"${"é".repeat((1 << 19) - 12)}`;
  for (let shift = 0; shift < 16; shift++) {
    const tail = "x".repeat(shift);
    const text = `[${long}${tail}\\\\\\"end", ["नमस्ते", {"a": "]"}], -1.5e3, null]`;
    assert.deepEqual(
      (await read(text)).map((element) => element.value),
      JSON.parse(text),
    );
  }
});

test("a byte order mark is no obstacle", async () => {
  assert.deepEqual(await read("\uFEFF[1]"), [{ value: 1, start: 4, end: 5 }]);
});

test("what is no whole JSON array is refused with the byte", async () => {
  const cases: [text: string | Uint8Array, at: string, message: RegExp][] = [
    ["", "byte 0", /ends early: expected "\["/],
    ['{"a": 1}', "byte 0", /found "\{"/],
    ['["a", "b', "byte 8", /ends early/],
    ['["a" "b"]', "byte 5", /expected "," or "\]"/],
    ['["a",]', "byte 5", /expected an element/],
    ["[1] 2", "byte 4", /nothing more/],
    ['["a", nul]', "byte 6", /not valid JSON/],
    ['[["a"}]', "byte 1", /not valid JSON/],
    [Buffer.from("\uFEFF[]", "utf16le"), "byte 0", /found byte 0xff/],
  ];
  for (const [text, at, message] of cases)
    await assert.rejects(read(text), { name: "UserError", code: "bad-json", at, message });
  const bytes = Buffer.of(0x5b, 0x22, 0xff, 0x22, 0x5d);
  await assert.rejects(read(bytes), { name: "UserError", code: "bad-encoding", at: "byte 2" });
  await assert.rejects(read('["\\\\ud800", "a\\ud800b"]'), { code: "lone-surrogate", at: "byte 14" });
  await assert.rejects(readJsonArray(`${file}.no`).next(), { name: "UserError", code: "file-not-found" });
});
