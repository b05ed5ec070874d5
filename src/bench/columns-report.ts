// report.html of a run in several ways: accuracies side by side, the spread over seeds, and where the ways disagree.
import type { Agreement, Column, ColumnSource, SeedSpread } from "./columns.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --mute: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.sub, .note, small { color: var(--mute); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: start; white-space: nowrap; vertical-align: top; }
td, thead th:not(:first-child) { text-align: end; }
td { direction: ltr; }
tbody th { font-weight: 500; position: sticky; left: 0; background: Canvas; }
small { display: block; }
`;

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
    if (row === undefined) return "<td>–</td>";
    const unread = row.noAnswer === 0 ? "" : `, no answer ${row.noAnswer}`;
    const strict =
      row.strict === undefined
        ? ""
        : `<small>strictly ${percent(row.strict.accuracy)}, no answer ${row.strict.noAnswer}</small>`;
    return `<td>${percent(row.accuracy)}<small>${row.interval.map(percent).join(" – ")}</small><small>n ${row.n}${unread}</small>${strict}</td>`;
  };
  const title = `${about.model}: ${columns.map(({ name }) => name).join(", ")}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1><bdi>${escapeHtml(about.model)}</bdi></h1>
<p class="sub">Suite <bdi>${escapeHtml(about.suite)}</bdi>, ${columns.length} ways of asking side by side.</p>
${table(
  "Accuracy",
  [
    "Source",
    ...columns.map(({ name }) => `<a href="${encodeURIComponent(name)}/report.html">${escapeHtml(name)}</a>`),
  ],
  [
    ...names.map((source) => [source, ...columns.map((column) => cell(source, column))]),
    ["Average", ...columns.map(({ average }) => `<td>${percent(average)}</td>`)],
  ],
)}
<p class="note">The intervals are Wilson's, 95 %. Columns may leave out different items: each column's own report says which
and why. No answer means that none could be read; it is counted apart from wrong answers.</p>
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
          ].map((value) => `<td>${escapeHtml(String(value))}</td>`),
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
          ].map((value) => `<td>${escapeHtml(String(value))}</td>`),
        ]),
      )
}
<p class="note">An examination score says nothing about how safe a model's advice is for a patient.</p>
</body>
</html>
`;
}

function isOf(row: ColumnSource, column: Column): boolean {
  // A protocol that mixes tasks has rows of both modes in one column.
  return row.seed === column.seed && (row.mode === column.mode || row.protocol === "lm-eval");
}

/** `rows` begin with plain text, then whole cells. */
function table(title: string, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<h2>${title}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="${title}">
<table>
<thead><tr>${headings.map((heading) => `<th scope="col">${heading}</th>`).join("")}</tr></thead>
<tbody>
${rows.map(([name = "", ...cells]) => `<tr><th scope="row"><bdi>${escapeHtml(name)}</bdi></th>${cells.join("")}</tr>`).join("\n")}
</tbody>
</table>
</div>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
