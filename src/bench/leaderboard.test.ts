import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync, strFromU8 } from "fflate";
import { findRuns } from "./find-runs.ts";
import { makeBoards } from "./leaderboard.ts";
import { renderLeaderboard } from "./leaderboard-page.ts";
import { BOARD_LANGUAGES, BOARD_WORDS } from "./leaderboard-words.ts";
import { renderRunPage } from "./report.ts";
import { runBench } from "./run.ts";
import { createOutcomesReader, outcomeDifferences, readOutcomes } from "./run-outcomes.ts";
import { readPackedSamples } from "./run-samples.ts";
import type { PackedSamples } from "./samples-data.ts";
import { createScoringModel } from "./scoring-model.test.helper.ts";
import { loadSuite, type Suite } from "./suite.ts";

/** Prefers the first `likes` letters, one after the other by the prompt's length. */
const createModel = (id: string, likes: number) =>
  createScoringModel(id, (prompt, _, i) => (i === prompt.length % likes ? -0.1 : -3 - i));

let folder = "";
let suite: Suite;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-leaderboard-"));
  const items = Array.from({ length: 60 }, (_, i) => ({
    question: `${i % 2 === 0 ? "Which of these helps a patient" : "هذا سؤال عن الحمى"} ${"x".repeat(i % 7)} ${i}?`,
    options: "(A) a\n(B) b\n(C) c\n(D) d",
    // Mostly the first: a model that always says A is far better than one that wanders.
    answer: i % 6 === 0 ? "(C)" : "(A)",
    source: i % 2 === 0 ? "mmlu-medical" : "mmlu-medical-ar",
  }));
  await writeFile(join(folder, "exam.json"), JSON.stringify(items));
  suite = await loadSuite(join(folder, "exam.json"));
  await runBench({ suite, model: createModel("sure", 1), out: join(folder, "runs", "sure") });
  await runBench({
    suite,
    model: createModel("<b>unsure", 4),
    out: join(folder, "runs", "deep", "er", "unsure"),
  });
  const runs = join(folder, "runs");
  await cp(join(runs, "sure"), join(runs, "cut"), { recursive: true });
  await truncate(join(runs, "cut", "run.json"), 100);
  await cp(join(runs, "sure"), join(runs, "half"), { recursive: true });
  const record = JSON.parse(await readFile(join(runs, "sure", "run.json"), "utf8"));
  const { finished: _, ...unfinished } = record;
  await writeFile(join(runs, "half", "run.json"), JSON.stringify(unfinished));
  const lines = (await readFile(join(runs, "sure", "samples.jsonl"), "utf8")).split("\n");
  await writeFile(join(runs, "half", "samples.jsonl"), `${lines.slice(0, 7).join("\n")}\n`);
  await cp(join(runs, "sure"), join(runs, "strange"), { recursive: true });
  await writeFile(join(runs, "strange", "results.json"), JSON.stringify({ apollo: { sources: "none" } }));
  await mkdir(join(runs, "lost"));
  await writeFile(join(runs, "lost", "samples.jsonl"), "");
});
after(() => rm(folder, { recursive: true }));

const ADDRESSES = {
  run: (run: { readonly id: string }) => `run/${run.id}/`,
  against: (run: { readonly id: string }) => `?against=${run.id}`,
  language: (code: string) => `?language=${code}`,
};

