// Training on a GPU: the CPU's numbers up to rounding. Runs where WebGPU has a device (one in software will do), and says so where
// it has none.
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { requireDevice } from "../graph/index.ts";
import { encodeSafetensorsHeader, openCheckpoint, parameterShapes } from "../model/index.ts";
import { readLosses, readTrainingState, type TrainDevice } from "./checkpoint.ts";
import { checkpointsIn, writePackedRows } from "./packed-rows.test.helper.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";
import { train } from "./train.ts";

const COMMON = { steps: 12, batch: 2, learningRate: 0.01, checkpointEvery: 5, keepCheckpoints: 2, seed: 1 };
const FULL = parseRecipe({ ...COMMON, model: { hiddenSize: 32, layers: 2, heads: 2 } }, "test");

const missing: unknown = await requireDevice("webgpu").then(
  () => undefined,
  (error: unknown) => error,
);
const skip = missing === undefined ? false : String(missing);

let folder: string;
let data: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-device-"));
  data = await writePackedRows(join(folder, "packed"));
});
after(() => rm(folder, { recursive: true }));

test("without a device a run is refused before it leaves anything", {
  skip: missing === undefined && "there is one",
}, async () => {
  const out = join(folder, "refused");
  await assert.rejects(train({ recipe: FULL, data, out, device: "webgpu" }), (error) => {
    assert.ok(error instanceof UserError && error.code === "no-gpu", String(error));
    assert.match(error.line, /no GPU.*Use the CPU, or install/);
    return true;
  });
  assert.deepEqual(await readdir(folder), ["packed"]);
});

/** Losses of the same run on both; asserts that they stay within `tolerance` nats. */
async function compare(name: string, recipe: Recipe, tolerance: number): Promise<void> {
  const losses = async (device: TrainDevice): Promise<number[]> => {
    const out = join(folder, `${name}-${device}`);
    await train({ recipe, data, out, device });
    return readLosses(out);
  };
  const [cpu, gpu] = [await losses("cpu"), await losses("webgpu")];
  assert.equal(gpu.length, COMMON.steps);
  assert.ok(gpu.at(-1)! < gpu[0]!, "it learns");
  gpu.forEach((loss, i) => {
    assert.ok(Math.abs(loss - cpu[i]!) <= tolerance, `step ${i + 1}: ${loss}, ${cpu[i]} on the CPU`);
  });
}

test("full training, in parts and with layers computed twice", { skip }, async () => {
  await compare("full", FULL, 1e-4);
  await compare(
    "parts",
    { ...FULL, accumulate: 2, recomputeActivations: true, decay: "all-but-biases" },
    1e-4,
  );
  const format = { weightFile: "model.safetensors" };
  const [cpu, gpu] = await Promise.all(
    ["cpu", "webgpu"].map((device) => readTrainingState(join(folder, `full-${device}`), format)),
  );
  for (const part of ["weights", "firstMoments", "secondMoments"] as const) {
    for (const [name, { data: expected }] of cpu![part]) {
      const found = gpu![part].get(name)!.data;
      const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      expected.forEach((value, i) => {
        assert.ok(Math.abs(found[i]! - value) <= 5e-3 * largest, `${part} of ${name}[${i}]`);
      });
    }
  }
});

test("adapters, with dropout, and beside a base in bfloat16", { skip }, async () => {
  const base = join(folder, "base");
  await train({ recipe: FULL, data, out: base });
  const { model: _, ...settings } = FULL;
  const lora = { rank: 4, alpha: 8, targets: "all-linear", dropout: 0 };
  await compare("lora", { ...settings, base, lora }, 1e-4);
  await compare("lora-bf16", { ...settings, base: await halved(base), lora }, 1e-4);
  // Rounding decides whether an element at the edge is dropped.
  await compare("dropout", { ...settings, base, lora: { ...lora, dropout: 0.1 } }, 5e-3);
});

test("a stopped run goes on from its checkpoint, on the device where it was", { skip }, async () => {
  const out = join(folder, "stopped");
  const controller = new AbortController();
  const run = { recipe: FULL, data, out, device: "webgpu" as const };
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
    assert.match(error.line, /stopped: holds a run with --device webgpu, found --device cpu\. Go on with/);
    return true;
  });
  const steps: number[] = [];
  await train({ ...run, onStep: ({ step }) => steps.push(step) });
  assert.deepEqual(steps, [8, 9, 10, 11, 12]);
  const whole = join(folder, "not-stopped");
  await train({ ...run, out: whole });
  const expected = await readLosses(whole);
  (await readLosses(out)).forEach((loss, i) => {
    assert.ok(Math.abs(loss - expected[i]!) < 1e-4, `step ${i + 1}: ${loss} and ${expected[i]}`);
  });
});

test("a step that is no number leaves the state as it was", { skip }, async () => {
  const out = join(folder, "diverged");
  const wild = { ...FULL, learningRate: 1e30, warmup: 0, checkpointEvery: 1 };
  await assert.rejects(train({ recipe: wild, data, out, device: "webgpu" }), /at step 2 \(packed rows/);
  assert.deepEqual(await checkpointsIn(out), ["checkpoint-1"]);
});

/** The checkpoint with its weights cut off to bfloat16, the upper halves of float32. */
async function halved(from: string): Promise<string> {
  const out = join(folder, "halved");
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
