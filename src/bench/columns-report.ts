// The page of a run in several ways: accuracies side by side, the spread over seeds, and where the ways disagree. Small, so it is
// written in every language of the pages: report.html in English, report.CODE.html in the others.
import { escapeHtml } from "../core/index.ts";
import type { Agreement, Column, ColumnSource, SeedSpread } from "./columns.ts";
import { BOARD_LANGUAGES, type BoardLanguage } from "./leaderboard-words.ts";
import { isInPaper, renderPaperTable } from "./paper-table.ts";
import { frameOf, languageLinks, renderPage, reportName } from "./report-page.ts";
import { name, percent, renderTable } from "./report-table.ts";
import { fillHtml, fillText, joinSentences, REPORT_WORDS, type ReportWords } from "./words/report-words.ts";

/** What the page shows. */
interface ColumnsSummary {
  readonly columns: readonly Column[];
  readonly sources: readonly ColumnSource[];
  readonly spread: readonly SeedSpread[];
  readonly agreement: readonly Agreement[];
}

interface About {
  readonly model: string;
  readonly suite: string;
}

/** The page in every language, by the name of its file; links lead to each other and to each column's own report. */
export function renderColumns(summary: ColumnsSummary, about: About): Map<string, string> {
  return new Map(BOARD_LANGUAGES.map(({ code }) => [reportName(code), renderIn(code, summary, about)]));
}

function renderIn(
  language: BoardLanguage,
  { columns, sources, spread, agreement }: ColumnsSummary,
  { model, suite }: About,
): string {
  const words = REPORT_WORDS[language];
  const own = columns.map((column) => ({
    model: column.name,
    href: `${encodeURIComponent(column.name)}/report.html`,
    sources: sources.filter((row) => isOf(row, column)),
  }));
  const links = own.map(({ model, href }) => `<a href="${href}" hreflang="en">${name(model)}</a>`);
  const parts = [
    `<nav class="contents" aria-label="${words.language}">${languageLinks(language, reportName).join(" ")}</nav>`,
    `<h1>${name(model)}</h1>`,
    `<p class="lead">${joinSentences(language, [fillHtml(words.columns.lead, { suite, ways: columns.length }), words.safety])}</p>`,
    `<h2>${words.accuracy}</h2>`,
    accuracyTable(columns, sources, words),
    `<p class="note">${words.columns.note}</p>`,
    `<p>${fillHtml(words.columns.reports, { list: { html: links.join(words.comma) } })}</p>`,
    isInPaper(sources) ? `<h2>${words.paper.title}</h2>\n${renderPaperTable(own, language)}` : "",
    spread.length === 0 ? "" : spreadTable(spread, words),
    agreement.length === 0 ? "" : agreementTable(agreement, words),
  ];
  return renderPage(
    fillText(words.title, { model }),
    parts.filter((part) => part !== "").join("\n"),
    frameOf(language),
  );
}

function accuracyTable(
  columns: readonly Column[],
  sources: readonly ColumnSource[],
  words: ReportWords,
): string {
  const cell = (source: string, column: Column): string => {
    const row = sources.find((one) => one.source === source && isOf(one, column));
    if (row === undefined) return `<span aria-label="${words.paper.notScored}">–</span>`;
    const small = [
      row.interval.map(percent).join(" – "),
      `n ${row.n}`,
      ...(row.noAnswer === 0 ? [] : [fillText(words.columns.unread, { n: row.noAnswer })]),
      ...(row.strict === undefined
        ? []
        : [
            fillText(words.columns.strict, {
              accuracy: percent(row.strict.accuracy),
              n: row.strict.noAnswer,
            }),
          ]),
    ];
    return `${percent(row.accuracy)}${small.map((text) => `<small dir="auto">${escapeHtml(text)}</small>`).join("")}`;
  };
  return renderTable({
    label: words.accuracy,
    columns: [{ title: words.source }, ...columns.map((column) => ({ title: column.name, numeric: true }))],
    rows: [...new Set(sources.map(({ source }) => source))].map((source) => [
      name(source),
      ...columns.map((column) => cell(source, column)),
    ]),
    foot: [words.average, ...columns.map(({ average }) => percent(average))],
  });
}

function spreadTable(spread: readonly SeedSpread[], { source, columns: words }: ReportWords): string {
  const titles = [words.seeds, words.mean, words.lowest, words.highest, words.deviation];
  const table = renderTable({
    label: words.spread,
    columns: [
      { title: source },
      { title: words.protocol },
      ...titles.map((title) => ({ title, numeric: true })),
    ],
    rows: spread.map((row) => [
      name(row.source),
      name(`${row.protocol} (${row.mode})`),
      row.seeds,
      ...[row.mean, row.min, row.max, row.standardDeviation].map(percent),
    ]),
  });
  return `<h2>${words.spread}</h2>\n${table}\n<p class="note">${words.spreadNote}</p>`;
}

function agreementTable(agreement: readonly Agreement[], { source, columns: words }: ReportWords): string {
  const titles = ["n", words.same, words.onlyFirst, words.onlySecond, words.bothWrong, words.unanswered];
  const table = renderTable({
    label: words.agreement,
    columns: [
      { title: source },
      { title: words.ways, whole: true },
      ...titles.map((title) => ({ title, numeric: true })),
    ],
    rows: agreement.map((row) => [
      name(row.source),
      name(`${row.first} / ${row.second}`),
      row.n,
      row.same,
      row.onlyFirstRight,
      row.onlySecondRight,
      row.bothWrong,
      `${row.firstNoAnswer}, ${row.secondNoAnswer}`,
    ]),
  });
  return `<h2>${words.agreement}</h2>\n${table}`;
}

function isOf(row: ColumnSource, { protocol, seed, mode }: Column): boolean {
  // A protocol that mixes tasks has rows of both modes in one column.
  return row.protocol === protocol && row.seed === seed && (row.mode === mode || row.protocol === "lm-eval");
}
