// Training on a device: the CPU's numbers up to rounding. The CPU itself can be the device; a GPU's runs are tried where WebGPU (one
// in software will do) or CUDA has one, and say so where there is none.
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readJson, UserError, writeJson } from "../core/index.ts";
import { requireDevice } from "../graph/index.ts";
import {
  encodeSafetensorsHeader,
  initializeWeights,
  openCheckpoint,
  parameterShapes,
} from "../model/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { nextBatch } from "./batch.ts";
import { readLosses, readTrainingState, type TrainDevice } from "./checkpoint.ts";
import { createDeviceStep } from "./device-step.ts";
import { fullTraining } from "./method.ts";
import { shapeModel } from "./model-shape.ts";
import { openPackedRows } from "./packed.ts";
import { checkpointsIn, writePackedRows } from "./packed-rows.test.helper.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";
import { train } from "./train.ts";
import { createTrainingStep, freshState, type WeightMap } from "./training-step.ts";

const COMMON = { steps: 12, batch: 2, learningRate: 0.01, checkpointEvery: 5, keepCheckpoints: 2, seed: 1 };
const FULL = parseRecipe({ ...COMMON, model: { hiddenSize: 32, layers: 2, heads: 2 } }, "test");

/** The GPUs, and why their tests are skipped; false where one is there. */
const GPUS = await Promise.all(
  (["webgpu", "cuda"] as const).map(async (device) => {
    const skip = await requireDevice(device).then(
      () => false as const,
      (error: unknown) => String(error),
    );
    return { device, skip };
  }),
);

let folder: string;
let data: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-device-"));
  data = await writePackedRows(join(folder, "packed"));
});
after(() => rm(folder, { recursive: true }));

test("with the CPU as its device, a step's graphs compute what the CPU's own step does", async () => {
  const rows = await openPackedRows(data);
  const { vocabularySize } = await loadTokenizer(join(data, "tokenizer"));
  const given = { vocabularySize, contextLength: rows.length, eosId: 0, bosId: undefined };
  const config = shapeModel(FULL.model!, given);
  const method = fullTraining(config);
  for (const recipe of [FULL, { ...FULL, accumulate: 2, gradientClip: 0.1 }]) {
    const start = () => freshState(initializeWeights(config, 1));
    const where = { length: rows.length, threads: 1 };
    const cpu = await createTrainingStep(method, recipe, start(), where);
    const device = await createDeviceStep(method, recipe, start(), { ...where, provider: "cpu" });
    for (let number = 1; number <= 6; number++) {
      const batch = await nextBatch(rows, number * 2, 2, vocabularySize, { wrap: true });
      const expected = await cpu.run(batch, number, 0.01);
      const found = await device.run(batch, number, 0.01);
      for (const key of ["loss", "gradientNorm"] as const)
        assert.ok(Math.abs(found[key] - expected[key]) <= 1e-4 * expected[key], `${key} of step ${number}`);
    }
    const [expected, found] = [await cpu.state(), await device.state()];
    for (const part of ["weights", "firstMoments", "secondMoments"] as const)
      sameUpToRounding(found[part], expected[part], part);
    await cpu.close();
    await device.close();
  }
  rows.close();
});

test("a device that gives back nothing but zeros ends the run", async () => {
  const config = shapeModel(FULL.model!, { vocabularySize: 8, contextLength: 4, eosId: 0, bosId: undefined });
  const method = fullTraining(config);
  // So sure that the next token is this one's like that float32 has no loss left: layers add nothing, and one token alone has a value.
  const weights = initializeWeights(config, 1);
  for (const [name, { data: values }] of weights) {
    if (!name.includes("norm")) values.fill(0);
    if (name === "model.embed_tokens.weight") values[0] = 1e4;
  }
  const ids = new Int32Array(FULL.batch * 4);
  const batch = { inputIds: ids, labels: ids, positionIds: ids.map((_, i) => i % 4), segmentIds: ids };
  const step = await createDeviceStep(method, FULL, freshState(weights), { provider: "cpu", length: 4 });
  await assert.rejects(step.run(batch, 1, 0.01), /nothing but zeros/);
  const none = { ...batch, labels: ids.map(() => -100) };
  assert.equal((await step.run(none, 1, 0.01)).loss, 0, "nothing to learn");
  await step.close();
});

for (const { device, skip } of GPUS)
  test(`${device}: without a GPU a run is refused before it leaves anything`, {
    skip: skip === false && "there is one",
  }, async () => {
    const out = join(folder, "refused");
    await assert.rejects(train({ recipe: FULL, data, out, device }), (error) => {
      assert.ok(error instanceof UserError && error.code === "no-gpu", String(error));
      assert.match(error.line, /no GPU.*Use .*, or install/);
      return true;
    });
    assert.deepEqual(await readdir(folder), ["packed"]);
  });

/** Asserts that values differ by less than a two hundredth of their tensor's largest. */
function sameUpToRounding(found: WeightMap, expected: WeightMap, part: string): void {
  for (const [name, { data: values }] of expected) {
    const others = found.get(name)!.data;
    const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    values.forEach((value, i) => {
      assert.ok(Math.abs(others[i]! - value) <= 5e-3 * largest, `${part} of ${name}[${i}]`);
    });
  }
}

