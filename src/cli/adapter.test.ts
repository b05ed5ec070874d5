// Adapters as their user meets them: a base, an adapter trained beside it, and both merged into a model that runs.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { importCorpus, packCorpus } from "../corpus/index.ts";
import { trainByteLevelBpe } from "../tokenizer/index.ts";
import { runCli } from "./run-cli.test.helper.ts";

const LORA = fileURLToPath(new URL("../../recipes/lora.yaml", import.meta.url));
const TINY = fileURLToPath(new URL("../../recipes/tiny.yaml", import.meta.url));
const PAIRS = [
  ["What is fever?", "A body temperature above 38 degrees."],
  ["Should I boil water?", "Yes, when it is not safe to drink."],
];

test("train a base, then an adapter by the shipped recipe; merge, and export as GGUF", async () => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-cli-adapter-"));
  const at = (name: string): string => join(folder, name);
  await mkdir(at("texts"));
  await writeFile(at("texts/medicalGuideline_en.json"), JSON.stringify(PAIRS));
  await importCorpus([at("texts")], at("corpus"));
  const tokenizer = trainByteLevelBpe(PAIRS.flat(), {
    vocabularySize: 270,
    specialTokens: ["<|endoftext|>"],
  });
  await packCorpus(at("corpus"), { tokenizer, length: 32, out: at("packed") });
  const training = async (recipe: string, out: string, ...settings: string[]) => {
    const set = ["batch=4", ...settings].flatMap((setting) => ["--set", setting]);
    const words = ["--recipe", recipe, "--data", at("packed"), "--out", at(out), ...set];
    const run = await runCli(["train", ...words, "--threads", "1", "--json"]);
    assert.deepEqual([run.code, run.stderr], [0, ""]);
    return run.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).loss as number);
  };
  const size = ["model.hiddenSize=32", "model.layers=1", "steps=8", "learningRate=0.01"];
  const ofBase = await training(TINY, "base", ...size);
  const ofAdapter = await training(LORA, "adapter", `base=${at("base")}`, "steps=8", "learningRate=0.02");
  assert.ok(ofAdapter[0]! < ofBase[0]!, "starts where the base was");
  assert.ok(ofAdapter.at(-1)! < ofAdapter[0]!);

  const merged = await runCli(["export", "merge", at("adapter"), "--out", at("merged"), "--json"]);
  assert.deepEqual([merged.code, merged.stderr], [0, ""]);
  assert.deepEqual(merged.json, { checkpoint: at("merged"), base: at("base"), merged: 7, tensors: 14 });
  const gguf = await runCli(["export", "gguf", at("merged"), "--type", "f32", "--out", at("m.gguf")]);
  assert.deepEqual([gguf.code, gguf.stderr], [0, ""]);
  assert.match(gguf.stdout, /m\.gguf: .* loads and runs/);

  // What goes wrong is one line: no base beside the recipe, no adapter, a folder of the user's own in the way.
  const wrong = async (words: string[], line: RegExp): Promise<void> => {
    const { code, stderr } = await runCli(words);
    assert.equal(code, 2);
    assert.match(stderr, line);
  };
  const baseless = ["--recipe", TINY, "--data", at("packed"), "--out", at("x")];
  await wrong(
    ["train", ...baseless, "--set", "lora.rank=4", "--set", "lora.alpha=8"],
    /^error: .*tiny\.yaml: lora: adapters need a base.*\n$/,
  );
  await wrong(["export", "merge", at("base"), "--out", at("x")], /^error: .*adapter_config\.json.*\n$/);
  await wrong(
    ["export", "merge", at("adapter"), "--out", at("texts")],
    /^error: .*texts: already holds.*\n$/,
  );
  assert.equal(await readFile(at("texts/medicalGuideline_en.json"), "utf8"), JSON.stringify(PAIRS));
  await rm(folder, { recursive: true });
});
