import assert from "node:assert/strict";
import { test } from "node:test";
import { learningRateAt } from "./schedule.ts";

const along = (options: { peak: number; steps: number; warmup: number; span?: number }): number[] =>
  Array.from({ length: options.steps }, (_, step) => learningRateAt(step, options));

test("rises in a straight line to the peak, then falls as a cosine to nothing", () => {
  const rates = along({ peak: 0.004, steps: 1000, warmup: 0.1 });
  assert.equal(rates[0], 0.00004);
  assert.ok(Math.abs(rates[49]! - 0.002) < 1e-12);
  assert.equal(rates[99], 0.004);
  assert.equal(rates[100], 0.004);
  assert.ok(Math.abs(rates[550]! - 0.002) < 1e-12, "half of the peak half-way down");
  assert.ok(rates[999]! > 0 && rates[999]! < 0.004 * 1e-5, `ends at ${rates[999]}`);
  for (let step = 1; step < 100; step++) assert.ok(rates[step]! > rates[step - 1]!);
  for (let step = 101; step < 1000; step++) assert.ok(rates[step]! < rates[step - 1]!);
});

test("a run without warm-up, one that is nothing else, and one of a single step", () => {
  assert.equal(along({ peak: 1, steps: 10, warmup: 0 })[0], 1);
  assert.deepEqual(along({ peak: 1, steps: 4, warmup: 1 }), [0.25, 0.5, 0.75, 1]);
  assert.deepEqual(along({ peak: 1, steps: 1, warmup: 0.03 }), [1]);
});

test("the published schedule is 1.35 runs long and leaves the learning rate at 17 % of its peak", () => {
  const rates = along({ peak: 1, steps: 2000, warmup: 0.03, span: 1.35 });
  assert.equal(rates[80], 1, "warm-up is a share of the whole schedule");
  assert.ok(Math.abs(rates[1999]! - 0.166) < 0.001, `ends at ${rates[1999]}`);
});
