import assert from "node:assert/strict";
import { test } from "node:test";
import { compareWithPublished } from "./published-comparison.ts";
import { PAPER_COLUMNS, PUBLISHED_ROWS, type PublishedRow } from "./published-results.ts";
import { normalTwoSided, wilsonInterval } from "./statistics.ts";
import type { SourceResult } from "./summary.ts";

function result(source: string, right: number, n: number): SourceResult {
  const accuracy = right / n;
  return {
    source,
    language: "en",
    mode: "generate",
    n,
    accuracy,
    standardError: Math.sqrt((accuracy * (1 - accuracy)) / (n - 1)),
    interval: wilsonInterval(right, n),
    majority: 0.25,
    noAnswer: 0,
  };
}

function close(actual: number, expected: number, tolerance = 1e-10): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${actual}`);
}

test("p values of the standard normal, near and far (SciPy: 2 * norm.sf)", () => {
  close(normalTwoSided(0), 1);
  close(normalTwoSided(0.1), 0.920344325445942);
  close(normalTwoSided(-1), 0.31731050786291415);
  close(normalTwoSided(1.959963984540054), 0.05);
  close(normalTwoSided(3), 0.0026997960632601866);
  for (const [z, p] of [
    [3.5355, 0.00040700424519014296],
    [3.6, 0.00031821718031506727],
    [8, 1.244192114854348e-15],
    [20, 5.507248237212311e-89],
  ] as const)
    assert.ok(Math.abs(normalTwoSided(z) / p - 1) < 1e-9, `${z}`);
});

test("a difference has Newcombe's interval and the two-proportion test (his example: 56 of 70 against 48 of 80)", () => {
  // The published side is a percentage out of all of the source's items: 60 % of 321, and 56 of 70 asked here.
  const row: PublishedRow = { model: "X", accuracies: PAPER_COLUMNS.map(() => 60), average: 60 };
  const { sources, average, missing } = compareWithPublished([result("frenchmedmcqa", 56, 70)], row);
  assert.equal(average, undefined);
  assert.equal(missing.length, 8);
  const [french] = sources;
  assert.deepEqual([french!.n, french!.publishedN], [70, 321]);
  close(french!.difference, 0.2);
  // Computed in Python from the formulas, whose result for n = 80 is the paper's 0.0524 to 0.3339.
  close(french!.interval[0], 0.0799379362116224);
  close(french!.interval[1], 0.2942798307332103);
  close(french!.pValue, 0.0016285016488603121);
  assert.equal(french!.adjustedPValue, french!.pValue);
});

test("nine columns: Holm's adjustment, and the average of the paper", () => {
  const row = PUBLISHED_ROWS.find(({ model }) => model === "Apollo-0.5B")!;
  const results = PAPER_COLUMNS.map(({ source, items }, i) =>
    result(source, Math.round((row.accuracies[i]! / 100) * items) + (source === "headqa" ? 200 : 0), items),
  );
  const { sources, average, missing } = compareWithPublished(results, row);
  assert.deepEqual(missing, []);
  for (const one of sources) {
    const moved = one.source === "headqa";
    assert.equal(one.adjustedPValue < 0.05, moved, one.source);
    assert.equal(one.interval[0] <= 0 && one.interval[1] >= 0, !moved, one.source);
    assert.ok(one.adjustedPValue >= one.pValue);
  }
  close(average!.published, row.average / 100, 1e-4);
  close(average!.difference, 200 / 2742 / 9, 1e-3);
  // One column of nine moves the average less than its uncertainty.
  assert.ok(average!.interval[0] < 0 && average!.interval[1] > 0 && average!.pValue > 0.05);
  const better = PAPER_COLUMNS.map(({ source, items }, i) =>
    result(source, Math.round((row.accuracies[i]! / 100 + 0.05) * items), items),
  );
  const all = compareWithPublished(better, row).average!;
  close(all.difference, 0.05, 1e-3);
  assert.ok(all.interval[0] > 0 && all.pValue < 0.001);
});

test("nothing right on both sides is no difference", () => {
  const row: PublishedRow = { model: "X", accuracies: PAPER_COLUMNS.map(() => 0), average: 0 };
  const { sources } = compareWithPublished([result("headqa", 0, 10)], row);
  assert.equal(sources[0]!.pValue, 1);
});
