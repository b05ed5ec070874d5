// The page of all runs: a board for each exam, charts by language, the published rows, and what could not be read.
import { escapeHtml, languageName } from "../core/index.ts";
import type { FoundRuns, LocatedRun } from "./find-runs.ts";
import type { Board, BoardDifference, BoardRow } from "./leaderboard.ts";
import { BOARD_WORDS, type BoardLanguage, type BoardWords, fillWords } from "./leaderboard-words.ts";
import { isInPaper, renderPaperTable } from "./paper-table.ts";
import { frameOf, languageLinks, renderPage } from "./report-page.ts";
import { name, percent, points, pText, renderTable } from "./report-table.ts";
import { joinSentences } from "./words/report-words.ts";

/** Where the page's links lead. What is left out is not offered. */
export interface BoardAddresses {
  /** The report of a run. */
  readonly run: (run: LocatedRun) => string;
  /** This page, tested against another run. */
  readonly against?: (run: LocatedRun) => string;
  /** This page in another language. */
  readonly language?: (code: BoardLanguage) => string;
  readonly chat?: string;
  readonly stylesheet?: string;
}

/** Differences below this corrected p value are marked. */
const SIGNIFICANCE = 0.05;

/** The page as HTML. `boards` come from `makeBoards` over `found`. */
export function renderLeaderboard(
  found: FoundRuns,
  boards: readonly Board[],
  options: { readonly language: BoardLanguage; readonly addresses: BoardAddresses },
): string {
  const { language, addresses } = options;
  const words = BOARD_WORDS[language];
  const inPaper = found.runs.filter(({ figures }) => isInPaper(figures.sources));
  const parts = [
    navigation(words, language, addresses),
    `<h1>${words.title}</h1>\n<p class="lead">${joinSentences(language, [words.lead, words.safety])}</p>`,
    found.runs.length === 0 ? `<p>${words.none}</p>` : "",
    ...boards.map((board) => renderBoard(board, words, addresses)),
    inPaper.length === 0
      ? ""
      : `<h2>${words.published}</h2>\n${renderPaperTable(
          inPaper.map((run) => ({
            model: label(run),
            href: addresses.run(run),
            sources: run.figures.sources,
          })),
          language,
        )}`,
    renderBroken(found, words),
  ];
  return renderPage(`${words.title} · Apollo`, parts.filter((part) => part !== "").join("\n"), {
    ...frameOf(language),
    ...(addresses.stylesheet === undefined ? {} : { stylesheet: addresses.stylesheet }),
  });
}

/** A run's model, with its folder where that says more. */
function label({ record, name: folder }: LocatedRun): string {
  const { model } = record.inputs;
  return folder === model ? model : `${model} (${folder})`;
}

function navigation(words: BoardWords, own: BoardLanguage, { chat, language }: BoardAddresses): string {
  const links = [
    ...(chat === undefined ? [] : [`<a href="${escapeHtml(chat)}">${words.chat}</a>`]),
    ...(language === undefined ? [] : languageLinks(own, language)),
  ];
  if (links.length === 0) return "";
  return `<nav class="contents" aria-label="${words.languages}">${links.join(" ")}</nav>`;
}

function renderBoard(board: Board, words: BoardWords, addresses: BoardAddresses): string {
  const { suite, limit, languages, base, rows } = board;
  const heading = fillWords(words.exam, { suite });
  const namesakes = rows.filter(({ run }) => run.record.inputs.model === base.record.inputs.model);
  const model = namesakes.length > 1 ? base.name : base.record.inputs.model;
  const several = rows.length > 1;
  const table = renderTable({
    label: heading,
    columns: [
      { title: words.run },
      { title: words.average, numeric: true },
      ...(several ? [{ title: fillWords(words.difference, { model }), numeric: true, whole: true }] : []),
      ...languages.map((code) => ({ title: languageName(code), numeric: true })),
    ],
    rows: rows.map((row, i) => [
      rowHeading(row, i, base, words, addresses),
      `<b>${percent(row.average)}</b><small>± ${percent(row.half)}</small>`,
      ...(several ? [overall(row, base, words)] : []),
      ...languages.map((code) => languageCell(row, code)),
    ]),
  });
  return `<section class="board"><h2>${escapeHtml(heading)}</h2>
${limit === null ? "" : `<p class="note">${fillWords(words.limit, { n: String(limit) })}</p>`}
${table}
<p class="note">${words.note} ${words.significant}</p>
<h3>${words.chart}</h3>
${renderCharts(board)}
<p class="note">${words.chartNote}</p></section>`;
}

