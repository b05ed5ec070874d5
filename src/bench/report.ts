// report.html: a run as one self-contained page, readable on a phone; nothing but the browser of samples needs its script.
import { readFileSync } from "node:fs";
import { escapeHtml } from "../core/index.ts";
import { renderFindings } from "./audit-report.ts";
import type { LocatedRun } from "./find-runs.ts";
import type { BoardLanguage } from "./leaderboard-words.ts";
import { isInPaper, renderPaperTable } from "./paper-table.ts";
import { type LanguageResult, renderLanguageChart } from "./report-charts.ts";
import { frameOf, languageLinks, renderPage } from "./report-page.ts";
import { renderRobustness } from "./report-robustness.ts";
import { name, percent, renderTable, type TableColumn } from "./report-table.ts";
import type { RunContext, RunRecord } from "./run-record.ts";
import { packSamples, renderSamples } from "./samples-data.ts";
import { noiseThreshold } from "./statistics.ts";
import { averageAccuracy, averageStandardError, type SourceResult } from "./summary.ts";
import { fillHtml, fillText, joinSentences, REPORT_WORDS, type ReportWords } from "./words/report-words.ts";

/** The report of a run. */
export function renderReport(context: RunContext): string {
  return renderWhole(context, packSamples(context), "en");
}

/** The report of a finished run in another language; `samples` as `readPackedSamples` gives them. */
export function renderReportIn(
  language: BoardLanguage,
  { record, figures }: Pick<LocatedRun, "record" | "figures">,
  samples: Uint8Array,
): string {
  return renderWhole({ record, ...figures }, samples, language);
}

function renderWhole(
  run: RunParts,
  samples: Parameters<typeof renderSamples>[0],
  language: BoardLanguage,
): string {
  return page(
    run,
    `${renderRun(run, samples, language)}\n<script type="module">${samplesScript()}</script>`,
    {
      language,
    },
  );
}

/** Where the parts of a run's page are when a server shows it. */
export interface RunPageAddresses {
  readonly stylesheet: string;
  readonly script: string;
  readonly samples: string;
  /** The page of all runs. */
  readonly results: string;
  /** This page in another language. */
  readonly language?: (code: BoardLanguage) => string;
}

/** The report of a run as a page in parts: its samples are fetched by the reader's browser. */
export function renderRunPage(
  { record, figures }: Pick<LocatedRun, "record" | "figures">,
  addresses: RunPageAddresses,
  language: BoardLanguage = "en",
): string {
  const words = REPORT_WORDS[language];
  const run = { record, ...figures };
  const links = [
    `<a href="${escapeHtml(addresses.results)}">${words.results}</a>`,
    ...(addresses.language === undefined ? [] : languageLinks(language, addresses.language)),
  ];
  return page(
    run,
    `<nav class="contents" aria-label="${words.results}">${links.join(" ")}</nav>
${renderRun(run, { address: addresses.samples }, language)}
<script type="module" src="${escapeHtml(addresses.script)}"></script>`,
    { language, stylesheet: addresses.stylesheet },
  );
}

type RunParts = Pick<RunContext, "record" | "sources" | "robustness">;

function page(
  { record }: RunParts,
  body: string,
  { language, stylesheet }: { readonly language: BoardLanguage; readonly stylesheet?: string },
): string {
  return renderPage(fillText(REPORT_WORDS[language].title, { model: record.inputs.model }), body, {
    ...frameOf(language),
    ...(stylesheet === undefined ? {} : { stylesheet }),
  });
}

function renderRun(
  { record, sources, robustness }: RunParts,
  samples: Parameters<typeof renderSamples>[0],
  language: BoardLanguage,
): string {
  const words = REPORT_WORDS[language];
  const { model, mode, shots, seed, limit } = record.inputs;
  const parts = [
    renderSourceTable(sources, words),
    renderAccount(record, words),
    renderLanguageChart(sources, words),
    isInPaper(sources)
      ? `<h2 id="published">${words.paper.title}</h2>\n${renderPaperTable([{ model, sources }], language)}`
      : "",
    renderRobustness(robustness, language),
    renderFindings(record.audit, words),
    renderSamples(samples, words),
  ];
  const lead = [
    fillHtml(words.lead, { mode, shots, seed, suite: record.suite.path }),
    ...(limit === null ? [] : [fillHtml(words.limit, { n: limit })]),
  ];
  return `<h1>${name(model)}</h1>
<p class="lead">${joinSentences(language, lead)}</p>
${withContents(parts.filter((part) => part !== "").join("\n"), words)}`;
}

