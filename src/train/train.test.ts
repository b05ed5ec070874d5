import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { userError } from "../core/user-error.test.helper.ts";
import { openCheckpoint, openSafetensors, writeSafetensors } from "../model/index.ts";
import { saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { readLosses } from "./checkpoint.ts";
import {
  checkpointsIn,
  outcome,
  type Row,
  tinyRows,
  tinyTokenizer,
  VOCABULARY_SIZE,
  writePackedRows,
} from "./packed-rows.test.helper.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";
import { type StepReport, train } from "./train.ts";

const RECIPE = {
  model: { hiddenSize: 32, layers: 2, heads: 2 },
  steps: 10,
  batch: 2,
  learningRate: 0.01,
  checkpointEvery: 4,
  seed: 1,
};
const recipe = (changes: object = {}): Recipe => parseRecipe({ ...RECIPE, ...changes }, "test");
/** One layer and no more: for tests that train many times. */
const SMALLEST = { model: { hiddenSize: 8, layers: 1, heads: 1, intermediateSize: 8 }, batch: 1 };

let folder: string;
let data: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-train-"));
  data = await writePackedRows(join(folder, "packed"));
});
after(() => rm(folder, { recursive: true }));

const fails = (work: Promise<unknown>, code: string, line: RegExp): Promise<void> =>
  assert.rejects(work, userError(code, line));

test("a small model learns a few rows by heart, and says so step by step", async () => {
  const out = join(folder, "learnt");
  const steps: StepReport[] = [];
  const result = await train({
    recipe: recipe({ steps: 90, checkpointEvery: 100 }),
    data,
    out,
    onStep: (step) => steps.push(step),
  });
  // Without knowledge the loss is the logarithm of the vocabulary's size.
  assert.ok(Math.abs(steps[0]!.loss - Math.log(VOCABULARY_SIZE)) < 0.2, `first loss ${steps[0]!.loss}`);
  assert.ok(result.loss < 0.5, `last loss ${result.loss}`);
  assert.deepEqual(
    steps.map((step) => step.step),
    Array.from({ length: 90 }, (_, i) => i + 1),
  );
  assert.equal(steps.at(-1)!.tokens, 90 * 2 * 24);
  assert.deepEqual(
    await readLosses(out),
    steps.map((step) => step.loss),
  );
  assert.ok(steps.at(-1)!.learningRate < 0.01 * 0.002, "the schedule ends near zero");
  assert.ok(steps.at(-1)!.learningRate > 0);
  const checkpoint = await openCheckpoint(out);
  assert.equal(checkpoint.config.vocabularySize, VOCABULARY_SIZE);
  await checkpoint.close();
});

test("a batch is overfitted to a loss below 0.01", async () => {
  const settings = recipe({
    batch: 3,
    steps: 150,
    weightDecay: 0,
    learningRate: 0.02,
    checkpointEvery: 1000,
  });
  const { loss } = await train({ recipe: settings, data, out: join(folder, "overfitted") });
  assert.ok(loss < 0.01, `loss ${loss}`);
});

test("a run stopped by a signal and started again equals one that was not stopped, byte for byte", async () => {
  const whole = join(folder, "whole");
  const stopped = join(folder, "stopped");
  await train({ recipe: recipe(), data, out: whole });
  // Before a step without a checkpoint, right after one with a checkpoint, and before the first step.
  for (const stopAfter of [0, 4, 7]) {
    const controller = new AbortController();
    if (stopAfter === 0) controller.abort(new UserError("interrupted", "interrupted"));
    const run = train({
      recipe: recipe(),
      data,
      out: stopped,
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step === stopAfter) controller.abort(new UserError("interrupted", "interrupted"));
      },
    });
    await fails(run, "interrupted", /interrupted/);
    assert.deepEqual(await checkpointsIn(stopped), [`checkpoint-${stopAfter}`]);
  }
  const steps: number[] = [];
  await train({ recipe: recipe(), data, out: stopped, onStep: ({ step }) => steps.push(step) });
  assert.deepEqual(steps, [8, 9, 10]);
  assert.deepEqual(await outcome(stopped), await outcome(whole));
  // And a finished run is not run again.
  const again = await train({ recipe: recipe(), data, out: stopped, onStep: () => assert.fail() });
  assert.equal(again.steps, 10);
});

