// report.html of a run in several ways: accuracies side by side, the spread over seeds, and where the ways disagree.
import { escapeHtml } from "../core/index.ts";
import type { Agreement, Column, ColumnSource, SeedSpread } from "./columns.ts";
import { isInPaper, renderPaperTable } from "./paper-table.ts";
import { renderPage } from "./report-page.ts";
import { percent } from "./report-table.ts";

/** The page; links lead to each column's own report. */
export function renderColumns(
  summary: {
    readonly columns: readonly Column[];
    readonly sources: readonly ColumnSource[];
    readonly spread: readonly SeedSpread[];
    readonly agreement: readonly Agreement[];
  },
  about: { readonly model: string; readonly suite: string },
): string {
  const { columns, sources, spread, agreement } = summary;
  const names = [...new Set(sources.map((row) => row.source))];
  const cell = (source: string, column: Column): string => {
    const row = sources.find(
      (one) => one.source === source && one.protocol === column.protocol && isOf(one, column),
    );
    if (row === undefined) return `<td class="number"><span aria-label="not scored">–</span></td>`;
    const unread = row.noAnswer === 0 ? "" : `, no answer ${row.noAnswer}`;
    const strict =
      row.strict === undefined
        ? ""
        : `<small>strictly ${percent(row.strict.accuracy)}, no answer ${row.strict.noAnswer}</small>`;
    return `<td class="number">${percent(row.accuracy)}<small>${row.interval.map(percent).join(" – ")}</small><small>n ${row.n}${unread}</small>${strict}</td>`;
  };
  const title = `${about.model}: ${columns.map(({ name }) => name).join(", ")}`;
  const body = `<h1><bdi>${escapeHtml(about.model)}</bdi></h1>
<p class="lead">Suite <bdi>${escapeHtml(about.suite)}</bdi>, ${columns.length} ways of asking side by side.</p>
${table(
  "Accuracy",
  [
    "Source",
    ...columns.map(({ name }) => `<a href="${encodeURIComponent(name)}/report.html">${escapeHtml(name)}</a>`),
  ],
  [
    ...names.map((source) => [source, ...columns.map((column) => cell(source, column))]),
    ["Average", ...columns.map(({ average }) => `<td class="number">${percent(average)}</td>`)],
  ],
)}
<p class="note">The intervals are Wilson's, 95 %. Columns may leave out different items: each column's own report says which
and why. No answer means that none could be read; it is counted apart from wrong answers.</p>
${
  isInPaper(sources)
    ? `<h2>Beside the published results</h2>\n${renderPaperTable(
        columns.map((column) => ({
          model: column.name,
          href: `${encodeURIComponent(column.name)}/report.html`,
          sources: sources.filter((row) => row.protocol === column.protocol && isOf(row, column)),
        })),
      )}`
    : ""
}
${
  spread.length === 0
    ? ""
    : `${table(
        "Spread over seeds",
        ["Source", "Protocol", "Seeds", "Mean", "Min", "Max", "SD"],
        spread.map((row) => [
          row.source,
          ...[
            `${row.protocol} (${row.mode})`,
            row.seeds,
            percent(row.mean),
            percent(row.min),
            percent(row.max),
            percent(row.standardDeviation),
          ].map((value) => `<td class="number">${escapeHtml(String(value))}</td>`),
        ]),
      )}
<p class="note">The same items with other worked examples: what a single published number leaves unsaid.</p>`
}
${
  agreement.length === 0
    ? ""
    : table(
        "Where two ways disagree",
        [
          "Source",
          "Ways",
          "n",
          "Same choice",
          "Only first right",
          "Only second right",
          "Different, both wrong",
          "No answer (first, second)",
        ],
        agreement.map((row) => [
          row.source,
          ...[
            `${row.first} / ${row.second}`,
            row.n,
            row.same,
            row.onlyFirstRight,
            row.onlySecondRight,
            row.bothWrong,
            `${row.firstNoAnswer}, ${row.secondNoAnswer}`,
          ].map((value) => `<td class="number">${escapeHtml(String(value))}</td>`),
        ]),
      )
}
<p class="note">An examination score says nothing about how safe a model's advice is for a patient.</p>`;
  return renderPage(title, body);
}

function isOf(row: ColumnSource, column: Column): boolean {
  // A protocol that mixes tasks has rows of both modes in one column.
  return row.seed === column.seed && (row.mode === column.mode || row.protocol === "lm-eval");
}

/** `rows` begin with plain text, then whole cells. */
function table(title: string, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<h2>${title}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="${title}">
<table class="paper" aria-label="${title}">
<thead><tr>${headings.map((heading, i) => `<th scope="col"${i === 0 ? "" : ' class="number"'}>${heading}</th>`).join("")}</tr></thead>
<tbody>
${rows.map(([name = "", ...cells]) => `<tr><th scope="row"><bdi>${escapeHtml(name)}</bdi></th>${cells.join("")}</tr>`).join("\n")}
</tbody>
</table>
</div>`;
}
