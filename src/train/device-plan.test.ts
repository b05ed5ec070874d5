// The plan of a run on a GPU: what is counted needs no GPU; what is tried says so where there is none.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { requireDevice } from "../graph/index.ts";
import { planOnDevice } from "./device-plan.ts";
import { writePackedRows } from "./packed-rows.test.helper.ts";
import { PUBLISHED_PARAMETERS, writePublishedBase } from "./published-base.test.helper.ts";
import { loadRecipe, parseRecipe } from "./recipe.ts";
import { train } from "./train.ts";

const RECIPE = fileURLToPath(new URL("../../recipes/apollo-0.5b.yaml", import.meta.url));

let folder: string;
let base: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-device-plan-"));
  base = await writePublishedBase(folder);
});
after(() => rm(folder, { recursive: true }));

const published = async (...settings: string[]) =>
  planOnDevice("cuda", {
    recipe: await loadRecipe(RECIPE, [`base=${base}`, "batch=4", "accumulate=1", ...settings]),
    probe: false,
    available: 2 ** 40,
  });

test("28 bytes for each trained weight, 4 for each frozen one, and the activations", async () => {
  const full = await published();
  assert.equal(full.trainedParameters, PUBLISHED_PARAMETERS);
  const { weights, optimizer, gradients, frozen, activations, total } = full.memory;
  assert.deepEqual(
    [weights, optimizer, gradients, frozen],
    [8, 16, 4, 0].map((bytes) => bytes * PUBLISHED_PARAMETERS),
  );
  assert.equal(total, 28 * PUBLISHED_PARAMETERS + activations);
  const parts = await published("accumulate=4");
  assert.equal(parts.memory.gradients, 12 * PUBLISHED_PARAMETERS, "the sum, a part, and their sum");
  assert.ok(parts.memory.activations < activations / 2);

  const adapters = await published("lora.rank=16", "lora.alpha=32");
  assert.equal(adapters.memory.frozen, 4 * PUBLISHED_PARAMETERS);
  assert.equal(adapters.memory.gradients, 4 * adapters.trainedParameters);
  assert.ok(adapters.processMemory > adapters.memory.frozen, "widened here first");
  for (const plan of [full, adapters])
    assert.deepEqual(plan.memory.largest, { name: "model.embed_tokens.weight", bytes: 4 * 151_936 * 1024 });
  const long = await published("batch=64");
  assert.equal(long.memory.largest.name, "a layer's inner activations");
});

test("what this machine lacks makes a plan that does not fit", async () => {
  const recipe = await loadRecipe(RECIPE, [`base=${base}`]);
  const plan = await planOnDevice("cuda", { recipe, probe: false, available: 2 ** 30 });
  assert.ok(!plan.fits && plan.processMemory > plan.available);
});

for (const device of ["webgpu", "cuda"] as const) {
  test(`${device}: the largest tensor and the time are tried, or it is said why not`, async () => {
    const data = await writePackedRows(join(folder, `packed-${device}`));
    const recipe = parseRecipe(
      { model: { hiddenSize: 16, layers: 2 }, batch: 2, learningRate: 0.01 },
      "test",
    );
    const plan = await planOnDevice(device, { recipe, data });
    const missing = await requireDevice(device).then(
      () => undefined,
      ({ message }: Error) => message,
    );
    assert.equal(plan.missing, missing);
    assert.ok(plan.fits);
    assert.equal(plan.holdsLargest, missing === undefined ? true : undefined);
    for (const key of ["tokensPerSecond", "seconds", "stepRate"] as const)
      assert.equal(Number.isFinite(plan[key]), missing === undefined, key);
    if (missing !== undefined) return;
    const run = await train({ recipe, data, out: join(folder, `run-${device}`), device });
    assert.deepEqual([plan.steps, plan.trainedParameters], [run.steps, run.parameters]);
  });
}
