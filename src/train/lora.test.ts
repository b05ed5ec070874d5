import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRandom, UserError } from "../core/index.ts";
import { createSession, type TensorValue } from "../graph/index.ts";
import { openCheckpoint, openSafetensors, parameterShapes } from "../model/index.ts";
import { nextBatch } from "./batch.ts";
import { frozenInput } from "./frozen-weights.ts";
import { initializeAdapters, loraTraining } from "./lora.ts";
import { weightInput } from "./method.ts";
import { openPackedRows } from "./packed.ts";
import {
  checkpointsIn,
  LENGTH,
  outcome,
  tinyRows,
  tinyTokenizer,
  VOCABULARY_SIZE,
  writePackedRows,
} from "./packed-rows.test.helper.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";
import { lossAndGradients } from "./step-graph.ts";
import { type TrainOptions, train } from "./train.ts";
import { type Batch, createTrainingStep, freshState } from "./training-step.ts";

const LORA = { rank: 3, alpha: 6 };
const TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] as const;

let folder: string;
let data: string;
/** Rows that the base has not seen. */
let others: string;
let base: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-lora-"));
  const rows = tinyRows(tinyTokenizer());
  data = await writePackedRows(join(folder, "packed"), tinyTokenizer(), rows.slice(0, 2));
  others = await writePackedRows(join(folder, "others"), tinyTokenizer(), rows.slice(2));
  base = join(folder, "base");
  const model = { hiddenSize: 32, layers: 2, heads: 2, keyValueHeads: 1, intermediateSize: 48 };
  const recipe = parseRecipe({ model, steps: 40, batch: 2, learningRate: 0.02 }, "test");
  await train({ recipe, data, out: base });
});
after(() => rm(folder, { recursive: true }));

const recipe = (changes: object = {}): Recipe =>
  parseRecipe({ base, lora: LORA, steps: 6, batch: 2, learningRate: 0.01, ...changes }, "test");

async function lossesOf(options: Omit<TrainOptions, "data" | "onStep">): Promise<number[]> {
  const losses: number[] = [];
  await train({ ...options, data: others, onStep: ({ loss }) => losses.push(loss) });
  return losses;
}

test("the first step's loss is the base's to the bit, and adapters alone learn", async () => {
  const full = await lossesOf({ recipe: recipe({ lora: undefined, steps: 1 }), out: join(folder, "full") });
  const before = await readFile(join(base, "model.safetensors"));
  const losses = await lossesOf({
    recipe: recipe({ steps: 40 }),
    out: join(folder, "learnt"),
  });
  assert.equal(losses[0], full[0]);
  assert.ok(losses[0]! > 6 && losses.at(-1)! < 2, `${losses[0]} to ${losses.at(-1)}`);
  assert.deepEqual(await readFile(join(base, "model.safetensors")), before);
});

