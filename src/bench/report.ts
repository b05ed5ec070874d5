// report.html: the table of a run as one self-contained page, readable on a phone and without scripts.
import { renderFindings } from "./audit-report.ts";
import type { RunContext } from "./run-record.ts";
import { noiseThreshold } from "./statistics.ts";
import { averageAccuracy, averageStandardError, type SourceResult } from "./summary.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --bar: #2a78d6; --mute: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin-bottom: .2rem; }
.sub, .note { color: var(--mute); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: start; white-space: nowrap; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.words { white-space: normal; }
dt { font-weight: 600; }
.number { text-align: end; direction: ltr; unicode-bidi: isolate; }
tfoot td { font-weight: 600; }
tbody th { font-weight: 500; }
.bar { position: relative; width: 9rem; height: .9rem; background: var(--line); border-radius: 3px; }
.bar i { position: absolute; top: 0; bottom: 0; border-radius: 3px; }
.bar .range { background: var(--bar); opacity: .35; }
.bar .point { width: 2px; background: var(--bar); }
.bar .base { width: 2px; background: var(--mute); }
@media (max-width: 42rem) {
  thead { position: absolute; clip-path: inset(50%); }
  table, tbody, tfoot { display: block; }
  tr { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 1.5rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  th, td { display: flex; justify-content: space-between; border: 0; padding: .05rem 0; }
  th, .whole { grid-column: 1 / -1; }
  tbody th { font-weight: 600; }
  td:empty { display: none; }
  td[data-label]::before { content: attr(data-label); color: var(--mute); font-weight: 400; }
  .bar { width: 100%; }
}
`;

/** The report of a run. */
export function renderReport({ record, sources }: RunContext): string {
  const { inputs } = record;
  const skipped = [
    ...Object.entries(record.suite.refused).map(([reason, count]) => `${count} refused (${reason})`),
    ...Object.entries(record.skipped).map(([reason, count]) => `${count} not scored (${reason})`),
  ];
  const notes = Object.entries(record.suite.notes).map(([note, count]) => `${count} with ${note}`);
  const smallest = Math.min(...sources.filter((source) => source.n > 0).map((source) => source.n));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(inputs.model)}: benchmark</title>
<style>${STYLE}</style>
</head>
<body>
<h1><bdi>${escapeHtml(inputs.model)}</bdi></h1>
<p class="sub">Mode ${inputs.mode}, ${inputs.shots} worked example${inputs.shots === 1 ? "" : "s"}, seed ${inputs.seed}${
    inputs.limit === null ? "" : `, at most ${inputs.limit} items a source`
  }. Suite <bdi>${escapeHtml(record.suite.path)}</bdi>.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Accuracy by source">
<table role="table">
<thead role="rowgroup"><tr role="row">${COLUMNS.map(heading).join("")}</tr></thead>
<tbody role="rowgroup">
${sources.map(row).join("\n")}
</tbody>
<tfoot role="rowgroup"><tr role="row"><th scope="row" role="rowheader">Average</th>${cells([
    "",
    sources.reduce((sum, source) => sum + source.n, 0),
    percent(averageAccuracy(sources)),
    `± ${percent(1.96 * averageStandardError(sources))}`,
    "",
    "",
    "",
  ])}</tr></tfoot>
</table>
</div>
<p class="note">The interval is Wilson's; the average is the plain mean over sources. The majority letter is what always giving the
most frequent right letter would score: the line in each bar marks it. ${
    Number.isFinite(smallest)
      ? `With n = ${smallest}, differences between two models below about ${percent(noiseThreshold(smallest))} are noise.`
      : ""
  }</p>
<p class="note">${record.suite.read} items in the suite; ${record.items} scored here${
    skipped.length === 0 ? "" : `; ${escapeHtml(skipped.join(", "))}`
  }.${notes.length === 0 ? "" : ` In the suite: ${escapeHtml(notes.join(", "))}.`} An examination score says nothing about how safe
a model's advice is for a patient.</p>
${renderFindings(record.audit, escapeHtml)}
</body>
</html>
`;
}

/** Title of each column, and whether it holds numbers. On a phone the titles stand in the cells instead. */
const COLUMNS: readonly (readonly [title: string, numeric: boolean])[] = [
  ["Source", false],
  ["Language", false],
  ["n", true],
  ["Accuracy", true],
  ["95 % interval", true],
  ["0 to 100 %", false],
  ["Majority letter", true],
  ["No answer", true],
];
/** Accuracy, interval and bar take a phone's whole width. */
const WHOLE_COLUMNS: readonly number[] = [3, 4, 5];
const BAR_COLUMN = 5;

function heading([title, numeric]: readonly [string, boolean]): string {
  return `<th scope="col" role="columnheader"${numeric ? ' class="number"' : ""}>${title}</th>`;
}

/** The cells after the first; each is HTML. */
function cells(contents: readonly (string | number)[]): string {
  return contents
    .map((content, i) => {
      const column = i + 1;
      const [title, numeric] = COLUMNS[column]!;
      const classes = [numeric ? "number" : "", WHOLE_COLUMNS.includes(column) ? "whole" : ""]
        .join(" ")
        .trim();
      const label = column === BAR_COLUMN ? "" : ` data-label="${title}"`;
      const value = content === "" || column === BAR_COLUMN ? content : `<span>${content}</span>`;
      return `<td role="cell" class="${classes}"${label}>${value}</td>`;
    })
    .join("");
}

function row(source: SourceResult): string {
  const values = [
    escapeHtml(source.language),
    source.n,
    percent(source.accuracy),
    source.interval.map(percent).join(" – "),
    bar(source),
    percent(source.majority),
    source.noAnswer,
  ];
  return `<tr role="row"><th scope="row" role="rowheader"><bdi>${escapeHtml(source.source)}</bdi></th>${cells(values)}</tr>`;
}

/** Interval, accuracy and baseline on a line from 0 to 100 %. The same numbers stand beside it. */
function bar({ interval: [low, high], accuracy, majority }: SourceResult): string {
  const at = (share: number): string => `left:${(100 * share).toFixed(2)}%`;
  const width = `width:${(100 * (high - low)).toFixed(2)}%`;
  return `<div class="bar" aria-hidden="true"><i class="range" style="${at(low)};${width}"></i><i class="base" style="${at(majority)}"></i><i class="point" style="${at(accuracy)}"></i></div>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
