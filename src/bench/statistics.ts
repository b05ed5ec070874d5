// The statistics of the benchmark: intervals of an accuracy, paired tests of two models, spread. Numbers in, numbers out;
// nothing here knows items or models. Reference values (R 4.2.2) are in statistics.test.ts.
import assert from "node:assert/strict";
import { createRandom } from "../core/index.ts";

/** Lower and upper end. */
export type Interval = readonly [low: number, high: number];

/** The 97.5 % point of the standard normal: two-sided 95 % intervals. */
const Z_95 = 1.959963984540054;

/** Wilson score interval (95 %) of `successes` out of `n`; [0, 1] when there is nothing to count. */
export function wilsonInterval(successes: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const p = successes / n;
  const z2 = Z_95 * Z_95;
  const centre = p + z2 / (2 * n);
  const half = Z_95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  const scale = 1 + z2 / n;
  // The ends are exact at 0 and n; the formula leaves a rounding error there.
  return [successes === 0 ? 0 : (centre - half) / scale, successes === n ? 1 : (centre + half) / scale];
}

/** Mean of `values`; NaN for none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard error of a mean: sample standard deviation / sqrt(n), as lm-evaluation-harness; 0 for fewer than two values. */
export function standardError(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return 0;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (n - 1) / n);
}

/** The same for `ones` ones among `n` zeros and ones: sqrt(p (1 - p) / (n - 1)). */
export function binaryStandardError(ones: number, n: number): number {
  if (n < 2) return 0;
  const p = ones / n;
  return Math.sqrt((p * (1 - p)) / (n - 1));
}

/**
 * Standard error of a mean whose values come in clusters (items that share a passage or are translations of each other).
 * CR0 = sqrt(sum over clusters of (sum of residuals)^2) / n; CR1 (default) multiplies by sqrt(G / (G - 1)).
 */
export function clusteredStandardError(
  values: readonly number[],
  clusters: readonly (string | number)[],
  kind: "CR0" | "CR1" = "CR1",
): number {
  const n = values.length;
  const centre = mean(values);
  const sums = new Map<string | number, number>();
  values.forEach((value, i) => {
    const cluster = clusters[i]!;
    sums.set(cluster, (sums.get(cluster) ?? 0) + value - centre);
  });
  if (sums.size < 2) return 0;
  const cr0 = Math.sqrt([...sums.values()].reduce((sum, residual) => sum + residual ** 2, 0)) / n;
  return kind === "CR0" ? cr0 : cr0 * Math.sqrt(sums.size / (sums.size - 1));
}

/**
 * McNemar's test on the discordant pairs (`b`: only the first model right, `c`: only the second): exact two-sided binomial, or
 * its mid-p variant, which is less conservative. 1 when the models never differ.
 */
export function mcnemar(b: number, c: number, kind: "exact" | "mid-p" = "exact"): number {
  const n = b + c;
  if (n === 0) return 1;
  const fewer = Math.min(b, c);
  let tail = 0;
  for (let k = 0; k <= fewer; k++) tail += binomialHalf(k, n);
  const atLimit = binomialHalf(fewer, n);
  if (kind === "mid-p") return b === c ? 1 - atLimit : 2 * tail - atLimit;
  return Math.min(1, 2 * tail);
}

/** Holm's step-down adjustment for many tests at once; in the order given. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i]! - pValues[j]!);
  const adjusted = new Array<number>(pValues.length);
  let highest = 0;
  order.forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = highest;
  });
  return adjusted;
}

/** One item answered by two models: its name and the two scores. */
export interface Pair {
  readonly id: string;
  readonly first: number;
  readonly second: number;
  /** Items of one cluster (a shared passage) are drawn together; default: each item by itself. */
  readonly cluster?: string | undefined;
}

/**
 * Percentile interval (95 %) of mean(second) - mean(first) by the paired bootstrap: items (or clusters of them) are drawn with
 * replacement, both scores together. Draws are over the items sorted by id, so the order given does not matter.
 */