/** Losses of the same run on both; asserts that they stay within `tolerance` nats. */
async function compare(device: TrainDevice, name: string, recipe: Recipe, tolerance: number): Promise<void> {
  const losses = async (by: TrainDevice): Promise<number[]> => {
    const out = join(folder, `${device}-${name}-${by}`);
    await train({ recipe, data, out, device: by });
    return readLosses(out);
  };
  const [cpu, gpu] = [await losses("cpu"), await losses(device)];
  assert.equal(gpu.length, COMMON.steps);
  assert.ok(gpu.at(-1)! < gpu[0]!, "it learns");
  gpu.forEach((loss, i) => {
    assert.ok(Math.abs(loss - cpu[i]!) <= tolerance, `step ${i + 1}: ${loss}, ${cpu[i]} on the CPU`);
  });
}

test("a checkpoint of one device is refused by another", async () => {
  for (const device of ["webgpu", "cuda"] as const) {
    const out = join(folder, `begun-on-${device}`);
    const controller = new AbortController();
    const run = { recipe: FULL, data, out, device: "cpu" as const };
    const onStep = () => controller.abort(new UserError("interrupted", "interrupted"));
    await assert.rejects(train({ ...run, signal: controller.signal, onStep }), /interrupted/);
    const file = join(out, "checkpoint-1", "trainer_state.json");
    await writeJson(file, { ...((await readJson(file)) as object), device });
    await assert.rejects(train(run), new RegExp(`holds a run with --device ${device}, found --device cpu`));
  }
});

for (const { device, skip } of GPUS) {
  test(`${device}: full training, in parts and with layers computed twice`, { skip }, async () => {
    await compare(device, "full", FULL, 1e-4);
    await compare(
      device,
      "parts",
      { ...FULL, accumulate: 2, recomputeActivations: true, decay: "all-but-biases" },
      1e-4,
    );
    const format = { weightFile: "model.safetensors" };
    const [cpu, gpu] = await Promise.all(
      ["cpu", device].map((by) => readTrainingState(join(folder, `${device}-full-${by}`), format)),
    );
    for (const part of ["weights", "firstMoments", "secondMoments"] as const)
      sameUpToRounding(gpu![part], cpu![part], part);
  });

  test(`${device}: adapters, with dropout, and beside a base in bfloat16`, { skip }, async () => {
    const base = join(folder, `base-${device}`);
    await train({ recipe: FULL, data, out: base });
    const { model: _, ...settings } = FULL;
    const lora = { rank: 4, alpha: 8, targets: "all-linear", dropout: 0 };
    await compare(device, "lora", { ...settings, base, lora }, 1e-4);
    await compare(
      device,
      "lora-bf16",
      { ...settings, base: await halved(base, join(folder, `halved-${device}`)), lora },
      1e-4,
    );
    // Rounding decides whether an element at the edge is dropped.
    await compare(device, "dropout", { ...settings, base, lora: { ...lora, dropout: 0.1 } }, 5e-3);
  });

  test(`${device}: a stopped run goes on from its checkpoint, on the device where it was`, {
    skip,
  }, async () => {
    const out = join(folder, `stopped-${device}`);
    const controller = new AbortController();
    const run = { recipe: FULL, data, out, device };
    const stopped = train({
      ...run,
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step === 7) controller.abort(new UserError("interrupted", "interrupted"));
      },
    });
    await assert.rejects(stopped, /interrupted/);
    assert.deepEqual((await checkpointsIn(out)).sort(), ["checkpoint-5", "checkpoint-7"]);
    await assert.rejects(train({ ...run, device: "cpu" }), (error) => {
      assert.ok(error instanceof UserError && error.code === "other-device", String(error));
      assert.match(
        error.line,
        new RegExp(
          `stopped-${device}: holds a run with --device ${device}, found --device cpu\\. Go on with`,
        ),
      );
      return true;
    });
    const steps: number[] = [];
    await train({ ...run, onStep: ({ step }) => steps.push(step) });
    assert.deepEqual(steps, [8, 9, 10, 11, 12]);
    const whole = join(folder, `not-stopped-${device}`);
    await train({ ...run, out: whole });
    const expected = await readLosses(whole);
    (await readLosses(out)).forEach((loss, i) => {
      assert.ok(Math.abs(loss - expected[i]!) < 1e-4, `step ${i + 1}: ${loss} and ${expected[i]}`);
    });
  });

  test(`${device}: a step that is no number leaves the state as it was`, { skip }, async () => {
    const out = join(folder, `diverged-${device}`);
    const wild = { ...FULL, learningRate: 1e30, warmup: 0, checkpointEvery: 1 };
    await assert.rejects(train({ recipe: wild, data, out, device }), /at step 2 \(packed rows/);
    assert.deepEqual(await checkpointsIn(out), ["checkpoint-1"]);
  });
}

/** The checkpoint with its weights cut off to bfloat16, the upper halves of float32. */
async function halved(from: string, out: string): Promise<string> {
  await mkdir(out);
  await copyFile(join(from, "config.json"), join(out, "config.json"));
  const checkpoint = await openCheckpoint(from);
  const tensors = await Promise.all(
    parameterShapes(checkpoint.config).map(async ({ name, shape }) => {
      const { buffer } = (await checkpoint.read(name)).slice();
      const bits = Uint16Array.from(new Uint32Array(buffer), (word) => word >>> 16);
      return { name, dtype: "BF16", shape, bits };
    }),
  );
  await checkpoint.close();
  await writeFile(
    join(out, "model.safetensors"),
    Buffer.concat([
      encodeSafetensorsHeader(tensors),
      ...tensors.map(({ bits }) => new Uint8Array(bits.buffer)),
    ]),
  );
  return out;
}
