import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { initializeWeights } from "../model/index.ts";
import { nextBatch } from "./batch.ts";
import { fullTraining } from "./method.ts";
import { shapeModel } from "./model-shape.ts";
import { openPackedRows } from "./packed.ts";
import {
  LENGTH,
  outcome,
  tinyRows,
  tinyTokenizer,
  VOCABULARY_SIZE,
  writePackedRows,
} from "./packed-rows.test.helper.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";
import { train } from "./train.ts";
import { createTrainingStep, freshState, type TrainingState } from "./training-step.ts";

const RECIPE = {
  model: { hiddenSize: 16, layers: 2, heads: 2 },
  steps: 6,
  batch: 4,
  learningRate: 0.01,
  checkpointEvery: 2,
  seed: 1,
};
const recipe = (changes: object = {}): Recipe => parseRecipe({ ...RECIPE, ...changes }, "test");

let folder: string;
let data: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-accumulate-"));
  // Very different numbers of label tokens: a mean of the parts' means would be another gradient.
  const rows = tinyRows(tinyTokenizer()).map((row, i) =>
    i === 1 ? { ...row, labels: row.labels.map((label, at) => (at < 20 ? -100 : label)) } : row,
  );
  data = await writePackedRows(join(folder, "packed"), tinyTokenizer(), rows);
});
after(() => rm(folder, { recursive: true }));

async function oneStep(accumulate: number): Promise<{ state: TrainingState; loss: number; norm: number }> {
  const settings = recipe({ accumulate });
  const config = shapeModel(settings.model!, {
    vocabularySize: VOCABULARY_SIZE,
    contextLength: LENGTH,
    eosId: undefined,
    bosId: undefined,
  });
  const state = freshState(initializeWeights(config, 1));
  const step = await createTrainingStep(fullTraining(config), settings, state, {
    length: LENGTH,
    threads: 1,
  });
  const rows = await openPackedRows(data);
  // Three rows and one without a label.
  const batch = await nextBatch(rows, 0, 4, VOCABULARY_SIZE, { wrap: false });
  const { loss, gradientNorm } = await step.run(batch, 1, 0.01);
  await rows.close();
  await step.close();
  return { state, loss, norm: gradientNorm };
}

test("a batch in parts gives the loss and the gradient of the whole batch", async () => {
  const whole = await oneStep(1);
  for (const accumulate of [2, 4]) {
    const parts = await oneStep(accumulate);
    assert.ok(Math.abs(parts.loss - whole.loss) < 1e-6 * whole.loss, `${parts.loss} and ${whole.loss}`);
    assert.ok(Math.abs(parts.norm - whole.norm) < 1e-5 * whole.norm, `${parts.norm} and ${whole.norm}`);
    for (const [name, { data }] of parts.state.firstMoments) {
      const expected = whole.state.firstMoments.get(name)!.data;
      const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      assert.ok(largest > 0, name);
      data.forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]!) < 1e-5 * largest, `${name}[${i}]`);
      });
    }
  }
});

test("a stopped run with accumulation ends in the same bytes", async () => {
  const settings = recipe({ accumulate: 2 });
  await train({ recipe: settings, data, out: join(folder, "whole") });
  const controller = new AbortController();
  const out = join(folder, "stopped");
  const stopped = train({
    recipe: settings,
    data,
    out,
    signal: controller.signal,
    onStep: ({ step }) => {
      if (step === 3) controller.abort(new UserError("interrupted", "interrupted"));
    },
  });
  await assert.rejects(stopped, /interrupted/);
  await train({ recipe: settings, data, out });
  assert.deepEqual(await outcome(out), await outcome(join(folder, "whole")));
});
