// In how many documents of a file each line stands: exactly, and with bounded memory, as counts that do not fit are kept in sorted runs.
import { rmSync } from "node:fs";
import { sentenceKeys } from "./repeated-lines.ts";
import { createRunWriter, mergeRuns } from "./sorted-runs.ts";

/** Counts of lines by their keys. */
export interface LineCounter {
  /** The texts of one document: a line counts once. */
  add(texts: readonly string[]): void;
  readonly documents: number;
  /** Ends the counting: the lines that stand in many documents, by their keys, and in how many. */
  common(): ReadonlyMap<number, number>;
  /** Ends the counting: all counts as one sorted run at `path`. */
  write(path: string): void;
}

/** A line is the file's, not the document's, from this many documents and this share of them on. */
const COMMON_DOCUMENTS = 10;
const COMMON_SHARE = 0.02;
/** Different lines held at once, about 100 MB. */
const HELD = 1 << 20;
/** Key and count. */
const WIDTH = 2;

/** A counter for the documents of one file or a part of it; past `held` different lines counts go to files with names that begin with `scratch`. */
export function createLineCounter(scratch: string, held = HELD): LineCounter {
  let counts = new Map<number, number>();
  let documents = 0;
  const runs: string[] = [];
  const writeHeld = (path: string): void => {
    const run = createRunWriter(path, WIDTH);
    // Keys alone are sorted: pairs would be a hundred bytes each.
    for (const key of Float64Array.from(counts.keys()).sort()) run.push([key, counts.get(key)!]);
    run.close();
    counts = new Map();
  };
  const spill = (): void => {
    runs.push(`${scratch}.${runs.length}`);
    writeHeld(runs.at(-1)!);
  };
  return {
    get documents() {
      return documents;
    },
    add(texts) {
      documents++;
      for (const key of sentenceKeys(texts)) counts.set(key, (counts.get(key) ?? 0) + 1);
      if (counts.size > held) spill();
    },
    common() {
      if (runs.length === 0) return pickCommon(counts, documents);
      spill();
      const common = commonLines(runs, documents);
      for (const run of runs) rmSync(run);
      return common;
    },
    write(path) {
      if (runs.length === 0) {
        writeHeld(path);
        return;
      }
      spill();
      const whole = createRunWriter(path, WIDTH);
      for (const entry of sumRuns(runs)) whole.push(entry);
      whole.close();
      for (const run of runs) rmSync(run);
    },
  };
}

/** The lines that stand in many of `documents` documents, by their keys, and in how many; `runs` are what counters wrote. */
export function commonLines(runs: readonly string[], documents: number): Map<number, number> {
  return pickCommon(sumRuns(runs), documents);
}

function pickCommon(counts: Iterable<readonly [number, number]>, documents: number): Map<number, number> {
  const least = Math.max(COMMON_DOCUMENTS, COMMON_SHARE * documents);
  const common = new Map<number, number>();
  for (const [key, count] of counts) if (count >= least) common.set(key, count);
  return common;
}

function* sumRuns(runs: readonly string[]): Generator<[key: number, count: number]> {
  let [key, sum] = [Number.NaN, 0];
  for (const { record } of mergeRuns(runs, WIDTH)) {
    if (record[0] === key) {
      sum += record[1]!;
      continue;
    }
    if (sum > 0) yield [key, sum];
    [key, sum] = [record[0]!, record[1]!];
  }
  if (sum > 0) yield [key, sum];
}
