// One training step (forward, backward, clipping, AdamW), ours and PyTorch's in turns: tokens/s, and what of ONNX Runtime's own
// matrix product rate the step reaches. node perf/train-step.mjs [5m|100m|100m-long|lora-100m|lora-100m-long|lora-0.5b] [threads] [rounds]; APOLLO_PYTHON is a
// Python with torch, transformers and peft; without it only our side is measured. APOLLO_PROFILE=1 lists our time by operator, =shapes by operator and shapes.
// APOLLO_DEVICE=webgpu or cuda: our side on the GPU. APOLLO_PREPACK=1: the base of a LoRA step in a packed layout.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import * as ort from "onnxruntime-node";
import { writeJson } from "../dist/core/index.js";
import { createSession, Graph } from "../dist/graph/index.js";
import { sessionConfig } from "../dist/graph/run.js";
import { initializeWeights, openCheckpoint, parameterShapes, writeSafetensors } from "../dist/model/index.js";
import { modelFormat } from "../dist/train/checkpoint.js";
import { createDeviceStep } from "../dist/train/device-step.js";
import { initializeAdapters, loraTraining } from "../dist/train/lora.js";
import { fullTraining } from "../dist/train/method.js";
import { shapeModel } from "../dist/train/model-shape.js";
import { parseRecipe } from "../dist/train/recipe.js";
import { gradientGraph } from "../dist/train/step-graph.js";
import { createTrainingStep, freshState } from "../dist/train/training-step.js";

const SMALL = {
  vocabularySize: 8192,
  hiddenSize: 256,
  layers: 4,
  heads: 8,
  keyValueHeads: 8,
  intermediateSize: 704,
};
const LARGE = {
  vocabularySize: 32_000,
  hiddenSize: 768,
  layers: 12,
  heads: 12,
  keyValueHeads: 12,
  intermediateSize: 2048,
};
/** Qwen1.5-0.5B, the base of Apollo-0.5B. */
const HALF_BILLION = {
  vocabularySize: 151_936,
  hiddenSize: 1024,
  layers: 24,
  heads: 16,
  keyValueHeads: 16,
  intermediateSize: 2816,
};
const SHAPES = {
  "5m": { ...SMALL, rows: 8, length: 256 },
  "100m": { ...LARGE, rows: 2, length: 256 },
  "100m-long": { ...LARGE, rows: 4, length: 512 },
  "lora-100m": { ...LARGE, rows: 2, length: 256, lora: 16 },
  "lora-100m-long": { ...LARGE, rows: 4, length: 512, lora: 16 },
  "lora-0.5b": { ...HALF_BILLION, rows: 8, length: 512, lora: 16 },
};
const [name = "5m", threadText = "1", roundText = "7"] = process.argv.slice(2);
const shape = SHAPES[name];
if (shape === undefined) throw new Error(`no shape ${name}: ${Object.keys(SHAPES).join(", ")}`);
const [threads, rounds] = [Number(threadText), Number(roundText)];
const device = process.env.APOLLO_DEVICE ?? "cpu";
const { rows, length, vocabularySize } = shape;
const tokens = rows * length;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const { layers, hiddenSize, heads, keyValueHeads, intermediateSize } = shape;
const model = { layers, hiddenSize, heads, keyValueHeads, intermediateSize };
const config = shapeModel(
  { architecture: "qwen2", ropeTheta: 10_000, normEpsilon: 1e-6, tiedEmbeddings: true, ...model },
  { vocabularySize, contextLength: length, eosId: 0, bosId: undefined },
);

