import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freshTraits, knownShape, type ModelConfig, parameterCount } from "../model/index.ts";
import { flopsPerToken } from "./arithmetic.ts";
import { parseCluster } from "./cluster.ts";
import { estimateGpuMemory, type Layout, layerBytesPerToken } from "./cluster-memory.ts";
import { planCluster } from "./cluster-plan.ts";
import { clusterRate, stepSeconds, stepTraffic } from "./cluster-time.ts";
import { GPUS } from "./gpus.ts";
import { adapterShapes } from "./lora.ts";
import { loadRecipe, parseRecipe } from "./recipe.ts";

const recipe = (name: string, settings: readonly string[] = []) =>
  loadRecipe(fileURLToPath(new URL(`../../recipes/${name}.yaml`, import.meta.url)), settings);

const GEMMA_7B = knownShape("google/gemma-7b")!;
/** As Apollo-7B was trained: two rows on each of 24 GPUs, ZeRO-3 over three nodes, gradient checkpointing. */
const PUBLISHED: Layout = {
  part: "full",
  sharding: "zero-3",
  gpus: 24,
  rows: 2,
  length: 4096,
  checkpointing: true,
  chunkedLoss: false,
  adapterParameters: 0,
};

function llama(shape: Partial<ModelConfig>): ModelConfig {
  return {
    ...GEMMA_7B,
    ...freshTraits("llama"),
    architecture: "llama",
    tiedEmbeddings: false,
    ...shape,
  };
}

test("the known shapes have the published numbers of parameters", () => {
  for (const [name, parameters] of [
    ["Qwen/Qwen1.5-0.5B", 463_987_712],
    ["Qwen/Qwen-1_8B", 1_836_828_672],
    ["google/gemma-2b", 2_506_172_416],
    ["01-ai/Yi-6B", 6_061_035_520],
    ["google/gemma-7b", 8_537_680_896],
    ["01-ai/Yi-34B", 34_388_917_248],
    ["Qwen/Qwen-72B", 72_287_920_128],
  ] as const)
    assert.equal(parameterCount(knownShape(name)!), parameters, name);
});

test("weights, gradients and optimizer are ZeRO's own table", () => {
  // arXiv 1910.02054, figure 1: 7.5 billion parameters on 64 GPUs take 120, 31.4, 16.6 and 1.9 GB.
  const parameters = parameterCount(GEMMA_7B);
  for (const [sharding, gigabytes] of [
    ["ddp", 120],
    ["zero-1", 31.4],
    ["zero-2", 16.6],
    ["zero-3", 1.9],
  ] as const) {
    const { weights, gradients, optimizer } = estimateGpuMemory(GEMMA_7B, {
      ...PUBLISHED,
      gpus: 64,
      sharding,
    });
    const scaled = ((weights + gradients + optimizer) / parameters) * 7.5;
    assert.equal(scaled.toFixed(1), gigabytes.toFixed(1), sharding);
  }
});

test("a layer keeps what was measured with PyTorch's own hooks", () => {
  // perf/activation_bytes.py, transformers 5.23, torch 2.15: bytes of a token and layer.
  const at = { hiddenSize: 512, intermediateSize: 1376, heads: 8, keyValueHeads: 8, headSize: 64 };
  assert.equal(layerBytesPerToken(llama(at)), 23_336);
  assert.equal(layerBytesPerToken(llama({ ...at, keyValueHeads: 2 })), 21_800);
  assert.equal(layerBytesPerToken(llama({ ...at, intermediateSize: 4096 })), 45_096);
  const gemma = {
    ...GEMMA_7B,
    hiddenSize: 384,
    intermediateSize: 3072,
    heads: 2,
    keyValueHeads: 2,
    headSize: 256,
  };
  assert(Math.abs(layerBytesPerToken(gemma) / 36_374 - 1) < 1e-3);
});

