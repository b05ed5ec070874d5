// One run in several ways: each protocol, mode and seed a run folder of its own inside the run, and a summary that sets them
// beside each other: where ways disagree on an item, and how far the draw of worked examples moves a score.
import { join } from "node:path";
import { exists, readText, UserError, writeFileAtomic, writeJson } from "../core/index.ts";
import { renderColumns } from "./columns-report.ts";
import type { Protocol } from "./protocol.ts";
import { type BenchOptions, runBench } from "./run.ts";
import { RUN_FILE, SAMPLES_FILE } from "./run-record.ts";
import { isScored, type Sample } from "./sample.ts";
import { parseSamples } from "./sample-log.ts";
import { spread } from "./statistics.ts";
import type { BenchResult, SourceResult } from "./summary.ts";

/** File of the summary in a run of several columns. */
const COLUMNS_FILE = "columns.json";
/** File of the items that columns answer differently. */
const DISAGREEMENTS_FILE = "disagreements.jsonl";

/** One way in which a run scores its items. */
export interface Column {
  /** Folder inside the run: `apollo-0`, `corrected`, `letters`. */
  readonly name: string;
  readonly protocol: string;
  readonly mode: SourceResult["mode"];
  /** Of the worked examples. */
  readonly seed: number;
  readonly average: number;
}

/** A row of the table: a source in a column. */
export interface ColumnSource extends SourceResult {
  readonly protocol: string;
  readonly seed: number;
}

/** How far the seed of the worked examples moves a source's accuracy; never mixed into its interval. */
export interface SeedSpread {
  readonly source: string;
  readonly protocol: string;
  readonly mode: SourceResult["mode"];
  readonly seeds: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Sample standard deviation. */
  readonly standardDeviation: number;
}

/** Two columns on the items of a source that both scored. An item without a readable answer is neither right nor wrong. */
export interface Agreement {
  readonly source: string;
  readonly first: string;
  readonly second: string;
  readonly n: number;
  /** The same choice, right or wrong. */
  readonly same: number;
  readonly bothRight: number;
  readonly onlyFirstRight: number;
  readonly onlySecondRight: number;
  /** Different wrong choices. */
  readonly bothWrong: number;
  readonly firstNoAnswer: number;
  readonly secondNoAnswer: number;
}

/** A run of several columns. */
export interface ColumnsResult extends Omit<BenchResult, "sources" | "robustness"> {
  readonly sources: readonly ColumnSource[];
  readonly columns: readonly Column[];
  readonly spread: readonly SeedSpread[];
  readonly agreement: readonly Agreement[];
}

/** Options for `runColumns`. */
export interface ColumnsOptions extends Omit<BenchOptions, "protocol" | "mode" | "shotSeed"> {
  readonly protocols: readonly Protocol[];
  /** Seeds from `seed` on; only protocols with worked examples differ by them. Default 1. */
  readonly seeds?: number | undefined;
}

/**
 * Scores a suite in several ways. A single protocol with a single seed is an ordinary run; otherwise each has its folder in
 * `out`, with `columns.json`, `disagreements.jsonl` and `report.html` beside them, the latter in six languages. `average` is that of the first column.
 */
export async function runColumns(options: ColumnsOptions): Promise<BenchResult | ColumnsResult> {
  const { protocols, seeds = 1, out, ...common } = options;
  const seed = options.seed ?? 0;
  const planned = protocols.flatMap((protocol) => {
    // Without worked examples there is nothing that another seed could draw.
    const drawn = (options.shots ?? protocol.shots) > 0 ? seeds : 1;
    return Array.from({ length: drawn }, (_, i) => ({
      protocol,
      shotSeed: seed + i,
      name: folderName(protocol, protocols) + (drawn > 1 ? `-${seed + i}` : ""),
    }));
  });
  if (options.rotations === true && !planned.some(({ protocol }) => scoresLetters(protocol))) {
    throw new UserError("bad-option", "options are rotated where letters are scored, and none are here", {
      remedy: "Leave out --rotations, or add --protocol letters.",
    });
  }
  const [only] = planned;
  if (planned.length === 1) return runBench({ ...common, out, protocol: only!.protocol });
  if (await exists(join(out, RUN_FILE))) {
    throw new UserError("run-mismatch", "holds a run of a single way of asking", {
      file: out,
      remedy: "Give another folder with --out.",
    });
  }
  const results: { column: Column; result: BenchResult; samples: Sample[] }[] = [];
  let audited = false;
  for (const { protocol, shotSeed, name } of planned) {
    const folder = join(out, name);
    const { onAudit, ...rest } = common;
    const result = await runBench({
      ...rest,
      out: folder,
      protocol,
      ...(shotSeed === seed ? {} : { shotSeed }),
      ...(audited || onAudit === undefined ? {} : { onAudit }),
    });
    audited = true;
    const path = join(folder, SAMPLES_FILE);
    const { mode } = protocol;
    results.push({
      column: { name, protocol: protocol.name, mode, seed: shotSeed, average: result.average },
      result,
      samples: parseSamples(await readText(path), path),
    });
  }
  const columns = results.map(({ column }) => column);
  const sources = results.flatMap(({ column, result }) =>
    result.sources.map((source) => ({ ...source, protocol: column.protocol, seed: column.seed })),
  );
  const distinct = results.filter(({ column }) => column.seed === seed);
  const agreement = distinct.flatMap((first, i) =>
    distinct.slice(i + 1).flatMap((second) => compareColumns(first, second)),
  );
  const summary = { columns, sources, spread: seedSpread(sources), agreement };
  await writeJson(join(out, COLUMNS_FILE), summary);
  await writeFileAtomic(join(out, DISAGREEMENTS_FILE), disagreements(distinct));
  const pages = renderColumns(summary, { model: options.model.id, suite: options.suite.path });
  for (const [name, page] of pages) await writeFileAtomic(join(out, name), page);
  return { run: out, ...summary, average: columns[0]!.average };
}

