// `apollo bench run` in several ways and `apollo bench grade`, as scripts call them: the last line is what they rely on.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { OptionScore } from "../bench/index.ts";
import { writeTinyGguf } from "../engine/index.ts";
import { runHere } from "./run-cli.test.helper.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-bench-cli-"));
  await writeTinyGguf(at("tiny.gguf"), { contextLength: 1024 });
  const items = [0, 1, 2, 3].map((i) => ({
    stem: `Why ${i}?`,
    choices: ["rest", "salt", "tea"],
    key: i % 3,
  }));
  await writeFile(at("quiz.jsonl"), items.map((item) => JSON.stringify(item)).join("\n"));
  await writeFile(
    at("quiz.yaml"),
    "name: quiz\nfile: quiz.jsonl\nlanguage: en\nanswer: index\nfields: { question: stem, options: choices, answer: key }\n",
  );
});
after(() => rm(folder, { recursive: true }));

const run = (...words: string[]) =>
  runHere(["bench", "run", "--suite", at("quiz.yaml"), "--model", at("tiny.gguf"), ...words, "--json"]);

interface RunJson {
  readonly run: string;
  readonly average: number;
  readonly sources: readonly Record<string, unknown>[];
  readonly columns: readonly { readonly name: string }[];
  readonly spread: readonly unknown[];
  readonly agreement: readonly unknown[];
}

const FIELDS = [
  "source",
  "language",
  "mode",
  "n",
  "accuracy",
  "standardError",
  "interval",
  "majority",
  "noAnswer",
];

test("a suite of one's own, asked in one way and in several", async () => {
  const single = await run("--out", at("one"));
  assert.equal(single.code, 0, single.stderr);
  const one = single.json as RunJson;
  assert.deepEqual(Object.keys(one), ["run", "sources", "average", "robustness", "usage"]);
  assert.deepEqual(Object.keys(one.sources[0]!), FIELDS);
  const several = await run("--out", at("two"), "--mode", "letter,text");
  assert.equal(several.code, 0, several.stderr);
  const json = several.json as RunJson;
  assert.deepEqual(
    json.columns.map(({ name }) => name),
    ["letters", "cloze"],
  );
  assert.ok(FIELDS.every((field) => Object.hasOwn(json.sources[0]!, field)));
  assert.deepEqual([json.spread.length, json.agreement.length], [0, 1]);
  const mixed = await run("--out", at("one"), "--mode", "letter,text");
  assert.equal((mixed.json as { error: { code: string } }).error.code, "run-mismatch");
  assert.equal(mixed.code, 2);
});

test("--sources and --languages choose items; a name that the suite does not know is told with those it does", async () => {
  const chosen = await run("--out", at("chosen"), "--sources", "quiz", "--languages", "en");
  assert.equal(chosen.code, 0, chosen.stderr);
  assert.equal((chosen.json as RunJson).sources[0]!.n, 4);
  for (const [option, remedy] of [
    ["--sources", /quiz\.yaml: holds no item of the source hi.*It holds quiz/],
    ["--languages", /quiz\.yaml: holds no item of the language hi.*It holds en/],
  ] as const) {
    const refused = await run("--out", at("nothing"), option, "hi");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, remedy);
  }
});

test("--fast scores near to the exact ones, in a run of its own", async () => {
  const scores = async (name: string) => {
    const lines = (await readFile(join(at(name), "samples.jsonl"), "utf8")).trimEnd().split("\n");
    return lines.flatMap((line) => JSON.parse(line).options.map((one: OptionScore) => one.logProbability));
  };
  for (const [name, ...words] of [["exact"], ["fast", "--fast"]] as const)
    assert.equal((await run("--out", at(name), ...words)).code, 0);
  const [exact, fast] = [await scores("exact"), await scores("fast")];
  assert.equal(exact.length, 12);
  for (const [i, score] of exact.entries())
    assert.ok(Math.abs(score - fast[i]) < 0.05, `${score} ${fast[i]}`);
  const met = await run("--out", at("exact"), "--fast");
  assert.equal((met.json as { error: { code: string } }).error.code, "run-mismatch");
});

test("answers produced elsewhere are graded; a bad line is named", async () => {
  const line = {
    source: "quiz",
    question: "Why?",
    options: "(A) rest\n(B) salt",
    answer: "(B)",
    response: "(B) salt",
  };
  await writeFile(at("answers.jsonl"), `${JSON.stringify(line)}\n`);
  const graded = await runHere(["bench", "grade", at("answers.jsonl"), "--protocol", "apollo", "--json"]);
  assert.deepEqual(graded.json, {
    sources: [{ source: "quiz", n: 1, correct: 1, noAnswer: 0, accuracy: 1 }],
  });
  await writeFile(
    at("answers.jsonl"),
    `${JSON.stringify(line)}\n${JSON.stringify({ ...line, answer: 3 })}\n`,
  );
  const refused = await runHere(["bench", "grade", at("answers.jsonl"), "--json"]);
  assert.equal(refused.code, 2);
  const { error } = refused.json as { error: { file: string; at: string } };
  assert.deepEqual([error.file, error.at], [at("answers.jsonl"), "line 2"]);
});