function rowHeading(
  { run, unread }: BoardRow,
  place: number,
  base: LocatedRun,
  words: BoardWords,
  addresses: BoardAddresses,
): string {
  const { model, mode, protocol, shots } = run.record.inputs;
  const way = [
    name(run.name),
    name(protocol?.name ?? mode),
    fillWords(words.shots, { n: String(shots) }),
  ].join(" · ");
  const compare = escapeHtml(fillWords(words.compareWith, { model: label(run) }));
  const against =
    addresses.against === undefined || run === base
      ? ""
      : ` <a href="${escapeHtml(addresses.against(run))}" aria-label="${compare}" title="${compare}">⇄</a>`;
  return `<span class="words">${place + 1}. <a href="${escapeHtml(addresses.run(run))}">${name(model)}</a>${against}<small>${way}</small>${
    unread === undefined ? "" : `<small>${escapeHtml(unread)}</small>`
  }</span>`;
}

function overall(row: BoardRow, base: LocatedRun, words: BoardWords): string {
  if (row.run === base) return `<small>${words.reference}</small>`;
  const all = row.differences.find(({ language }) => language === undefined);
  return all === undefined ? "–" : differenceText(all, true);
}

function differenceText(difference: BoardDifference, whole: boolean): string {
  const { interval, adjustedPValue } = difference;
  const star = adjustedPValue < SIGNIFICANCE ? "*" : "";
  const value = `${points(difference.difference)}${star}`;
  const range = whole ? `<small>${interval.map(points).join(" … ")}, n ${difference.n}</small>` : "";
  return `${whole ? value : ""}${range}<small>${whole ? "" : `Δ ${value}, `}p ${pText(adjustedPValue)}</small>`;
}

function languageCell({ languages, differences }: BoardRow, code: string): string {
  const own = languages.find(({ language }) => language === code);
  if (own === undefined) return "–";
  const difference = differences.find(({ language }) => language === code);
  const [low, high] = [own.low, own.high].map((end) => (100 * end).toFixed(1));
  return `${percent(own.accuracy)}<small>${low}–${high}, n ${own.n}</small>${
    difference === undefined ? "" : differenceText(difference, false)
  }`;
}

/** One small chart a language, all runs of the board below each other by rank. Its numbers stand in the table. */
function renderCharts({ languages, rows }: Board): string {
  const [left, width, step] = [24, 150, 16];
  const x = (share: number): string => (left + width * share).toFixed(1);
  const charts = languages.map((code) => {
    const height = rows.length * step + 22;
    const grid = [0, 0.5, 1].map(
      (share) =>
        `<line class="grid" x1="${x(share)}" x2="${x(share)}" y1="2" y2="${height - 16}"/><text x="${x(share)}" y="${height - 4}" text-anchor="middle">${100 * share}</text>`,
    );
    const marks = rows.map(({ run, languages: own }, i) => {
      const y = i * step + 10;
      const result = own.find(({ language }) => language === code);
      const rank = `<text class="label" x="${left - 6}" y="${y + 4}" text-anchor="end">${i + 1}</text>`;
      if (result === undefined) return rank;
      const { accuracy, low, high, majority } = result;
      return `<g><title>${escapeHtml(`${run.record.inputs.model}: ${percent(accuracy)}`)}</title>${rank}<line class="base" x1="${x(majority)}" x2="${x(majority)}" y1="${y - 7}" y2="${y + 7}"/><line class="range" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"/><circle class="point" cx="${x(accuracy)}" cy="${y}" r="3.5"/></g>`;
    });
    const title = languageName(code);
    return `<figure><figcaption lang="${escapeHtml(code)}"><b>${escapeHtml(title)}</b></figcaption><svg viewBox="0 0 188 ${height}" direction="ltr" role="img" aria-label="${escapeHtml(title)}">${grid.join("")}${marks.join("")}</svg></figure>`;
  });
  return `<div class="charts">${charts.join("\n")}</div>`;
}

function renderBroken({ broken }: FoundRuns, words: BoardWords): string {
  if (broken.length === 0) return "";
  return `<h2>${words.broken}</h2>
${renderTable({
  label: words.broken,
  columns: [{ title: words.folder }, { title: words.reason, whole: true }],
  rows: broken.map((run) => [
    name(run.name),
    `<span class="words" lang="en" dir="ltr">${escapeHtml(run.reason)}${run.remedy === undefined ? "" : `. ${escapeHtml(run.remedy)}`}</span>`,
  ]),
})}`;
}