/** Puts links to the headings of the body on top. */
function withContents(body: string, words: ReportWords): string {
  const links = [...body.matchAll(/<h2 id="([^"]+)">([^<]+)<\/h2>/gu)].map(
    ([, id, title]) => `<a href="#${id}">${title}</a>`,
  );
  return `<nav class="contents" aria-label="${words.contents}">${links.join(" ")}</nav>\n${body}`;
}

/** The script behind `renderSamples`: web/report/samples-browser.ts as it was compiled. */
export function samplesScript(): string {
  return readFileSync(new URL("./page/samples-browser.js", import.meta.url), "utf8").trim();
}

function columns(words: ReportWords): TableColumn[] {
  const { track, majority, noAnswer } = words.sources;
  return [
    { title: words.source },
    { title: words.language },
    { title: "n", numeric: true },
    { title: words.accuracy, numeric: true, whole: true },
    { title: words.interval, numeric: true, whole: true },
    { title: track, whole: true, plain: true },
    { title: majority, numeric: true },
    { title: noAnswer, numeric: true },
  ];
}

/** Every source of a run with interval, baseline and answers not found, and the plain mean below. */
export function renderSourceTable(
  sources: readonly SourceResult[],
  words: ReportWords = REPORT_WORDS.en,
): string {
  const own = words.sources;
  const table = renderTable({
    label: own.label,
    columns: columns(words),
    rows: sources.map((source) => [
      name(source.source),
      escapeHtml(source.language),
      source.n,
      percent(source.accuracy),
      source.interval.map(percent).join(" – "),
      track({ ...source, low: source.interval[0], high: source.interval[1] }),
      percent(source.majority),
      source.noAnswer,
    ]),
    foot: [
      words.average,
      "",
      sources.reduce((sum, source) => sum + source.n, 0),
      percent(averageAccuracy(sources)),
      `± ${percent(1.96 * averageStandardError(sources))}`,
      "",
      "",
      "",
    ],
  });
  const clustered = sources.flatMap(({ source, n, clusters }) =>
    clusters === undefined ? [] : [fillHtml(own.cluster, { source, n, clusters })],
  );
  const smallest = Math.min(...sources.filter((source) => source.n > 0).map((source) => source.n));
  const notes = [
    own.note,
    ...(clustered.length === 0
      ? []
      : [fillHtml(own.clusters, { list: { html: clustered.join(words.comma) } })]),
    ...(Number.isFinite(smallest)
      ? [fillHtml(own.noise, { n: smallest, difference: percent(noiseThreshold(smallest)) })]
      : []),
  ];
  return `${table}\n<p class="note">${notes.join(" ")}</p>`;
}

/** What of the suite was scored and what was not, with the reasons. */
function renderAccount(record: RunRecord, words: ReportWords): string {
  const list = (text: string, counts: Readonly<Record<string, number>>): string[] =>
    Object.entries(counts).map(([reason, n]) => fillHtml(text, { n, reason, note: reason }));
  const skipped = [
    ...list(words.refused, record.suite.refused),
    ...list(words.notScored, record.skipped),
  ].join(words.comma);
  const notes = list(words.note, record.suite.notes).join(words.comma);
  const sentences = [
    fillHtml(words.read, { read: record.suite.read, scored: record.items }),
    ...(skipped === "" ? [] : [`${skipped}.`]),
    ...(notes === "" ? [] : [fillHtml(words.notes, { list: { html: notes } })]),
    words.safety,
  ];
  return `<p class="note">${sentences.join(" ")}</p>`;
}

/** Interval, accuracy and baseline on a line from 0 to 100 %, as attributes: a page's policy may forbid styles in the text. */
function track({ low, high, accuracy, majority }: Omit<LanguageResult, "language" | "n">): string {
  const at = (share: number): string => (100 * share).toFixed(2);
  return `<svg class="track" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="span" x="${at(low)}" width="${at(high - low)}" height="10"/><rect class="base" x="${at(majority)}" width="1" height="10"/><rect class="point" x="${at(accuracy)}" width="1" height="10"/></svg>`;
}
