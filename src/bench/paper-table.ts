// The table in the paper's column order: runs with their intervals on top, the 26 published rows below.
import { escapeHtml } from "../core/index.ts";
import type { BoardLanguage } from "./leaderboard-words.ts";
import { PAPER_COLUMNS, PUBLISHED_DEFECTS, PUBLISHED_ROWS } from "./published-results.ts";
import { name, percent } from "./report-table.ts";
import { averageAccuracy, averageStandardError, type SourceResult } from "./summary.ts";
import { REPORT_WORDS, type ReportWords } from "./words/report-words.ts";

/** A run as a row. */
export interface PaperRow {
  readonly model: string;
  /** Where the run's own report is, relative to the page. */
  readonly href?: string;
  readonly sources: readonly SourceResult[];
}

/** True when a run holds a source of the paper's table. */
export function isInPaper(sources: readonly SourceResult[]): boolean {
  return sources.some(({ source, n }) => n > 0 && PAPER_COLUMNS.some((column) => column.source === source));
}

/** The table with caveats, in a language of the pages; a run's average is shown when it has all nine columns, for it would be of other sources otherwise. */
export function renderPaperTable(runs: readonly PaperRow[], language: BoardLanguage = "en"): string {
  const own = REPORT_WORDS[language];
  const words = own.paper;
  const heads = PAPER_COLUMNS.map(
    ({ title, language }) => `<th scope="col" class="number">${title} <small>${language}</small></th>`,
  );
  const published = PUBLISHED_ROWS.map(({ model, accuracies, average, defect }) => {
    const mark = defect === undefined ? "" : `<sup>${PUBLISHED_DEFECTS.indexOf(defect) + 1}</sup>`;
    const values = [...accuracies, average].map((value) => `<td class="number">${value.toFixed(2)}</td>`);
    return `<tr><th scope="row">${name(model)}${mark}</th>${values.join("")}</tr>`;
  });
  return `<p class="note">${words.note}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${words.title}">
<table class="paper" aria-label="${words.title}">
<thead><tr><th scope="col">${words.model}</th>${heads.join("")}<th scope="col" class="number">${own.average}</th></tr></thead>
<tbody class="ours">
${runs.map((run) => ourRow(run, words)).join("\n")}
</tbody>
<tbody>
${published.join("\n")}
</tbody>
</table>
</div>
<p class="note">${words.defects.map((defect, i) => `<sup>${i + 1}</sup> ${escapeHtml(defect)}.`).join(" ")}</p>
<ul class="note">${words.caveats.map((caveat) => `<li>${escapeHtml(caveat)}</li>`).join("")}</ul>`;
}

function ourRow({ model, href, sources }: PaperRow, words: ReportWords["paper"]): string {
  const found = PAPER_COLUMNS.map((column) =>
    sources.find(({ source, n }) => source === column.source && n > 0),
  );
  const values = found.map((result) => {
    if (result === undefined) return `<td class="number"><span aria-label="${words.notScored}">–</span></td>`;
    const [low, high] = result.interval.map((end) => (100 * end).toFixed(1));
    return `<td class="number">${(100 * result.accuracy).toFixed(1)}<small>${low}–${high}, n ${result.n}</small></td>`;
  });
  const complete = found.every((result) => result !== undefined) ? found : undefined;
  const average =
    complete === undefined
      ? `<span aria-label="${words.incomplete}">–</span>`
      : `${(100 * averageAccuracy(complete)).toFixed(1)}<small>± ${percent(1.96 * averageStandardError(complete))}</small>`;
  const title = href === undefined ? name(model) : `<a href="${escapeHtml(href)}">${name(model)}</a>`;
  return `<tr><th scope="row">${title}</th>${values.join("")}<td class="number">${average}</td></tr>`;
}