test("another recipe or other data in the same folder is refused and nothing is touched", async () => {
  const out = join(folder, "mine");
  const options = { recipe: recipe({ ...SMALLEST, steps: 2 }), data, out };
  await train(options);
  const before = await outcome(out);
  const other = { ...options, recipe: recipe({ ...SMALLEST, steps: 3 }) };
  await fails(train(other), "run-exists", /mine: holds a run of another recipe or other data.*--out/);
  const rows = tinyRows(tinyTokenizer()).slice(1);
  const others = await writePackedRows(join(folder, "others"), tinyTokenizer(), rows);
  await fails(train({ ...options, data: others }), "run-exists", /another recipe or other data/);
  assert.deepEqual(await outcome(out), before);

  // Half-way runs are guarded by their checkpoint.
  const half = join(folder, "half");
  const signal = AbortSignal.abort(new UserError("interrupted", "interrupted"));
  await fails(train({ ...options, out: half, signal }), "interrupted", /interrupted/);
  await fails(train({ ...other, out: half }), "run-exists", /another recipe/);
  // How often to save decides nothing.
  await train({ ...options, recipe: { ...options.recipe, checkpointEvery: 1 }, out: half });
  assert.deepEqual(
    await readFile(join(half, "model.safetensors")),
    await readFile(join(out, "model.safetensors")),
  );
});

test("a folder with files of another kind is not overwritten, and a file is no folder", async () => {
  const out = join(folder, "documents");
  await mkdir(out);
  await writeFile(join(out, "config.json"), "{}");
  const options = { recipe: recipe({ ...SMALLEST, steps: 1 }), data };
  await fails(train({ ...options, out }), "folder-not-empty", /config\.json, which is no part of a run/);
  assert.deepEqual(await readdir(out), ["config.json"]);
  const file = join(out, "config.json");
  await fails(train({ ...options, out: file }), "not-a-folder", /config\.json: is a file/);
});

test("a loss that leaves the numbers stops the run and names rows and documents", async () => {
  const rows = tinyRows(tinyTokenizer()).map((row, i) => ({
    ...row,
    doc_ids: row.segment_ids.map((segment) => (segment < 0 ? -1 : 10 * i + segment)),
  }));
  const place = await writePackedRows(join(folder, "with-documents"), tinyTokenizer(), rows);
  const out = join(folder, "diverged");
  const wild = recipe({ learningRate: 1e30, warmup: 0, checkpointEvery: 1 });
  await fails(
    train({ recipe: wild, data: place, out }),
    "diverged",
    /at step 2 \(packed rows 2 to 0, documents 0, 1, 20, 21\).*another --out: lower learningRate/,
  );
  assert.deepEqual(await checkpointsIn(out), ["checkpoint-1"]);
  // A single pass: the second batch is the last row alone.
  const { steps: _, ...onePass } = wild;
  const pass = train({ recipe: onePass, data: place, out: join(folder, "diverged-pass") });
  await fails(pass, "diverged", /at step 2 \(packed rows 2 to 2, documents 20, 21\)/);
});

test("training goes on from a base checkpoint", async () => {
  const base = join(folder, "base");
  await train({ recipe: recipe({ steps: 30 }), data, out: base });
  // What is not computed with is kept.
  const edit = async (name: string, more: object): Promise<void> => {
    const settings = JSON.parse(await readFile(join(base, name), "utf8"));
    await writeFile(join(base, name), JSON.stringify({ ...settings, ...more }));
  };
  const ends = { eos_token_id: [263, 9] };
  await edit("config.json", { ...ends, pad_token_id: 7, dtype: "bfloat16" });
  await edit("generation_config.json", ends);
  const losses: number[] = [];
  const { model: _, ...rest } = RECIPE;
  const tuned = parseRecipe({ ...rest, steps: 5, learningRate: 0.001, base }, "test");
  const out = join(folder, "tuned");
  const result = await train({ recipe: tuned, data, out, onStep: ({ loss }) => losses.push(loss) });
  const baseLosses = await readLosses(base);
  assert.ok(Math.abs(losses[0]! - baseLosses.at(-1)!) < 1, `${losses[0]} after ${baseLosses.at(-1)}`);
  assert.ok(result.loss < losses[0]!);
  const [checkpoint, original] = [await openCheckpoint(out), await openCheckpoint(base)];
  assert.deepEqual(checkpoint.config, original.config);
  await checkpoint.close();
  await original.close();
  const read = async (name: string) => JSON.parse(await readFile(join(out, name), "utf8"));
  const { eos_token_id, pad_token_id, dtype, torch_dtype } = await read("config.json");
  assert.deepEqual([eos_token_id, pad_token_id, dtype, torch_dtype], [[263, 9], 7, "float32", "float32"]);
  assert.deepEqual((await read("generation_config.json")).eos_token_id, [263, 9]);

  const missing = { ...tuned, base: join(folder, "nowhere") };
  await fails(train({ recipe: missing, data, out: join(folder, "t2") }), "file-not-found", /nowhere/);
});

