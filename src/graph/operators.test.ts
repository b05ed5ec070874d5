import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../core/index.ts";
import { Graph } from "./graph.ts";
import { caseGraph, OPERATOR_CASES } from "./operator-cases.test.helper.ts";
import { add, gatherRows, matmul, reshape, slice, sum } from "./operators.ts";
import { createSession } from "./run.ts";
import type { TensorValue } from "./session.ts";

for (const operator of OPERATOR_CASES) {
  const { name, shapes, expected } = operator;
  test(`${name}: value and gradient`, async () => {
    const graph = caseGraph(operator, { floatType: "float64" });
    const session = await createSession(graph.encode());
    const random = createRandom(name);
    const values = shapes.map((shape) =>
      Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal() + 0.1),
    );
    const run = async (data: readonly Float64Array[]) =>
      session.run(
        Object.fromEntries(
          data.map((d, i) => [`x${i}`, { data: d, shape: shapes[i]! } satisfies TensorValue]),
        ),
      );
    const result = await run(values);
    close(result.y!.data as Float64Array, expected(values), 1e-12);
    for (const [i, value] of values.entries()) {
      const numeric = new Float64Array(value.length);
      for (let j = 0; j < value.length; j++) {
        const at = async (shift: number): Promise<number> => {
          const moved = values.map((v, k) => (k === i ? v.map((x, m) => (m === j ? x + shift : x)) : v));
          return Number((await run(moved)).loss!.data[0]);
        };
        const h = 1e-5;
        numeric[j] = ((await at(h)) - (await at(-h))) / (2 * h);
      }
      close(result[`g${i}`]!.data as Float64Array, numeric, 1e-8);
    }
    await session.close();
  });
}

test("in float32, what training runs, values and gradients are those of float64", async () => {
  for (const operator of OPERATOR_CASES) {
    const { name, shapes } = operator;
    const random = createRandom(name);
    const values = shapes.map((shape) =>
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal() + 0.1),
    );
    const [narrow, wide] = await Promise.all(
      ([Float32Array, Float64Array] as const).map(async (Values) => {
        const floatType = Values === Float32Array ? "float32" : "float64";
        const graph = caseGraph(operator, { floatType });
        const session = await createSession(graph.encode());
        const feeds = shapes.map((shape, i) => [`x${i}`, { data: Values.from(values[i]!), shape }]);
        return session.run(Object.fromEntries(feeds)).finally(() => session.close());
      }),
    );
    for (const [key, { data }] of Object.entries(wide!))
      close(narrow![key]!.data as Float32Array, data as Float64Array, 1e-5);
  }
});

test("shapes are checked when the graph is built", () => {
  const graph = new Graph();
  const a = graph.input("a", [2, 3]);
  assert.throws(() => add(a, graph.input("b", [4])), /do not broadcast/);
  assert.throws(() => matmul(a, a), /inner sizes differ/);
  assert.throws(() => slice(a, 1, 2, 4), /cannot slice 2 to 4/);
  assert.throws(() => reshape(a, [5]), /cannot reshape/);
  assert.throws(() => graph.gradients(sum(a), [graph.input("c", [1])]), /does not influence the loss/);
});

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    assert.ok(error <= tolerance, `[${i}]: ${actual[i]} against ${expected[i]}`);
  }
}

test("the gradient of rows that are read again and again is whole, whatever the threads", async () => {
  // Of numbers whose sums are exact. With ONNX Runtime's ScatterND, one run in twenty lost some of them.
  const [count, width] = [8192, 64];
  for (const threads of [1, 2]) {
    const graph = new Graph();
    const matrix = graph.input("matrix", [4, width]);
    const indices = graph.input("indices", [count], "int64");
    graph.output(graph.gradients(sum(gatherRows(matrix, indices)), [matrix])[0]!, "gradient");
    const session = await createSession(graph.encode(), { threads });
    const ids = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 3));
    const feeds = {
      matrix: { data: new Float32Array(4 * width), shape: [4, width] },
      indices: { data: ids, shape: [count] },
    };
    const expected = [2731, 2731, 2730, 0].flatMap((times) => Array<number>(width).fill(times));
    for (let run = 0; run < 60; run++) {
      const { gradient } = await session.run(feeds);
      assert.deepEqual([...(gradient!.data as Float32Array)], expected);
    }
    await session.close();
  }
});
