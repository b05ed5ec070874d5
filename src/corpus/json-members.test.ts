import assert from "node:assert/strict";
import { test } from "node:test";
import { imported } from "./import-file.test.helper.ts";
import { inlineExecutor } from "./inline-executor.test.helper.ts";
import { findMembers } from "./json-members.ts";

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