const folder = await mkdtemp(join(tmpdir(), "apollo-perf-"));
const ours = await openOurs();
const theirs = process.env.APOLLO_PYTHON ? await openTheirs(process.env.APOLLO_PYTHON) : undefined;
if (theirs === undefined) console.log("APOLLO_PYTHON is not set: PyTorch is not measured");
const times = { ours: [], theirs: [] };
for (let round = -1; round < rounds; round++) {
  // The pause lets the other side's threads fall asleep.
  await sleep(200);
  const own = await ours.step();
  await sleep(200);
  const other = await theirs?.step();
  if (round < 0) continue;
  times.ours.push(own);
  if (other !== undefined) times.theirs.push(other);
}
// A single product on a GPU would be the time of its way there and back.
const peak = device === "cpu" ? await gemmPeak() : undefined;
const of = (side, key) => median(times[side].map((time) => time[key]));
const seconds = of("ours", "seconds");
const flops = stepFlops();
console.log(
  JSON.stringify({
    shape: name,
    device,
    threads,
    rounds,
    tokensPerSecond: Math.round(tokens / seconds),
    secondsOurs: seconds,
    cpuSecondsOurs: of("ours", "cpuSeconds"),
    ...(theirs === undefined
      ? {}
      : {
          torch: theirs.version,
          secondsTorch: of("theirs", "seconds"),
          cpuSecondsTorch: of("theirs", "cpuSeconds"),
          ratio: of("theirs", "seconds") / seconds,
          // Beside other work the clock is unfair to whoever is interrupted; time on the processor is less so.
          cpuRatio: of("theirs", "cpuSeconds") / of("ours", "cpuSeconds"),
        }),
    gflops: Math.round(flops / seconds / 1e9),
    ...(peak === undefined
      ? {}
      : {
          gemmGflops: Math.round(peak.wall / 1e9),
          shareOfGemm: flops / seconds / peak.wall,
          shareOfGemmCpu: flops / of("ours", "cpuSeconds") / peak.cpu,
        }),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
if (process.env.APOLLO_PROFILE) await profile();
theirs?.close();
await ours.close();
await rm(folder, { recursive: true });

function recipe() {
  const common = {
    batch: rows,
    learningRate: 1e-4,
    attention: process.env.APOLLO_ATTENTION ?? "isolated",
    recomputeActivations: process.env.APOLLO_RECOMPUTE === "1",
  };
  return parseRecipe(
    shape.lora === undefined
      ? { ...common, model }
      : {
          ...common,
          base: folder,
          lora: { rank: shape.lora, alpha: 2 * shape.lora, prepackBase: process.env.APOLLO_PREPACK === "1" },
        },
    "perf",
  );
}

async function openMethod() {
  if (shape.lora === undefined)
    return { method: fullTraining(config), weights: initializeWeights(config, 1) };
  await writeJson(join(folder, "config.json"), modelFormat(config).json["config.json"]);
  await writeSafetensors(
    join(folder, "model.safetensors"),
    [...initializeWeights(config, 1)].map(([weight, value]) => ({ name: weight, ...value })),
  );
  const base = await openCheckpoint(folder);
  const method = await loraTraining(base, folder, recipe().lora);
  await base.close();
  return { method, weights: initializeAdapters(config, recipe().lora, 1) };
}

async function openOurs() {
  const { method, weights } = await openMethod();
  const create = device === "cpu" ? createTrainingStep : createDeviceStep;
  const step = await create(method, recipe(), freshState(weights), { length, threads, provider: device });
  const ids = Int32Array.from({ length: tokens }, (_, i) => (i * 7919) % vocabularySize);
  const batch = {
    inputIds: ids,
    labels: ids,
    positionIds: ids.map((_, i) => i % length),
    segmentIds: new Int32Array(tokens),
  };
  let number = 0;
  return {
    method,
    async step() {
      const [began, cpu] = [performance.now(), process.cpuUsage()];
      await step.run(batch, ++number, 1e-4);
      const { user, system } = process.cpuUsage(cpu);
      return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
    },
    close: () => step.close(),
  };
}

async function openTheirs(python) {
  const script = new URL("train_step_torch.py", import.meta.url).pathname;
  const child = spawn(python, [script, JSON.stringify(shape), String(threads)], {
    env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${python} ended`);
    return JSON.parse(value);
  };
  const { ready: version } = await next();
  return {
    version,
    async step() {
      child.stdin.write("\n");
      return next();
    },
    close: () => child.stdin.end(),
  };
}

/** Floating-point operations of the matrix products of one step. */
function stepFlops() {
  const linear = parameterShapes(config)
    .filter(({ role, shape: own }) => own.length > 1 && (role !== "embedding" || config.tiedEmbeddings))
    .reduce((sum, { shape: own }) => sum + own[0] * own[1], 0);
  const attention = config.layers * 2 * length * config.heads * config.headSize;
  // Forward, gradient of the input, gradient of the weight; a frozen weight has none.
  const passes = shape.lora === undefined ? 3 : 2;
  return 2 * tokens * (passes * linear + 3 * attention);
}

/** Rate of one large product in ONNX Runtime. */
async function gemmPeak() {
  const size = 1024;
  const graph = new Graph();
  const [a, b] = ["a", "b"].map((input) => graph.input(input, [size, size]));
  graph.output(graph.emit("MatMul", [a, b], [size, size]), "y");
  const session = await createSession(graph.encode(), { threads });
  const data = new Float32Array(size * size).fill(0.5);
  const found = [];
  for (let i = 0; i < 15; i++) {
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    await session.run({ a: { data, shape: [size, size] }, b: { data, shape: [size, size] } });
    const { user, system } = process.cpuUsage(cpu);
    found.push({ wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 });
  }
  await session.close();
  const rate = (key) => (2 * size ** 3) / median(found.map((time) => time[key]));
  return { wall: rate("wall"), cpu: rate("cpu") };
}

/** Our step's time by operator, from ONNX Runtime's profiler. */
async function profile() {
  const { method } = ours;
  const session = await ort.InferenceSession.create(
    gradientGraph(
      method,
      {
        rows,
        length,
        attention: recipe().attention,
        recompute: recipe().recomputeActivations,
      },
      { widenOnce: device !== "cpu" },
    ).model,
    {
      executionProviders: [device],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
      extra: sessionConfig(
        method.frozen === undefined ? {} : { weightFolder: method.frozen.folder, mapWeights: true },
      ),
    },
  );
  const feeds = {};
  for (const { name: input, type, shape: own } of session.inputMetadata) {
    const count = own.reduce((x, y) => x * y, 1);
    const data = type === "int64" ? new BigInt64Array(count) : new Float32Array(count).fill(0.01);
    feeds[input] = new ort.Tensor(type, data, own);
  }
  const runs = 4;
  for (let i = 0; i < runs; i++) await session.run(feeds);
  const file = session.endProfiling();
  await session.release();
  const path =
    file ?? (await (await import("node:fs/promises")).readdir(folder)).find((f) => f.startsWith("profile"));
  const events = JSON.parse(await readFile(path.startsWith("/") ? path : join(folder, path), "utf8"));
  const byOperator = new Map();
  // The first run also makes the memory that the later ones use again.
  const starts = events.filter((event) => event.name === "SequentialExecutor::Execute").map(({ ts }) => ts);
  const firstCounted = starts.toSorted((a, b) => a - b)[1];
  for (const { cat, name: event, dur, args, ts } of events) {
    if (cat !== "Node" || !event.endsWith("_kernel_time") || ts < firstCounted) continue;
    const shapes = args.input_type_shape.map((input) => Object.values(input)[0].join("x"));
    const key =
      (device === "cpu" ? "" : `${args.provider.replace("ExecutionProvider", "")} `) +
      (process.env.APOLLO_PROFILE === "shapes" ? `${args.op_name} ${shapes.join(" ")}` : args.op_name);
    const known = byOperator.get(key) ?? { time: 0, count: 0 };
    byOperator.set(key, { time: known.time + dur / 1000 / (runs - 1), count: known.count + 1 / (runs - 1) });
  }
  const total = [...byOperator.values()].reduce((sum, { time }) => sum + time, 0);
  for (const [operator, { time, count }] of [...byOperator]
    .sort((a, b) => b[1].time - a[1].time)
    .slice(0, 24))
    console.log(
      `${operator.padEnd(60)} ${time.toFixed(1).padStart(8)} ms ${((100 * time) / total).toFixed(1).padStart(5)} %  ${Math.round(count)} nodes`,
    );
  console.log(`${"all".padEnd(60)} ${total.toFixed(1).padStart(8)} ms`);
}