test("what a step does with A and B follows finite differences of the loss", async () => {
  const settings = recipe({ gradientClip: 1e9 });
  const checkpoint = await openCheckpoint(base);
  const method = await loraTraining(checkpoint, base, settings.lora!);
  const state = freshState(initializeAdapters(checkpoint.config, settings.lora!, 5));
  // With B zero, A would have no gradient.
  const random = createRandom("adapters");
  for (const { data } of state.weights.values())
    for (let i = 0; i < data.length; i++) data[i] = random.normal() * 0.3;
  const rows = await openPackedRows(data);
  const batch = await nextBatch(rows, 0, 2, VOCABULARY_SIZE);
  rows.close();

  // The loss in float64, all weights as inputs.
  const model = method.declare({ floatType: "float64" });
  const shape = { rows: 2, length: LENGTH, attention: "isolated", recompute: false, prepack: false } as const;
  const { loss, gradients } = lossAndGradients(method, model, shape);
  model.graph.output(loss, "loss");
  for (const [name, gradient] of gradients) model.graph.output(gradient, `gradient of ${name}`);
  const session = await createSession(model.graph.encode());
  const feeds: Record<string, TensorValue> = batchFeeds(batch, 2);
  for (const { name, shape } of parameterShapes(checkpoint.config))
    feeds[frozenInput(name)] = { data: Float64Array.from(await checkpoint.read(name)), shape };
  for (const [name, { data, shape }] of state.weights)
    feeds[weightInput(name)] = { data: Float64Array.from(data), shape };
  await checkpoint.close();
  const lossWith = async (name: string, i: number, change: number): Promise<number> => {
    const values = feeds[weightInput(name)]!.data as Float64Array;
    const kept = values[i]!;
    values[i] = kept + change;
    const result = await session.run(feeds);
    values[i] = kept;
    return Number(result.loss!.data[0]);
  };
  const expected: { name: string; i: number; slope: number }[] = [];
  for (const [name, { data }] of state.weights) {
    for (const i of [0, random.integer(data.length)]) {
      const slope = ((await lossWith(name, i, 1e-5)) - (await lossWith(name, i, -1e-5))) / 2e-5;
      expected.push({ name, i, slope });
    }
  }
  const exact = await session.run(feeds);
  await session.close();

  // The real step, in float32 on the mapped base: its first moment is the gradient's tenth.
  const step = await createTrainingStep(method, settings, state, { length: LENGTH, threads: 1 });
  const result = await step.run(batch, 1, 0.01);
  await step.close();
  assert.ok(Math.abs(result.loss - Number(exact.loss!.data[0])) < 1e-5);
  assert.equal(expected.length, 2 * 2 * 2 * TARGETS.length);
  for (const { name, i, slope } of expected) {
    const inFloat64 = Number(exact[`gradient of ${name}`]!.data[i]);
    assert.ok(Math.abs(inFloat64 - slope) < 1e-6 * Math.max(1, Math.abs(slope)), `${name}[${i}] in float64`);
    const found = state.firstMoments.get(name)!.data[i]! / (1 - settings.adamBeta1);
    assert.ok(
      Math.abs(found - slope) < 1e-4 * Math.max(0.1, Math.abs(slope)),
      `${name}[${i}]: ${found}, not ${slope}`,
    );
  }
  assert.ok(expected.some(({ slope }) => Math.abs(slope) > 0.01));
});

/** The graph's inputs for a batch, every position counting the same. */
function batchFeeds(batch: Batch, rows: number): Record<string, TensorValue> {
  const shape = [rows, LENGTH];
  const integers = (data: Int32Array): TensorValue => ({
    data: BigInt64Array.from([...data], BigInt),
    shape,
  });
  const targets = new Int32Array(rows * LENGTH);
  const counted = Array.from(targets, (_, i) => {
    const next = batch.labels[i + 1] ?? -100;
    if ((i + 1) % LENGTH === 0 || next < 0) return 0;
    targets[i] = next;
    return 1;
  });
  const total = counted.filter((one) => one > 0).length;
  return {
    tokens: integers(batch.inputIds),
    positions: integers(batch.positionIds),
    segments: integers(batch.segmentIds),
    targets: integers(targets),
    targetWeights: { data: Float64Array.from(counted, (one) => one / total), shape },
  };
}

test("a stopped run goes on bit for bit, with accumulation and dropout too", async () => {
  for (const accumulate of [1, 2]) {
    const lora = { ...LORA, dropout: accumulate === 2 ? 0.3 : 0 };
    const settings = recipe({ accumulate, lora, checkpointEvery: 2 });
    const whole = join(folder, `whole-${accumulate}`);
    const out = join(folder, `stopped-${accumulate}`);
    await train({ recipe: settings, data, out: whole });
    for (const stopAfter of [2, 3]) {
      const controller = new AbortController();
      const stopped = train({
        recipe: settings,
        data,
        out,
        signal: controller.signal,
        onStep: ({ step }) => {
          if (step === stopAfter) controller.abort(new UserError("interrupted", "interrupted"));
        },
      });
      await assert.rejects(stopped, /interrupted/);
      assert.deepEqual(await checkpointsIn(out), [`checkpoint-${stopAfter}`]);
    }
    await train({ recipe: settings, data, out });
    assert.deepEqual(await outcome(out), await outcome(whole));
  }
});

