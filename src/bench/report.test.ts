import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync, strFromU8 } from "fflate";
import { UserError } from "../core/index.ts";
import { runColumns } from "./columns.ts";
import { compareRuns } from "./compare.ts";
import { renderPaperTable } from "./paper-table.ts";
import { plainProtocol } from "./protocol.ts";
import { PAPER_COLUMNS, PUBLISHED_ROWS } from "./published-results.ts";
import { readRun } from "./read-run.ts";
import { runBench } from "./run.ts";
import type { ScoredSample } from "./sample.ts";
import type { PackedSamples } from "./samples-data.ts";
import { createScoringModel } from "./scoring-model.test.helper.ts";
import { loadSuite, type Suite } from "./suite.ts";

/** Knows nothing: a letter's log-probability depends on the prompt's length and the letter, and A is liked best. */
const logProbability = (prompt: string, text: string, i: number): number =>
  -2 + (i === 0 ? 0.4 : 0) + (((prompt.length + 1) * (text.length + i * 7)) % 11) / 20;
const model = createScoringModel("length & letter <model>", logProbability);

let folder = "";
let suite: Suite;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-report-"));
  const options = (count: number, i: number): string =>
    Array.from(
      { length: count },
      (_, k) => `(${"ABCDE"[k]}) option ${"x".repeat((i * 3 + k * 5) % 7)} ${k}`,
    ).join("\n");
  const items = Array.from({ length: 30 }, (_, i) => [
    {
      question: `Which one, ${i}?`,
      options: options(4, i),
      answer: `(${"ABCD"[i % 4]})`,
      source: "mmlu-medical",
    },
    {
      question: `أيّها ${i}؟`,
      options: options(4, i),
      answer: `(${"ABCD"[i % 4]})`,
      source: "mmlu-medical-ar",
    },
    { question: `Laquelle, ${i} ?`, options: options(5, i), answer: "(E)", source: "frenchmedmcqa" },
    {
      question: `Does it, ${i}? </script><b>`,
      context: `Passage ${i >> 1}.`,
      options: "(A) Yes.\n(B) No.\n(C) Maybe.",
      answer: "(A)",
      source: "pubmedqa",
    },
  ]).flat();
  const path = join(folder, "suite.json");
  await writeFile(path, JSON.stringify(items));
  suite = await loadSuite(path);
});
after(() => rm(folder, { recursive: true }));

test("rotations: every item in all orders, figures in the result, results.json and the report; killed and resumed the same", async () => {
  const out = join(folder, "rotated");
  const result = await runBench({ suite, model, out, rotations: true });
  const lines = (await readFile(join(out, "samples.jsonl"), "utf8")).trimEnd().split("\n");
  for (const line of lines) {
    const sample = JSON.parse(line) as ScoredSample;
    assert.equal(sample.rotations!.length, sample.options.length);
    assert.deepEqual(
      sample.rotations![0],
      sample.options.map((option) => option.logProbability),
    );
  }
  const [english] = result.robustness.sources;
  assert.equal(english!.source, "mmlu-medical");
  assert.ok(english!.position!.letters[0]!.picked > 0.5 && english!.position!.letters[0]!.gold === 0.25);
  const gap = result.robustness.gaps.find(({ source }) => source === "mmlu-medical-ar")!;
  assert.deepEqual([gap.reference, gap.n], ["mmlu-medical", 30]);
  // Two items a passage: 15 independent ones, a wider interval than 30 would have.
  const passages = result.sources.find(({ source }) => source === "pubmedqa")!;
  assert.equal(passages.clusters, 15);

  const results = JSON.parse(await readFile(join(out, "results.json"), "utf8"));
  assert.equal(results.results["mmlu-medical"]["debiased_acc,none"], english!.rotations!.debiased);
  assert.equal(results.results["mmlu-medical"]["ece,none"], english!.calibration!.ece);
  const { figures, record } = await readRun(out);
  assert.deepEqual(JSON.parse(JSON.stringify({ ...result, run: undefined })), figures);
  assert.equal(record.inputs.rotations, true);

  const report = await readFile(join(out, "report.html"), "utf8");
  const again = join(folder, "again");
  const stop = new AbortController();
  const progress = () => ({
    update: (done: number) => done >= 48 && stop.abort(new Error("killed")),
    finish() {},
  });
  await assert.rejects(
    runBench({ suite, model, out: again, rotations: true, signal: stop.signal, progress }),
  );
  await truncate(join(again, "samples.jsonl"), 9_999);
  await runBench({ suite, model, out: again, rotations: true });
  for (const file of ["samples.jsonl", "results.json", "report.html"])
    assert.equal(await readFile(join(again, file), "utf8"), await readFile(join(out, file), "utf8"), file);
  for (const heading of [
    "Beside the published results",
    "Language gap",
    "Calibration",
    "Position bias",
    "Samples",
  ])
    assert.match(report, new RegExp(`<h2 id="[a-z-]+">${heading}</h2>`, "u"));
  assert.doesNotMatch(report, /https?:|<link|src=|@import|<model>/u);
});

