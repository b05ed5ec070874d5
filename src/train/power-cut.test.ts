import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkpointsIn, outcome, writePackedRows } from "./packed-rows.test.helper.ts";
import { cutPowerAt } from "./power-cut.test.helper.ts";
import { parseRecipe } from "./recipe.ts";
import { train } from "./train.ts";

/** The id of a process that has ended. */
const GONE = spawnSync(process.execPath, ["--version"]).pid;

test("whenever the power fails, the next start ends in the same bytes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-power-"));
  const data = await writePackedRows(join(folder, "packed"));
  const model = { hiddenSize: 4, layers: 1, heads: 1, intermediateSize: 4 };
  const raw = { model, steps: 2, batch: 1, learningRate: 0.01, checkpointEvery: 1 };
  const options = { recipe: parseRecipe(raw, "test"), data };
  await train({ ...options, out: join(folder, "undisturbed") });
  const expected = await outcome(join(folder, "undisturbed"));

  // From the first checkpoint on: the second is written, the first removed, the result published.
  const begun = join(folder, "begun");
  const controller = new AbortController();
  const stop = { signal: controller.signal, onStep: () => controller.abort(new Error("enough")) };
  await assert.rejects(train({ ...options, ...stop, out: begun }), /enough/);
  assert.deepEqual(await checkpointsIn(begun), ["checkpoint-1"]);

  const out = join(folder, "out");
  let moment = 0;
  for (let cut = true; cut; moment++) {
    await rm(out, { recursive: true, force: true });
    await cp(begun, out, { recursive: true });
    ({ cut } = await cutPowerAt(moment, () => train({ ...options, out })));
    await letWritersDie(out);
    await train({ ...options, out });
    assert.deepEqual(await outcome(out), expected, `after a power cut at change ${moment}`);
  }
  assert.ok(moment > 30, `only ${moment} moments were tried`);
  await rm(folder, { recursive: true });
});

/** This process lives on: what it left half-written gets the name that it would have from one that is gone. */
async function letWritersDie(out: string): Promise<void> {
  for (const name of await readdir(out, { recursive: true })) {
    const dead = name.replace(`.${process.pid}-`, `.${GONE}-`);
    if (dead !== name && existsSync(join(out, name))) await rename(join(out, name), join(out, dead));
  }
}