function scoresLetters({ mode, itemMode }: Protocol): boolean {
  return mode === "letter" || itemMode !== undefined;
}

/** The protocol's name, with its mode where another column has the same protocol. */
function folderName({ name, mode }: Protocol, all: readonly Protocol[]): string {
  const shared = all.filter((protocol) => protocol.name === name).length > 1;
  return (shared ? `${name}-${mode}` : name).replaceAll(":", "-");
}

function seedSpread(sources: readonly ColumnSource[]): SeedSpread[] {
  const groups = new Map<string, ColumnSource[]>();
  for (const row of sources) {
    const key = JSON.stringify([row.protocol, row.mode, row.source]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((rows) => {
    if (rows.length < 2) return [];
    const { source, protocol, mode } = rows[0]!;
    const { runs, ...figures } = spread(rows.map((row) => row.accuracy));
    return [{ source, protocol, mode, seeds: runs, ...figures }];
  });
}

interface ColumnSamples {
  readonly column: Column;
  readonly samples: readonly Sample[];
}

function compareColumns(first: ColumnSamples, second: ColumnSamples): Agreement[] {
  const others = new Map(second.samples.filter(isScored).map((sample) => [sample.id, sample]));
  const sources = new Map<string, { a: Sample; b: Sample }[]>();
  for (const a of first.samples.filter(isScored)) {
    const b = others.get(a.id);
    if (b !== undefined) sources.set(a.source, [...(sources.get(a.source) ?? []), { a, b }]);
  }
  return [...sources].map(([source, pairs]) => {
    const count = (test: (pair: { a: Sample; b: Sample }) => boolean): number => pairs.filter(test).length;
    const answered = ({ a, b }: { a: Sample; b: Sample }): boolean => a.choice !== null && b.choice !== null;
    return {
      source,
      first: first.column.name,
      second: second.column.name,
      n: pairs.length,
      same: count((pair) => answered(pair) && pair.a.choice === pair.b.choice),
      bothRight: count(({ a, b }) => a.correct && b.correct),
      onlyFirstRight: count(({ a, b }) => a.correct && !b.correct),
      onlySecondRight: count(({ a, b }) => !a.correct && b.correct),
      bothWrong: count(
        (pair) => answered(pair) && !pair.a.correct && !pair.b.correct && pair.a.choice !== pair.b.choice,
      ),
      firstNoAnswer: count(({ a }) => a.choice === null),
      secondNoAnswer: count(({ b }) => b.choice === null),
    };
  });
}

/** One line for each item that columns answer differently: its right letters and each column's choice, `null` for none. */
function disagreements(columns: readonly ColumnSamples[]): string {
  const items = new Map<string, { source: string; gold: string; choices: Record<string, string | null> }>();
  for (const { column, samples } of columns) {
    for (const sample of samples.filter(isScored)) {
      const item = items.get(sample.id) ?? { source: sample.source, gold: sample.gold, choices: {} };
      item.choices[column.name] = sample.choice;
      items.set(sample.id, item);
    }
  }
  return [...items]
    .filter(([, { choices }]) => new Set(Object.values(choices)).size > 1)
    .map(([id, item]) => `${JSON.stringify({ id, ...item })}\n`)
    .join("");
}
