import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { UserError } from "../core/index.ts";
import type { Item } from "./item.ts";
import { createShotPicker } from "./plan.ts";
import { apolloProtocol, loadPublishedPrompts, type PublishedPrompts } from "./protocol-apollo.ts";
import { readAsPublished } from "./published-extraction.ts";
import { loadSuite, type Suite } from "./suite.ts";

/** In the shape of the published file, in words of our own. */
const FILE = {
  gemma: {
    question_prompt_en_choice_shot:
      "User:Choose.\nQ: {question}\n{options}\nAssistant:It is {answer}.<eos>\n",
    question_prompt_en_choice: "User:Choose.\nQ: {question}\n{options}\nAssistant:",
    question_prompt_zh_choice_shot: "User:选择。\n{question}\n{options}\nAssistant:是{answer}.<eos>\n",
    question_prompt_zh_choice: "User:选择。\n{question}\n{options}\nAssistant:",
  },
  source_to_prompt: {
    "exam-zh,other-zh": ["question_prompt_zh_choice_shot", "question_prompt_en_choice (sic)"],
  },
};

let folder = "";
let published: PublishedPrompts;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-published-"));
  const path = join(folder, "prompts.json");
  await writeFile(path, JSON.stringify(FILE));
  published = await loadPublishedPrompts(path);
});
after(() => rm(folder, { recursive: true }));

async function suiteOf(records: readonly object[]): Promise<Suite> {
  const path = join(folder, "suite.json");
  await writeFile(path, JSON.stringify(records));
  return loadSuite(path);
}

test("prompts come from the file: by source, else by language; text as written, braces left alone", async () => {
  const { items } = await suiteOf([
    { question: " Why {options}? ", options: "(A)  one\n(B) two ", answer: "(B)", source: "quiz-en" },
    { question: "Why $& not?", options: "(A) one\n(B) two", answer: "(AB)", source: "quiz-en" },
    { question: "为什么？", options: "(A) 一\n(B) 二", answer: "(A)", source: "exam-zh" },
  ]);
  const protocol = apolloProtocol(published, "</s>");
  assert.equal(
    protocol.prompt(items[0]!, [items[1]!]),
    "User:Choose.\nQ: Why $& not?\n(A) one\n(B) two\nAssistant:It is (AB).</s>\n" +
      "User:Choose.\nQ:  Why {options}? \n(A)  one\n(B) two \nAssistant:",
  );
  // The published fault: examples in Chinese, the question asked in English.
  assert.equal(
    protocol.prompt(items[2]!, [items[2]!]),
    "User:选择。\n为什么？\n(A) 一\n(B) 二\nAssistant:是(A).</s>\nUser:Choose.\nQ: 为什么？\n(A) 一\n(B) 二\nAssistant:",
  );
  assert.deepEqual(protocol.chat(items[2]!, [items[2]!]).messages, [
    { role: "user", content: "选择。\n为什么？\n(A) 一\n(B) 二" },
    { role: "assistant", content: "是(A)." },
    { role: "user", content: "Choose.\nQ: 为什么？\n(A) 一\n(B) 二" },
  ]);
  // Only the first of several right letters counts.
  assert.equal(protocol.gold(items[1]!), "A");
});

test("the budget is in characters: examples that do not fit are left out, longer questions are not asked", async () => {
  const record = (length: number) => ({
    question: "x".repeat(length),
    options: "(A) 1\n(B) 2",
    answer: "(A)",
    source: "quiz-en",
  });
  const frame = "User:Choose.\nQ: \n(A) 1\n(B) 2\nAssistant:".length;
  const answer = "It is (A).<eos>\n".length;
  const rest = 4096 - (3000 + frame) - (frame + answer);
  const suite = await suiteOf([3000, rest - 1, rest, 10, 4096 - frame, 4097 - frame].map(record));
  const protocol = apolloProtocol(published, "<eos>");
  const selected = protocol.select!({ suite, shotSuite: undefined, faults: new Map() });
  assert.equal(selected.items.length, 5);
  assert.deepEqual(selected.leftOut, { "over-budget": 1 });
  const [long, fitting, touching, short] = suite.items;
  const kept = (drawn: readonly Item[]) =>
    protocol.fitShots!(long!, drawn).map((shot) => shot.question.length);
  assert.deepEqual(kept([touching!, fitting!, short!]), [rest - 1]);
  assert.deepEqual(kept([short!, fitting!, touching!]), [10]);
});

