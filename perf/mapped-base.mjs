// How a LoRA run starts on a large sharded base: seconds to the end of the first step, and memory of our own against memory that is
// only the files, mapped. node perf/mapped-base.mjs [F32|BF16] [gigabytes of float32, default 2.7]. Linux (reads /proc).
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeJson } from "../dist/core/index.js";
import { openCheckpoint, parameterShapes } from "../dist/model/index.js";
import { modelFormat } from "../dist/train/checkpoint.js";
import { initializeAdapters, loraTraining } from "../dist/train/lora.js";
import { shapeModel } from "../dist/train/model-shape.js";
import { parseRecipe } from "../dist/train/recipe.js";
import { createTrainingStep, freshState } from "../dist/train/training-step.js";

const [dtype = "F32", gigabytes = "2.7"] = process.argv.slice(2);
const LENGTH = 64;
// A layer has 50.6 million weights, the embedding 65.5 million.
const layers = Math.max(1, Math.round((Number(gigabytes) * 1e9) / 4 / 50.6e6 - 1.3));
const config = shapeModel(
  {
    architecture: "qwen2",
    hiddenSize: 2048,
    intermediateSize: 5504,
    layers,
    heads: 16,
    ropeTheta: 10_000,
    normEpsilon: 1e-6,
    tiedEmbeddings: true,
  },
  { vocabularySize: 32_000, contextLength: LENGTH, eosId: 0, bosId: undefined },
);
const folder = await mkdtemp(join(tmpdir(), "apollo-mapped-"));
try {
  await writeShards();
  const began = performance.now();
  const recipe = parseRecipe(
    { base: folder, lora: { rank: 8, alpha: 16 }, batch: 1, learningRate: 1e-4 },
    "perf",
  );
  const base = await openCheckpoint(folder);
  const method = await loraTraining(base, folder, recipe.lora);
  const state = freshState(initializeAdapters(config, recipe.lora, 1));
  const step = await createTrainingStep(method, recipe, state, { length: LENGTH, threads: 1 });
  const started = performance.now();
  const afterStart = await memory();
  const ids = new Int32Array(LENGTH).map((_, i) => i);
  const zeros = new Int32Array(LENGTH);
  await step.run({ inputIds: ids, labels: ids, positionIds: ids, segmentIds: zeros }, 1, 1e-4);
  const ended = performance.now();
  console.log(
    JSON.stringify({
      dtype,
      parameters: parameterShapes(config).reduce(
        (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
        0,
      ),
      startSeconds: (started - began) / 1000,
      firstStepSeconds: (ended - started) / 1000,
      afterStart,
      afterStep: await memory(),
    }),
  );
  await step.close();
  await base.close();
} finally {
  await rm(folder, { recursive: true });
}

/** Megabytes of this process: its own (anonymous) and of mapped files. */
async function memory() {
  const text = await readFile("/proc/self/status", "utf8");
  const megabytes = (key) => Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`, "u").exec(text)[1]) / 1024);
  return { own: megabytes("RssAnon"), mapped: megabytes("RssFile") };
}

/** Two shards and their index, every weight a repeated pattern: what stands in them is not the point. */
async function writeShards() {
  const parameters = parameterShapes(config);
  const pattern = Float32Array.from({ length: 1 << 20 }, (_, i) => Math.sin(i) * 0.02);
  // A bfloat16 is the upper half of a float32.
  const upper = () => Uint16Array.from(new Uint32Array(pattern.buffer), (word) => word >>> 16);
  const bits = dtype === "F32" ? pattern : upper();
  const bytes = new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
  const width = bits.BYTES_PER_ELEMENT;
  const weightMap = {};
  for (const shard of [0, 1]) {
    const name = `model-0000${shard + 1}-of-00002.safetensors`;
    const own = parameters.filter((_, i) => (i < parameters.length / 2 ? 0 : 1) === shard);
    let offset = 0;
    const header = {};
    for (const { name: weight, shape } of own) {
      const size = shape.reduce((a, b) => a * b, 1) * width;
      header[weight] = { dtype, shape, data_offsets: [offset, offset + size] };
      weightMap[weight] = name;
      offset += size;
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const file = await open(join(folder, name), "w");
    await file.write(Buffer.concat([length, text]));
    for (let left = offset; left > 0; left -= bytes.length)
      await file.write(bytes.subarray(0, Math.min(left, bytes.length)));
    await file.close();
  }
  await writeJson(join(folder, "model.safetensors.index.json"), { weight_map: weightMap });
  await writeJson(join(folder, "config.json"), modelFormat(config).json["config.json"]);
}