test("Apollo-7B's published layout, kind by kind", () => {
  const memory = estimateGpuMemory(GEMMA_7B, PUBLISHED);
  // 8,537,680,896 parameters over 24 GPUs: 2 bytes, 2 bytes and 12 bytes of each.
  assert.equal(memory.weights, 711_473_408);
  assert.equal(memory.gradients, 711_473_408);
  assert.equal(memory.optimizer, 4_268_840_448);
  // 8,192 positions. Kept: 28 layers x 3,072 x 2 bytes = 172,032 a position: 1,409,286,144. Twice a layer:
  // 20 x 3,072 + 4 x 4,096 + 4 x 4,096 + 8 x 24,576 + 4 x 18 = 290,888 a position: 2 x 2,382,954,496.
  assert.equal(memory.activations, 1_409_286_144 + 2 * 2_382_954_496);
  // 14 bytes x 256,000 x 8,192.
  assert.equal(memory.logits, 29_360_128_000);
  // Gathered: a layer has 4 x 3,072 x 4,096 + 3 x 3,072 x 24,576 + 2 x 3,072 = 276,830,208; outside are 256,000 x 3,072 + 3,072 = 786,435,072.
  assert.equal(memory.communication, 2 * (2 * 276_830_208 + 786_435_072) + 2 * 276_830_208);
  const sum = 711_473_408 * 2 + 4_268_840_448 + 6_175_195_136 + 29_360_128_000 + 3_233_851_392;
  assert.equal(Math.round(memory.runtime), Math.round(2 * 2 ** 30 + 0.05 * sum));
  assert.equal(Math.round(memory.total), Math.round(sum + memory.runtime));
  // 48.8 GB: it fits GPUs of 80 GB, and not those of 40.
  assert.equal((memory.total / 1e9).toFixed(1), "48.8");
});

test("what travels in a step", () => {
  const cluster = parseCluster("3x8xA100-80G");
  const shape = { layout: PUBLISHED, accumulate: 8, flopsPerToken: 1, parameters: 8_537_680_896 };
  const of = (sharding: Layout["sharding"]): number =>
    stepTraffic({ ...shape, layout: { ...PUBLISHED, sharding } }, cluster).perGpu;
  // In bf16 weights are 17,075,361,792 bytes, and 23/24 of a tensor travels: 16,363,888,384.
  const once = 16_363_888_384;
  assert.equal(Math.round(of("ddp")), 2 * once);
  assert.equal(Math.round(of("zero-1")), 2 * once);
  assert.equal(Math.round(of("zero-2")), 9 * once);
  assert.equal(Math.round(of("zero-3")), 24 * once);
  const alone = { ...shape, layout: { ...PUBLISHED, gpus: 1 } };
  assert.deepEqual(stepTraffic(alone, parseCluster("A100-80G")), { perGpu: 0, perNode: 0 });
});

test("a step's seconds by hand", () => {
  // 6 x (8,537,680,896 - 57 norms x 3,072) + 3 x 28 x 4 x 16 x 256 x 2,048.
  const flops = 51_225_034_752 + 2_818_572_288;
  assert.equal(flopsPerToken(GEMMA_7B, 4096, true), flops);
  const cluster = parseCluster("3x8xA100-80G");
  const shape = { layout: PUBLISHED, accumulate: 8, flopsPerToken: flops, parameters: 8_537_680_896 };
  const [fast, slow] = stepSeconds(shape, cluster);
  // 65,536 positions a GPU, 4/3 of the arithmetic: 4.72240e15; at half of 312 TFLOP/s 30.27 s, at 30 % 50.45 s.
  // 392.7 GB out of each node at 0.8 x 200 GB/s: 2.45 s.
  assert(Math.abs(fast - 30.272) < 0.01, String(fast));
  assert(Math.abs(slow - (50.453 + 2.455)) < 0.01, String(slow));
  const [low, high] = clusterRate(shape, cluster);
  assert.equal(Math.round(low), Math.round(1_572_864 / slow));
  assert.equal(Math.round(high), Math.round(1_572_864 / fast));
  // A network of 1 Gbit/s is what the step waits for, however fast it computes: 392.7 GB / 0.1 GB/s.
  const [waiting] = stepSeconds(shape, parseCluster("3x8xA100-80G", { network: 1e9 }));
  assert(Math.abs(waiting - 3927.33) < 0.1, String(waiting));
});

