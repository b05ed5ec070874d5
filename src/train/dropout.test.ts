import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession, Graph } from "../graph/index.ts";
import { declareNoise, drawNoise, dropout } from "./dropout.ts";

const [ROWS, WIDTH, RATE] = [64, 96, 0.25];

test("dropout drops its share everywhere, rows and columns independently, and the same for the same key", async () => {
  const graph = new Graph();
  const x = graph.input("x", [ROWS, WIDTH]);
  const noise = declareNoise(graph, "n", [ROWS, WIDTH]);
  graph.output(dropout(x, noise, RATE), "y");
  const session = await createSession(graph.encode());
  const ones = { data: new Float32Array(ROWS * WIDTH).fill(1), shape: [ROWS, WIDTH] };
  const masks: Float32Array[] = [];
  for (let draw = 0; draw < 20; draw++)
    masks.push((await session.run({ x: ones, ...drawNoise(noise, `key ${draw}`) })).y!.data as Float32Array);
  const again = await session.run({ x: ones, ...drawNoise(noise, "key 3") });
  await session.close();
  assert.deepEqual(again.y!.data, masks[3]);

  const kept = masks.map((mask) => Array.from(mask, (value) => Number(value > 0)));
  assert.deepEqual(new Set(masks.flatMap((mask) => [...mask])), new Set([0, Math.fround(1 / (1 - RATE))]));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  /** Within five standard errors of a share of `count` independent draws. */
  const near = (share: number, expected: number, count: number, what: string): void => {
    const error = Math.sqrt((expected * (1 - expected)) / count);
    assert.ok(Math.abs(share - expected) < 5 * error, `${what}: ${share}, not ${expected} +- ${error}`);
  };
  near(mean(kept.flat()), 1 - RATE, 20 * ROWS * WIDTH, "all");
  const both = (1 - RATE) ** 2;
  for (const [a, b] of [
    [0, 1],
    [0, 63],
    [17, 18],
    [5, 40],
  ] as const) {
    const rows = kept.flatMap((k) =>
      Array.from({ length: WIDTH }, (_, j) => k[a * WIDTH + j]! * k[b * WIDTH + j]!),
    );
    near(mean(rows), both, rows.length, `rows ${a} and ${b}`);
    const columns = kept.flatMap((k) =>
      Array.from({ length: ROWS }, (_, i) => k[i * WIDTH + a]! * k[i * WIDTH + b]!),
    );
    near(mean(columns), both, columns.length, `columns ${a} and ${b}`);
  }
  near(mean(kept.flatMap((k) => k.slice(0, WIDTH))), 1 - RATE, 20 * WIDTH, "the first row");
});
