import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openGguf, writeTinyGguf } from "../engine/index.ts";
import type { BenchMode } from "./prompts.ts";
import { runBench } from "./run.ts";
import { loadSuite, type Suite } from "./suite.ts";

let folder = "";
let suite: Suite;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-bench-gguf-"));
  await writeTinyGguf(join(folder, "tiny.gguf"), { contextLength: 1024 });
  const questions = [
    {
      question: "Which answer?",
      options: "(A) yes\n(B) no\n(C) the answer",
      answer: "(A)",
      source: "own-en",
    },
    { question: "哪一个？", options: "(A) 是\n(B) 否", answer: "(B)", source: "own-zh" },
    { question: "أي إجابة؟", options: "(A) نعم\n(B) لا\n(C) .", answer: "(B)", source: "own-ar" },
  ];
  await writeFile(join(folder, "suite.json"), JSON.stringify([...questions, ...questions]));
  suite = await loadSuite(join(folder, "suite.json"));
});
after(() => rm(folder, { recursive: true }));

async function samples(mode: BenchMode, batch: number): Promise<string> {
  const out = join(folder, `${mode}-${batch}`);
  const model = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
  const { sources } = await runBench({ suite, model, out, mode, batch, shots: mode === "text" ? 1 : 0 });
  await model.close();
  assert.deepEqual(
    sources.map((source) => [source.language, source.n]),
    [
      ["en", 2],
      ["zh", 2],
      ["ar", 2],
    ],
  );
  return readFile(join(out, "samples.jsonl"), "utf8");
}

for (const mode of ["letter", "text", "generate"] as const) {
  test(`${mode}: a GGUF model through llama.cpp, the same bytes for any batch size`, async () => {
    assert.equal(await samples(mode, 1), await samples(mode, 6));
  });
}
