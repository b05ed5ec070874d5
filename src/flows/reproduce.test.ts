// The whole chain against a hub on this machine: two steps of training, one exam item a source. The rows mean nothing; the chain must
// hold together, go on after kills, do nothing twice, and say where everything came from.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { BOARD_LANGUAGES, type BoardLanguage, fillText, PAPER_COLUMNS, reportName } from "../bench/index.ts";
import { hashFile, hashValue, readJson } from "../core/index.ts";
import { killBetweenStages } from "./kill-between-stages.test.helper.ts";
import { type ReproduceOptions, type ReproduceResult, reproduce } from "./reproduce.ts";
import type { ChainRecord } from "./reproduce-chain.ts";
import { FAMILY } from "./reproduce-family.ts";
import { planReproduction } from "./reproduce-plan.ts";
import { REPRODUCE_WORDS } from "./reproduce-words.ts";

const SMALL = {
  name: "apollo-0.5b",
  scale: "tiny",
  threads: 1,
  limit: 1,
  settings: ["steps=2", "checkpointEvery=1"],
} as const satisfies Partial<ReproduceOptions>;

let folder: string;
let out: string;
let killed: ReproduceResult;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-reproduce-"));
  out = join(folder, "run");
  killed = await reproduceKilled(
    process.env.APOLLO_KILLS === undefined
      ? ["corpus", "bench"]
      : ["pull", "corpus", "train", "export", "bench", "compare"],
  );
});
after(() => rm(folder, { recursive: true }));

/** Runs it, killing the process some moments after each of `stages` began, and once more to its end. */
async function reproduceKilled(stages: readonly string[]): Promise<ReproduceResult> {
  const last = await killBetweenStages<ReproduceResult>(
    "reproduce",
    { ...SMALL, out },
    { stages, milliseconds: 300 },
  );
  return last!;
}

/** Hashes of everything that is made, but for what tells times: a bench's record and log, training's log and page. */
async function artifacts(): Promise<Record<string, string>> {
  const files = (await readdir(out, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .filter((name) => !/^bench.*(?:run\.json|inspect.*)$|^model.train\.(?:jsonl|html)$/u.test(name))
    .sort();
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, await hashFile(join(out, name))] as const)),
  );
}

test("killed again and again (-9), in every stage with APOLLO_KILLS=1: the bytes of a run that was left alone; a third call does nothing", async () => {
  const interrupted = await artifacts();
  const steps: number[] = [];
  const again = await reproduce({ ...SMALL, out, onStep: ({ step }) => steps.push(step) });
  assert.equal(steps.length, 0);
  assert.deepEqual(await artifacts(), interrupted);
  await rm(out, { recursive: true });
  const stages: string[] = [];
  const whole = await reproduce({
    ...SMALL,
    out,
    onStage: (stage) => stages.push(stage),
    onStep: ({ step }) => steps.push(step),
  });
  assert.deepEqual(stages, ["pull", "corpus", "train", "export", "bench", "compare"]);
  assert.deepEqual(steps, [1, 2]);
  assert.deepEqual(await artifacts(), interrupted);
  const figures = ({ seconds: _, ...result }: ReproduceResult): unknown => JSON.parse(JSON.stringify(result));
  assert.deepEqual(figures(killed), figures(whole));
  assert.deepEqual(figures(again), figures(whole));
});

test("it ends beside the published row, with the significance of each difference", () => {
  assert.deepEqual(
    killed.rows.map(({ protocol }) => protocol),
    ["apollo", "corrected", "letters"],
  );
  for (const { model, sources, average, missing, report } of killed.rows) {
    assert.equal(model, "Apollo-0.5B");
    assert.deepEqual(missing, []);
    assert.deepEqual(
      sources.map(({ source }) => source),
      PAPER_COLUMNS.map(({ source }) => source),
    );
    for (const one of sources) {
      assert.equal(one.n, 1);
      assert.ok(one.interval[0] <= one.difference && one.difference <= one.interval[1]);
      assert.ok(one.pValue > 0 && one.adjustedPValue <= 1);
    }
    assert.equal(average?.published.toFixed(4), "0.3747");
    assert.ok(existsSync(join(out, report)), report);
  }
  assert.equal(killed.gain.sources.length, 9);
  assert.match(killed.caveats[0]!, /rehearsal/iu);
});

test("the chain names every link: commits, hashes, seeds, and the leaked exam items that were found", async () => {
  const chain = (await readJson(join(out, "chain.json"))) as ChainRecord;
  assert.deepEqual(chain.seeds, { pack: 42, train: 42, bench: 0 });
  assert.deepEqual(
    chain.stages.map(({ stage }) => stage),
    [
      "corpus import",
      "corpus dedup",
      "corpus decontaminate",
      "corpus pack",
      "train",
      "export gguf",
      "export gguf",
    ],
  );
  for (const { key } of chain.stages) assert.match(key, /^[0-9a-f]{64}$/u);
  for (const { commit } of Object.values(chain.pulled)) assert.match(commit, /^[0-9a-f]{40}$/u);
  assert.equal((chain.stages[2]!.result as { flagged: number }).flagged, 6, "one a language");
  assert.equal(
    chain.recipeFile.sha256,
    await hashFile(new URL("../../recipes/apollo-0.5b.yaml", import.meta.url).pathname),
  );
  assert.notEqual(hashValue(chain.recipe), "");
  assert.equal(chain.recipe.base, "hf:Qwen/Qwen1.5-0.5B");
});

