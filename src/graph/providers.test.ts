// Every operator, value and gradient in float32, on another provider than the CPU: some fused kernels were found to be silently
// wrong there. Runs where there is a GPU, and says so where there is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, UserError } from "../core/index.ts";
import { Graph } from "./graph.ts";
import { OPERATOR_CASES, range } from "./operator-cases.test.helper.ts";
import { multiply, sum } from "./operators.ts";
import { createSession, type SessionOptions } from "./run.ts";
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
