import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { createProtocols } from "./protocols.ts";
import { loadExamples, loadSuite } from "./suite.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-own-suite-"));
});
after(() => rm(folder, { recursive: true }));

const LINES = [
  { stem: "Quelle dose ?", a: "1 mg", b: "5 mg", c: "10 mg", key: 2, ward: "cardio-fr", nr: 7 },
  { stem: "Quel délai ?", a: "1 h", b: "2 h", c: "3 h", key: 3, ward: "cardio-fr", nr: 8 },
];
const YAML = `
name: ward-quiz
file: quiz.jsonl
language: fr
fields:
  question: stem
  options: [a, b, c]
  answer: key
  source: ward
  id: nr
answer: number
shots: 1
prompt:
  description: "Examen.\\n\\n"
  ask: "Q : {question}\\n{options}\\nR :"
  option: "{letter}) {text}"
`;

async function write(yaml: string, lines: readonly object[] = LINES): Promise<string> {
  await writeFile(join(folder, "quiz.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n"));
  const path = join(folder, "quiz.yaml");
  await writeFile(path, yaml);
  return path;
}

test("a file of any shape and a few lines make a suite, asked in its own words", async () => {
  const suite = await loadSuite(await write(YAML));
  assert.deepEqual(suite.items[0], {
    id: "7",
    source: "cardio-fr",
    language: "fr",
    question: "Quelle dose ?",
    options: ["1 mg", "5 mg", "10 mg"],
    letters: ["A", "B", "C"],
    gold: [1],
  });
  const model = {} as LanguageModel;
  const [letters, cloze, written] = await createProtocols(["letters", "cloze", "generate"], { suite, model });
  const [item, shot] = suite.items;
  assert.equal(letters!.shots, 1);
  assert.equal(
    letters!.prompt(item!, [shot!]),
    "Examen.\n\nQ : Quel délai ?\nA) 1 h\nB) 2 h\nC) 3 h\nR : C\n\nQ : Quelle dose ?\nA) 1 mg\nB) 5 mg\nC) 10 mg\nR :",
  );
  assert.deepEqual(letters!.continuations(item!), [" A", " B", " C"]);
  assert.deepEqual(cloze!.continuations(item!), [" 1 mg", " 5 mg", " 10 mg"]);
  assert.equal(written!.read("La réponse est B.", item!)?.choice, "B");
});

test("worked examples come from a file in the same shape", async () => {
  await writeFile(join(folder, "examples.jsonl"), JSON.stringify({ ...LINES[1], nr: 9 }));
  const suite = await loadSuite(await write(`${YAML}shotsFrom: examples.jsonl\n`));
  const examples = await loadExamples(suite);
  assert.deepEqual(
    examples?.items.map(({ id, gold }) => [id, gold]),
    [["9", [2]]],
  );
  assert.equal(await loadExamples(await loadSuite(await write(YAML))), undefined);
});

test("answers by letter, place and text; options as list, object or XMedBench's text", async () => {
  const gold = async (answer: string, line: object) => {
    const yaml = `name: q\nfile: quiz.jsonl\nlanguage: en\nanswer: ${answer}\n`;
    const { items } = await loadSuite(await write(yaml, [{ question: "?", ...line }]));
    assert.deepEqual(items[0]!.options, ["x", "y"]);
    assert.equal(items[0]!.source, "q");
    return items[0]!.gold[0];
  };
  assert.equal(await gold("letter", { options: ["x", "y"], answer: "B" }), 1);
  assert.equal(await gold("letter", { options: "(A) x\n(B) y", answer: "(B)" }), 1);
  assert.equal(await gold("index", { options: { A: "x", B: "y" }, answer: "1" }), 1);
  assert.equal(await gold("number", { options: ["x", "y"], answer: 1 }), 0);
  assert.equal(await gold("text", { options: ["x", "y"], answer: "y" }), 1);
});

test("the configuration and its file give one hash; mistakes name their place", async () => {
  const first = await loadSuite(await write(YAML));
  assert.notEqual((await loadSuite(await write(YAML.replace("shots: 1", "shots: 2")))).hash, first.hash);
  assert.notEqual((await loadSuite(await write(YAML, LINES.slice(1)))).hash, first.hash);
  const refused = async (yaml: string, at: string, lines?: readonly object[]): Promise<void> => {
    const path = await write(yaml, lines);
    await assert.rejects(loadSuite(path), (error) => error instanceof UserError && error.at === at);
  };
  await refused(YAML.replace("shots:", "shotz:"), "");
  await refused(YAML.replace("{question}", ""), "prompt.ask");
  await refused(YAML.replace("question: stem", "question: stm"), "line 1");
  await refused(YAML, "line 2", [LINES[0]!, { ...LINES[1], key: 4 }]);
  await assert.rejects(
    loadSuite(join(folder, "absent.yaml")),
    (error) => error instanceof UserError && error.code === "file-not-found",
  );
});
