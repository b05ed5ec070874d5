import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { userError } from "../core/user-error.test.helper.ts";
import { loadRecipe } from "./recipe.ts";

const RECIPES = fileURLToPath(new URL("../../recipes", import.meta.url));
const TINY = join(RECIPES, "tiny.yaml");

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-recipe-"));
});
after(() => rm(folder, { recursive: true }));

async function written(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

/** Loading fails with one line that names the file and the field. */
const refused = (path: string, settings: string[], code: string, line: RegExp): Promise<void> =>
  assert.rejects(loadRecipe(path, settings), userError(code, line));

test("every shipped recipe is sound, and says what it leaves open", async () => {
  // qa-prompts.yaml is for the corpus room.
  const names = (await readdir(RECIPES)).filter((name) => name !== "qa-prompts.yaml");
  assert.ok(names.length >= 9);
  for (const name of names) await loadRecipe(join(RECIPES, name));
  const recipe = await loadRecipe(TINY);
  assert.equal(recipe.model?.hiddenSize, 192);
  assert.equal(recipe.adamBeta2, 0.999);
  assert.equal(recipe.attention, "isolated");
});

test("the published runs: base, batch and learning rate of each; the protocol decides the rest", async () => {
  const published = {
    "0.5b": ["hf:Qwen/Qwen1.5-0.5B", 256, 1e-4],
    "1.8b": ["hf:Qwen/Qwen-1_8B", 96, 1e-4],
    "2b": ["hf:google/gemma-2b", 128, 1e-5],
    "6b": ["hf:01-ai/Yi-6B", 64, 1e-4],
    "7b": ["hf:google/gemma-7b", 384, 1e-5],
  };
  for (const [size, [base, batch, learningRate]] of Object.entries(published)) {
    const file = join(RECIPES, `apollo-${size}.yaml`);
    const recipe = await loadRecipe(file);
    assert.deepEqual([recipe.base, recipe.batch, recipe.learningRate], [base, batch, learningRate]);
    assert.deepEqual(recipe.pack?.mixture?.medicalBook, { priority: 16, epochs: 1 });
    assert.deepEqual(recipe.pack?.mixture?.medicalExam, { priority: 2, epochs: 2 });
    assert.equal(Object.keys(recipe.pack?.mixture ?? {}).length, 10);
    assert.deepEqual([recipe.attention, recipe.cosineSpan, recipe.decay], ["isolated", 1, "matrices"]);
    const asPublished = await loadRecipe(file, ["protocol=published", "decay=matrices"]);
    assert.deepEqual(
      [asPublished.attention, asPublished.cosineSpan, asPublished.decay],
      ["crossing", 1.35, "matrices"],
      "a key of its own goes before the protocol",
    );
  }
});

test("YAML, JSON and TypeScript say the same", async () => {
  const recipe = { steps: 3, batch: 1, learningRate: 0.5, base: "model" };
  const json = await loadRecipe(await written("recipe.json", JSON.stringify(recipe)));
  const yaml = await loadRecipe(
    await written("recipe.yaml", "steps: 3\nbatch: 1\nlearningRate: 5e-1\nbase: model\n"),
  );
  const typescript = await loadRecipe(
    await written(
      "recipe.ts",
      `const steps: number = 3;\nexport default ${JSON.stringify(recipe).replace("3", "steps")};`,
    ),
  );
  assert.deepEqual(yaml, json);
  assert.deepEqual(typescript, json);
});

test("settings change values, at any depth, and make parts that are missing", async () => {
  const recipe = await loadRecipe(TINY, [
    "steps=7",
    "model.hiddenSize=64",
    "model.tiedEmbeddings=false",
    "seed=-1",
  ]);
  assert.equal(recipe.steps, 7);
  assert.equal(recipe.model?.hiddenSize, 64);
  assert.equal(recipe.model?.layers, 4);
  assert.equal(recipe.model?.tiedEmbeddings, false);
  assert.equal(recipe.seed, -1);
  const lora = ["lora.rank=1", "lora.alpha=1", 'lora.targets=["q_proj","v_proj"]'];
  const adapted = await written("adapted.json", `{"base":"b","batch":1,"learningRate":1}`);
  assert.deepEqual((await loadRecipe(adapted, lora)).lora?.targets, ["q_proj", "v_proj"]);
  const bare = await written("bare.json", `{"steps":1,"batch":1,"learningRate":1}`);
  assert.equal((await loadRecipe(bare, ["model.layers=2", "model.hiddenSize=8"])).model?.layers, 2);
});

test("a wrong value is named by its field", async () => {
  for (const [settings, line] of [
    [["model.hiddenSize=abc"], /tiny\.yaml: model\.hiddenSize: .*number/],
    [["steps=0"], /tiny\.yaml: steps: /],
    [["steps=1.5"], /steps: expected int, found 1\.5\. .*--set steps=VALUE/],
    [["steps="], /steps: expected number, found ""/],
    [["learningRate=-1"], /learningRate: .*>0, found -1/],
    [["warmup=2"], /warmup: /],
    [["attention=none"], /attention: .*isolated/],
    [["model.architecture=gpt5"], /model\.architecture: .*llama/],
    [["model=3"], /model: .*object/],
    [["learnigRate=1"], /no key "learnigRate"\. Keys of a recipe: model, /],
    [["model.hidenSize=64"], /model: there is no key "hidenSize"\. Keys of model: architecture, /],
    [["steps.more=1"], /steps: /],
    [["batch=4", "accumulate=3"], /tiny\.yaml: accumulate: 3 parts do not divide 4 rows/],
    [["lora.rank=4", "lora.alpha=8", "lora.dropout=1"], /lora\.dropout: /],
    [["keepCheckpoints=0"], /keepCheckpoints: /],
    [["lora.rank=4", "lora.alpha=8"], /tiny\.yaml: lora: adapters need a base/],
    [["lora.rank=0"], /lora\.rank: /],
    [["lora.rank=4"], /lora\.alpha: is missing: expected number/],
    [["lora.rnak=4", "lora.alpha=8"], /lora: there is no key "rnak"/],
    [
      ["lora.rank=4", "lora.alpha=8", "lora.targets=3"],
      /lora\.targets: expected a list of names, .* found 3/,
    ],
    [["lora.rank=4", "lora.alpha=8", 'lora.targets=["a","a"]'], /lora\.targets: names a matrix twice/],
    [["base=some/checkpoint"], /either model.*or base/],
    [["__proto__.polluted=1"], /__proto__/],
    [["model.__proto__.polluted=1"], /__proto__/],
  ] as const) {
    await refused(TINY, [...settings], "bad-recipe", line);
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  await refused(TINY, ["steps"], "bad-option", /--set steps: expected key=value/);
  await refused(TINY, ["=5"], "bad-option", /--set =5: expected key=value/);
});

test("a recipe that cannot be read is one clear line", async () => {
  await refused(join(folder, "absent.yaml"), [], "file-not-found", /absent\.yaml: no such recipe.*recipes\//);
  await mkdir(join(folder, "folder"));
  await refused(join(folder, "folder"), [], "not-a-file", /folder: is a folder/);
  for (const [name, text, line] of [
    ["tabs.yaml", "model:\n\t- hiddenSize: [1\nsteps: 2", /tabs\.yaml: cannot be read/],
    ["cut.json", `{"steps": 3, "batch"`, /cut\.json: cannot be read/],
    ["list.json", "[1, 2]", /list\.json: /],
    ["text.yaml", "just words", /text\.yaml: /],
    ["empty.yaml", "", /empty\.yaml: /],
    [
      "missing.yaml",
      "steps: 3\nbatch: 1\nmodel:\n  layers: 1\n  hiddenSize: 8\n",
      /missing\.yaml: learningRate: /,
    ],
    ["throws.ts", "throw new Error('no\\nrecipe');", /throws\.ts: cannot be read/],
    ["recipe.txt", "steps: 3", /recipe\.txt: .*\.yaml/],
  ] as const) {
    await refused(await written(name, text), [], "bad-recipe", line);
  }
});
