import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { decontaminateCorpus } from "./decontaminate-corpus.ts";
import { exportCorpus } from "./export-corpus.ts";
import { importCorpus } from "./import-corpus.ts";
import { makeOnce, refuseToReplace } from "./stage-folder.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-stage-"));
});
after(() => rm(folder, { recursive: true }));

test("a folder that is read, or holds what is read, is not replaced", async () => {
  refuseToReplace("clean", ["corpus", "clean-too", "../clean", "corpus/clean"]);
  for (const input of ["clean", "./clean/", "corpus/../clean", "clean/quarantine"])
    assert.throws(() => refuseToReplace("clean", ["corpus", input]), { code: "same-folder", file: "clean" });
  const corpus = join(folder, "corpus");
  const suite = join(folder, "suite.json");
  await writeFile(join(folder, "math_en.json"), '[["1+1?", "2"]]');
  await writeFile(
    suite,
    JSON.stringify([{ question: "What is fever?", options: "(A) Heat\n(B) Cold", answer: "(A)" }]),
  );
  await importCorpus([join(folder, "math_en.json")], corpus);
  const names = await readdir(corpus);
  await assert.rejects(importCorpus([corpus], corpus), { code: "same-folder" });
  await assert.rejects(decontaminateCorpus(corpus, [suite], corpus), { code: "same-folder" });
  await assert.rejects(exportCorpus(corpus, corpus, { format: "apollo" }), { code: "same-folder" });
  assert.deepEqual(await readdir(corpus), names);
});

test("a stage is done once for the same inputs", async () => {
  let done = 0;
  const make = (recipe: unknown) =>
    makeOnce(join(folder, "made"), "test", recipe, async () => ({ done: ++done }));
  assert.deepEqual(await make(1), { done: 1 });
  assert.deepEqual(await make(1), { done: 1 });
  assert.deepEqual(await make(2), { done: 2 });
});
