import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../core/index.ts";
import { createSession, Graph } from "../graph/index.ts";
import type { ModelConfig } from "./config.ts";
import { decoderLogits, decoderLoss } from "./forward.ts";
import { initializeWeights } from "./initialize.ts";
import { parameterShapes } from "./parameters.ts";

const CONFIG: ModelConfig = {
  architecture: "qwen2",
  vocabularySize: 11,
  hiddenSize: 8,
  intermediateSize: 12,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 2,
  normEpsilon: 1e-6,
  ropeTheta: 100,
  contextLength: 8,
  tiedEmbeddings: true,
  attentionBias: true,
  bosId: undefined,
  eosId: 0,
};
const [B, T] = [2, 5];

/** Builds loss, logits and all gradients in float64, and runs them on given weights and ids. */
async function openModel(config: ModelConfig, recompute = false) {
  const graph = new Graph({ floatType: "float64" });
  const parameters = parameterShapes(config);
  const weights = new Map(parameters.map(({ name, shape }) => [name, graph.input(name, shape)]));
  const ids = (name: string) => graph.input(name, [B, T], "int64");
  const inputs = { tokens: ids("tokens"), positions: ids("positions"), segments: ids("segments") };
  const logits = decoderLogits(graph, config, (name) => weights.get(name)!, inputs);
  const targets = { targets: ids("targets"), targetWeights: graph.input("weights", [B, T]) };
  const lookup = (name: string) => weights.get(name)!;
  const options = { trains: () => true, recompute };
  const { loss } = decoderLoss(graph, config, lookup, { ...inputs, ...targets }, options);
  graph.output(logits, "logits");
  graph.output(loss, "loss");
  graph.gradients(loss, [...weights.values()]).forEach((gradient, i) => {
    graph.output(gradient, `gradient of ${parameters[i]!.name}`);
  });
  const session = await createSession(graph.encode());
  const values = new Map<string, Float64Array>();
  for (const [name, { data }] of initializeWeights(config, 7)) {
    const random = createRandom(name);
    // Livelier than a fresh model: zero biases and unit norms would hide mistakes in their gradients.
    values.set(
      name,
      Float64Array.from(data, (value) => value * 20 + random.normal() * 0.2),
    );
  }
  const run = (feeds: Record<string, readonly number[]>) => {
    const integer = (name: string) => ({ data: BigInt64Array.from(feeds[name]!, BigInt), shape: [B, T] });
    return session.run({
      ...Object.fromEntries(parameters.map(({ name, shape }) => [name, { data: values.get(name)!, shape }])),
      tokens: integer("tokens"),
      positions: integer("positions"),
      segments: integer("segments"),
      targets: integer("targets"),
      weights: { data: Float64Array.from(feeds.weights!), shape: [B, T] },
    });
  };
  return { parameters, values, run, close: () => session.close() };
}

const FEEDS = {
  tokens: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  positions: [0, 1, 2, 3, 4, 0, 1, 2, 0, 1],
  segments: [0, 0, 0, 0, 0, 1, 1, 1, 2, 2],
  targets: [2, 3, 4, 5, 0, 7, 8, 0, 10, 0],
  weights: [0.2, 0.2, 0, 0.2, 0.1, 0, 0.1, 0.1, 0.1, 0],
};

const LLAMA: ModelConfig = {
  ...CONFIG,
  architecture: "llama",
  tiedEmbeddings: false,
  attentionBias: false,
};
const CASES: Readonly<Record<string, ModelConfig>> = {
  "qwen2, tied": CONFIG,
  "llama, untied": LLAMA,
  // Heads wider than hidden size / heads.
  qwen3: { ...CONFIG, architecture: "qwen3", attentionBias: false, headSize: 4 },
  "mistral, window 2": { ...LLAMA, architecture: "mistral", slidingWindow: 2 },
  "gemma, one key head": {
    ...CONFIG,
    architecture: "gemma",
    keyValueHeads: 1,
    headSize: 4,
    attentionBias: false,
  },
  "gemma2, window 2": {
    ...CONFIG,
    architecture: "gemma2",
    headSize: 4,
    attentionBias: false,
    slidingWindow: 2,
    attentionSoftcap: 2,
    finalSoftcap: 3,
    queryScalar: 6,
  },
  "qwen, fused attention": { ...CONFIG, architecture: "qwen", keyValueHeads: 4, tiedEmbeddings: false },
  "llama3 scaling": {
    ...LLAMA,
    headSize: 6,
    ropeScaling: {
      type: "llama3",
      factor: 8,
      lowFrequencyFactor: 0.2,
      highFrequencyFactor: 1,
      originalContextLength: 16,
    },
  },
};

