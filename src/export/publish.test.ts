// Checkpoints for the hub and their cards.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError, writeJson, writeManifest } from "../core/index.ts";
import { type ModelConfig, openCheckpoint } from "../model/index.ts";
import { loadTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { writeCheckpoint } from "./agreement.test.helper.ts";
import { exportHf } from "./export-hf.ts";
import { exportCard } from "./model-card.ts";

const CONFIG: ModelConfig = {
  architecture: "qwen2",
  vocabularySize: 272,
  hiddenSize: 32,
  intermediateSize: 64,
  layers: 2,
  heads: 2,
  keyValueHeads: 1,
  headSize: 16,
  normEpsilon: 1e-6,
  ropeTheta: 1e6,
  contextLength: 64,
  tiedEmbeddings: true,
  attentionBias: true,
  bosId: undefined,
  eosId: 260,
};

let folder = "";
let source = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-publish-"));
  source = join(folder, "run");
  const tokenizer = trainByteLevelBpe(["yes and no"], {
    vocabularySize: 262,
    specialTokens: ["<|endoftext|>"],
  });
  await writeCheckpoint(source, CONFIG, tokenizer);
  await writeManifest(source, "train", { recipe: { steps: 7, seed: 42 } }, { steps: 7, loss: 1.5 });
});
after(() => rm(folder, { recursive: true }));

test("shards hold every weight as it was, and the index says where", async () => {
  const out = join(folder, "sharded");
  const result = await exportHf(source, { out, shardBytes: 30_000 });
  assert.ok(result.files.length > 2);
  const index = JSON.parse(await readFile(join(out, "model.safetensors.index.json"), "utf8"));
  assert.equal(index.metadata.total_size, result.bytes);
  assert.equal(Object.keys(index.weight_map).length, result.tensors);
  const [before, after] = [await openCheckpoint(source), await openCheckpoint(out)];
  for (const name of before.tensors.keys())
    assert.deepEqual(await after.read(name), await before.read(name), name);
  await before.close();
  await after.close();
  const text = "yes, and no";
  assert.deepEqual((await loadTokenizer(out)).encode(text), (await loadTokenizer(source)).encode(text));
  assert.deepEqual(JSON.parse(await readFile(join(out, "generation_config.json"), "utf8")).eos_token_id, 260);
});

test("another type rounds every weight, and config.json says so", async () => {
  const out = join(folder, "bf16");
  const { files } = await exportHf(source, { out, type: "bf16" });
  assert.deepEqual(files, ["model.safetensors"]);
  assert.equal(JSON.parse(await readFile(join(out, "config.json"), "utf8")).torch_dtype, "bfloat16");
  const [before, after] = [await openCheckpoint(source), await openCheckpoint(out)];
  const name = "model.layers.1.mlp.down_proj.weight";
  assert.equal(after.tensors.get(name)?.dtype, "BF16");
  const [exact, rounded] = [await before.read(name), await after.read(name)];
  assert.notDeepEqual(rounded, exact);
  // Eight bits of precision: half a step is at most 1/256 of the value.
  rounded.forEach((value, i) => {
    assert.ok(Math.abs(value - exact[i]!) <= Math.abs(exact[i]!) / 256, `${exact[i]} became ${value}`);
  });
  await before.close();
  await after.close();
});

test("what is not ours is not replaced, and nothing is left behind", async () => {
  const out = join(folder, "mine");
  await mkdir(out);
  await writeFile(join(out, "thesis.txt"), "all of it");
  await assert.rejects(exportHf(source, { out }), { code: "folder-not-empty" });
  await assert.rejects(exportHf(source, { out: join(folder, "new"), type: "q4_0" }), {
    code: "unknown-type",
  });
  await rm(join(source, "tokenizer.json"));
  await assert.rejects(exportHf(source, { out: join(folder, "new") }), { code: "no-tokenizer" });
  assert.deepEqual(
    (await readdir(folder)).filter((name) => /new|part/u.test(name)),
    [],
  );
});

test("a card says what its run says, with intervals, and what is not known", async () => {
  const run = join(folder, "bench");
  await mkdir(run);
  await writeJson(join(run, "results.json"), {
    results: {
      exam: {
        sample_len: 40,
        "acc_bytes,none": 0.3,
        "acc,none": 0.5,
        language: "hi",
        "wilson_95,none": [0.18, 0.45],
        "majority,none": 0.25,
      },
      habit: {
        sample_len: 100,
        "acc,none": 0.3,
        "wilson_95,none": [0.219, 0.396],
        "majority,none": 0.552,
        "position_bias,none": 0.46,
      },
    },
    model_name: "model.Q4_1",
    configs: {
      exam: { dataset_path: "exams/exam.json", metadata: { mode: "text" } },
      habit: { tag: "en", metadata: { mode: "letter" } },
    },
    "n-samples": {
      exam: { original: 1000, effective: 40 },
      habit: { original: 100, effective: 100 },
    },
  });
  const corpus = join(folder, "corpus");
  await mkdir(corpus);
  await writeManifest(
    corpus,
    "corpus import",
    {},
    { documents: 1200, byLanguage: { sw: 1200 }, dropped: { empty: 3 } },
  );
  const out = join(folder, "bf16", "README.md");
  const result = await exportCard(join(folder, "bf16"), {
    name: 'A "quoted": name\n---',
    runs: [run],
    corpora: [corpus],
  });
  assert.deepEqual(result, { out, results: 2, languages: ["en", "hi", "sw"], missing: ["license"] });
  const card = await readFile(out, "utf8");
  const [, yaml = "", body = ""] = /^---\n(.*?)\n---\n(.*)$/su.exec(card) ?? [];
  const [index] = JSON.parse(/^model-index: (.*)$/mu.exec(yaml)![1]!);
  assert.equal(index.name, 'A "quoted": name\n---');
  assert.deepEqual(index.results[0].metrics[0].args.interval_95, [0.18, 0.45]);
  assert.equal(index.results[0].metrics[0].value, 0.3);
  assert.deepEqual(index.results[0].dataset, {
    type: "exam",
    name: "exam",
    config: "hi",
    args: { file: "exam.json" },
  });
  assert.match(
    body,
    /\| exam \| hi \| model\.Q4_1 \| text \| 40 of 1,000 \| 30\.0 % \| 18\.0 % to 45\.0 % \| 25\.0 % \|/u,
  );
  assert.match(body, /\| habit \| en \| model\.Q4_1 \| letter \| 100 \|/u);
  assert.match(body, /Asked a part of the questions alone, as the table says, in: exam\.$/mu);
  assert.match(body, /Not better than the commonest answer in: exam\.$/mu);
  assert.match(body, /Worse than the commonest answer in: habit\.$/mu);
  assert.match(body, /letters by habit in habit: their shares differ from the right answers' by 46\.0 %/u);
  assert.match(body, /Not a doctor/u);
  assert.match(body, /dropped: empty 3/u);
  // The recipe has come along through the export.
  assert.match(body, /"seed": 42/u);
  const isUserError = (error: unknown): boolean => error instanceof UserError && error.file !== undefined;
  await assert.rejects(exportCard(join(folder, "bf16"), { name: "x", runs: [corpus] }), isUserError);
  await assert.rejects(exportCard(join(folder, "bf16"), { name: "x", corpora: [run] }), isUserError);
});