test("documents that see each other are one text: its positions run through the row", async () => {
  // What position 0 is does not matter to rotary embeddings, what lies between two tokens does.
  const lossOf = async (name: string, rows: Row[], attention: string): Promise<number> => {
    const place = await writePackedRows(join(folder, name), tinyTokenizer(), rows);
    const options = recipe({ ...SMALLEST, attention, steps: 1 });
    return (await train({ recipe: options, data: place, out: join(folder, `${name}-${attention}`) })).loss;
  };
  const packed = tinyRows(tinyTokenizer());
  const single = packed.map((row) => ({
    ...row,
    segment_ids: row.segment_ids.map(() => 0),
    position_ids: row.position_ids.map((_, i) => i),
  }));
  const crossing = await lossOf("several", packed, "crossing");
  assert.equal(crossing, await lossOf("single", single, "isolated"));
  assert.notEqual(crossing, await lossOf("several", packed, "isolated"));
});

test("a base model with too few tokens for the data is refused", async () => {
  const base = join(folder, "small-base");
  await train({ recipe: recipe({ ...SMALLEST, steps: 1 }), data, out: base });
  const larger = await writePackedRows(join(folder, "larger"), tinyTokenizer("<|a|>", "<|b|>"));
  const { model: _, ...rest } = RECIPE;
  const tuned = parseRecipe({ ...rest, steps: 1, base }, "test");
  const out = join(folder, "mismatch");
  const words = /larger: the data's tokenizer has 266 tokens, the model 264.*own tokenizer/;
  await fails(train({ recipe: tuned, data: larger, out }), "vocabulary-mismatch", words);
});

test("rows with ids or positions that the model does not have are named", async () => {
  const rows = tinyRows(tinyTokenizer());
  const broken = (name: "input_ids" | "labels" | "position_ids", value: number): Row[] =>
    rows.map((row, i) => (i === 1 ? { ...row, [name]: [...row[name].slice(0, -1), value] } : row));
  for (const [name, value, words] of [
    ["input_ids", VOCABULARY_SIZE, /broken.packed\.parquet: row 1: token id 264, expected one from 0 to 263/],
    ["input_ids", -1, /row 1: token id -1/],
    ["labels", 4000, /row 1: label 4000, expected one from 0 to 263, or -100/],
    ["labels", -1, /row 1: label -1, expected /],
    ["position_ids", 24, /row 1: position 24, expected one from 0 to 23/],
  ] as const) {
    const place = await writePackedRows(join(folder, "broken"), tinyTokenizer(), broken(name, value));
    const steps: StepReport[] = [];
    const run = train({
      recipe: recipe(SMALLEST),
      data: place,
      out: join(folder, "broken-out"),
      onStep: (step) => steps.push(step),
    });
    await fails(run, "bad-packed-rows", words);
    // The first row is sound: it is not trained on before the second is found.
    assert.deepEqual(steps, []);
  }
  const unlearnt = rows.map((row) => ({ ...row, labels: row.labels.map(() => -100) }));
  const place = await writePackedRows(join(folder, "unlearnt"), tinyTokenizer(), unlearnt);
  const run = train({ recipe: recipe(SMALLEST), data: place, out: join(folder, "unlearnt-out") });
  await fails(run, "bad-packed-rows", /every label is -100/);
});

