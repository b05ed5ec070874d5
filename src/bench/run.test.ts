import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import { userError } from "../core/user-error.test.helper.ts";
import type { LanguageModel } from "../engine/index.ts";
import { createNgramModel } from "../engine/ngram-model.test.helper.ts";
import { compareRuns } from "./compare.ts";
import { runBench } from "./run.ts";
import type { Sample, ScoredSample } from "./sample.ts";
import { wilsonInterval } from "./statistics.ts";
import { loadSuite, type Suite } from "./suite.ts";

const TEXT =
  "Assistant:salt water. Assistant:rest. The correct answer is option B. The correct answer is option B. ";
let folder = "";
let suite: Suite;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-bench-"));
  const items = ["en", "fr"].flatMap((language) =>
    Array.from({ length: 20 }, (_, i) => ({
      question: `Question ${i}?`,
      options: ["(A) quartz", "(B) salt water", "(C) zygote", "(D) xerox"].join("\n"),
      answer: `(${"BBDA"[i % 4]})`,
      source: `exam-${language}`,
    })),
  );
  items.push({ ...items[0]!, answer: "(AB)" });
  const path = join(folder, "suite.json");
  await writeFile(path, JSON.stringify(items));
  suite = await loadSuite(path);
});
after(() => rm(folder, { recursive: true }));

/** Knows which byte follows which in a text, and counts what it has scored. */
function model(text = TEXT, contextLength = 2000): LanguageModel & { readonly scored: () => number } {
  const bigram = createNgramModel(text, { id: "bigram", contextLength });
  let scored = 0;
  return {
    ...bigram,
    score(requests) {
      scored += requests.length;
      return bigram.score(requests);
    },
    scored: () => scored,
  };
}

const samplesOf = (run: string): Promise<Sample[]> => jsonLines(join(run, "samples.jsonl"));

test("letters: every item has its evidence, the table its interval and baseline", async () => {
  const run = join(folder, "letters");
  const result = await runBench({ suite, model: model(), out: run });
  assert.equal(result.run, run);
  assert.deepEqual(result.sources[0], {
    source: "exam-en",
    language: "en",
    mode: "letter",
    n: 20,
    accuracy: 0.5,
    standardError: Math.sqrt(0.25 / 19),
    interval: wilsonInterval(10, 20),
    majority: 10 / 20,
    noAnswer: 0,
  });
  assert.equal(result.average, (result.sources[0]!.accuracy + result.sources[1]!.accuracy) / 2);
  const [sample] = (await samplesOf(run)) as [ScoredSample];
  assert.deepEqual(
    [sample.id, sample.gold, sample.choice, sample.correct, sample.options.length],
    ["exam-en/0", "B", "B", true, 4],
  );
  assert.ok(sample.options.every((option) => option.logProbability < 0 && option.tokens === 2));
  const record = JSON.parse(await readFile(join(run, "run.json"), "utf8"));
  assert.deepEqual(record.skipped, { "multiple-gold": 1 });
  assert.ok(record.finished >= record.started);
});

test("option texts: chosen by log-probability per byte, the plain sum beside it", async () => {
  const run = join(folder, "texts");
  const result = await runBench({ suite, model: model(), out: run, mode: "text", limit: 5 });
  assert.ok(
    result.sources.every((source) => source.n === 5 && source.accuracies?.acc_bytes === source.accuracy),
  );
  for (const sample of (await samplesOf(run)) as ScoredSample[]) {
    assert.equal(sample.choice, "B");
    const best = [...sample.options].sort((a, b) => b.logProbability - a.logProbability)[0]!;
    assert.equal(sample.choices?.acc, best.letter);
    assert.equal(sample.options[1]!.bytes, "salt water".length);
  }
});

test("generated answers: what cannot be read is counted as no answer", async () => {
  const run = join(folder, "generated");
  const { sources } = await runBench({
    suite,
    model: model("Assistant:zzzz"),
    out: run,
    mode: "generate",
    limit: 2,
  });
  assert.deepEqual(
    sources.map((source) => [source.n, source.noAnswer, source.accuracy]),
    [
      [2, 2, 0],
      [2, 2, 0],
    ],
  );
});

