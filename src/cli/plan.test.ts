import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runHere } from "./run-cli.test.helper.ts";

const RECIPE = fileURLToPath(new URL("../../recipes/apollo-2b.yaml", import.meta.url));

test("apollo plan says memory, time, cost, network and disk, with what it assumes", async () => {
  const words = ["plan", "--recipe", RECIPE, "--cluster", "8xA100-80G", "--price", "2/gpu-hour"];
  const said = await runHere(words);
  assert.equal(said.code, 0, said.stderr);
  for (const part of [
    /^parameters +2\.51 billion/mu,
    /^\* ZeRO/mu,
    /^plan /mu,
    /^cost /mu,
    /^disk /mu,
    /^Assumed:/mu,
  ])
    assert.match(said.stdout, part);
  const plan = (await runHere([...words, "--json"])).json as Record<string, never> & {
    chosen: { fits: boolean; memory: Record<string, number>; hours: number[]; cost: number[] };
  };
  assert.equal(plan.parameters, 2_506_172_416);
  assert.equal(plan.chosen.fits, true);
  const { total, ...kinds } = plan.chosen.memory;
  assert(Math.abs(Object.values(kinds).reduce((a, b) => a + b) - total!) < 1);
  assert.deepEqual(
    plan.chosen.cost,
    plan.chosen.hours.map((hours) => hours * 8 * 2),
  );
});

test("apollo plan refuses what does not fit, what is missing and what cannot be meant", async () => {
  const tiny = await runHere(["plan", "--recipe", RECIPE, "--cluster", "RTX4090", "--json"]);
  assert.equal(tiny.code, 2);
  const { error } = tiny.json as { error: { code: string; remedy: string } };
  assert.equal(error.code, "does-not-fit");
  assert.match(error.remedy, /LoRA on these GPUs/u);
  for (const [words, code] of [
    [["--recipe", RECIPE], "missing-option"],
    [["--cluster", "8xH100"], "missing-option"],
    [["--recipe", RECIPE, "--cluster", "8xV100"], "bad-cluster"],
    [["--recipe", RECIPE, "--cluster", "8xH100", "--price", "cheap"], "bad-option"],
    [["--recipe", RECIPE, "--cluster", "8xH100", "--network", "0"], "bad-option"],
    [["--corpus", "much"], "bad-option"],
    [["--corpus", "1TB", "--nodes", "1,,2"], "bad-option"],
    [["--corpus", "1TB", "--recipe", RECIPE], "bad-option"],
  ] as const) {
    const { code: exit, json } = await runHere(["plan", ...words, "--json"]);
    assert.equal(exit, 2, words.join(" "));
    assert.equal((json as { error: { code: string } }).error.code, code, words.join(" "));
  }
});

test("apollo plan --corpus says tasks, shuffle and time by nodes", async () => {
  const said = await runHere(["plan", "--corpus", "1TB", "--nodes", "1,8"]);
  assert.equal(said.code, 0, said.stderr);
  assert.match(said.stdout, /^stage +tasks +core-hours .* 1 node, h +8 nodes, h$/mu);
  const { json } = await runHere(["plan", "--corpus", "1TB", "--nodes", "1,8", "--json"]);
  const plan = json as {
    totals: { nodes: number; hours: number }[];
    stages: { stage: string; tasks: number }[];
  };
  assert.deepEqual(
    plan.totals.map(({ nodes }) => nodes),
    [1, 8],
  );
  // Work is divided among nodes, joining is not.
  assert(plan.totals[0]!.hours > plan.totals[1]!.hours);
  assert.match(said.stdout, /one process joins what tasks made/u);
  assert.deepEqual(
    plan.stages.map(({ stage, tasks }) => [stage, tasks]),
    ["import", "clean", "dedup", "decontaminate", "pack"].map((stage) => [stage, 1000]),
  );
});
