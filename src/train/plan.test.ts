import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { UserError } from "../core/index.ts";
import { flopsPerToken } from "./arithmetic.ts";
import { LENGTH, VOCABULARY_SIZE, writePackedRows } from "./packed-rows.test.helper.ts";
import { planTraining, type TrainingPlan } from "./plan.ts";
import { PUBLISHED_PARAMETERS, writePublishedBase } from "./published-base.test.helper.ts";
import { loadRecipe, parseRecipe } from "./recipe.ts";
import { train } from "./train.ts";

const RECIPES = fileURLToPath(new URL("../../recipes", import.meta.url));
const GIB = 2 ** 30;

let folder: string;
let base: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-plan-"));
  base = await writePublishedBase(folder);
});
after(() => rm(folder, { recursive: true }));

test("a plan counts what the run then has", async () => {
  const data = await writePackedRows(join(folder, "packed"));
  const recipe = parseRecipe({ model: { hiddenSize: 16, layers: 2 }, batch: 2, learningRate: 0.01 }, "test");
  const plan = await planTraining({ recipe, data });
  const result = await train({ recipe, data, out: join(folder, "run") });
  assert.equal(plan.trainedParameters, result.parameters);
  assert.deepEqual([plan.rows, plan.length, plan.steps], [3, LENGTH, 2]);
  assert.equal(plan.steps, result.steps);
  assert.equal(plan.tokens, 2 * 2 * LENGTH);
  assert.equal(plan.memory.weights, 4 * result.parameters);
  assert.equal(plan.memory.optimizer, 8 * result.parameters);
  assert.equal(plan.memory.evaluation, 0);
  assert.ok(plan.fits && plan.measured && plan.seconds > 0);
});

test("a plan counts what evaluations take, in the alternatives too", async () => {
  const data = await writePackedRows(join(folder, "held-out"));
  const file = join(RECIPES, "apollo-0.5b.yaml");
  const recipe = await loadRecipe(file, [
    `base=${base}`,
    "lora.rank=16",
    "lora.alpha=32",
    "batch=4",
    "accumulate=1",
  ]);
  const plan = (more: object) => planTraining({ recipe, probe: false, available: 1, ...more });
  const [plain, heldOut, both] = [
    await plan({}),
    await plan({ heldOut: data }),
    await plan({ heldOut: data, exam: true }),
  ];
  assert.equal(plain.memory.evaluation, 0);
  // One row's logits, and the widened embedding.
  assert.ok(heldOut.memory.evaluation > 4 * (LENGTH * 151_936 + 151_936 * 1024));
  assert.ok(both.memory.evaluation > heldOut.memory.evaluation);
  assert.equal(
    both.memory.mapped - plain.memory.mapped,
    2 * PUBLISHED_PARAMETERS,
    "the model once more, in F16",
  );
  assert.ok(Math.abs(both.memory.total - plain.memory.total - both.memory.evaluation) < 1);
  const fitting = await plan({ heldOut: data, exam: true, available: both.memory.total - 1 });
  assert.ok(fitting.alternatives.length > 0);
  for (const { memory } of fitting.alternatives) assert.equal(memory.evaluation, both.memory.evaluation);
});

test("a published run from its configuration alone: too large, with what would fit", async () => {
  const recipe = await loadRecipe(join(RECIPES, "apollo-0.5b.yaml"), [`base=${base}`]);
  const plan = await planTraining({ recipe, probe: false, available: 6 * GIB });
  assert.equal(plan.parameters, PUBLISHED_PARAMETERS, "facts of the checkpoint");
  assert.equal(plan.steps, Math.ceil(plan.rows / 256));
  assert.equal(plan.fits, false);
  const { memory } = plan;
  const kinds = memory.weights + memory.gradients + memory.optimizer + memory.activations + memory.runtime;
  assert.equal(memory.total, kinds);
  assert.ok(plan.alternatives.length > 0);
  for (const alternative of plan.alternatives) assert.ok(alternative.memory.total <= 6 * GIB);
  assert.ok(plan.alternatives.some(({ settings }) => settings.includes("lora.rank=16")));
  const adapted = await planTraining({
    recipe: await loadRecipe(join(RECIPES, "apollo-0.5b.yaml"), [
      `base=${base}`,
      "lora.rank=16",
      "lora.alpha=32",
    ]),
    probe: false,
    available: 100 * GIB,
  });
  assert.equal(adapted.memory.mapped, 2 * PUBLISHED_PARAMETERS, "16-bit weights in their file");
  assert.ok(adapted.fits && adapted.trainedParameters < 1e7);
  assert.deepEqual(adapted.quicker?.settings, ["lora.prepackBase=true"]);
  assert.ok(adapted.quicker.memory.total > adapted.memory.total);
  assert.equal(plan.quicker, undefined, "trained weights cannot be packed");
});

