import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../core/index.ts";
import {
  brierScore,
  calibrationBins,
  expectedCalibrationError,
  multiclassBrierScore,
  selectiveAccuracy,
} from "./calibration.ts";
import {
  binaryStandardError,
  clusteredStandardError,
  clusteredWilsonInterval,
  holm,
  mcnemar,
  noiseThreshold,
  pairedBootstrap,
  pairedInterval,
  spread,
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

test("calibration: bins hold every item, the surest are counted first, ties by their mean", () => {
  const confidences = [0.95, 0.05, 1, 0.9, 0.15];
  const outcomes = [1, 0, 1, 0, 1];
  assert.deepEqual(
    calibrationBins(confidences, outcomes).map(({ n, accuracy }) => [n, accuracy]),
    [
      [1, 0],
      [1, 1],
      [3, 2 / 3],
    ],
  );
  close(selectiveAccuracy(confidences, outcomes, 0.4), 1);
  close(selectiveAccuracy(confidences, outcomes, 0.6), 2 / 3);
  close(selectiveAccuracy(confidences, outcomes, 1), 0.6);
  close(selectiveAccuracy(confidences, outcomes, 0), 1);
  // One of four equals: their mean, whatever their order.
  close(selectiveAccuracy([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 0], 0.25), 0.25);
});

test("shared passages: the interval is that of the independent items, and never shorter than the plain one", () => {
  // 40 passages of 5 items that stand or fall together are 40 items.
  const outcomes = Array.from({ length: 200 }, (_, i) => (Math.floor(i / 5) % 2 === 0 ? 1 : 0));
  const passages = outcomes.map((_, i) => Math.floor(i / 5));
  const [low, high] = clusteredWilsonInterval(outcomes, passages);
  const [low40, high40] = wilsonInterval(20, 40);
  close(low, low40, 2e-3);
  close(high, high40, 2e-3);
  const alone = outcomes.map((_, i) => i);
  assert.deepEqual(clusteredWilsonInterval(outcomes, alone), wilsonInterval(100, 200));
  assert.deepEqual(clusteredWilsonInterval([1, 1], ["a", "a"]), wilsonInterval(2, 2));
});

test("spread over runs", () => {
  const { runs, mean, min, max, standardDeviation } = spread([0.4, 0.5, 0.6]);
  assert.deepEqual([runs, min, max], [3, 0.4, 0.6]);
  close(mean, 0.5);
  close(standardDeviation, 0.1);
  assert.equal(spread([0.7]).standardDeviation, 0);
});

test("paired bootstrap over passages: wider when the items of a passage agree", () => {
  const pairs = Array.from({ length: 1000 }, (_, i) => ({
    id: `item/${i}`,
    first: 0,
    second: Math.floor(i / 10) % 2,
    cluster: `passage ${Math.floor(i / 10)}`,
  }));
  const width = ([low, high]: readonly [number, number]) => high - low;
  const clustered = pairedBootstrap(pairs, { seed: 1, draws: 2000 });
  const plain = pairedBootstrap(
    pairs.map(({ cluster: _, ...pair }) => pair),
    { seed: 1, draws: 2000 },
  );
  close(width(clustered) / width(plain), Math.sqrt(10), 0.25);
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

test("interval of a paired difference from its discordant pairs", () => {
  // Approval by the same 1,600 people twice: Agresti, Categorical Data Analysis, 10.1.1 gives -0.059 to -0.021.
  const [low, high] = pairedInterval(150, 86, 1600);
  close(low, -0.059, 5e-4);
  close(high, -0.021, 5e-4);
  const pairs = Array.from({ length: 400 }, (_, i) => ({
    id: String(i),
    first: i < 90 ? 1 : 0,
    second: i >= 60 && i < 130 ? 1 : 0,
  }));
  const drawn = pairedBootstrap(pairs, { seed: 1 });
  const direct = pairedInterval(60, 40, 400);
  for (const end of [0, 1] as const) close(direct[end], drawn[end], 0.006);
  // The half pairs pull towards no difference, and leave room where nothing was seen.
  const [least, most] = pairedInterval(0, 0, 10);
  assert.ok(least < 0 && most > 0 && least === -most);
  assert.deepEqual(pairedInterval(0, 1, 1)[1], 1);
});
