import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadSuite, runBench, type Suite } from "../bench/index.ts";
import { type LogitModel, openGguf, writeTinyGguf } from "../engine/index.ts";
import { createProxyModel } from "../proxy/index.ts";
import { type ProxySweepOptions, sweepProxy, sweepRunFolder } from "./proxy-sweep.ts";
import { renderSweepReport } from "./proxy-sweep-report.ts";

const ALPHAS = [0, 0.5, 2];
const IDENTITIES = { base: "b", expert: "e", anti: "a" };
let folder = "";
let suite: Suite;
let models: { base: LogitModel; expert: LogitModel; anti: LogitModel };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-sweep-"));
  const open = async (name: string, seed: number): Promise<LogitModel> => {
    await writeTinyGguf(join(folder, `${name}.gguf`), { seed });
    return openGguf(join(folder, `${name}.gguf`), { threads: 1 });
  };
  models = { base: await open("base", 1), expert: await open("expert", 2), anti: await open("anti", 3) };
  const items = ["en", "fr", "hi"].flatMap((language) =>
    Array.from({ length: 7 }, (_, i) => ({
      question: `${i} the man?`,
      options: ["(A) yes", "(B) no", `(C) the answer ${i}`, "(D) an inn"].join("\n"),
      answer: `(${"ABCD"[i % 4]})`,
      source: `exam-${language}`,
    })),
  );
  // The same question twice is scored twice.
  await writeFile(join(folder, "suite.json"), JSON.stringify([...items, items[0]]));
  suite = await loadSuite(join(folder, "suite.json"));
});
after(async () => {
  for (const model of Object.values(models)) await model.close();
  await rm(folder, { recursive: true });
});

function options(out: string): ProxySweepOptions {
  return { ...models, suite, alphas: ALPHAS, out: join(folder, out), mode: "text", identities: IDENTITIES };
}

/** Every file that two equal sweeps share, by its path; times stand in run.json and the inspect log alone. */
async function stableFiles(out: string): Promise<Record<string, string>> {
  const names = await readdir(join(folder, out), { recursive: true });
  const stable = names.filter((name) =>
    /(samples\.jsonl|results\.json|report\.html|sweep\.json)$/u.test(name),
  );
  return Object.fromEntries(
    await Promise.all(
      stable.sort().map(async (name) => [name, await readFile(join(folder, out, name), "utf8")] as const),
    ),
  );
}

test("each alpha's run equals a bench run of that proxy model, byte for byte, and either goes on with the other", async () => {
  const { rows, pass } = await sweepProxy(options("whole"));
  assert.deepEqual(
    rows.map(({ alpha, language, n }) => [alpha, language, n]),
    ALPHAS.flatMap((alpha) => [
      [alpha, "en", 8],
      [alpha, "fr", 7],
      [alpha, "hi", 7],
    ]),
  );
  assert.ok(pass.requests <= 22 && pass.requests >= 20, `${pass.requests} passes for 22 items`);
  for (const alpha of ALPHAS) {
    const out = join(folder, `apart-${alpha}`);
    const model = createProxyModel({ ...models, alpha });
    const identity = { ...IDENTITIES, alpha };
    const result = await runBench({ suite, model, out, mode: "text", modelIdentity: identity });
    for (const file of ["samples.jsonl", "results.json", "report.html"]) {
      const swept = await readFile(join(sweepRunFolder(join(folder, "whole"), alpha), file), "utf8");
      assert.equal(swept, await readFile(join(out, file), "utf8"), `${file} at alpha ${alpha}`);
    }
    for (const source of result.sources) {
      const row = rows.find((own) => own.alpha === alpha && own.language === source.language)!;
      assert.deepEqual([row.accuracy, row.interval], [source.accuracy, source.interval]);
    }
    // The same inputs, so the finished sweep's folder is a finished bench run.
    const swept = sweepRunFolder(join(folder, "whole"), alpha);
    await runBench({ suite, model, out: swept, mode: "text", modelIdentity: identity });
  }
});

