// Makes a model of a real one's shape with random weights, as a checkpoint folder and as a GGUF file: what is measured is
// speed, which does not depend on what the weights say.
//
//   node perf/random-model.mjs TOKENIZER_FOLDER OUT_FOLDER [TYPE] [SHAPE] [SEED]     (built program: npx tsc -b)
//
// SHAPE: `0.5b` (default) is Apollo-0.5B's (Qwen1.5-0.5B): 24 layers, 1024 wide, vocabulary 151,936, tied; 464 M parameters, of
// which 308 M are in the layers. `small`: 4 layers, 192 wide, the same vocabulary; 31 M, as a proxy trio's small models.
// TYPE: q8_0 (default), f16, ...
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportGguf } from "../dist/export/index.js";
import { initializeWeights, toHuggingFaceConfig, writeSafetensors } from "../dist/model/index.js";
import { loadTokenizer, saveTokenizer } from "../dist/tokenizer/index.js";

const [, , tokenizerFolder, out, type = "q8_0", shape = "0.5b", seed = "0"] = process.argv;
if (tokenizerFolder === undefined || out === undefined) {
  console.error("usage: node perf/random-model.mjs TOKENIZER_FOLDER OUT_FOLDER [TYPE]");
  process.exit(2);
}

const SHAPES = {
  "0.5b": {
    hiddenSize: 1024,
    intermediateSize: 2816,
    layers: 24,
    heads: 16,
    keyValueHeads: 16,
    headSize: 64,
  },
  small: { hiddenSize: 192, intermediateSize: 512, layers: 4, heads: 6, keyValueHeads: 6, headSize: 32 },
};
if (!Object.hasOwn(SHAPES, shape)) {
  console.error(`SHAPE is ${Object.keys(SHAPES).join(" or ")}`);
  process.exit(2);
}

/** Rows of the published embedding; the tokenizer fills fewer. */
const VOCABULARY_ROWS = 151_936;

const tokenizer = await loadTokenizer(tokenizerFolder);
const config = {
  architecture: "qwen2",
  vocabularySize: VOCABULARY_ROWS,
  ...SHAPES[shape],
  normEpsilon: 1e-6,
  ropeTheta: 1_000_000,
  contextLength: 32_768,
  tiedEmbeddings: true,
  attentionBias: true,
  bosId: tokenizer.bosId,
  eosId: tokenizer.eosId,
};
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "config.json"), JSON.stringify(toHuggingFaceConfig(config), null, 2));
await saveTokenizer(tokenizer, out);
const weights = initializeWeights(config, Number(seed));
await writeSafetensors(
  join(out, "model.safetensors"),
  [...weights].map(([name, { shape, data }]) => ({ name, shape, data })),
);
const { bytes } = await exportGguf(out, { type, out: join(out, `model-${type}.gguf`), verifyUpTo: 0 });
console.log(`${join(out, `model-${type}.gguf`)}: ${(bytes / 2 ** 20).toFixed(0)} MiB`);
