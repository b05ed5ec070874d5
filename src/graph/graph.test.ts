import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Graph } from "./graph.ts";
import { add, matmul, multiply, sum } from "./operators.ts";
import { createSession } from "./run.ts";

test("a weight that lies in another file is read from there, at its place", async () => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-graph-"));
  const file = "weights é.bin";
  await writeFile(
    join(folder, file),
    Buffer.concat([Buffer.alloc(12), Buffer.from(Float32Array.of(1, 2, 3, 4).buffer)]),
  );
  const graph = new Graph();
  const x = graph.input("x", [1, 2]);
  const weight = graph.external("w", [2, 2], "float32", { file, offset: 12, bytes: 16 });
  graph.output(matmul(x, weight), "y");
  for (const mapWeights of [false, true]) {
    const session = await createSession(graph.encode(), { mapWeights, weightFolder: folder });
    const { y } = await session.run({ x: { data: Float32Array.of(10, 1), shape: [1, 2] } });
    assert.deepEqual([...(y!.data as Float32Array)], [13, 24]);
    await session.close();
  }
  await rm(folder, { recursive: true });
});

test("scalars, empty tensors, and a value that is an output twice", async () => {
  const graph = new Graph();
  const x = graph.input("x", []);
  const none = graph.input("none", [0, 3]);
  const y = add(multiply(x, x), graph.scalar(-1));
  graph.output(y, "once");
  graph.output(y, "twice");
  graph.output(sum(none), "nothing");
  const session = await createSession(graph.encode());
  const result = await session.run({
    x: { data: Float32Array.of(3), shape: [] },
    none: { data: new Float32Array(0), shape: [0, 3] },
  });
  assert.deepEqual([...(result.once!.data as Float32Array)], [8]);
  assert.deepEqual([...(result.twice!.data as Float32Array)], [8]);
  assert.deepEqual(result.once!.shape, []);
  assert.deepEqual([...(result.nothing!.data as Float32Array)], [0]);
  await session.close();
});

test("what no output needs is left out of the file; equal small constants are stored once", () => {
  const build = (unused: boolean): Uint8Array => {
    const graph = new Graph();
    const x = graph.input("x", [4]);
    if (unused) sum(add(x, graph.constant(new Float32Array(4).fill(7), [4])));
    graph.output(multiply(x, graph.scalar(2)), "y");
    return graph.encode();
  };
  // Numbers in names differ; what they name does not.
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1").replace(/_\d+/gu, "");
  assert.equal(text(build(true)), text(build(false)));

  const graph = new Graph();
  assert.equal(graph.scalar(2), graph.scalar(2));
  assert.notEqual(graph.scalar(2), graph.constant([2], [1]));
});

test("a gradient that reaches an input by several ways is their sum", async () => {
  const graph = new Graph({ floatType: "float64" });
  const x = graph.input("x", [2]);
  const y = multiply(x, x);
  // z = x^2 + x * x^2, so dz/dx = 2x + 3x^2.
  const loss = sum(add(y, multiply(x, y)));
  graph.output(graph.gradients(loss, [x])[0]!, "gradient");
  const session = await createSession(graph.encode());
  const { gradient } = await session.run({ x: { data: Float64Array.of(2, -1), shape: [2] } });
  assert.deepEqual([...(gradient!.data as Float64Array)], [16, 1]);
  await session.close();
});

test("what can only be a mistake of ours is caught while the graph is built", () => {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  assert.throws(() => graph.input("x", [3]), /declared twice/);
  graph.output(x, "y");
  assert.throws(() => graph.output(x, "y"), /declared twice/);
  assert.throws(() => graph.constant([1, 2, 3], [2]), /does not fill its shape/);
  assert.throws(() => add(x, new Graph().input("x", [2])), /different graphs/);
  assert.throws(() => graph.gradients(x, [x]), /must be a scalar/);
});