test("KL is 0 at alpha 0 and grows with alpha; only other alphas are compared", async () => {
  const { rows } = await sweepProxy(options("whole"));
  for (const row of rows) {
    const [half] = rows.filter((other) => other.alpha === 0.5 && other.language === row.language);
    if (row.alpha === 0) assert.equal(row.klToBase, 0);
    if (row.alpha === 2) assert.ok(row.klToBase > half!.klToBase && half!.klToBase > 0);
    assert.equal(row.adjustedPValue === undefined, row.alpha === 0);
  }
});

test("an interrupted sweep goes on and ends in the same files", async () => {
  await sweepProxy(options("whole"));
  const expected = await stableFiles("whole");
  const stop = new AbortController();
  const progress = () => ({
    update: (done: number) => done >= 16 && stop.abort(new Error("killed")),
    finish() {},
  });
  await assert.rejects(sweepProxy({ ...options("cut"), signal: stop.signal, progress }), /killed/u);
  // One run has fewer samples than the others, another lost its divergences, a third has a torn line.
  await truncate(join(folder, "cut", "alpha-0", "samples.jsonl"), 0);
  await rm(join(folder, "cut", "alpha-0.5", "divergence.jsonl"));
  await appendFile(join(folder, "cut", "alpha-2", "divergence.jsonl"), '{"request":"to');
  await sweepProxy(options("cut"));
  assert.deepEqual(await stableFiles("cut"), expected);
});

test("an alpha that is added later finds the others done", async () => {
  await sweepProxy(options("whole"));
  const { rows, pass } = await sweepProxy({ ...options("whole"), alphas: [...ALPHAS, 1] });
  assert.equal(rows.length, 12);
  assert.ok(pass.requests <= 22);
  const again = await sweepProxy({ ...options("whole"), alphas: [...ALPHAS, 1] });
  assert.equal(again.pass.requests, 0);
  assert.deepEqual(again.rows, rows);
});

test("the page holds every language, works without the network, and escapes names", async () => {
  const named = { ...models, base: { ...models.base, id: "<b>base" } };
  const { report } = await sweepProxy({ ...options("page"), ...named });
  const page = await readFile(report, "utf8");
  assert.equal(page.match(/<svg /gu)?.length, 3);
  assert.match(page, /हिन्दी/u);
  assert.doesNotMatch(page, /https?:|<script|<b>base|NaN|undefined/u);
});

test("doubled alphas, another run in the folder and a foreign divergence log are refused", async () => {
  await assert.rejects(sweepProxy({ ...options("bad"), alphas: [1, 1] }), { code: "bad-alpha" });
  await assert.rejects(sweepProxy({ ...options("bad"), alphas: [Number.NaN] }), { code: "bad-alpha" });
  await assert.rejects(sweepProxy({ ...options("whole"), limit: 2 }), { code: "run-mismatch" });
  const out = join(folder, "foreign");
  await sweepProxy(options("foreign"));
  await writeFile(join(out, "alpha-2", "divergence.jsonl"), "[]\n");
  await assert.rejects(sweepProxy(options("foreign")), { code: "bad-divergence", at: "line 1" });
});

test("the page says over which tokens a divergence counts", () => {
  const page = (candidatesOnly: boolean): string =>
    renderSweepReport({
      rows: [{ alpha: 1, language: "en", n: 3, accuracy: 1 / 3, klToBase: 0.00052, interval: [0.06, 0.79] }],
      alphas: [1],
      mode: "letter",
      suite: "suite.json",
      names: { base: "base", expert: "expert", anti: "anti" },
      candidatesOnly,
    });
  assert.match(page(false), /over the whole vocabulary/u);
  assert.match(page(true), /over the candidates that the base's server told, not the whole vocabulary/u);
  assert.match(page(false), /<td>0\.0005<\/td>/u);
});
