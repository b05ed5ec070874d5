// The whole chain in miniature: three steps of training, two exam items a language. What it learns is checked by
// scripts/check-quickstart.mjs on a real run; here it must hold together, go on after kills, and do nothing twice.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { after, before, test } from "node:test";
import { hashFile, LANGUAGES } from "../core/index.ts";
import { killBetweenStages } from "./kill-between-stages.test.helper.ts";
import { type QuickstartOptions, type QuickstartResult, quickstart } from "./quickstart.ts";

const SETTINGS = ["steps=3", "checkpointEvery=1", "model.hiddenSize=32", "model.layers=1"];
const SMALL = { threads: 1, limit: 2, settings: SETTINGS };

let folder: string;
let out: string;
let whole: QuickstartResult;
const stages: string[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-quickstart-"));
  out = join(folder, "whole");
  whole = await quickstart({ ...SMALL, out, onStage: (stage) => stages.push(stage) });
});
after(() => rm(folder, { recursive: true }));

/** Hashes of everything that is made; what names its folder or the time is left out. */
async function artifacts(path: string): Promise<Record<string, string>> {
  const files = (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .filter(
      (name) =>
        !/manifest\.json$|^report\.html$|train\.(?:jsonl|html)$/u.test(name) &&
        !name.startsWith(`bench${sep}`),
    )
    .sort();
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, await hashFile(join(path, name))] as const)),
  );
}

test("every stage runs, in the order of the house, and ends in one table", async () => {
  assert.deepEqual(stages, ["corpus", "train", "export", "bench", "proxy"]);
  assert.ok(whole.seconds > 0);
  assert.deepEqual(
    whole.languages.map(({ language }) => language),
    LANGUAGES,
  );
  for (const row of whole.languages) {
    const { language: _, n, ...shares } = row;
    assert.equal(n, 2);
    assert.deepEqual(Object.keys(shares), [
      "taughtBefore",
      "taughtAfter",
      "heldOutBefore",
      "heldOutAfter",
      "proxy",
    ]);
    for (const share of Object.values(shares)) assert.ok([0, 0.5, 1].includes(share), `${share}`);
  }
});

test("the report is one page that needs nothing else", async () => {
  assert.equal(whole.report, join(out, "report.html"));
  const html = await readFile(whole.report, "utf8");
  assert.match(html, /^<!doctype html>/);
  for (const name of ["English", "中文", "Français", "Español", "हिन्दी", "العربية"])
    assert.ok(html.includes(name));
  assert.doesNotMatch(html, /<(?:script|link|img)\b|https?:\/\//);
  assert.doesNotMatch(html, /NaN|undefined|Infinity/);
});

test("nothing half-made is left", async () => {
  const names = Object.keys(await artifacts(out));
  assert.deepEqual(
    names.filter((name) => /\.part$|\.old$|\.tmp|checkpoint-\d/u.test(name)),
    [],
  );
  assert.ok(names.includes(join("model", "model.safetensors")));
  assert.equal(whole.model, join(out, "gguf", "trained-q8_0.gguf"));
});

test("a second call only reads what the first has made", async () => {
  const steps: number[] = [];
  const before = await artifacts(out);
  const again = await quickstart({ ...SMALL, out, onStep: ({ step }) => steps.push(step) });
  assert.deepEqual(steps, []);
  assert.deepEqual(again.languages, whole.languages);
  assert.deepEqual(await artifacts(out), before);
});

test("a GGUF file that was lost is made again", async () => {
  const before = await artifacts(out);
  await rm(whole.model);
  await quickstart({ ...SMALL, out });
  assert.deepEqual(await artifacts(out), before);
});

test("a signal stops it between stages; the next call goes on", async () => {
  const place = join(folder, "stopped");
  const controller = new AbortController();
  const options: QuickstartOptions = { ...SMALL, out: place, signal: controller.signal };
  const reason = new Error("enough");
  const onStage = (stage: string): void => {
    if (stage === "export") controller.abort(reason);
  };
  await assert.rejects(quickstart({ ...options, onStage }), reason);
  // Another recipe in the same folder begins training anew instead of complaining.
  const steps: number[] = [];
  const other = [...SETTINGS, "steps=2"];
  await quickstart({
    ...SMALL,
    settings: other,
    out: place,
    limit: 1,
    onStep: ({ step }) => steps.push(step),
  });
  assert.deepEqual(steps, [1, 2]);
});

test("kill -9 at any moment, several times: the same numbers and the same bytes", async () => {
  const place = join(folder, "killed");
  const last = await killBetweenStages<QuickstartResult>(
    "quickstart",
    { ...SMALL, out: place },
    { stages: ["corpus", "train", "export", "proxy"], milliseconds: 400 },
  );
  assert.deepEqual(last?.languages, whole.languages);
  assert.deepEqual(await artifacts(place), await artifacts(out));
});
