// Logits, loss and every gradient against Hugging Face transformers, as fixtures/record.py recorded them in float32.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSession, Graph, type TensorValue } from "../graph/index.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { decoderLogits, decoderLoss } from "./forward.ts";
import { parameterShapes } from "./parameters.ts";
import { openSafetensors } from "./safetensors.ts";

const FIXTURES = fileURLToPath(new URL("../../src/model/fixtures", import.meta.url));
const CASES = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test("every kind of model that is read has a fixture", () => {
  const kinds = ["llama", "llama3-scaling", "yi", "mistral", "qwen", "qwen2", "qwen3", "gemma", "gemma2"];
  for (const kind of kinds) assert.ok(CASES.includes(kind), kind);
});

for (const name of CASES) {
  test(`${name}: logits, loss and gradients are those of transformers`, async () => {
    const checkpoint = await openCheckpoint(join(FIXTURES, name));
    const expected = await openSafetensors(join(FIXTURES, name, "expected.safetensors"));
    const fact = (key: string): number[][] => JSON.parse(expected.metadata[key]!);
    const [B, T] = [fact("input_ids").length, fact("input_ids")[0]!.length];

    const graph = new Graph();
    const parameters = parameterShapes(checkpoint.config);
    const weights = new Map(parameters.map(({ name, shape }) => [name, graph.input(name, shape)]));
    const ids = (name: string) => graph.input(name, [B, T], "int64");
    const inputs = { tokens: ids("tokens"), positions: ids("positions"), segments: ids("segments") };
    const lookup = (name: string) => weights.get(name)!;
    graph.output(decoderLogits(graph, checkpoint.config, lookup, inputs), "logits");
    const targets = { targets: ids("targets"), targetWeights: graph.input("weights", [B, T]) };
    const options = { trains: () => true };
    const { loss } = decoderLoss(graph, checkpoint.config, lookup, { ...inputs, ...targets }, options);
    graph.output(loss, "loss");
    const trained = parameters.map(({ name }) => weights.get(name)!);
    graph.gradients(loss, trained).forEach((gradient, i) => {
      graph.output(gradient, `gradient of ${parameters[i]!.name}`);
    });
    const session = await createSession(graph.encode());

    // transformers shifts: position i predicts the label of position i + 1.
    const next = fact("labels").map((row) => [...row.slice(1), -100]);
    const counted = next.flat().filter((label) => label >= 0).length;
    const integers = (rows: readonly number[][]): TensorValue => ({
      data: BigInt64Array.from(rows.flat(), BigInt),
      shape: [B, T],
    });
    const feeds: Record<string, TensorValue> = {
      tokens: integers(fact("input_ids")),
      positions: integers(fact("position_ids")),
      segments: integers(fact("segment_ids")),
      targets: integers(next.map((row) => row.map((label) => Math.max(label, 0)))),
      weights: {
        data: Float32Array.from(next.flat(), (label) => (label < 0 ? 0 : 1 / counted)),
        shape: [B, T],
      },
    };
    for (const { name, shape } of parameters) feeds[name] = { data: await checkpoint.read(name), shape };
    const results = await session.run(feeds);
    await session.close();

    assert.deepEqual(Object.keys(results).sort(), [...expected.tensors.keys(), "loss"].sort());
    const recorded = Number(expected.metadata.loss);
    assert.ok(Math.abs(Number(results.loss!.data[0]) - recorded) < 1e-4, `loss ${results.loss!.data[0]}`);
    for (const key of expected.tensors.keys()) {
      const theirs = await expected.read(key);
      const ours = results[key]!.data as Float32Array;
      // Gradients in proportion to their largest value.
      const unit = key === "logits" ? 1 : Math.max(...theirs.map(Math.abs));
      const limit = key === "logits" ? 1e-4 : 1e-3;
      assert.equal(ours.length, theirs.length);
      const worst = Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]!))) / unit;
      assert.ok(worst < limit, `${key} differs by ${worst}`);
    }
    await expected.close();
    await checkpoint.close();
  });
}