test("QLoRA's own claim: 65 billion parameters on a GPU of 48 GB, where 16 bits do not fit", () => {
  const config = llama({
    hiddenSize: 8192,
    layers: 80,
    heads: 64,
    keyValueHeads: 64,
    headSize: 128,
    intermediateSize: 22_016,
    vocabularySize: 32_000,
  });
  assert.equal(parameterCount(config), 65_285_660_672);
  const lora = { rank: 16, alpha: 32, targets: "all-linear", dropout: 0 } as const;
  const adapterParameters = adapterShapes(config, lora).reduce(
    (sum, { shape }) => sum + shape[0]! * shape[1]!,
    0,
  );
  const layout = { ...PUBLISHED, gpus: 1, rows: 1, length: 512, sharding: "ddp", adapterParameters } as const;
  const [l40s] = GPUS.filter(({ name }) => name === "L40S-48G");
  const quantised = estimateGpuMemory(config, { ...layout, part: "qlora" });
  assert(quantised.total < l40s!.memory, `${quantised.total}`);
  // Layers' matrices 64,760,053,760 in 4.127 bits; embedding, head and norms in 16; adapters in 32.
  const exact = (64_760_053_760 * 4.127) / 8 + 2 * (65_285_660_672 - 64_760_053_760) + 4 * adapterParameters;
  assert.equal(Math.round(quantised.weights), Math.round(exact));
  assert(estimateGpuMemory(config, { ...layout, part: "lora" }).total > 2 * l40s!.memory);
});

test("the published set-ups fit what they were run on", async () => {
  // Rows at once, GPUs and accumulation of the published scripts. That the 1.8B's (12 rows at once) fits, only a loss in chunks makes true.
  for (const [name, cluster, rows, sharding, chunked] of [
    ["apollo-0.5b", "8xA100-80G", 4, "zero-1", false],
    ["apollo-1.8b", "8xA100-80G", 12, "zero-1", true],
    ["apollo-2b", "8xA100-80G", 2, "zero-1", false],
    ["apollo-6b", "8xA100-80G", 2, "zero-1", false],
    ["apollo-7b", "3x8xA100-80G", 2, "zero-3", false],
  ] as const) {
    const { base, batch } = await recipe(name);
    const { nodes, gpusPerNode, gpu } = parseCluster(cluster);
    const gpus = nodes * gpusPerNode;
    assert.equal(batch % (rows * gpus), 0, name);
    const layout = { ...PUBLISHED, gpus, rows, sharding };
    const needed = (chunkedLoss: boolean): number =>
      estimateGpuMemory(knownShape(base!.slice(3))!, { ...layout, chunkedLoss }).total;
    assert(needed(chunked) < gpu.memory, name);
    if (chunked) assert(needed(false) > gpu.memory, name);
  }
});

test("a plan picks the fastest way that leaves room, and says what the run costs", async () => {
  const plan = await planCluster({
    recipe: await recipe("apollo-7b"),
    cluster: parseCluster("3x8xH100-80G"),
    price: 2.5,
  });
  // 3,128,300,000 tokens / 0.99 / 4,096 = 771,459.7 rows, 384 a step.
  assert.equal(plan.steps, Math.ceil(771_460 / 384));
  assert.equal(plan.tokens, plan.steps * 384 * 4096);
  const { chosen } = plan;
  assert(chosen?.fits === true && !chosen.tight);
  for (const option of plan.options.filter(({ fits, tight }) => fits && !tight))
    assert(
      option.tokensPerSecond[0] + option.tokensPerSecond[1] <=
        chosen.tokensPerSecond[0] + chosen.tokensPerSecond[1],
    );
  assert.equal(chosen.rows * chosen.accumulate * 24, 384);
  const [fast, slow] = chosen.hours;
  assert.deepEqual(chosen.cost, [fast * 24 * 2.5, slow * 24 * 2.5]);
  assert(Math.abs(fast - plan.tokens / chosen.tokensPerSecond[1] / 3600) < 1e-9);
  // 14 bytes a parameter, three kept and one being written.
  assert.equal(plan.disk.checkpoint, 14 * 8_537_680_896);
  assert.equal(plan.disk.checkpoints, 4 * plan.disk.checkpoint);
  assert.deepEqual(plan.alternatives, []);
});

