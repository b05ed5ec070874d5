import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { gradeAnswers } from "./grade.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-grade-"));
});
after(() => rm(folder, { recursive: true }));

const OPTIONS = "(A) Aspirin\n(B) Insulin\n(C) Heparin\n(D) Morphine";

async function fileOf(lines: readonly (object | string)[]): Promise<string> {
  const path = join(folder, "answers.jsonl");
  await writeFile(
    path,
    lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
  );
  return path;
}

const answered = (source: string, answer: string, response: string): object => ({
  source,
  question: "Which?",
  options: OPTIONS,
  answer,
  response,
});

test("answers are graded by source: right, wrong and unreadable apart, sources without a right one too", async () => {
  const path = await fileOf([
    answered("one-en", "(B)", "The correct answer is (B)."),
    answered("one-en", "(D)", "Answer: D"),
    answered("one-en", "(C)", "Based on the findings, something else."),
    answered("two-fr", "(A)", "Je ne sais pas."),
  ]);
  assert.deepEqual((await gradeAnswers(path, "corrected")).sources, [
    { source: "one-en", n: 3, correct: 2, noAnswer: 1, accuracy: 2 / 3 },
    { source: "two-fr", n: 1, correct: 0, noAnswer: 1, accuracy: 0 },
  ]);
  // As published: "Answer: D" is read as A, "Based" as B.
  assert.deepEqual((await gradeAnswers(path, "apollo")).sources, [
    { source: "one-en", n: 3, correct: 1, noAnswer: 0, accuracy: 1 / 3 },
    { source: "two-fr", n: 1, correct: 0, noAnswer: 1, accuracy: 0 },
  ]);
  const strict = (await gradeAnswers(path, "strict")).sources[0]!;
  assert.deepEqual([strict.correct, strict.noAnswer], [0, 3]);
});

test("several right letters: a set when corrected, the first alone as published", async () => {
  const path = await fileOf([
    answered("m-en", "(AC)", "The answer is A and C."),
    answered("m-en", "(AC)", "The answer is (A)."),
  ]);
  const correct = async (protocol: string) => (await gradeAnswers(path, protocol)).sources[0]!.correct;
  assert.equal(await correct("corrected"), 1);
  assert.equal(await correct("apollo"), 2);
});

test("what cannot be graded is refused, naming the line", async () => {
  const good = answered("one-en", "(B)", "B");
  const refused = async (lines: readonly (object | string)[], at: string | undefined, message: RegExp) =>
    assert.rejects(gradeAnswers(await fileOf(lines), "apollo"), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.at, at);
      assert.match(error.message, message);
      return true;
    });
  await refused([good, "{torn"], "line 2", /not valid JSON/u);
  await refused([good, "", { ...good, response: null }], "line 3", /found null/u);
  await refused([{ ...good, response: undefined }], "line 1", /response/u);
  await refused([{ ...good, options: "none" }], "line 1", /options/u);
  await refused([{ ...good, answer: "(Z)" }], "line 1", /not among the options/u);
  await refused([{ ...good, question: " " }], "line 1", /question/u);
  await refused(["[1]"], "line 1", /object/u);
  await refused([], undefined, /no answer/u);
  await assert.rejects(
    gradeAnswers(await fileOf([good]), "letters"),
    (error) =>
      error instanceof UserError && error.code === "bad-option" && /corrected/u.test(error.remedy ?? ""),
  );
});