test("the report stands in every language, beside the runs that it links to", async () => {
  for (const { code, tag } of BOARD_LANGUAGES) {
    const html = await readFile(join(out, reportName(code)), "utf8");
    const words = REPRODUCE_WORDS[code];
    assert.ok(html.startsWith(`<!doctype html>\n<html lang="${tag}"`));
    const texts = [fillText(words.rehearsedRow, { protocol: "apollo" }), words.gain, words.trainingRun];
    for (const text of texts) assert.ok(html.includes(text), `${code}: ${text}`);
    assert.doesNotMatch(html, /<(?:script|link|img)\b|https?:\/\/|NaN|undefined|Infinity/u);
    if (code !== "en") assert.ok(!/Rehears|Published:|Average/u.test(html), code);
    const links = [...html.matchAll(/href="([^#"]+)"/gu)].map(([, link = ""]) => link);
    assert.ok(links.length >= 5 + BOARD_LANGUAGES.length - 1);
    for (const link of links) assert.ok(existsSync(join(out, link)), link);
  }
});

test("every text of the report is translated and speaks of the same values", () => {
  const texts = (code: BoardLanguage): Map<string, string> => {
    const { caveats, ...others } = REPRODUCE_WORDS[code];
    return new Map([...Object.entries(others), ...Object.entries(caveats)]);
  };
  const slots = (text: string) => [...text.matchAll(/\{\w+\}/gu)].map(([slot]) => slot).sort();
  for (const { code } of BOARD_LANGUAGES.filter(({ code }) => code !== "en"))
    for (const [key, text] of texts("en")) {
      const own = texts(code).get(key) ?? "";
      // Words that French or Spanish share with English.
      assert.ok(own !== "" && (own !== text || key === "real" || key === "verdict"), `${code}: ${key}`);
      assert.deepEqual(slots(own), slots(text), `${code}: ${key}`);
    }
});

test("nothing half-made is left, and only what the mixture names was pulled", async () => {
  const names = Object.keys(await artifacts());
  assert.deepEqual(
    names.filter((name) => /\.part$|\.old$|checkpoint-\d/u.test(name)),
    [],
  );
  const sources = names.filter((name) => /^corpus.imported.[a-zA-Z_]+\.json$/u.test(name));
  assert.ok(sources.length > 40);
  assert.ok(!names.some((name) => /^corpus.*_text\.json$/u.test(name)), "texts are not trained on");
});

test("a plan says what the rehearsal would take, and fetches nothing but a configuration", async () => {
  const plan = await planReproduction({ ...SMALL, settings: [], out: join(folder, "plan") });
  assert.deepEqual(
    plan.pulls.map(({ what, known }) => `${what} ${known}`),
    ["base hub", "corpus hub", "exam hub"],
  );
  assert.ok(plan.download > 0);
  assert.deepEqual(plan.problems, []);
  const { training } = plan;
  const chain = (await readJson(join(out, "chain.json"))) as ChainRecord;
  const made = (stage: string) => chain.stages.find((one) => one.stage === stage)!.result;
  assert.equal(training?.trainedParameters, (made("train") as { parameters: number }).parameters);
  // Bytes a token are guessed before there is a corpus; the rows must come out in the right order of size.
  const { rows } = made("corpus pack") as { rows: number };
  assert.ok(training.rows > rows / 2 && training.rows < rows * 2, `${training.rows}, ${rows}`);
  const cache = await readdir(join(folder, "plan", "stand-in", "cache"), { recursive: true });
  assert.deepEqual(
    cache.filter((name) => /snapshots.+\.(?:json|safetensors)$/u.test(name)).map((name) => basename(name)),
    ["config.json"],
  );
});

test("every published size has a plan without the network, that says what is a guess and what does not fit", async () => {
  const environment = { ...process.env };
  Object.assign(process.env, { HF_HUB_OFFLINE: "1", HF_HOME: join(folder, "none") });
  try {
    for (const name of FAMILY) {
      const warnings: string[] = [];
      const plan = await planReproduction({
        name,
        out: join(folder, "plan"),
        warn: (line) => warnings.push(line),
      });
      assert.ok(plan.pulls.every(({ known }) => known === "about"));
      assert.equal(warnings.length, 4, "three sizes, and what training takes");
      assert.equal(plan.tokens, 3_128_300_000);
      assert.equal(
        plan.problems.some((line) => line.startsWith("Disk")),
        Object.values(plan.disk).reduce((sum, bytes) => sum + bytes, 0) > plan.diskFree,
      );
    }
  } finally {
    for (const key of ["HF_HUB_OFFLINE", "HF_HOME"]) {
      if (environment[key] === undefined) delete process.env[key];
      else process.env[key] = environment[key];
    }
  }
});

test("a file of prompts that is none is refused before anything is fetched", async () => {
  const protocolFile = join(folder, "missing.json");
  const fresh = join(folder, "fresh");
  await assert.rejects(reproduce({ ...SMALL, out: fresh, protocolFile }), { file: protocolFile });
  await assert.rejects(planReproduction({ ...SMALL, out: fresh, protocolFile }), { file: protocolFile });
  assert.equal(existsSync(fresh), false);
});

test("an unknown name is refused with the list", async () => {
  await assert.rejects(reproduce({ name: "apollo-9b", out }), (error: Error & { remedy?: string }) => {
    assert.match(error.remedy ?? "", /apollo-0\.5b, apollo-1\.8b, apollo-2b, apollo-6b, apollo-7b/u);
    return true;
  });
});
