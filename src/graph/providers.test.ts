// Every operator, value and gradient in float32, on another provider than the CPU: some fused kernels were found to be silently
// wrong there. Runs where there is a GPU, and says so where there is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, UserError } from "../core/index.ts";
import { Graph } from "./graph.ts";
import { OPERATOR_CASES, range } from "./operator-cases.test.helper.ts";
import { add, multiply, sum } from "./operators.ts";
import { createSession, type SessionOptions } from "./run.ts";
import {
  copyFromDevice,
  createDeviceSession,
  type DeviceSession,
  type DeviceValue,
} from "./run-on-device.ts";
import type { GraphSession, TensorValue } from "./session.ts";

/** The same graph, float32, loaded by a provider. */
async function load(
  { shapes, build }: (typeof OPERATOR_CASES)[number],
  provider: NonNullable<SessionOptions["provider"]>,
): Promise<GraphSession> {
  const graph = new Graph();
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape));
  const y = build(inputs, graph);
  const weights = range(y.shape.reduce((a, b) => a * b, 1)).map((i) => Math.sin(i + 1));
  graph.output(y, "y");
  graph.gradients(sum(multiply(y, graph.constant(weights, y.shape))), inputs).forEach((gradient, i) => {
    graph.output(gradient, `g${i}`);
  });
  return createSession(graph.encode(), { provider });
}

test("webgpu: every operator and its gradient agree with the CPU", async (t) => {
  for (const operator of OPERATOR_CASES) {
    let device: GraphSession;
    try {
      device = await load(operator, "webgpu");
    } catch (error) {
      assert.ok(error instanceof UserError && error.code === "no-gpu", String(error));
      assert.match(error.line, /no GPU.*WebGPU.*CPU/);
      t.skip(`no GPU here: ${error.message}`);
      return;
    }
    const cpu = await load(operator, "cpu");
    const random = createRandom(operator.name);
    const feeds: Record<string, TensorValue> = {};
    operator.shapes.forEach((shape, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      feeds[`x${i}`] = { data: Float32Array.from({ length: size }, () => random.normal() + 0.1), shape };
    });
    const [expected, found] = [await cpu.run(feeds), await device.run(feeds)];
    for (const [name, { data }] of Object.entries(expected)) {
      (data as Float32Array).forEach((value, i) => {
        const other = Number(found[name]!.data[i]);
        const close = Math.abs(other - value) <= 1e-4 * Math.max(1, Math.abs(value));
        assert.ok(close, `${operator.name}: ${name}[${i}] is ${other}, ${value} on the CPU`);
      });
    }
    await cpu.close();
    await device.close();
  }
});

test("webgpu: results stay on the device, are fed again, and are read when asked for", async (t) => {
  const graph = new Graph();
  const x = graph.input("x", [2, 3]);
  graph.output(add(x, graph.constant([1], [])), "next");
  graph.output(sum(x), "sum");
  let session: DeviceSession;
  try {
    session = await createDeviceSession(graph.encode(), { kept: ["next"] });
  } catch (error) {
    assert.ok(error instanceof UserError && error.code === "no-gpu", String(error));
    t.skip(`no GPU here: ${error.message}`);
    return;
  }
  let value: TensorValue | DeviceValue = { data: new Float32Array(6), shape: [2, 3] };
  for (let step = 0; step < 4; step++) {
    const { read, kept } = await session.run({ x: value });
    assert.deepEqual(Object.keys(kept), ["next"]);
    assert.deepEqual([...read.sum!.data], [6 * step]);
    if ("release" in value) value.release();
    value = kept.next!;
  }
  const copies = await copyFromDevice(new Map([["value", value]]));
  assert.deepEqual(copies.get("value"), { data: new Float32Array(6).fill(4), shape: [2, 3] });
  // What was not released is, with its session; released once more it stays so.
  await session.close();
  (value as DeviceValue).release();
});
