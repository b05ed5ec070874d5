import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../core/index.ts";
import {
  binaryStandardError,
  brierScore,
  clopperPearsonInterval,
  clusteredStandardError,
  expectedCalibrationError,
  holm,
  mcnemar,
  multiclassBrierScore,
  noiseThreshold,
  pairedBootstrap,
  standardError,
  wilsonInterval,
} from "./statistics.ts";

function close(actual: number, expected: number, tolerance = 1e-10): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

// Reference values computed with R 4.2.2: prop.test (no correction), binom.test, p.adjust.
test("Wilson interval", () => {
  const cases: readonly (readonly [number, number, number, number])[] = [
    [0, 10, 0, 0.277532799863],
    [1, 10, 0.0178762130951, 0.404150026795],
    [5, 10, 0.236593090513, 0.763406909487],
    [10, 10, 0.722467200137, 1],
    [37, 321, 0.0847907576398, 0.154838318967],
    [1045, 1089, 0.94619500365, 0.969765854094],
    [411, 1273, 0.29774042883, 0.349044223341],
  ];
  for (const [k, n, low, high] of cases) {
    const interval = wilsonInterval(k, n);
    close(interval[0], low);
    close(interval[1], high);
  }
  assert.deepEqual(wilsonInterval(0, 0), [0, 1]);
});

test("Clopper-Pearson interval", () => {
  const none = clopperPearsonInterval(0, 10);
  assert.equal(none[0], 0);
  close(none[1], 0.308497107819);
  const some = clopperPearsonInterval(37, 321);
  close(some[0], 0.0824685467621);
  close(some[1], 0.155364505167);
  const all = clopperPearsonInterval(10, 10);
  close(all[0], 1 - 0.308497107819);
  assert.equal(all[1], 1);
});

test("McNemar, exact and mid-p", () => {
  close(mcnemar(1, 8), 0.0390625, 1e-12);
  close(mcnemar(10, 10), 1, 1e-12);
  close(mcnemar(15, 30), 0.0356978035552);
  close(mcnemar(0, 5), 0.0625, 1e-12);
  close(mcnemar(40, 72), 0.00321693995165);
  close(mcnemar(72, 40), 0.00321693995165);
  close(mcnemar(1, 8, "mid-p"), 0.021484375, 1e-12);
  close(mcnemar(15, 30, "mid-p"), 0.0258960817932);
  assert.equal(mcnemar(0, 0), 1);
  // P(K = 10) of Binomial(20, 1/2) = 0.176197052001953.
  close(mcnemar(10, 10, "mid-p"), 1 - 0.176197052001953, 1e-12);
});

test("Holm keeps the order given and never decreases", () => {
  holm([0.01, 0.04, 0.03, 0.005]).forEach((p, i) => {
    close(p, [0.03, 0.06, 0.06, 0.02][i]!, 1e-12);
  });
  assert.deepEqual(holm([]), []);
  assert.deepEqual(holm([0.9, 0.8]), [1, 1]);
});

test("standard errors, plain and clustered", () => {
  const y = [1, 1, 0, 1, 0, 0, 1, 1, 0, 1];
  const clusters = [1, 1, 1, 2, 2, 3, 3, 3, 4, 5];
  close(standardError(y), 0.163299316186);
  close(binaryStandardError(6, 10), 0.163299316186);
  close(clusteredStandardError(y, clusters, "CR0"), 0.08, 1e-12);
  close(clusteredStandardError(y, clusters), 0.0894427191);
});

test("calibration: ECE and Brier", () => {
  const confidences = [0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.92, 0.15, 0.5];
  const outcomes = [1, 1, 0, 1, 0, 1, 0, 1, 0, 1];
  close(expectedCalibrationError(confidences, outcomes), 0.248, 1e-12);
  close(brierScore(confidences, outcomes), 0.17164, 1e-12);
  close(expectedCalibrationError([1], [1]), 0);
  close(multiclassBrierScore([[0.7, 0.2, 0.1]], [0]), 0.09 + 0.04 + 0.01, 1e-12);
});

test("paired bootstrap agrees with the analytic interval and ignores the order of items", () => {
  const random = createRandom("bootstrap data");
  const pairs = Array.from({ length: 2000 }, (_, i) => ({
    id: `item/${i}`,
    first: random.next() < 0.5 ? 1 : 0,
    second: random.next() < 0.55 ? 1 : 0,
  }));
  const differences = pairs.map((pair) => pair.second - pair.first);
  const centre = differences.reduce((a, b) => a + b, 0) / differences.length;
  const half = 1.96 * standardError(differences);
  const interval = pairedBootstrap(pairs, { seed: 1, draws: 4000 });
  close(interval[0], centre - half, 1e-2);
  close(interval[1], centre + half, 1e-2);
  assert.deepEqual(pairedBootstrap(random.shuffle([...pairs]), { seed: 1, draws: 4000 }), interval);
  assert.deepEqual(pairedBootstrap([], { seed: 1 }), [0, 0]);
});

test("noise rule of thumb", () => {
  close(noiseThreshold(321), 0.06, 5e-4);
  close(noiseThreshold(1089), 0.033, 5e-4);
  close(noiseThreshold(4183), 0.017, 5e-4);
});