test("the report holds every sample, packed; what suites say stays inside", async () => {
  const out = join(folder, "packed");
  await runBench({ suite, model, out });
  const report = await readFile(join(out, "report.html"), "utf8");
  const text = /id="samples-data">([^<]*)</u.exec(report)![1]!;
  const packed = JSON.parse(strFromU8(gunzipSync(Buffer.from(text, "base64")))) as PackedSamples;
  assert.equal(packed.id.length, 120);
  assert.equal(packed.passages.length, 15);
  assert.equal(packed.question[3], "Does it, 0? </script><b>");
  assert.equal(report.match(/<\/script>/gu)!.length, 3);
  const at = packed.id.indexOf("frenchmedmcqa/0");
  assert.deepEqual([packed.gold[at], packed.options[at]!.length], ["E", 5]);
  assert.equal(packed.sources[packed.source[at]!], "frenchmedmcqa");
  const total = packed.shares[at]!.reduce((sum, share) => sum + share, 0);
  assert.ok(Math.abs(total - 1000) <= 3);
});

test("the published table: 26 rows of nine columns, whose printed averages hold but for the two marked", () => {
  assert.equal(PUBLISHED_ROWS.length, 26);
  for (const { model: name, accuracies, average, defect } of PUBLISHED_ROWS) {
    assert.equal(accuracies.length, PAPER_COLUMNS.length);
    const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
    const holds = Math.abs(mean - average) < 0.0051;
    assert.equal(holds, !(defect ?? "").startsWith("The mean"), name);
  }
  const html = renderPaperTable([{ model: "mine", href: "mine/report.html", sources: [] }]);
  assert.equal(html.match(/<tr>/gu)!.length, 1 + 1 + 26);
  assert.match(html, /<a href="mine\/report\.html">/u);
});

test("flips name the item and who is right; runs that are none or unfinished are refused", async () => {
  const [first, second] = [join(folder, "first"), join(folder, "second")];
  await runBench({ suite, model, out: first });
  const contrary = createScoringModel(model.id, (...given) => -4 - logProbability(...given));
  await runBench({ suite, model: contrary, out: second });
  const { flips, sources } = await compareRuns(first, second);
  assert.equal(
    flips.length,
    sources.reduce((sum, { gained, lost }) => sum + gained + lost, 0),
  );
  for (const flip of flips) assert.equal(flip.right === "first" ? flip.first : flip.second, flip.gold);
  const refused = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;
  await assert.rejects(readRun(folder), refused("not-a-run"));
  const path = join(second, "run.json");
  const { finished: _, ...record } = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify(record));
  await assert.rejects(readRun(second), refused("run-unfinished"));
});

test("rotations need letters that are scored", async () => {
  const options = { suite, model, rotations: true, limit: 2 };
  await assert.rejects(
    runColumns({ ...options, out: join(folder, "cloze"), protocols: [plainProtocol("text")] }),
    (error) => error instanceof UserError && error.code === "bad-option" && /rotated/u.test(error.message),
  );
  const out = join(folder, "both");
  await runColumns({ ...options, out, protocols: [plainProtocol("letter"), plainProtocol("text")] });
  assert.match(await readFile(join(out, "letters", "samples.jsonl"), "utf8"), /"rotations"/u);
  assert.doesNotMatch(await readFile(join(out, "cloze", "samples.jsonl"), "utf8"), /"rotations"/u);
});
