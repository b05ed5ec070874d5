// From samples to the table: per source n, accuracy, interval and the majority baseline.

import type { Item } from "./item.ts";
import type { BenchMode } from "./prompts.ts";
import { goldLetters } from "./protocol.ts";
import type { Robustness } from "./robustness.ts";
import {
  CHOICE_RULES,
  type ChoiceRule,
  type GeneratedSample,
  isScored,
  type Sample,
  type ScoredSample,
} from "./sample.ts";
import {
  binaryStandardError,
  clusteredStandardError,
  clusteredWilsonInterval,
  type Interval,
  mean,
  wilsonInterval,
} from "./statistics.ts";

/** One row of the table. */
export interface SourceResult {
  readonly source: string;
  readonly language: string;
  readonly mode: BenchMode;
  /** Items that count. */
  readonly n: number;
  /** Share of right answers; 0 when n is 0. */
  readonly accuracy: number;
  /** Clustered by passage where items share one. */
  readonly standardError: number;
  /** Wilson, 95 %; where items share passages, at the effective number of independent items. */
  readonly interval: Interval;
  /** Independent items or groups of them, where items share passages. */
  readonly clusters?: number;
  /** Accuracy of always answering the most frequent letter, over all items of the source that the mode can score. */
  readonly majority: number;
  /** Items without a readable answer; they count as not right, but are never hidden among the wrong ones. */
  readonly noAnswer: number;
  /** Accuracy by each rule of choice; `accuracy` is one of them. Absent where they cannot differ. */
  readonly accuracies?: Readonly<Partial<Record<ChoiceRule, number>>>;
  /** The stricter of two readings of generated answers; `accuracy` and `noAnswer` are those of the other. */
  readonly strict?: { readonly accuracy: number; readonly noAnswer: number };
  /** Items that did not fit the context; not in `n`. */
  readonly tooLong?: number;
}

/** What came out of a run, without where. */
export interface RunFigures {
  readonly sources: readonly SourceResult[];
  /** Plain mean over sources, as in the paper. */
  readonly average: number;
  readonly robustness: Robustness;
}

/** A run's result. */
export interface BenchResult extends RunFigures {
  /** The run folder. */
  readonly run: string;
}

/** Summarises samples by source; `items` are those of the whole suite that could be scored, and give the order. */
export function summarise(samples: readonly Sample[], items: readonly Item[]): SourceResult[] {
  const sources = new Map<
    string,
    { language: string; samples: Sample[]; gold: Map<string, number>; items: number }
  >();
  for (const item of items) {
    const entry = sources.get(item.source) ?? {
      language: item.language,
      samples: [],
      gold: new Map(),
      items: 0,
    };
    sources.set(item.source, entry);
    entry.items++;
    const letter = goldLetters(item);
    entry.gold.set(letter, (entry.gold.get(letter) ?? 0) + 1);
  }
  for (const sample of samples) sources.get(sample.source)?.samples.push(sample);
  return [...sources].flatMap(([source, entry]) => {
    if (entry.samples.length === 0) return [];
    const scored = entry.samples.filter(isScored);
    const correct = scored.filter((sample) => sample.correct).length;
    const accuracies = accuraciesByRule(scored);
    const strict = strictReading(scored);
    const tooLong = entry.samples.length - scored.length;
    return [
      {
        source,
        language: entry.language,
        mode: entry.samples[0]!.mode,
        n: scored.length,
        accuracy: scored.length === 0 ? 0 : correct / scored.length,
        ...uncertainty(scored, correct),
        majority: Math.max(...entry.gold.values()) / entry.items,
        noAnswer: scored.filter((sample) => sample.choice === null).length,
        ...(accuracies === undefined ? {} : { accuracies }),
        ...(strict === undefined ? {} : { strict }),
        ...(tooLong === 0 ? {} : { tooLong }),
      },
    ];
  });
}

/** Items about one passage stand or fall together: they say less than as many independent ones. */
function uncertainty(
  scored: readonly Sample[],
  correct: number,
): Pick<SourceResult, "standardError" | "interval" | "clusters"> {
  const passages = scored.map((sample) => sample.passage ?? `item ${sample.id}`);
  const clusters = new Set(passages).size;
  if (clusters === scored.length) {
    return {
      standardError: binaryStandardError(correct, scored.length),
      interval: wilsonInterval(correct, scored.length),
    };
  }
  const outcomes = scored.map((sample) => (sample.correct ? 1 : 0));
  return {
    standardError: clusteredStandardError(outcomes, passages),
    interval: clusteredWilsonInterval(outcomes, passages),
    clusters,
  };
}

function accuraciesByRule(
  scored: readonly (ScoredSample | GeneratedSample)[],
): Partial<Record<ChoiceRule, number>> | undefined {
  const samples = scored.flatMap((sample) =>
    "choices" in sample && sample.choices !== undefined
      ? [{ choices: sample.choices, gold: sample.gold }]
      : [],
  );
  if (samples.length === 0) return undefined;
  const rules = CHOICE_RULES.filter((rule) => samples.every(({ choices }) => choices[rule] !== undefined));
  return Object.fromEntries(
    rules.map((rule) => [rule, mean(samples.map(({ choices, gold }) => (choices[rule] === gold ? 1 : 0)))]),
  );
}

function strictReading(scored: readonly (ScoredSample | GeneratedSample)[]): SourceResult["strict"] {
  const samples = scored.flatMap((sample) =>
    "strict" in sample && sample.strict !== undefined ? [{ strict: sample.strict, gold: sample.gold }] : [],
  );
  if (samples.length === 0) return undefined;
  return {
    accuracy: mean(samples.map(({ strict, gold }) => (strict === gold ? 1 : 0))),
    noAnswer: samples.filter(({ strict }) => strict === null).length,
  };
}

/** Plain mean over sources that have items; 0 for none. */
export function averageAccuracy(sources: readonly SourceResult[]): number {
  const counted = sources.filter((source) => source.n > 0);
  return counted.length === 0 ? 0 : mean(counted.map((source) => source.accuracy));
}

/** Standard error of that mean: sqrt(sum of squares) / k. */
export function averageStandardError(sources: readonly SourceResult[]): number {
  const counted = sources.filter((source) => source.n > 0);
  if (counted.length === 0) return 0;
  return Math.sqrt(counted.reduce((sum, source) => sum + source.standardError ** 2, 0)) / counted.length;
}
