// One LoRA step that goes on from an adapter of PEFT's, against what PEFT and PyTorch made of it (fixtures/record.py).
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { UserError } from "../core/index.ts";
import { openCheckpoint, openSafetensors } from "../model/index.ts";
import { ADAPTER_FILE } from "./adapter-format.ts";
import { loraTraining, readAdapters } from "./lora.ts";
import { parseRecipe } from "./recipe.ts";
import { createTrainingStep, freshState } from "./training-step.ts";

const FIXTURES = fileURLToPath(new URL("../../src/train/fixtures", import.meta.url));
const BASE = fileURLToPath(new URL("../../src/model/fixtures/qwen2", import.meta.url));
const TARGETS = ["q_proj", "v_proj", "o_proj", "down_proj"];

test("a step from PEFT's adapter has PEFT's loss and norm, and ends in PEFT's adapter", async () => {
  const expected = JSON.parse(await readFile(join(FIXTURES, "after", "step.json"), "utf8"));
  const { inputIds, labels, learningRate, weightDecay, gradientClip } = expected;
  const [rows, length] = [inputIds.length, inputIds[0].length];
  for (const [recomputeActivations, prepackBase] of [
    [false, false],
    [true, false],
    [true, true],
  ]) {
    const recipe = parseRecipe(
      {
        base: BASE,
        lora: { rank: 2, alpha: 6, targets: TARGETS, from: join(FIXTURES, "before"), prepackBase },
        batch: rows,
        learningRate,
        weightDecay,
        gradientClip,
        recomputeActivations,
      },
      "test",
    );
    const base = await openCheckpoint(BASE);
    const method = await loraTraining(base, BASE, recipe.lora!);
    const state = freshState(await readAdapters(base.config, recipe.lora!, recipe.lora!.from!));
    await base.close();
    const step = await createTrainingStep(method, recipe, state, { length, threads: 1 });
    const batch = {
      inputIds: Int32Array.from(inputIds.flat()),
      labels: Int32Array.from(labels.flat()),
      positionIds: Int32Array.from({ length: rows * length }, (_, i) => i % length),
      segmentIds: new Int32Array(rows * length),
    };
    const result = await step.run(batch, 1, learningRate);
    await step.close();
    assert.ok(Math.abs(result.loss - expected.loss) < 1e-5, `${result.loss} and ${expected.loss}`);
    assert.ok(Math.abs(result.gradientNorm / expected.gradientNorm - 1) < 1e-5);
    const after = await openSafetensors(join(FIXTURES, "after", ADAPTER_FILE));
    assert.deepEqual([...state.weights.keys()].sort(), [...after.tensors.keys()].sort());
    for (const [name, { data }] of state.weights) {
      const theirs = await after.read(name);
      // The first step of AdamW moves by the rate, whatever the gradient: 1e-5 is a thousandth of it.
      theirs.forEach((value, i) => {
        assert.ok(Math.abs(value - data[i]!) < 1e-5, `${name}[${i}]: ${data[i]}, not ${value}`);
      });
    }
    await after.close();
  }
});

test("an adapter that is not what the recipe asks for is refused by name", async () => {
  const base = await openCheckpoint(BASE);
  const refused = (lora: object, line: RegExp): Promise<void> => {
    const settings = parseRecipe({ base: BASE, lora, batch: 1, learningRate: 1 }, "test").lora!;
    return assert.rejects(readAdapters(base.config, settings, join(FIXTURES, "before")), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.line, line);
      return true;
    });
  };
  await refused(
    { rank: 3, alpha: 6, targets: TARGETS },
    /adapter_config\.json: r: is 2, the recipe asks for 3/,
  );
  await refused({ rank: 2, alpha: 2, targets: TARGETS }, /lora_alpha: scales by 3, the recipe by 1/);
  await refused({ rank: 2, alpha: 6 }, /k_proj\.lora_A\.weight: is missing/);
  await refused({ rank: 2, alpha: 6, targets: ["q_proj"] }, /down_proj\.lora_A.*not among/);
  await refused(
    { rank: 2, alpha: 6, targets: ["c_attn"] },
    /lora\.targets: no matrix is called "c_attn".*q_proj/,
  );
  await refused({ rank: 2, alpha: 6, targets: "(" }, /lora\.targets: not a regular expression/);
  await refused({ rank: 2, alpha: 6, targets: "lm_head" }, /no matrix matches "lm_head"/);
  await base.close();
});

test("targets by regular expression, and all-linear in an architecture with names of its own", async () => {
  const modules = async (folder: string, targets: string): Promise<string[]> => {
    const base = await openCheckpoint(join(BASE, "..", folder));
    const { lora } = parseRecipe(
      { base: "-", lora: { rank: 1, alpha: 1, targets }, batch: 1, learningRate: 1 },
      "-",
    );
    const { parameters } = await loraTraining(base, "base", lora!);
    await base.close();
    return parameters.flatMap(
      ({ name }) => /^base_model\.model\.(.*)\.lora_A\.weight$/u.exec(name)?.[1] ?? [],
    );
  };
  assert.deepEqual(await modules("qwen2", String.raw`.*\.1\.self_attn\.[qv]_proj`), [
    "model.layers.1.self_attn.q_proj",
    "model.layers.1.self_attn.v_proj",
  ]);
  const all = await modules("qwen", "all-linear");
  assert.deepEqual(
    all.slice(0, 5),
    ["attn.c_attn", "attn.c_proj", "mlp.w1", "mlp.w2", "mlp.c_proj"].map((n) => `transformer.h.0.${n}`),
  );
  assert.equal(all.length, 10);
});