export function pairedBootstrap(
  pairs: readonly Pair[],
  options: {
    /** Number of resamples; default 10,000. */ readonly draws?: number;
    readonly seed: number | string;
  },
): Interval {
  if (pairs.length === 0) return [0, 0];
  const sorted = [...pairs].sort((a, b) => (a.id < b.id ? -1 : 1));
  const clusters = new Map<string, { sum: number; size: number }>();
  for (const pair of sorted) {
    const key = pair.cluster === undefined ? `item ${pair.id}` : `cluster ${pair.cluster}`;
    const cluster = clusters.get(key) ?? { sum: 0, size: 0 };
    clusters.set(key, cluster);
    cluster.sum += pair.second - pair.first;
    cluster.size++;
  }
  const sums = Float64Array.from(clusters.values(), (cluster) => cluster.sum);
  const sizes = Float64Array.from(clusters.values(), (cluster) => cluster.size);
  const random = createRandom(options.seed);
  const draws = options.draws ?? 10_000;
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    let size = 0;
    for (let i = 0; i < sums.length; i++) {
      const at = random.integer(sums.length);
      sum += sums[at]!;
      size += sizes[at]!;
    }
    means[draw] = sum / size;
  }
  means.sort();
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/**
 * Interval (95 %) of the difference of two paired shares from the discordant pairs alone, `c` (only the second right) less `b` over
 * `n`: Wald's with half a pair added to each cell (Agresti and Min 2005). Instant where the bootstrap takes seconds.
 */
export function pairedInterval(b: number, c: number, n: number): Interval {
  const [total, d, discordant] = [n + 2, c - b, b + c + 1];
  const half = (Z_95 * Math.sqrt(discordant - (d * d) / total)) / total;
  return [Math.max(-1, d / total - half), Math.min(1, d / total + half)];
}

/** How far repeated runs (other seeds, other worked examples) lie apart. */
export interface Spread {
  readonly runs: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Sample standard deviation, n - 1 below; 0 for one run. */
  readonly standardDeviation: number;
}

/** The spread of one figure over runs. It stands beside a sampling interval and is no part of it. */
export function spread(values: readonly number[]): Spread {
  assert(values.length > 0, "the spread of nothing");
  return {
    runs: values.length,
    mean: mean(values),
    min: Math.min(...values),
    max: Math.max(...values),
    standardDeviation: standardError(values) * Math.sqrt(values.length),
  };
}

/**
 * Wilson's interval (95 %) where items share passages: n is replaced by the number of independent items that would give the
 * clustered standard error (Kish's effective sample size), never more than n.
 */
export function clusteredWilsonInterval(
  outcomes: readonly number[],
  clusters: readonly (string | number)[],
): Interval {
  const n = outcomes.length;
  const ones = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  const plain = binaryStandardError(ones, n);
  const clustered = clusteredStandardError(outcomes, clusters);
  if (clustered <= plain || plain === 0) return wilsonInterval(ones, n);
  const share = (plain / clustered) ** 2;
  return wilsonInterval(ones * share, n * share);
}

/** The difference that chance alone explains at 95 % when a share of the items is answered differently: 1.96 sqrt(share / n). */
export function noiseThreshold(n: number, discordantShare = 0.3): number {
  return n === 0 ? 1 : Z_95 * Math.sqrt(discordantShare / n);
}

/** Linear interpolation between order statistics (R's type 7). */
function quantile(sorted: Float64Array, probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

/** P(|Z| >= |z|) of the standard normal: the two-sided p value of a z test. */
export function normalTwoSided(z: number): number {
  // erfc(x), near the middle by its power series, further out by a continued fraction (Abramowitz and Stegun 7.1.5 and 7.1.14).
  const x = Math.abs(z) / Math.SQRT2;
  if (x === 0) return 1;
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let k = 1; Math.abs(term) > 1e-17 * sum; k++) {
      term *= (-x * x) / k;
      sum += term / (2 * k + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

/** P(K = k) for K ~ Binomial(n, 1/2). */
function binomialHalf(k: number, n: number): number {
  return Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2);
}

/** Coefficients of Lanczos' approximation with g = 7, n = 9 (relative error below 1e-14). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Natural logarithm of the gamma function for x >= 0.5. */
function logGamma(x: number): number {
  const z = x - 1;
  const t = z + 7.5;
  let sum = LANCZOS[0] as number;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (z + i);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}