test("rows longer than the base's context, and another tokenizer than the base's, are refused", async () => {
  const base = join(folder, "short-base");
  await train({ recipe: recipe({ ...SMALLEST, steps: 1 }), data, out: base });
  const tuned = parseRecipe({ batch: 1, steps: 1, learningRate: 0.01, base }, "test");
  const file = join(base, "config.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...config, max_position_embeddings: 16 }));
  const run = () => train({ recipe: tuned, data, out: join(folder, "refused") });
  await fails(run(), "context-too-short", /packed: its rows have 24 positions, .* 16\..*--length 16/);
  await writeFile(file, JSON.stringify(config));

  const other = trainByteLevelBpe(["abababab cdcdcd"], {
    vocabularySize: VOCABULARY_SIZE,
    specialTokens: ["<|endoftext|>"],
  });
  await saveTokenizer(other, base, { eosToken: "<|endoftext|>" });
  await fails(run(), "vocabulary-mismatch", /packed: its tokenizer is not the model's: token \d+ is "/);
  // Held-out rows are asked the same.
  const heldOut = await writePackedRows(join(folder, "foreign"), other, tinyRows(tinyTokenizer()));
  const evaluated = (place: string) =>
    train({
      recipe: recipe(SMALLEST),
      data,
      out: join(folder, "foreign-out"),
      evaluation: { every: 1, data: place },
    });
  await fails(evaluated(heldOut), "vocabulary-mismatch", /foreign: its tokenizer is not the model's/);
  const longer = tinyRows(tinyTokenizer()).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, values]) => [name, [...values, ...values]])),
  );
  const place = await writePackedRows(join(folder, "longer"), tinyTokenizer(), longer as Row[]);
  await fails(evaluated(place), "context-too-short", /longer: its rows have 48 positions, .* 24\./);
});

test("the newest checkpoints are kept on request, the last of them the result", async () => {
  const out = join(folder, "kept");
  const kept = recipe({ ...SMALLEST, steps: 7, checkpointEvery: 2, keepCheckpoints: 3 });
  await train({ recipe: kept, data, out });
  const folders = (await readdir(out)).filter((name) => name.startsWith("checkpoint")).sort();
  assert.deepEqual(folders, ["checkpoint-4", "checkpoint-6", "checkpoint-7"]);
  const weights = (place: string) => readFile(join(place, "model.safetensors"));
  assert.deepEqual(await weights(join(out, "checkpoint-7")), await weights(out));
  // Started again it is done, and keeps less if told so.
  await train({ recipe: { ...kept, keepCheckpoints: 1 }, data, out });
  assert.ok((await readdir(out)).every((name) => !name.startsWith("checkpoint")));
});

test("a damaged checkpoint is one clear line", async () => {
  const out = join(folder, "damaged");
  const signal = AbortSignal.abort(new UserError("interrupted", "interrupted"));
  const options = { recipe: recipe({ ...SMALLEST, steps: 2 }), data, out };
  await fails(train({ ...options, signal }), "interrupted", /interrupted/);
  const checkpoint = join(out, "checkpoint-0");
  const kept = join(folder, "kept");
  await cp(checkpoint, kept, { recursive: true });
  for (const name of ["model.safetensors", "optimizer.safetensors", "trainer_state.json"]) {
    const bytes = await readFile(join(kept, name));
    await writeFile(join(checkpoint, name), bytes.subarray(0, bytes.length / 2));
    await fails(train(options), name.endsWith("json") ? "bad-json" : "bad-safetensors", /cut off/);
    await writeFile(join(checkpoint, name), bytes);
  }
  await train(options);
});

test("the saved weights are the initial ones moved by the steps, in float32", async () => {
  const file = await openSafetensors(join(folder, "mine", "model.safetensors"));
  assert.ok([...file.tensors.values()].every(({ dtype }) => dtype === "F32"));
  const norm = await file.read("model.norm.weight");
  assert.ok(norm.some((value) => value !== 1) && norm.every((value) => Math.abs(value - 1) < 0.1));
  // A file written again from what was read has the same bytes.
  const tensors = await Promise.all(
    [...file.tensors].map(async ([name, { shape }]) => ({ name, shape, data: await file.read(name) })),
  );
  await writeSafetensors(join(folder, "copy.safetensors"), tensors, file.metadata);
  assert.deepEqual(await readFile(join(folder, "copy.safetensors")), await readFile(file.path));
  await file.close();
});
