// report.html: a run as one self-contained page, readable on a phone; nothing but the browser of samples needs its script.
import { readFileSync } from "node:fs";
import { escapeHtml } from "../core/index.ts";
import { renderFindings } from "./audit-report.ts";
import type { LocatedRun } from "./find-runs.ts";
import { isInPaper, renderPaperTable } from "./paper-table.ts";
import { type LanguageResult, renderLanguageChart } from "./report-charts.ts";
import { renderPage } from "./report-page.ts";
import { renderRobustness } from "./report-robustness.ts";
import { name, percent, renderTable, type TableColumn } from "./report-table.ts";
import type { RunContext, RunRecord } from "./run-record.ts";
import { packSamples, renderSamples } from "./samples-data.ts";
import { noiseThreshold } from "./statistics.ts";
import { averageAccuracy, averageStandardError, type SourceResult } from "./summary.ts";

/** The report of a run. */
export function renderReport(context: RunContext): string {
  const body = renderRun(context, renderSamples(packSamples(context)));
  return renderPage(
    `${context.record.inputs.model}: benchmark`,
    `${body}\n<script type="module">${samplesScript()}</script>`,
  );
}

/** Where the parts of a run's page are when a server shows it. */
export interface RunPageAddresses {
  readonly stylesheet: string;
  readonly script: string;
  readonly samples: string;
  /** The page of all runs. */
  readonly results: string;
}

/** The report of a run as a page in parts: its samples are fetched by the reader's browser. */
export function renderRunPage(run: LocatedRun, addresses: RunPageAddresses): string {
  const { record, figures } = run;
  const body = renderRun({ record, ...figures }, renderSamples({ address: addresses.samples }));
  return renderPage(
    `${record.inputs.model}: benchmark`,
    `<nav class="contents" aria-label="Results"><a href="${escapeHtml(addresses.results)}">All results</a></nav>
${body}\n<script type="module" src="${escapeHtml(addresses.script)}"></script>`,
    { stylesheet: addresses.stylesheet },
  );
}

function renderRun(
  { record, sources, robustness }: Pick<RunContext, "record" | "sources" | "robustness">,
  samples: string,
): string {
  const { inputs } = record;
  const parts = [
    renderSourceTable(sources),
    renderAccount(record),
    renderLanguageChart(sources),
    isInPaper(sources)
      ? `<h2>Beside the published results</h2>\n${renderPaperTable([{ model: inputs.model, sources }])}`
      : "",
    renderRobustness(robustness),
    renderFindings(record.audit),
    samples,
  ];
  return `<h1>${name(inputs.model)}</h1>
<p class="lead">Mode ${inputs.mode}, ${inputs.shots} worked example${inputs.shots === 1 ? "" : "s"}, seed ${inputs.seed}${
    inputs.limit === null ? "" : `, at most ${inputs.limit} items a source`
  }. Suite ${name(record.suite.path)}.</p>
${withContents(parts.filter((part) => part !== "").join("\n"))}`;
}

/** Gives every heading of the body a name to link to, and puts the links on top. */
function withContents(body: string): string {
  const links: string[] = [];
  const named = body.replace(
    /<h2(?: id="([^"]+)")?>([^<]+)<\/h2>/gu,
    (_, own: string | undefined, title: string) => {
      const id = own ?? title.toLowerCase().replace(/[^a-z]+/gu, "-");
      links.push(`<a href="#${id}">${title}</a>`);
      return `<h2 id="${id}">${title}</h2>`;
    },
  );
  return `<nav class="contents" aria-label="Contents">${links.join(" ")}</nav>\n${named}`;
}

/** The script behind `renderSamples`: web/report/samples-browser.ts as it was compiled. */
export function samplesScript(): string {
  return readFileSync(new URL("./page/samples-browser.js", import.meta.url), "utf8").trim();
}

const COLUMNS: readonly TableColumn[] = [
  { title: "Source" },
  { title: "Language" },
  { title: "n", numeric: true },
  { title: "Accuracy", numeric: true, whole: true },
  { title: "95 % interval", numeric: true, whole: true },
  { title: "0 to 100 %", whole: true, plain: true },
  { title: "Majority letter", numeric: true },
  { title: "No answer", numeric: true },
];

/** Every source of a run with interval, baseline and answers not found, and the plain mean below. */
export function renderSourceTable(sources: readonly SourceResult[]): string {
  const table = renderTable({
    label: "Accuracy by source",
    columns: COLUMNS,
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
      "Average",
      "",
      sources.reduce((sum, source) => sum + source.n, 0),
      percent(averageAccuracy(sources)),
      `± ${percent(1.96 * averageStandardError(sources))}`,
      "",
      "",
      "",
    ],
  });
  const clustered = sources.filter((source) => source.clusters !== undefined);
  const smallest = Math.min(...sources.filter((source) => source.n > 0).map((source) => source.n));
  return `${table}
<p class="note">The interval is Wilson's; the average is the plain mean over sources. The majority letter is what always giving the
most frequent right letter would score: the line in each bar marks it. No answer: nothing readable was said; it counts as not right. ${
    clustered.length === 0
      ? ""
      : `Items that share a passage count as what they are together: ${clustered
          .map(({ source, n, clusters }) => `${name(source)} has ${n} items on ${clusters} passages`)
          .join(", ")}. `
  }${
    Number.isFinite(smallest)
      ? `With n = ${smallest}, differences between two models below about ${percent(noiseThreshold(smallest))} are noise.`
      : ""
  }</p>`;
}

/** What of the suite was scored and what was not, with the reasons. */
function renderAccount(record: RunRecord): string {
  const skipped = [
    ...Object.entries(record.suite.refused).map(([reason, count]) => `${count} refused (${reason})`),
    ...Object.entries(record.skipped).map(([reason, count]) => `${count} not scored (${reason})`),
  ];
  const notes = Object.entries(record.suite.notes).map(([note, count]) => `${count} with ${note}`);
  return `<p class="note">${record.suite.read} items in the suite; ${record.items} scored here${
    skipped.length === 0 ? "" : `; ${escapeHtml(skipped.join(", "))}`
  }.${notes.length === 0 ? "" : ` In the suite: ${escapeHtml(notes.join(", "))}.`} An examination score says nothing about how safe
a model's advice is for a patient.</p>`;
}

/** Interval, accuracy and baseline on a line from 0 to 100 %, as attributes: a page's policy may forbid styles in the text. */
export function track({ low, high, accuracy, majority }: Omit<LanguageResult, "language" | "n">): string {
  const at = (share: number): string => (100 * share).toFixed(2);
  return `<svg class="track" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="span" x="${at(low)}" width="${at(high - low)}" height="10"/><rect class="base" x="${at(majority)}" width="1" height="10"/><rect class="point" x="${at(accuracy)}" width="1" height="10"/></svg>`;
}