for (const [name, config] of Object.entries(CASES)) {
  test(`${name}: every weight's gradient agrees with finite differences`, async () => {
    const model = await openModel(config);
    const result = await model.run(FEEDS);
    const h = 2e-6;
    for (const { name: parameter } of model.parameters) {
      const gradient = result[`gradient of ${parameter}`]!.data as Float64Array;
      const values = model.values.get(parameter)!;
      // Every seventh element: the whole would only take longer.
      for (let i = 0; i < values.length; i += 7) {
        const kept = values[i]!;
        const lossAt = async (value: number): Promise<number> => {
          values[i] = value;
          return Number((await model.run(FEEDS)).loss!.data[0]);
        };
        const numeric = ((await lossAt(kept + h)) - (await lossAt(kept - h))) / (2 * h);
        values[i] = kept;
        const tolerance = 1e-6 * Math.max(1, Math.abs(numeric));
        assert.ok(
          Math.abs(gradient[i]! - numeric) < tolerance,
          `${parameter}[${i}]: ${gradient[i]} against ${numeric}`,
        );
      }
    }
    await model.close();
  });
}

test("gemma2: gradients of layers that are computed again are those of layers that are kept", async () => {
  const config = { ...CASES["gemma2, window 2"]!, layers: 3 };
  const [kept, again] = [await openModel(config), await openModel(config, true)];
  const [expected, found] = [await kept.run(FEEDS), await again.run(FEEDS)];
  assert.deepEqual(found.loss, expected.loss);
  for (const { name } of kept.parameters) {
    const [a, b] = [expected, found].map((result) => result[`gradient of ${name}`]!.data as Float64Array);
    a!.forEach((value, i) => {
      assert.ok(Math.abs(value - b![i]!) <= 1e-12 * Math.max(1, Math.abs(value)), `${name}[${i}]`);
    });
  }
  await kept.close();
  await again.close();
});

test("documents packed into one row do not see each other", async () => {
  const model = await openModel(CONFIG);
  const V = CONFIG.vocabularySize;
  const before = (await model.run(FEEDS)).logits!.data as Float64Array;
  // Row 1 holds documents [6 7 8] and [9 10]: changing the first must leave the second as it was.
  const changed = { ...FEEDS, tokens: [1, 2, 3, 4, 5, 1, 1, 1, 9, 10] };
  const after = (await model.run(changed)).logits!.data as Float64Array;
  assert.deepEqual(after.subarray(8 * V), before.subarray(8 * V));
  assert.notDeepEqual(after.subarray(7 * V, 8 * V), before.subarray(7 * V, 8 * V));
  // And a document's logits do not depend on where in the row it lies.
  const alone = {
    ...FEEDS,
    tokens: [9, 10, 3, 4, 5, 6, 7, 8, 9, 10],
    segments: [0, 0, 1, 1, 1, 2, 2, 2, 3, 3],
  };
  const moved = (await model.run(alone)).logits!.data as Float64Array;
  for (let i = 0; i < 2 * V; i++) assert.ok(Math.abs(moved[i]! - before[8 * V + i]!) < 1e-12);
  await model.close();
});

test("a token's logits depend on the keys within the window, and on no others", async () => {
  // One layer: with more, what an earlier layer saw reaches further.
  const model = await openModel({ ...CASES["mistral, window 2"]!, layers: 1 });
  const V = CONFIG.vocabularySize;
  const logits = async (tokens: readonly number[]) =>
    (await model.run({ ...FEEDS, tokens: [...tokens, ...FEEDS.tokens.slice(5)] })).logits!
      .data as Float64Array;
  const before = await logits([1, 2, 3, 4, 5]);
  const after = await logits([1, 2, 7, 4, 5]);
  assert.deepEqual(after.subarray(0, 2 * V), before.subarray(0, 2 * V));
  assert.notDeepEqual(after.subarray(3 * V, 4 * V), before.subarray(3 * V, 4 * V));
  assert.deepEqual(after.subarray(4 * V), before.subarray(4 * V));
  await model.close();
});