test("the files are what their readers expect", async () => {
  const run = join(folder, "files");
  await runBench({ suite, model: model(), out: run, limit: 3, shots: 2, seed: 7 });
  const results = JSON.parse(await readFile(join(run, "results.json"), "utf8"));
  assert.equal(results.results["exam-en"]["acc,none"], results.results["exam-en"]["acc,none"]);
  assert.equal(results["n-shot"]["exam-en"], 2);
  assert.deepEqual(results["n-samples"]["exam-fr"], { original: 20, effective: 3 });
  assert.equal(results.config.fewshot_seed, 7);
  assert.equal(results.configs["exam-en"].output_type, "multiple_choice");
  assert.match(results.task_hashes["exam-en"], /^[0-9a-f]{64}$/u);
  const [name = ""] = await readdir(join(run, "inspect"));
  // inspect lists a .json log only under such a name.
  assert.match(name, /^\d{4}-\d{2}-\d{2}T\d{2}[:-]\d{2}[:-]\d{2}.*\.json$/u);
  const log = JSON.parse(await readFile(join(run, "inspect", name), "utf8"));
  const keys = Object.keys(log);
  for (const key of ["version", "status", "eval", "plan", "results", "stats"]) {
    assert.ok(keys.indexOf(key) < keys.indexOf("samples"), `${key} comes before samples`);
  }
  assert.equal(log.samples.length, 6);
  assert.doesNotMatch(JSON.stringify({ ...log, samples: [] }), /:null/u);
  const report = await readFile(join(run, "report.html"), "utf8");
  assert.match(report, /<bdi>exam-en<\/bdi>/u);
  const record = JSON.parse(await readFile(join(run, "run.json"), "utf8"));
  const multiple = record.audit.find(({ code }: { code: string }) => code === "multiple-gold");
  assert.deepEqual(multiple, {
    code: "multiple-gold",
    source: "exam-en",
    count: 1,
    detail: "several right letters",
  });
  assert.match(report, /Audit of the suite.*multiple-gold/su);
  // Nothing is asked of any other host or file.
  assert.doesNotMatch(report, /https?:|<link|src=|@import/u);
});

test("a killed run goes on where it stopped and ends in the same bytes", async () => {
  const options = { suite, mode: "text", shots: 1, seed: 3, batch: 3 } as const;
  const whole = join(folder, "whole");
  await runBench({ ...options, model: model(), out: whole });
  const expected = await readFile(join(whole, "samples.jsonl"));
  for (const cut of [0, 1, expected.length >> 1, expected.length - 1, expected.length]) {
    const run = join(folder, `cut-${cut}`);
    const stop = new AbortController();
    const first = model();
    await assert.rejects(
      runBench({
        ...options,
        model: first,
        out: run,
        signal: stop.signal,
        progress: () => ({ update: (done) => done >= 6 && stop.abort(new Error("killed")), finish() {} }),
      }),
      /killed/u,
    );
    assert.equal(first.scored(), 6);
    // A kill can leave any number of bytes behind, the last line torn.
    const path = join(run, "samples.jsonl");
    await truncate(path, 0);
    await appendFile(path, expected.subarray(0, cut));
    const second = model();
    await runBench({ ...options, model: second, out: run });
    assert.deepEqual(await readFile(path), expected);
    assert.equal(second.scored(), 40 - expected.subarray(0, cut).toString().split("\n").length + 1);
    for (const file of ["results.json", "report.html"]) {
      assert.deepEqual(await readFile(join(run, file)), await readFile(join(whole, file)), file);
    }
  }
});

test("the batch size changes nothing", async () => {
  const runs = [1, 7, 64].map((batch) => ({ batch, out: join(folder, `batch-${batch}`) }));
  for (const run of runs) await runBench({ suite, model: model(), shots: 1, ...run });
  const [first, ...others] = await Promise.all(runs.map((run) => readFile(join(run.out, "samples.jsonl"))));
  for (const other of others) assert.deepEqual(other, first);
});

test("an item that is too long loses its worked examples, then is counted apart", async () => {
  const run = join(folder, "long");
  const small = model(TEXT, 240);
  const { sources } = await runBench({ suite, model: small, out: run, shots: 1, limit: 3 });
  const samples = await samplesOf(run);
  assert.ok(samples.some((sample) => sample.shots === 0));
  const tooLong = samples.filter((sample) => "unscored" in sample).length;
  assert.equal(
    sources.reduce((sum, source) => sum + (source.tooLong ?? 0), 0),
    tooLong,
  );
  assert.equal(
    sources.reduce((sum, source) => sum + source.n, 0),
    6 - tooLong,
  );
});

test("a folder with another run is refused, naming what differs", async () => {
  const run = join(folder, "other");
  await runBench({ suite, model: model(), out: run, limit: 1 });
  const other = runBench({ suite, model: model(), out: run, limit: 1, seed: 5 });
  await assert.rejects(other, userError("run-mismatch", /seed/u));
  await writeFile(join(run, "samples.jsonl"), '{"id":"wrong/0"}\n');
  await assert.rejects(
    runBench({ suite, model: model(), out: run, limit: 1 }),
    (error) => error instanceof UserError && error.code === "run-mismatch" && error.at === "line 1",
  );
});

test("two runs are compared item by item", async () => {
  const first = join(folder, "compare-first");
  const second = join(folder, "compare-second");
  await runBench({ suite, model: model(), out: first });
  await runBench({ suite, model: model("The correct answer is option D. "), out: second });
  const comparison = await compareRuns(first, second);
  const [english] = comparison.sources;
  assert.equal(english!.n, 20);
  // B is right 10 times, D 5 times; they never agree, so 15 pairs are discordant.
  assert.deepEqual([english!.lost, english!.gained, english!.difference], [10, 5, -0.25]);
  assert.ok(Math.abs(english!.pValue - 0.30175781) < 1e-6);
  assert.ok(english!.adjustedPValue >= english!.pValue);
  assert.ok(english!.interval[0] < -0.25 && english!.interval[1] > -0.25);
  assert.equal(comparison.unmatched, 0);
  await assert.rejects(
    compareRuns(first, folder),
    (error) => error instanceof UserError && error.code === "not-a-run",
  );
});