test("a run of another method in the folder is refused as such", async () => {
  const out = join(folder, "half");
  const signal = AbortSignal.abort(new UserError("interrupted", "interrupted"));
  await assert.rejects(train({ recipe: recipe({ lora: undefined }), data, out, signal }), /interrupted/);
  await assert.rejects(train({ recipe: recipe(), data, out }), /holds a run of another recipe/);
});

test("files, names and shapes are PEFT's", async () => {
  const out = join(folder, "layout");
  const lora = { rank: 2, alpha: 8, targets: ["q_proj", "v_proj", "down_proj"] };
  const result = await train({ recipe: recipe({ lora, steps: 1 }), data, out });
  const config = JSON.parse(await readFile(join(out, "adapter_config.json"), "utf8"));
  assert.equal(config.peft_type, "LORA");
  assert.equal(config.task_type, "CAUSAL_LM");
  assert.equal(config.base_model_name_or_path, base);
  assert.deepEqual([config.r, config.lora_alpha, config.bias], [2, 8, "none"]);
  assert.deepEqual(config.target_modules, lora.targets);
  assert.ok(!(await readdir(out)).includes("model.safetensors"));
  assert.ok((await readdir(out)).includes("tokenizer.json"));

  const file = await openSafetensors(join(out, "adapter_model.safetensors"));
  const shapes = Object.fromEntries([...file.tensors].map(([name, { shape }]) => [name, shape]));
  await file.close();
  const layer = (n: number) => {
    const prefix = `base_model.model.model.layers.${n}`;
    return {
      [`${prefix}.self_attn.q_proj.lora_A.weight`]: [2, 32],
      [`${prefix}.self_attn.q_proj.lora_B.weight`]: [32, 2],
      [`${prefix}.self_attn.v_proj.lora_A.weight`]: [2, 32],
      [`${prefix}.self_attn.v_proj.lora_B.weight`]: [16, 2],
      [`${prefix}.mlp.down_proj.lora_A.weight`]: [2, 48],
      [`${prefix}.mlp.down_proj.lora_B.weight`]: [32, 2],
    };
  };
  assert.deepEqual(shapes, { ...layer(0), ...layer(1) });
  assert.equal(result.parameters, 2 * 2 * (32 + 32 + 32 + 16 + 48 + 32));
});

test("a base behind symlinks and in half precision trains as its float32 copy does", async () => {
  // Weights that bfloat16 holds exactly, once in each type.
  const checkpoint = await openCheckpoint(base);
  const tensors = await Promise.all(
    parameterShapes(checkpoint.config).map(async ({ name, shape }) => {
      const { buffer } = (await checkpoint.read(name)).slice();
      const bits = Uint16Array.from(new Uint32Array(buffer), (word) => word >>> 16);
      return { name, shape, bits };
    }),
  );
  await checkpoint.close();
  const write = async (place: string, dtype: "BF16" | "F32"): Promise<string> => {
    let offset = 0;
    const header: Record<string, unknown> = {};
    const parts = tensors.map(({ name, shape, bits }) => {
      // A bfloat16 is the upper half of a float32.
      const own = dtype === "BF16" ? bits : Uint32Array.from(bits, (b) => b << 16);
      header[name] = { dtype, shape, data_offsets: [offset, offset + own.byteLength] };
      offset += own.byteLength;
      return Buffer.from(own.buffer, own.byteOffset, own.byteLength);
    });
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "blob"), Buffer.concat([length, text, ...parts]));
    const snapshot = join(place, "snapshot");
    await mkdir(snapshot);
    await symlink(join(base, "config.json"), join(snapshot, "config.json"));
    await symlink(join(place, "blob"), join(snapshot, "model.safetensors"));
    return snapshot;
  };
  const losses = [];
  for (const dtype of ["F32", "BF16"] as const) {
    const place = await write(join(folder, dtype), dtype);
    const settings = recipe({ base: place, steps: 3 });
    losses.push(await lossesOf({ recipe: settings, out: join(folder, `from-${dtype}`) }));
  }
  assert.deepEqual(losses[1], losses[0]);
});
