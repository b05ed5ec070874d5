// Compares two runs item by item: the difference of accuracy per source with a paired interval and a paired test.
import { join } from "node:path";
import { exists, readJson, readText, UserError } from "../core/index.ts";
import { RUN_FILE, type RunRecord, SAMPLES_FILE } from "./run-record.ts";
import { isScored, type Sample } from "./sample.ts";
import { parseSamples } from "./sample-log.ts";
import { holm, type Interval, mcnemar, type Pair, pairedBootstrap } from "./statistics.ts";

/** One source of a comparison. */
export interface SourceComparison {
  readonly source: string;
  /** Items that both runs scored. */
  readonly n: number;
  /** Accuracy of the second run minus that of the first, on these items. */
  readonly difference: number;
  /** Paired bootstrap, 95 %. */
  readonly interval: Interval;
  /** McNemar, exact. */
  readonly pValue: number;
  /** Holm over the sources. */
  readonly adjustedPValue: number;
  /** Items that only the second run answered rightly, and only the first. */
  readonly gained: number;
  readonly lost: number;
}

/** A comparison of two runs. */
export interface Comparison {
  readonly sources: readonly SourceComparison[];
  /** Plain mean of the differences. */
  readonly average: number;
  /** Items that only one of the runs scored. */
  readonly unmatched: number;
  /** Items answered rightly by one run alone. */
  readonly flips: readonly {
    readonly id: string;
    readonly first: string | null;
    readonly second: string | null;
  }[];
}

/** Compares two run folders; `UserError` when they share no item. */
export async function compareRuns(
  first: string,
  second: string,
  options: { /** Of the bootstrap; default 0. */ readonly seed?: number } = {},
): Promise<Comparison> {
  const [a, b] = await Promise.all([readRun(first), readRun(second)]);
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
    flips: matched.flatMap((pair) =>
      pair.first.correct === pair.second.correct
        ? []
        : [{ id: pair.second.id, first: pair.first.choice, second: pair.second.choice }],
    ),
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
  }));
  const gained = pairs.filter((pair) => pair.second > pair.first).length;
  const lost = pairs.filter((pair) => pair.second < pair.first).length;
  return {
    source,
    n: pairs.length,
    difference: (gained - lost) / pairs.length,
    interval: pairedBootstrap(pairs, { seed: `${seed}/${source}` }),
    pValue: mcnemar(lost, gained),
    gained,
    lost,
  };
}

async function readRun(folder: string): Promise<Sample[]> {
  const path = join(folder, RUN_FILE);
  if (!(await exists(path))) {
    throw new UserError("not-a-run", "is no run folder: it has no run.json", {
      file: folder,
      remedy: "Give the folder that `apollo bench run --out` wrote.",
    });
  }
  const record = (await readJson(path)) as RunRecord;
  const samples = parseSamples(await readText(join(folder, SAMPLES_FILE)), join(folder, SAMPLES_FILE));
  if (record.finished === undefined || samples.length !== record.items) {
    throw new UserError("run-unfinished", `${samples.length} of ${record.items} items are scored`, {
      file: folder,
      remedy: "Run `apollo bench run` with the same options again: it goes on where it stopped.",
    });
  }
  return samples.filter(isScored);
}