test("every published recipe is planned without the hub", async () => {
  for (const [name, parameters] of [
    ["0.5b", PUBLISHED_PARAMETERS],
    ["1.8b", 1_836_828_672],
    ["2b", 2_506_172_416],
    ["6b", 6_061_035_520],
    ["7b", 8_537_680_896],
  ] as const) {
    const recipe = await loadRecipe(join(RECIPES, `apollo-${name}.yaml`));
    const plan = await planTraining({ recipe, probe: false, available: 6 * GIB });
    assert.deepEqual([plan.parameters, plan.fits], [parameters, false], name);
  }
});

test("a packed base is counted, and given up first where memory is short", async () => {
  const file = join(RECIPES, "apollo-0.5b.yaml");
  const settings = [`base=${base}`, "lora.rank=16", "lora.alpha=32", "batch=1", "accumulate=1"];
  const plan = async (packed: boolean, available: number): Promise<TrainingPlan> =>
    planTraining({
      recipe: await loadRecipe(file, [...settings, `lora.prepackBase=${packed}`]),
      probe: false,
      available,
    });
  const [plain, packed] = [await plan(false, GIB), await plan(true, GIB)];
  assert.equal(plain.quicker, undefined, "the recipe has decided");
  // Apollo-0.5B's layers hold 308 M values in matrices: forward, forward again, and backward. Its head is multiplied in chunks.
  assert.equal(packed.memory.packed, 3 * 4 * 24 * (4 * 1024 * 1024 + 3 * 1024 * 2816));
  assert.ok(Math.abs(packed.memory.total - plain.memory.total - packed.memory.packed) < 1);
  const { alternatives } = await plan(true, plain.memory.total);
  assert.deepEqual(alternatives[0]!.settings, ["lora.prepackBase=false"]);
  assert.equal(alternatives[0]!.memory.total, plain.memory.total);
});

test("computing layers again and cutting the batch lower what is planned", async () => {
  const need = async (...settings: string[]): Promise<number> => {
    const file = join(RECIPES, "apollo-0.5b.yaml");
    const recipe = await loadRecipe(file, [`base=${base}`, "batch=4", "accumulate=1", ...settings]);
    return (await planTraining({ recipe, probe: false, available: 1 })).memory.activations;
  };
  const kept = await need("recomputeActivations=false");
  const again = await need();
  assert.ok(again < kept / 3, `${again} of ${kept}`);
  assert.ok((await need("accumulate=4")) < again / 2);
});

test("nothing to plan with is said", async () => {
  const tiny = await loadRecipe(join(RECIPES, "tiny.yaml"));
  await assert.rejects(planTraining({ recipe: tiny }), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.line, /how many rows.*--data/);
    return true;
  });
});

test("operations of a token: 6 for each weight of a product, and attention's", () => {
  const config = {
    ...{
      architecture: "llama" as const,
      vocabularySize: VOCABULARY_SIZE,
      hiddenSize: 8,
      intermediateSize: 16,
    },
    ...{
      layers: 1,
      heads: 2,
      keyValueHeads: 1,
      headSize: 4,
      normEpsilon: 1e-6,
      ropeTheta: 1,
      contextLength: 8,
    },
    ...{ tiedEmbeddings: false, attentionBias: false, bosId: undefined, eosId: undefined },
  };
  const matrices = 8 * 8 + 2 * 8 * 4 + 8 * 8 + 3 * 8 * 16 + 8 * VOCABULARY_SIZE;
  // Two products, scores and values, with 4 keys on average: 2 x 2 x 8 x 4.
  assert.equal(flopsPerToken(config, 8, true), 6 * matrices + 3 * 128);
  assert.equal(flopsPerToken(config, 8, false), 4 * matrices + 3 * 128);
});
