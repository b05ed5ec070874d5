// How fast export writes a GGUF file, against a plain copy of the file it has written, and how much memory it takes.
// A sharded BF16 checkpoint of random weights (Qwen2's shapes) is made first. Both sides write a new file and end with an fsync;
// rounds interleave, each side first in every other one. By the clock and by processor time (all threads, kernel included), which
// says more on a machine that others use too; medians, and the ratio's lowest round.
// node perf/export.mjs [--gigabytes 2] [--rounds 3] [--types bf16,f16,f32,q8_0] [--folder DIR]
import { copyFile, mkdir, mkdtemp, open, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { modelMetadata, writeGguf } from "../dist/export/index.js";
import { tensorSources } from "../dist/export/tensor-sources.js";
import { openCheckpoint, parameterCount, parameterShapes, toHuggingFaceConfig } from "../dist/model/index.js";
import { trainByteLevelBpe } from "../dist/tokenizer/index.js";

const { values: options } = parseArgs({
  options: {
    gigabytes: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
    types: { type: "string", default: "bf16,f16,f32,q8_0" },
    folder: { type: "string", default: tmpdir() },
    sparse: { type: "boolean", default: false },
  },
});

const LAYER_BYTES = 2 * (2048 * 2048 * 2 + 2 * 512 * 2048 + 3 * 2048 * 8192);
const config = {
  architecture: "qwen2",
  vocabularySize: 32_000,
  hiddenSize: 2048,
  intermediateSize: 8192,
  layers: Math.max(1, Math.round((Number(options.gigabytes) * 2 ** 30) / LAYER_BYTES)),
  heads: 16,
  keyValueHeads: 4,
  headSize: 128,
  normEpsilon: 1e-6,
  ropeTheta: 1e6,
  contextLength: 4096,
  tiedEmbeddings: true,
  attentionBias: true,
  bosId: undefined,
  eosId: undefined,
};
const vocabulary = trainByteLevelBpe(["yes and no"], {
  vocabularySize: 260,
  specialTokens: ["<|endoftext|>"],
});

await mkdir(options.folder, { recursive: true });
const folder = await mkdtemp(join(options.folder, "apollo-perf-export-"));
try {
  await makeCheckpoint(join(folder, "checkpoint"));
  const rows = [];
  for (const type of options.types.toUpperCase().split(",")) rows.push(await measure(type));
  console.log(
    `${(parameterCount(config) / 1e9).toFixed(2)} B parameters, ${options.rounds} rounds, load ${loadavg()[0].toFixed(1)}`,
  );
  console.table(rows);
} finally {
  await rm(folder, { recursive: true });
}

async function measure(type) {
  const [file, copy] = [join(folder, "out.gguf"), join(folder, "copy.gguf")];
  const checkpoint = await openCheckpoint(join(folder, "checkpoint"));
  const metadata = modelMetadata({ config, vocabulary, name: "perf", fileType: type, file });
  let bytes = 0;
  let peak = 0;
  const write = async () => {
    const watch = setInterval(async () => (peak = Math.max(peak, await residentBytes())), 20);
    ({ bytes } = await writeGguf(file, metadata, tensorSources(checkpoint, type)));
    clearInterval(watch);
  };
  await write();
  const model = `${file}.first`;
  await rename(file, model);
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    const sides = [
      ["export", file, write],
      ["copy", copy, () => copyWhole(model, copy)],
    ];
    const times = {};
    for (const [side, made, work] of round % 2 === 0 ? sides : sides.reverse()) {
      times[side] = await measured(work);
      await rm(made);
    }
    rounds.push(times);
  }
  await rm(model);
  await checkpoint.close();
  const ratios = rounds.map((times) => times.export.clock / times.copy.clock);
  const middle = (side, what) => median(rounds.map((times) => times[side][what]));
  return {
    type,
    GB: (bytes / 1e9).toFixed(2),
    "export s": middle("export", "clock").toFixed(2),
    "copy s": middle("copy", "clock").toFixed(2),
    ratio: median(ratios).toFixed(2),
    lowest: Math.min(...ratios).toFixed(2),
    "export CPU s": middle("export", "processor").toFixed(2),
    "copy CPU s": middle("copy", "processor").toFixed(2),
    "peak resident MB": Math.round(peak / 1e6),
  };
}

async function copyWhole(from, to) {
  await copyFile(from, to);
  const handle = await open(to, "r+");
  await handle.sync();
  await handle.close();
}

/** What the process holds in memory, pages of mapped files included. */
async function residentBytes() {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+)/mu.exec(status)?.[1];
  return kilobytes === undefined ? process.memoryUsage().rss : Number(kilobytes) * 1024;
}

/** Seconds by the clock and of all processors together. */
async function measured(work) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { clock: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** A shard for every eight layers; with --sparse all weights are zero and take no room. */
async function makeCheckpoint(path) {
  await mkdir(path);
  await writeFile(join(path, "config.json"), JSON.stringify(toHuggingFaceConfig(config)));
  const shapes = parameterShapes(config);
  const shardOf = ({ layer }) => Math.floor((layer ?? 0) / 8);
  const count = Math.max(...shapes.map(shardOf)) + 1;
  const weightMap = {};
  const noise = bfloat16Noise(1 << 24);
  for (let shard = 0; shard < count; shard++) {
    const number = (n) => String(n).padStart(5, "0");
    const name = `model-${number(shard + 1)}-of-${number(count)}.safetensors`;
    const header = {};
    let end = 0;
    for (const parameter of shapes.filter((shape) => shardOf(shape) === shard)) {
      const bytes = 2 * parameter.shape.reduce((a, b) => a * b, 1);
      header[parameter.name] = { dtype: "BF16", shape: parameter.shape, data_offsets: [end, end + bytes] };
      weightMap[parameter.name] = name;
      end += bytes;
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const handle = await open(join(path, name), "w");
    await handle.write(Buffer.concat([length, json]));
    for (let done = 0; done < end && !options.sparse; done += noise.length) {
      await handle.write(noise, 0, Math.min(noise.length, end - done));
    }
    await handle.sync();
    await handle.close();
    if (options.sparse) await truncate(join(path, name), 8 + json.length + end);
  }
  await writeFile(join(path, "model.safetensors.index.json"), JSON.stringify({ weight_map: weightMap }));
}

/** Values of about 0.02 with random signs and fractions. */
function bfloat16Noise(bytes) {
  const words = new Uint16Array(bytes / 2);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = ((state >>> 16) & 0x80ff) | 0x3c00;
  }
  return Buffer.from(words.buffer);
}
