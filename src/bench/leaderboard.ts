// Runs beside each other: those of one exam form a board, the best on top, each tested in pairs against one of them.
import { basename } from "node:path";
import { LANGUAGES } from "../core/index.ts";
import type { FoundRuns, LocatedRun } from "./find-runs.ts";
import { type LanguageResult, languageResults } from "./report-charts.ts";
import { type OutcomeDifference, type Outcomes, outcomeDifferences } from "./run-outcomes.ts";
import { holm } from "./statistics.ts";
import { averageStandardError } from "./summary.ts";

/** A difference with its p value adjusted for all tests of the board's table. */
export interface BoardDifference extends OutcomeDifference {
  readonly adjustedPValue: number;
}

/** A run on a board. */
export interface BoardRow {
  readonly run: LocatedRun;
  /** Plain mean over sources. */
  readonly average: number;
  /** Half of its 95 % interval. */
  readonly half: number;
  readonly languages: readonly LanguageResult[];
  /** Against the board's base; empty for the base itself and where no item is shared. */
  readonly differences: readonly BoardDifference[];
  /** Why there are no differences, when the samples could not be read. */
  readonly unread?: string;
}

/** The runs over the same items of one suite. */
export interface Board {
  readonly suite: string;
  readonly limit: number | null;
  readonly languages: readonly string[];
  /** The run that the others are tested against. */
  readonly base: LocatedRun;
  /** Best average first. */
  readonly rows: readonly BoardRow[];
}

/**
 * The boards, largest first. `against` names the runs (by id) to test against; a board without one of them takes its best.
 * A run whose samples cannot be read keeps its figures and goes untested.
 */
export async function makeBoards(
  { runs }: FoundRuns,
  outcomesOf: (run: LocatedRun) => Promise<Outcomes>,
  options: { readonly against?: readonly string[] } = {},
): Promise<Board[]> {
  const groups = new Map<string, LocatedRun[]>();
  for (const run of runs) {
    const { suite, limit, seed } = run.record.inputs;
    // Without a limit the seed draws no items.
    const key = JSON.stringify([suite, limit, limit === null ? null : seed]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const boards: Board[] = [];
  for (const group of groups.values()) {
    group.sort((a, b) => b.figures.average - a.figures.average || (a.name < b.name ? -1 : 1));
    const base = group.find(({ id }) => options.against?.includes(id)) ?? group[0]!;
    boards.push(await makeBoard(group, base, outcomesOf));
  }
  return boards.sort((a, b) => b.rows.length - a.rows.length);
}

async function makeBoard(
  group: readonly LocatedRun[],
  base: LocatedRun,
  outcomesOf: (run: LocatedRun) => Promise<Outcomes>,
): Promise<Board> {
  const read = async (run: LocatedRun): Promise<Outcomes | string> => {
    try {
      return await outcomesOf(run);
    } catch (error) {
      return (error as Error).message;
    }
  };
  const against = group.length > 1 ? await read(base) : new Map();
  const tested: { run: LocatedRun; differences: readonly OutcomeDifference[]; unread?: string }[] = [];
  for (const run of group) {
    // One after the other: the samples of many runs at once would fill the memory.
    const own = run === base || typeof against === "string" ? against : await read(run);
    if (typeof own === "string") tested.push({ run, differences: [], unread: own });
    else tested.push({ run, differences: run === base ? [] : outcomeDifferences(own, against as Outcomes) });
  }
  // Two questions, two families: is it another run at all, and in which language?
  const adjusted = new Map<OutcomeDifference, number>();
  for (const whole of [true, false]) {
    const family = tested.flatMap(({ differences }) =>
      differences.filter(({ language }) => (language === undefined) === whole),
    );
    const values = holm(family.map(({ pValue }) => pValue));
    family.forEach((difference, i) => {
      adjusted.set(difference, values[i]!);
    });
  }
  const rows = tested.map(({ run, differences, unread }) => ({
    run,
    average: run.figures.average,
    half: 1.96 * averageStandardError(run.figures.sources),
    languages: languageResults(run.figures.sources),
    differences: differences.map((difference) => ({
      ...difference,
      adjustedPValue: adjusted.get(difference)!,
    })),
    ...(unread === undefined ? {} : { unread }),
  }));
  const { suite, inputs } = base.record;
  return {
    suite: basename(suite.path),
    limit: inputs.limit,
    languages: inOrder(rows.flatMap(({ languages }) => languages.map(({ language }) => language))),
    base,
    rows,
  };
}

/** Each once, ours first and in their order. */
function inOrder(codes: readonly string[]): string[] {
  const found = new Set(codes);
  const known: readonly string[] = LANGUAGES;
  return [...known.filter((code) => found.has(code)), ...[...found].filter((code) => !known.includes(code))];
}
