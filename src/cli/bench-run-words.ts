// What `apollo bench run` says of a run on the terminal.
import { type BenchResult, type ColumnsResult, type FindingCount, noiseThreshold } from "../bench/index.ts";
import type { Usage } from "../engine/index.ts";
import { printRobustness } from "./bench-robustness.ts";
import type { CommandIo } from "./command.ts";
import { percent, printTable } from "./table.ts";

/** A finished run's tables: each source, then what several ways of asking or one way's robustness say. */
export function printResult(io: CommandIo, result: BenchResult | ColumnsResult): void {
  printSources(io, result);
  if ("columns" in result) printColumns(io, result);
  else printRobustness(io, result.robustness);
}

/** What this call asked of the model; what a killed run had done before is not in it. */
export function printUsage(
  io: CommandIo,
  { promptTokens, completionTokens, reusedTokens, cost }: Usage,
): void {
  const count = (tokens: number): string => tokens.toLocaleString("en");
  io.print(
    `The model read ${count(promptTokens)} tokens (${count(reusedTokens)} of them from its cache) and wrote ${count(completionTokens)}${cost === undefined ? "" : `; cost ${cost.toFixed(4)}`}.`,
  );
}

function printSources(io: CommandIo, result: BenchResult | ColumnsResult): void {
  const columns = "columns" in result;
  const strictly = result.sources.some((source) => source.strict !== undefined);
  const rows = result.sources.map((source) => [
    source.source,
    source.language,
    ...("protocol" in source ? [`${source.protocol} ${source.mode} ${source.seed}`] : []),
    String(source.n),
    percent(source.accuracy),
    `${percent(source.interval[0])} - ${percent(source.interval[1])}`,
    percent(source.majority),
    String(source.noAnswer),
    ...(strictly ? [source.strict === undefined ? "" : percent(source.strict.accuracy)] : []),
  ]);
  printTable(
    io,
    [
      "source",
      "language",
      ...(columns ? ["protocol"] : []),
      "n",
      "accuracy",
      "95 % interval",
      "majority",
      "no answer",
      ...(strictly ? ["strictly"] : []),
    ],
    rows,
  );
  io.print(
    `average ${percent(result.average)} (plain mean over sources${columns ? " of the first protocol" : ""}); report: ${result.run}/report.html`,
  );
  const smallest = Math.min(...result.sources.map((source) => source.n));
  io.print(
    `With n = ${smallest}, differences between models under ${percent(noiseThreshold(smallest))} are noise.`,
  );
}

function printColumns(io: CommandIo, { spread, agreement }: ColumnsResult): void {
  if (spread.length > 0) {
    io.print("");
    const rows = spread.map((row) => [
      row.source,
      row.protocol,
      String(row.seeds),
      percent(row.mean),
      percent(row.min),
      percent(row.max),
      percent(row.standardDeviation),
    ]);
    printTable(io, ["source", "protocol", "seeds", "mean", "min", "max", "SD"], rows);
  }
  if (agreement.length === 0) return;
  io.print("");
  const rows = agreement.map((row) => [
    row.source,
    `${row.first} / ${row.second}`,
    String(row.n),
    percent(row.same / row.n),
    String(row.onlyFirstRight),
    String(row.onlySecondRight),
    `${row.firstNoAnswer} / ${row.secondNoAnswer}`,
  ]);
  printTable(
    io,
    ["source", "ways", "n", "same choice", "first alone right", "second alone", "no answer"],
    rows,
  );
}

/** The gravest findings in one line; the report has all. */
export function auditWords(findings: readonly FindingCount[]): string {
  const shown = findings.slice(0, 3).map(({ code, source, count }) => `${count} ${code} in ${source}`);
  return shown.join(", ") + (findings.length > shown.length ? ", ... (see the report)" : "");
}
