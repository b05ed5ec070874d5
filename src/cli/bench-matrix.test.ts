import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeTinyGguf } from "../engine/index.ts";
import { runHere } from "./run-cli.test.helper.ts";

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-matrix-"));
  for (const [name, seed] of [
    ["one", 1],
    ["two", 2],
  ] as const)
    await writeTinyGguf(join(folder, `${name}.gguf`), { seed });
  for (const name of ["first", "second"]) {
    const items = Array.from({ length: 4 }, (_, i) => ({
      id: `${name}-${i}`,
      question: `the man said ${i} ${name}`,
      options: "(A) yes\n(B) no",
      answer: "(A)",
      source: `${name}-en`,
    }));
    await writeFile(join(folder, `${name}.json`), JSON.stringify(items));
  }
});
after(() => rm(folder, { recursive: true }));

const words = (models: readonly string[], suites: readonly string[], out: string): string[] => [
  ...["bench", "run", "--threads", "1", "--json", "--out", join(folder, out)],
  ...models.flatMap((name) => ["--model", join(folder, `${name}.gguf`)]),
  ...suites.flatMap((name) => ["--suite", join(folder, `${name}.json`)]),
];

test("each model on each suite is what it is alone, and what is done is not done again", async () => {
  // As if the whole had been stopped after its first pair.
  const first = await runHere(words(["one"], ["first"], "all/one/first"));
  assert.equal(first.code, 0, first.stderr);
  const record = join(folder, "all/one/first/run.json");
  const { started } = JSON.parse(await readFile(record, "utf8")) as { started: string };
  const whole = await runHere(words(["one", "two"], ["first", "second"], "all"));
  assert.equal(whole.code, 0, whole.stderr);
  const { cells } = whole.json as { cells: { model: string; suite: string; run: string; average: number }[] };
  assert.deepEqual(
    cells.map(({ model, suite }) => `${model} ${suite}`),
    ["one first", "one second", "two first", "two second"],
  );
  assert.equal((JSON.parse(await readFile(record, "utf8")) as { started: string }).started, started);
  const alone = await runHere(words(["two"], ["second"], "alone"));
  assert.equal(cells[3]!.average, (alone.json as { average: number }).average);
  assert.equal(
    await readFile(join(cells[3]!.run, "samples.jsonl"), "utf8"),
    await readFile(join(folder, "alone/samples.jsonl"), "utf8"),
  );
  assert((await stat(join(cells[3]!.run, "report.html"))).isFile());
});

test("two models of one name are refused before anything is scored", async () => {
  const { code, json } = await runHere(words(["one", "one"], ["first"], "twice"));
  assert.equal(code, 2);
  assert.equal((json as { error: { code: string } }).error.code, "bad-option");
  await assert.rejects(stat(join(folder, "twice")), { code: "ENOENT" });
});
