// A LoRA run on real texts: trains a tiny base on the general part of corpus samples in Apollo's format, adapters on the medical part,
// and compares the loss on held-out medical texts, by language, before and after. It must fall in every language.
// node scripts/verify-lora.mjs FOLDER_OF_SAMPLES (files like Medical_Book_en_sampled.json); needs the built program.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importCorpus, packCorpus } from "../dist/corpus/index.js";
import { openCheckpoint } from "../dist/model/index.js";
import { loadTokenizer, saveTokenizer, trainByteLevelBpe } from "../dist/tokenizer/index.js";
import { nextBatch } from "../dist/train/batch.js";
import { initializeAdapters, loraTraining, readAdapters } from "../dist/train/lora.js";
import { openPackedRows } from "../dist/train/packed.js";
import { parseRecipe } from "../dist/train/recipe.js";
import { train } from "../dist/train/train.js";
import { createTrainingStep, freshState } from "../dist/train/training-step.js";

const samples = process.argv[2];
if (samples === undefined) throw new Error("usage: node scripts/verify-lora.mjs FOLDER_OF_SAMPLES");
/** Of each hundred texts of a medical file, the last ones are held out. */
const HELD_OUT = 15;
const LENGTH = 256;
const LANGUAGES = ["en", "zh"];
const LORA = { rank: 8, alpha: 16, dropout: 0.05 };

const folder = await mkdtemp(join(tmpdir(), "apollo-verify-lora-"));
const place = (name) => join(folder, name);
try {
  const sets = {
    general: [],
    medical: [],
    ...Object.fromEntries(LANGUAGES.map((l) => [`held-out-${l}`, []])),
  };
  for (const file of (await readdir(samples)).filter((name) => name.endsWith("_sampled.json"))) {
    const [, category, language] = /^(.*)_(\w\w)_sampled\.json$/u.exec(file);
    const items = JSON.parse(await readFile(join(samples, file), "utf8"));
    const name = `${category.replaceAll("_", "").replace(/^./u, (c) => c.toLowerCase())}_${language}.json`;
    if (!category.startsWith("Medical")) sets.general.push([name, items]);
    else {
      sets.medical.push([name, items.slice(0, -HELD_OUT)]);
      sets[`held-out-${language}`].push([name, items.slice(-HELD_OUT)]);
    }
  }
  const texts = sets.general.flatMap(([, items]) => items.flat());
  const trained = trainByteLevelBpe(texts, { vocabularySize: 2000, specialTokens: ["<|endoftext|>"] });
  await saveTokenizer(trained, place("tokenizer"), { eosToken: "<|endoftext|>" });
  const tokenizer = await loadTokenizer(place("tokenizer"));
  for (const [set, files] of Object.entries(sets)) {
    await mkdir(place(set));
    for (const [name, items] of files) await writeFile(join(place(set), name), JSON.stringify(items));
    await importCorpus([place(set)], place(`${set}-corpus`));
    const packed = await packCorpus(place(`${set}-corpus`), {
      tokenizer,
      length: LENGTH,
      out: place(`${set}-packed`),
    });
    console.log(`${set}: ${packed.rows} rows of ${LENGTH}`);
  }

  const onStep = ({ step, steps, loss }) => {
    if (step % 50 === 0 || step === steps) console.log(`  step ${step}/${steps} loss ${loss.toFixed(3)}`);
  };
  const base = place("base");
  const general = parseRecipe(
    {
      model: { hiddenSize: 96, layers: 3 },
      steps: 250,
      batch: 4,
      learningRate: 0.004,
      checkpointEvery: 1000,
    },
    "verify",
  );
  await train({ recipe: general, data: place("general-packed"), out: base, onStep });
  const adapted = parseRecipe(
    { base, lora: LORA, steps: 150, batch: 4, learningRate: 0.004, checkpointEvery: 1000 },
    "verify",
  );
  await train({ recipe: adapted, data: place("medical-packed"), out: place("adapter"), onStep });

  for (const language of LANGUAGES) {
    const before = await heldOutLoss(language, adapted, undefined);
    const after = await heldOutLoss(language, adapted, place("adapter"));
    console.log(`${language}: held-out loss ${before.toFixed(4)} before, ${after.toFixed(4)} after`);
    assert.ok(after < before, `${language} did not improve`);
  }
} finally {
  await rm(folder, { recursive: true });
}

/** Mean loss over the held-out label tokens of a language, with the adapter or with none. */
async function heldOutLoss(language, recipe, adapter) {
  const rows = await openPackedRows(place(`held-out-${language}-packed`));
  const settings = { ...recipe, batch: 4, lora: { ...recipe.lora, dropout: 0 } };
  const checkpoint = await openCheckpoint(recipe.base);
  const method = await loraTraining(checkpoint, recipe.base, settings.lora);
  const values =
    adapter === undefined
      ? initializeAdapters(checkpoint.config, settings.lora, 1)
      : await readAdapters(checkpoint.config, settings.lora, adapter);
  await checkpoint.close();
  const step = await createTrainingStep(method, settings, freshState(values), { length: LENGTH, threads: 1 });
  let [total, tokens] = [0, 0];
  for (let from = 0; from < rows.rows; from += settings.batch) {
    const batch = await nextBatch(rows, from, settings.batch, method.config.vocabularySize, { wrap: false });
    // A learning rate of zero: only the loss is wanted.
    const { loss, labelTokens } = await step.run(batch, 1, 0);
    total += loss * labelTokens;
    tokens += labelTokens;
  }
  await step.close();
  rows.close();
  return total / tokens;
}
