import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runCli, runHere } from "./run-cli.test.helper.ts";

test("apollo reproduce refuses unknown names and scales, with what there is", async () => {
  const name = await runHere(["reproduce", "apollo-70b", "--dry-run", "--json"]);
  assert.equal(name.code, 2);
  const { error } = name.json as { error: { code: string; remedy: string } };
  assert.equal(error.code, "unknown-model");
  assert.match(error.remedy, /apollo-0\.5b, .*apollo-7b/u);
  const scale = await runHere(["reproduce", "apollo-0.5b", "--scale", "huge"]);
  assert.equal(scale.code, 2);
  assert.match(scale.stderr, /full, tiny/u);
});

test("apollo reproduce --dry-run tells a person and a script what it would take", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-reproduce-plan-"));
  t.after(() => rm(folder, { recursive: true }));
  const words = ["reproduce", "apollo-6b", "--dry-run", "--out", join(folder, "run")];
  const environment = { HF_HUB_OFFLINE: "1", HF_HOME: join(folder, "home") };
  const people = await runCli(words, environment);
  assert.equal(people.code, 0, people.stderr);
  assert.match(people.stdout, /^base +\S+Yi-6B +12\.1 GB +12\.1 GB +an estimate$/mu);
  assert.match(people.stdout, /^tokens +3,128,300,000$/mu);
  assert.match(people.stdout, /^disk +[\d.]+ GB \(download .*gguf [\d.]+ GB\); .* free$/mu);
  assert.match(people.stderr, /its size is an estimate/u);
  const plan = (await runCli([...words, "--json"], environment)).json as Record<string, unknown>;
  assert.deepEqual(Object.keys(plan).sort(), [
    "base",
    "disk",
    "diskFree",
    "download",
    "hours",
    "name",
    "problems",
    "pulls",
    "scale",
    "threads",
    "tokens",
  ]);
});
