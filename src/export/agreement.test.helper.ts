// For tests: random checkpoints, and their logits through our own graph and through llama.cpp.
import { join } from "node:path";
import { createRandom, writeJson } from "../core/index.ts";
import { openGguf } from "../engine/index.ts";
import { createSession, Graph } from "../graph/index.ts";
import {
  decoderLogits,
  initializeWeights,
  type ModelConfig,
  parameterShapes,
  toHuggingFaceConfig,
  writeSafetensors,
} from "../model/index.ts";
import { type ByteLevelBpe, saveTokenizer } from "../tokenizer/index.ts";
import type { WeightSource } from "./tensor-sources.ts";

/** A random checkpoint whose every weight matters to the logits. */
export async function writeCheckpoint(
  path: string,
  config: ModelConfig,
  tokenizer: ByteLevelBpe,
  { gain = 6, noise = 0.1 } = {},
): Promise<void> {
  await writeJson(join(path, "config.json"), toHuggingFaceConfig(config));
  await saveTokenizer(tokenizer, path);
  const tensors = [...initializeWeights(config, 5)].map(([name, { shape, data }]) => {
    const random = createRandom(`livelier ${name}`);
    // A fresh model's biases are zero and its norms one: a mistake in them would not show.
    return { name, shape, data: data.map((value) => value * gain + noise * random.normal()) };
  });
  await writeSafetensors(join(path, "model.safetensors"), tensors);
}

/** Logits of each position through our own graph on ONNX Runtime, [position][id]. */
export async function graphLogits(weights: WeightSource, ids: Int32Array): Promise<Float32Array[]> {
  const { config } = weights;
  const graph = new Graph();
  const parameters = parameterShapes(config);
  const inputs = new Map(parameters.map(({ name, shape }) => [name, graph.input(name, shape)]));
  const integers = (name: string) => graph.input(name, [1, ids.length], "int64");
  const feeds = {
    tokens: integers("tokens"),
    positions: integers("positions"),
    segments: integers("segments"),
  };
  graph.output(
    decoderLogits(graph, config, (name) => inputs.get(name)!, feeds),
    "logits",
  );
  const session = await createSession(graph.encode());
  const integer = (value: (i: number) => number) => ({
    data: BigInt64Array.from({ length: ids.length }, (_, i) => BigInt(value(i))),
    shape: [1, ids.length],
  });
  const values: Record<string, { data: Float32Array | BigInt64Array; shape: readonly number[] }> = {
    tokens: integer((i) => ids[i]!),
    positions: integer((i) => i),
    segments: integer(() => 0),
  };
  for (const { name, shape } of parameters) values[name] = { data: await weights.read(name), shape };
  const { logits } = await session.run(values);
  await session.close();
  const data = logits!.data as Float32Array;
  const size = config.vocabularySize;
  return Array.from(ids, (_, i) => data.slice(i * size, (i + 1) * size));
}

/** The same through llama.cpp. */
export async function ggufLogits(path: string, ids: Int32Array): Promise<Float32Array[]> {
  const model = await openGguf(path, { threads: 1, contextLength: 40 });
  const session = model.open();
  const rows: Float32Array[] = [];
  for (const id of ids) rows.push((await session.advance(Int32Array.of(id))).slice());
  session.dispose();
  await model.close();
  return rows;
}