test("what does not fit says what would", async () => {
  const small = await planCluster({ recipe: await recipe("apollo-7b"), cluster: parseCluster("8xRTX4090") });
  assert.equal(small.chosen, undefined);
  assert(small.options.every(({ fits }) => !fits));
  assert(small.alternatives.includes("2x8xRTX4090-24G"), small.alternatives.join());
  assert(small.alternatives.some((way) => way.startsWith("LoRA on these GPUs")));
  // The alternatives are true.
  const more = await planCluster({ recipe: await recipe("apollo-7b"), cluster: parseCluster("2x8xRTX4090") });
  assert(more.chosen !== undefined);
  const adapted = ["lora.rank=16", "lora.alpha=32"];
  const lora = await planCluster({
    recipe: await recipe("apollo-7b", adapted),
    cluster: parseCluster("8xRTX4090"),
  });
  assert.equal(lora.chosen?.part, "lora");
  // On one such GPU 16 bits are too many, and four are enough.
  const single = await planCluster({
    recipe: await recipe("apollo-7b", adapted),
    cluster: parseCluster("RTX4090"),
  });
  assert.equal(single.chosen?.part, "qlora");
});

test("a 72B model in full: what 32 GPUs do, and eight do not", async () => {
  const raw = {
    base: "hf:Qwen/Qwen-72B",
    batch: 256,
    learningRate: 1e-5,
    steps: 10,
    pack: { length: 4096 },
  };
  const large = parseRecipe(raw, "large");
  const eight = await planCluster({ recipe: large, cluster: parseCluster("8xH100") });
  // 16 bytes x 72.3 billion are 1,157 GB, eight GPUs have 684.
  assert.equal(eight.chosen, undefined);
  const many = await planCluster({ recipe: large, cluster: parseCluster("4x8xH100") });
  assert.equal(many.chosen?.sharding, "zero-3");
});

test("clusters are read as people write them, and refused with the list", () => {
  const read = (text: string): [number, number, string] => {
    const { nodes, gpusPerNode, gpu } = parseCluster(text);
    return [nodes, gpusPerNode, gpu.name];
  };
  assert.deepEqual(read("3x8xH100-80G"), [3, 8, "H100-80G"]);
  assert.deepEqual(read("8xa100-80gb"), [1, 8, "A100-80G"]);
  assert.deepEqual(read("RTX4090"), [1, 1, "RTX4090-24G"]);
  assert.deepEqual(read("2 x 4 x MI300X"), [2, 4, "MI300X-192G"]);
  for (const text of ["8xA100", "0x8xH100", "8x", "3x8x8xH100", "8xV100", ""])
    assert.throws(() => parseCluster(text), { code: "bad-cluster" }, text);
  assert.equal(parseCluster("2x8xH100").network, 3.2e12);
});

test("a batch that cannot be dealt out is refused with those that can", async () => {
  await assert.rejects(
    planCluster({ recipe: await recipe("apollo-2b"), cluster: parseCluster("3x8xH100") }),
    {
      code: "bad-cluster",
      message: "128 rows a step cannot be dealt out evenly to 24 GPUs",
      remedy: /Set the batch to 120 or 144/,
    },
  );
});
