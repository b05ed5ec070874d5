// Which items a run answered rightly: what a paired test needs of samples.jsonl, small enough to keep for many runs at once.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readText, UserError } from "../core/index.ts";
import type { FinishedRun } from "./read-run.ts";
import { SAMPLES_FILE } from "./run-record.ts";
import { isScored } from "./sample.ts";
import { parseSamples } from "./sample-log.ts";
import type { Interval } from "./statistics.ts";
import { mcnemar, pairedInterval } from "./statistics.ts";

/** How an item came out. */
export interface Outcome {
  readonly language: string;
  readonly right: boolean;
}

/** Outcomes by item and right letters: only the same question with the same answer is comparable. */
export type Outcomes = ReadonlyMap<string, Outcome>;

/** Reads them; `UserError` when samples are missing or broken. */
export async function readOutcomes({ folder, record }: FinishedRun): Promise<Outcomes> {
  const path = join(folder, SAMPLES_FILE);
  const samples = parseSamples(await readText(path), path);
  if (samples.length !== record.items) {
    throw new UserError("bad-samples", `holds ${samples.length} samples of ${record.items}`, {
      file: path,
      remedy: "Run `apollo bench run` with the same options again.",
    });
  }
  // One object for each language and result, not one for each item.
  const shared = new Map<string, Outcome>();
  const outcomes = new Map<string, Outcome>();
  for (const { id, gold, language, correct } of samples.filter(isScored)) {
    const key = `${language} ${correct}`;
    const outcome = shared.get(key) ?? { language, right: correct };
    shared.set(key, outcome);
    outcomes.set(`${id}\n${gold}`, outcome);
  }
  return outcomes;
}

/** `readOutcomes` that reads a file again only when it has changed. */
export function createOutcomesReader(): (run: FinishedRun) => Promise<Outcomes> {
  const known = new Map<string, { readonly stamp: string; readonly outcomes: Promise<Outcomes> }>();
  return async (run) => {
    const { size, mtimeMs } = await stat(join(run.folder, SAMPLES_FILE)).catch(() => ({
      size: 0,
      mtimeMs: 0,
    }));
    const stamp = `${size} ${mtimeMs} ${run.record.items}`;
    const found = known.get(run.folder);
    if (found?.stamp === stamp) return found.outcomes;
    const outcomes = readOutcomes(run);
    known.set(run.folder, { stamp, outcomes });
    return outcomes;
  };
}

/** A run against another on the items that both scored. */
export interface OutcomeDifference {
  /** Absent for all languages together. */
  readonly language?: string;
  readonly n: number;
  /** Share of right answers less that of the other run. */
  readonly difference: number;
  readonly interval: Interval;
  /** McNemar, exact. */
  readonly pValue: number;
}

/** The differences over all shared items and in each language; empty when the runs share no item. */
export function outcomeDifferences(run: Outcomes, other: Outcomes): OutcomeDifference[] {
  const counts = new Map<string | undefined, { n: number; gained: number; lost: number }>();
  const count = (language: string | undefined, mine: boolean, theirs: boolean): void => {
    const sum = counts.get(language) ?? { n: 0, gained: 0, lost: 0 };
    counts.set(language, sum);
    sum.n++;
    if (mine && !theirs) sum.gained++;
    if (theirs && !mine) sum.lost++;
  };
  for (const [item, { language, right }] of run) {
    const theirs = other.get(item)?.right;
    if (theirs === undefined) continue;
    count(undefined, right, theirs);
    count(language, right, theirs);
  }
  return [...counts].map(([language, { n, gained, lost }]) => ({
    ...(language === undefined ? {} : { language }),
    n,
    difference: (gained - lost) / n,
    interval: pairedInterval(lost, gained, n),
    pValue: mcnemar(lost, gained),
  }));
}
