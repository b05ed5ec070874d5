import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MAIN } from "./run-cli.test.helper.ts";

test("decontaminate --review: answers may be piped in, a review goes on where it was left", async () => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-review-"));
  try {
    await mkdir(join(folder, "corpus"));
    const questions = [
      "Which organ pumps the blood through the body?",
      "Which gland makes the hormone insulin?",
    ];
    const exam = questions.map((question) => ({
      question,
      options: "(A) Heart\n(B) Pancreas",
      answer: "(A)",
    }));
    await writeFile(join(folder, "suite.json"), JSON.stringify(exam));
    const pairs = questions.map((question) => [question, "See the chapter on organs."]);
    await writeFile(join(folder, "corpus", "general_en.json"), JSON.stringify(pairs));
    const review = (input: string) => {
      const words = [
        "corpus",
        "decontaminate",
        "corpus",
        "--against",
        "suite.json",
        "--out",
        "clean",
        "--review",
        "--json",
      ];
      const { stdout, stderr, status } = spawnSync(process.execPath, [MAIN, ...words], {
        cwd: folder,
        input,
        encoding: "utf8",
        env: { ...process.env, NO_COLOR: "1" },
      });
      assert.equal(status, 0, stderr);
      return { result: JSON.parse(stdout.trim().split("\n").at(-1)!), stderr };
    };
    // A word that is no answer is asked for again; the input ends before the second document.
    const first = review("maybe\nkeep\n");
    assert.deepEqual(first.result.reviewed, { keep: 1, drop: 0 });
    assert.match(first.stderr, /"maybe" is none of k, d, n, q/u);
    assert.match(first.stderr, /1 of 2.*pumps the blood/su);
    const second = review("d\n");
    assert.deepEqual(second.result.reviewed, { keep: 1, drop: 1 });
    assert.match(second.stderr, /1 of 1.*insulin/su);
    assert.deepEqual(JSON.parse(await readFile(join(folder, "clean", "general_en.json"), "utf8")), [
      pairs[0],
    ]);
    assert.equal((await readFile(join(folder, "clean.review.jsonl"), "utf8")).trim().split("\n").length, 2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
