// Compares two runs item by item: the difference of accuracy per source with a paired interval and a paired test.
import { join } from "node:path";
import { readText, UserError } from "../core/index.ts";
import { type PairedDifference, pairedDifference } from "./paired-difference.ts";
import { readRunRecord, unfinished } from "./read-run.ts";
import { SAMPLES_FILE } from "./run-record.ts";
import { isScored, type Sample } from "./sample.ts";
import { parseSamples } from "./sample-log.ts";
import { holm, type Pair } from "./statistics.ts";

/** One source of a comparison; the difference is the second run's accuracy minus the first's. */
export interface SourceComparison extends PairedDifference {
  readonly source: string;
  /** Holm over the sources. */
  readonly adjustedPValue: number;
}

/** An item answered rightly by one run alone. */
export interface Flip {
  readonly id: string;
  readonly source: string;
  readonly language: string;
  readonly gold: string;
  /** Letters chosen; `null` for no answer. */
  readonly first: string | null;
  readonly second: string | null;
  /** Which run is right. */
  readonly right: "first" | "second";
}

/** A comparison of two runs. */
export interface Comparison {
  readonly sources: readonly SourceComparison[];
  /** Plain mean of the differences. */
  readonly average: number;
  /** Items that only one of the runs scored. */
  readonly unmatched: number;
  readonly flips: readonly Flip[];
}

/** Compares two run folders; `UserError` when they share no item. */
export async function compareRuns(
  first: string,
  second: string,
  options: { /** Of the bootstrap; default 0. */ readonly seed?: number } = {},
): Promise<Comparison> {
  const [a, b] = await Promise.all([readSamples(first), readSamples(second)]);
  const inFirst = new Map(a.map((sample) => [sample.id, sample]));
  const matched = b.flatMap((sample) => {
    const other = inFirst.get(sample.id);
    return other !== undefined && other.gold === sample.gold ? [{ first: other, second: sample }] : [];
  });
  if (matched.length === 0) {
    throw new UserError("nothing-to-compare", `${first} and ${second} have no item in common`, {
      remedy: "Score both models on the same suite with the same --limit and --seed.",
    });
  }
  const sources = [...new Set(matched.map((pair) => pair.second.source))];
  const rows = sources.map((source) => {
    const pairs = matched.filter((pair) => pair.second.source === source);
    return compareSource(source, pairs, options.seed ?? 0);
  });
  const adjusted = holm(rows.map((row) => row.pValue));
  return {
    sources: rows.map((row, i) => ({ ...row, adjustedPValue: adjusted[i]! })),
    average: rows.reduce((sum, row) => sum + row.difference, 0) / rows.length,
    unmatched: a.length + b.length - 2 * matched.length,
    flips: matched.flatMap(({ first, second }): Flip[] => {
      if (first.correct === second.correct) return [];
      const { id, source, language, gold } = second;
      const right = first.correct ? "first" : "second";
      return [{ id, source, language, gold, first: first.choice, second: second.choice, right }];
    }),
  };
}

function compareSource(
  source: string,
  matched: readonly { readonly first: Sample; readonly second: Sample }[],
  seed: number,
): Omit<SourceComparison, "adjustedPValue"> {
  const pairs: Pair[] = matched.map(({ first, second }) => ({
    id: second.id,
    first: first.correct ? 1 : 0,
    second: second.correct ? 1 : 0,
    cluster: second.passage,
  }));
  return { source, ...pairedDifference(pairs, `${seed}/${source}`) };
}

async function readSamples(folder: string): Promise<Sample[]> {
  const record = await readRunRecord(folder);
  const samples = parseSamples(await readText(join(folder, SAMPLES_FILE)), join(folder, SAMPLES_FILE));
  if (record.finished === undefined || samples.length !== record.items) {
    throw unfinished(folder, `${samples.length} of ${record.items} items are scored`);
  }
  return samples.filter(isScored);
}
