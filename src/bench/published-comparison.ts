// A run beside a published row: the difference of each accuracy, with an interval and a test. Nothing is known of the published run
// but its percentages, so the test is one of two independent samples, and the published one is taken to have asked every item.
import { PAPER_COLUMNS, type PublishedRow } from "./published-results.ts";
import { holm, type Interval, normalTwoSided, wilsonInterval } from "./statistics.ts";
import type { SourceResult } from "./summary.ts";

/** A difference from a published figure; accuracies from 0 to 1, the run's minus the published one's. */
export interface PublishedDifference {
  readonly accuracy: number;
  readonly published: number;
  readonly difference: number;
  /** 95 %. */
  readonly interval: Interval;
  /** Two-sided. */
  readonly pValue: number;
}

/** One column of the paper. */
export interface PublishedSource extends PublishedDifference {
  readonly source: string;
  readonly language: string;
  /** Items of the run. */
  readonly n: number;
  /** Items that the published figure is taken to stand for. */
  readonly publishedN: number;
  /** Holm over the columns. */
  readonly adjustedPValue: number;
}

/** A run beside a row. */
export interface PublishedComparison {
  readonly model: string;
  readonly sources: readonly PublishedSource[];
  /** Plain means over the nine columns; absent when the run lacks one. */
  readonly average?: PublishedDifference;
  /** Columns of the paper that the run has no item of. */
  readonly missing: readonly string[];
}

/**
 * Compares a run with a published row, column by column. Intervals are Newcombe's (hybrid score, 1998, method 10), out of the run's
 * own interval and Wilson's around the published figure; p values are of the two-proportion z test with pooled variance. The
 * average's interval is recovered from those of its columns (Zou and Donner 2008), its p value from their pooled variances.
 */
export function compareWithPublished(
  results: readonly SourceResult[],
  row: PublishedRow,
): PublishedComparison {
  const missing: string[] = [];
  const found = PAPER_COLUMNS.flatMap(({ source, items }, column) => {
    const result = results.find((one) => one.source === source && one.n > 0);
    if (result === undefined) missing.push(source);
    return result === undefined ? [] : [{ result, items, published: row.accuracies[column]! / 100 }];
  });
  const rows = found.map(({ result, items, published }) => ({
    source: result.source,
    language: result.language,
    n: result.n,
    publishedN: items,
    ...difference(result, published, items),
  }));
  const adjusted = holm(rows.map(({ pValue }) => pValue));
  const sources = rows.map((one, i) => ({ ...one, adjustedPValue: adjusted[i]! }));
  if (missing.length > 0) return { model: row.model, sources, missing };
  const mean = (value: (one: PublishedSource) => number): number =>
    sources.reduce((sum, one) => sum + value(one), 0) / sources.length;
  const together = (value: (one: PublishedSource) => number): number =>
    Math.hypot(...sources.map(value)) / sources.length;
  const gap = mean((one) => one.difference);
  const error = together((one) => pooledError(one.accuracy, one.n, one.published, one.publishedN));
  const average: PublishedDifference = {
    accuracy: mean((one) => one.accuracy),
    published: mean((one) => one.published),
    difference: gap,
    interval: [
      gap - together((one) => one.difference - one.interval[0]),
      gap + together((one) => one.interval[1] - one.difference),
    ],
    pValue: error === 0 ? 1 : normalTwoSided(gap / error),
  };
  return { model: row.model, sources, average, missing };
}

function difference(
  { accuracy, n, interval: [low, high] }: SourceResult,
  published: number,
  items: number,
): PublishedDifference {
  const [publishedLow, publishedHigh] = wilsonInterval(published * items, items);
  const gap = accuracy - published;
  const error = pooledError(accuracy, n, published, items);
  return {
    accuracy,
    published,
    difference: gap,
    interval: [
      gap - Math.hypot(accuracy - low, publishedHigh - published),
      gap + Math.hypot(high - accuracy, published - publishedLow),
    ],
    // Both at 0 or both at 1: no error, and no difference.
    pValue: error === 0 ? 1 : normalTwoSided(gap / error),
  };
}

/** Standard error of the difference of two proportions when they are one and the same. */
function pooledError(first: number, n: number, second: number, items: number): number {
  const pooled = (first * n + second * items) / (n + items);
  return Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / items));
}
