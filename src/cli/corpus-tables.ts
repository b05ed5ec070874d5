// What the corpus commands print as tables.
import type { Amounts, CorpusStats } from "../corpus/index.ts";

/** A line for each category and language, with its share; amounts that were not counted have no column. */
export function statsTable(stats: CorpusStats): string[] {
  const columns = (["documents", "characters", "tokens"] as const).filter(
    (name) => stats[name] !== undefined,
  );
  const last = columns.at(-1)!;
  const row = (source: string, language: string, amounts: Amounts): string[] => [
    source,
    language,
    ...columns.map((name) => amounts[name]!.toLocaleString("en")),
    share(amounts[last]!, stats[last]!),
  ];
  const rows = [
    ["category", "language", ...columns, "share"],
    ...stats.sources.map((source) => row(source.category, source.language, source)),
    row("all", "", stats),
  ];
  return alignTable(rows, 2);
}

function share(part: number, whole: number): string {
  return whole === 0 ? "" : `${((100 * part) / whole).toFixed(2)} %`;
}

/** Cells under each other: the first `words` columns to the left, figures to the right. */
function alignTable(rows: readonly (readonly string[])[], words: number): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < words ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  "),
  );
}
