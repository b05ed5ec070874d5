// Results in memory that stays where it is, beside the copies that the Node binding gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Graph } from "./graph.ts";
import { matmul, multiply, sum } from "./operators.ts";
import { loadOrtLibrary } from "./ort-library.ts";
import { createSession } from "./run.ts";
import type { TensorValue } from "./session.ts";

const missing =
  loadOrtLibrary() === undefined ? `no ONNX Runtime library for ${process.platform} ${process.arch}` : false;

function example(): Graph {
  const graph = new Graph();
  const x = graph.input("x", [3, 5]);
  const w = graph.input("w", [4, 5]);
  const y = matmul(x, w, { transposeB: true });
  const loss = sum(multiply(y, y));
  graph.output(loss, "loss");
  graph.output(graph.gradients(loss, [w])[0]!, "gradient");
  return graph;
}

function value(shape: readonly number[], seed: number): TensorValue {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i)) };
}

test("results in place are the binding's to the bit, in the same arrays after every run", {
  skip: missing,
}, async () => {
  const graph = example();
  const copying = await createSession(graph.encode());
  const inPlace = await createSession(graph.encode(), { results: graph.outputs });
  const w = value([4, 5], 1);
  let before: TensorValue | undefined;
  for (const seed of [2, 3, 4]) {
    // The weights change where they lie, the other input is another array each time.
    (w.data as Float32Array)[0]! += seed;
    const inputs = { x: value([3, 5], seed), w };
    const expected = await copying.run(inputs);
    const found = await inPlace.run(inputs);
    assert.deepEqual(found.loss, expected.loss);
    assert.deepEqual(found.gradient, expected.gradient);
    if (before !== undefined) assert.equal(found.gradient!.data, before.data);
    before = found.gradient;
  }
  await copying.close();
  await inPlace.close();
});

test("what the runtime refuses is an error with its message, and the session goes on", {
  skip: missing,
}, async () => {
  const graph = example();
  const session = await createSession(graph.encode(), { results: graph.outputs });
  const w = value([4, 5], 1);
  await assert.rejects(session.run({ x: value([3, 6], 1), w }), /invalid dimensions|Expected/iu);
  await assert.rejects(session.run({ w }), /Missing Input: x/iu);
  const { loss } = await session.run({ x: value([3, 5], 1), w });
  assert.ok(Number(loss!.data[0]) > 0);
  await session.close();
  const broken = new Uint8Array([1, 2, 3]);
  await assert.rejects(createSession(broken, { results: graph.outputs }), /ONNX Runtime: /u);
});

test("a run lets what waits go first", { skip: missing }, async () => {
  const graph = example();
  const session = await createSession(graph.encode(), { results: graph.outputs });
  let waited = false;
  setImmediate(() => {
    waited = true;
  });
  await session.run({ x: value([3, 5], 1), w: value([4, 5], 1) });
  assert.ok(waited);
  await session.close();
});