test("a source in a language without a template is left out and counted", async () => {
  const suite = await suiteOf([
    { question: "Pourquoi ?", options: "(A) 1\n(B) 2", answer: "(A)", source: "quiz-fr" },
    { question: "Why?", options: "(A) 1\n(B) 2", answer: "(A)", source: "quiz-en" },
  ]);
  const { items, leftOut } = apolloProtocol(published, "").select!({
    suite,
    shotSuite: undefined,
    faults: new Map(),
  });
  // Another suite to draw from is not asked for: the published examples came from the test set.
  const other = await suiteOf([
    { question: "Else?", options: "(A) 1\n(B) 2", answer: "(A)", source: "quiz-en" },
  ]);
  const { pool } = apolloProtocol(published, "").select!({ suite, shotSuite: other, faults: new Map() });
  assert.equal(pool, suite.items);
  assert.deepEqual([items.length, leftOut], [1, { "no-published-prompt": 1 }]);
});

test("examples come from the test set, another draw for another seed, the item itself never", async () => {
  const { items } = await suiteOf(
    Array.from({ length: 30 }, (_, i) => ({
      question: `Question ${i % 15}?`,
      options: "(A) 1\n(B) 2",
      answer: "(A)",
      source: "quiz-en",
    })),
  );
  const protocol = apolloProtocol(published, "");
  const draw = (seed: number) => createShotPicker(items, { count: 3, seed, protocol })(items[0]!);
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  const many = Array.from({ length: 60 }, (_, seed) => draw(seed)).flat();
  assert.ok(many.every((shot) => shot.id !== items[0]!.id));
  // Its repetition under another id may be: the published draw removes one row only.
  assert.ok(many.some((shot) => shot.question === items[0]!.question));
});

test("answers are read as published, faults included", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["The correct answer is (B).", "B"],
    ["正确答案是（c）。", "C"],
    ["\n\nIt is (D)\n(A) (A)", "D"],
    ["(A) or (B)? (B).", "B"],
    ["(A) (B)", "A"],
    // The known faults: any capital counts, the first of equals wins, native letters do not.
    ["Answer: D", "A"],
    ["Elija la D", "E"],
    ["Based on the findings, D.", "B"],
    ["الإجابة الصحيحة هي د", undefined],
    ["Yes.", "A"],
    ["No.", "B"],
    ["no", undefined],
    ["", undefined],
    [" \n(C)", undefined],
  ];
  for (const [response, expected] of cases)
    assert.equal(readAsPublished(response)?.choice, expected, response);
});

test("a protocol file that is none is refused, naming the field", async () => {
  const path = join(folder, "bad.json");
  const refused = async (content: unknown, at: string): Promise<void> => {
    await writeFile(path, JSON.stringify(content));
    await assert.rejects(
      loadPublishedPrompts(path),
      (error) => error instanceof UserError && error.code === "bad-protocol" && error.at === at,
    );
  };
  await refused({ gemma: {} }, "source_to_prompt");
  await refused({ gemma: {}, source_to_prompt: { quiz: ["a", "b"] } }, "source_to_prompt.quiz");
});

test("the published file as it is", async (context) => {
  const path = fileURLToPath(new URL("../../../shared/data/protocols/apollo-2024.json", import.meta.url));
  const suitePath = fileURLToPath(new URL("../../../shared/data/xmedbench/test.json", import.meta.url));
  if (!existsSync(path)) return context.skip("no ../shared/data");
  const protocol = apolloProtocol(await loadPublishedPrompts(path), "<eos>");
  const suite = await loadSuite(suitePath);
  const { items, leftOut } = protocol.select!({ suite, shotSuite: undefined, faults: new Map() });
  // Five long passages of mmlu-medical go unasked (a simulation of the published script counts the same).
  assert.deepEqual(leftOut, { "over-budget": 5 });
  const pick = createShotPicker(items, { count: 3, seed: 0, protocol });
  const usmle = items.filter((item) => item.source === "medqa-usmle");
  const whole = usmle.filter((item) => pick(item).length === 3).length;
  // "3-shot" holds for less than half of MedQA-USMLE.
  assert.ok(whole > 480 && whole < 680, String(whole));
  const chinese = items.find((item) => item.source === "cmexam")!;
  assert.match(
    protocol.prompt(chinese, pick(chinese)),
    /Assistant:正确答案是.*User:You are a medical doctor/su,
  );
});