test("finished runs are found wherever they are; the others are listed with their reasons", async () => {
  const { runs, broken } = await findRuns(join(folder, "runs"));
  assert.deepEqual(
    runs.map(({ name }) => name),
    ["deep/er/unsure", "sure"],
  );
  const reasons = Object.fromEntries(broken.map(({ name, reason }) => [name, reason]));
  assert.deepEqual(Object.keys(reasons), ["cut", "half", "lost", "strange"]);
  assert.match(reasons.cut!, /not valid JSON/u);
  assert.equal(reasons.half, "7 of 60 items are scored");
  assert.match(reasons.lost!, /no run\.json/u);
  assert.match(reasons.strange!, /broken figures \(sources: /u);
  const own = await findRuns(join(folder, "runs", "sure"));
  assert.deepEqual(
    own.runs.map(({ name }) => name),
    ["sure"],
  );
  await assert.rejects(findRuns(join(folder, "nowhere")), { code: "no-such-folder" });
});

test("a board ranks the runs of one exam and tests each against the best, or against the one asked for", async () => {
  const found = await findRuns(join(folder, "runs"));
  const read = createOutcomesReader();
  const [board, ...others] = await makeBoards(found, read);
  assert.equal(others.length, 0);
  assert.deepEqual(
    board!.rows.map(({ run }) => run.record.inputs.model),
    ["sure", "<b>unsure"],
  );
  assert.ok(Math.abs(board!.rows[0]!.average - 50 / 60) < 1e-12);
  assert.deepEqual(board!.languages, ["en", "ar"]);
  const { differences } = board!.rows[1]!;
  const whole = differences.find(({ language }) => language === undefined)!;
  const [sure, unsure] = await Promise.all(
    ["sure", "deep/er/unsure"].map((name) => readOutcomes(found.runs.find((run) => run.name === name)!)),
  );
  const right = (outcomes: typeof sure): number =>
    [...outcomes!.values()].filter((outcome) => outcome.right).length;
  assert.equal(whole.n, 60);
  assert.equal(whole.difference, (right(unsure) - right(sure)) / 60);
  assert.ok(
    whole.interval[0] < whole.difference && whole.difference < whole.interval[1] && whole.interval[1] < 0,
  );
  assert.ok(whole.adjustedPValue < 0.05);
  const languages = differences.filter(({ language }) => language !== undefined);
  assert.equal(languages.length, 2);
  const least = Math.min(...languages.map(({ pValue }) => pValue));
  assert.ok(languages.every(({ adjustedPValue }) => adjustedPValue >= Math.min(1, 2 * least)));

  const { id } = found.runs.find(({ name }) => name === "deep/er/unsure")!;
  const [turned] = await makeBoards(found, read, { against: [id] });
  const back = turned!.rows[0]!.differences.find(({ language }) => language === undefined)!;
  assert.equal(back.difference, -whole.difference);
  assert.equal(back.pValue, whole.pValue);
});

test("runs that share no item are not tested; unreadable samples leave a run its figures", async () => {
  const found = await findRuns(join(folder, "runs"));
  const outcome = { language: "en", right: true };
  assert.deepEqual(outcomeDifferences(new Map([["1\nA", outcome]]), new Map([["1\nB", outcome]])), []);
  const [board] = await makeBoards(found, async (run) => {
    if (run.name !== "sure") throw new Error("the disk is on fire");
    return readOutcomes(run);
  });
  assert.equal(board!.rows[1]!.unread, "the disk is on fire");
  assert.deepEqual(board!.rows[1]!.differences, []);
});

test("the page is whole in every language, and names of models are text", async () => {
  const found = await findRuns(join(folder, "runs"));
  const boards = await makeBoards(found, readOutcomes);
  for (const { code, tag } of BOARD_LANGUAGES) {
    const page = renderLeaderboard(found, boards, { language: code, addresses: ADDRESSES });
    assert.match(page, new RegExp(`<html lang="${tag}"${code === "ar" ? ' dir="rtl"' : ""}>`, "u"));
    assert.ok(page.includes(BOARD_WORDS[code].safety) && page.includes(BOARD_WORDS[code].broken), code);
    assert.ok(!page.includes("<b>unsure"), code);
    assert.ok(page.includes("&#60;b&#62;unsure") && page.includes("7 of 60 items are scored"), code);
    assert.ok(!/\{\w+\}/u.test(page.replace(/<style>.*<\/style>/su, "")), `${code}: a value is missing`);
    assert.match(page, /Apollo-7B/u);
  }
});

test("a page in parts has no style and no script of its own; its samples are the report's", async () => {
  const { runs } = await findRuns(join(folder, "runs"));
  const page = renderRunPage(runs[1]!, {
    stylesheet: "style.css",
    script: "samples.js",
    samples: "samples.gz",
    results: "../",
  });
  assert.ok(!/<style|style=|<script type="module">/u.test(page));
  assert.ok(page.includes('data-address="samples.gz"') && page.includes("<h2 id="));
  const packed = JSON.parse(strFromU8(gunzipSync(await readPackedSamples(runs[1]!)))) as PackedSamples;
  assert.equal(packed.id.length, 60);
  assert.equal(packed.result.filter((result) => result === 0).length, 50);
  await assert.rejects(readPackedSamples({ folder }), { code: "no-samples" });
});
