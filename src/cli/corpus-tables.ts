// How the corpus commands show what is too much for a line.
import { isLanguage, LANGUAGES } from "../core/index.ts";
import type { Amounts, CorpusStats, RowTrace } from "../corpus/index.ts";

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

/** What the figures of an origin count. */
const PLACE_UNITS = { file: "bytes", content: "bytes of its content", rows: "rows" } as const;
/** Amounts of the last column as a cross table, categories by languages, as the published corpus has it; nothing for one language. */
export function crossTable(stats: CorpusStats): string[] {
  const found = [...new Set(stats.sources.map(({ language }) => language))];
  if (found.length < 2) return [];
  const known = LANGUAGES.filter((language) => found.includes(language));
  const languages = [...known, ...found.filter((language) => !isLanguage(language)).sort()];
  const unit = stats.tokens !== undefined ? "tokens" : "characters";
  const amount = (category: string | undefined, language: string | undefined): string =>
    stats.sources
      .filter(
        (source) =>
          (category ?? source.category) === source.category &&
          (language ?? source.language) === source.language,
      )
      .reduce((sum, source) => sum + (source[unit] ?? 0), 0)
      .toLocaleString("en");
  const categories = [...new Set(stats.sources.map(({ category }) => category))];
  const row = (name: string, category: string | undefined): string[] => [
    name,
    ...languages.map((language) => amount(category, language)),
    amount(category, undefined),
  ];
  return alignTable(
    [[unit, ...languages, "all"], ...categories.map((name) => row(name, name)), row("all", undefined)],
    1,
  );
}

/** A packed row segment by segment: its place in the row, where it comes from, what was decided, how it begins. */
export function traceLines({ row, length, segments }: RowTrace): string[] {
  const lines = [`row ${row}, ${length} positions, ${segments.length} segments`];
  for (const segment of segments) {
    const { from, to, labelTokens, document, file, origin, decisions, text } = segment;
    lines.push(
      `  ${from}-${to - 1}, ${labelTokens} learnt: document ${document} of ${file}`,
      `    from  ${origin.file}, ${PLACE_UNITS[origin.of ?? "file"]} ${origin.start}-${origin.end - 1}`,
      `    text  ${text.replace(/\s+/gu, " ").trim()}`,
    );
    for (const { step, decision, reason } of decisions)
      lines.push(`    ${step}: ${decision}${reason === undefined ? "" : ` (${reason})`}`);
  }
  return lines;
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
