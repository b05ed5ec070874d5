// The page of a reproduction: its rows beside the published one with the significance of each difference, what training changed,
// and the chain that led there. It needs nothing else; links lead to its other languages and to the bench's own reports beside it.
import {
  type BoardLanguage,
  type ColumnSource,
  fillHtml,
  fillText,
  frameOf,
  languageLinks,
  percent,
  points,
  pText,
  REPORT_WORDS,
  renderPage,
  renderPaperTable,
  renderTable,
  reportName,
} from "../bench/index.ts";
import { escapeHtml } from "../core/index.ts";
import { lossCurve } from "./loss-curve.ts";
import type { ReproducedRow, ReproduceResult } from "./reproduce.ts";
import type { ChainRecord } from "./reproduce-chain.ts";
import type { FamilyMember } from "./reproduce-family.ts";
import { type Caveat, REPRODUCE_WORDS, tellCaveat } from "./reproduce-words.ts";

/** What the page shows besides the result. */
export interface ReproduceReport {
  readonly member: FamilyMember;
  readonly chain: ChainRecord;
  /** Loss after each step. */
  readonly losses: readonly number[];
  /** The scored sources of every way of asking. */
  readonly sources: readonly ColumnSource[];
  readonly caveats: readonly Caveat[];
}

/** A p value below which a difference is called real, after Holm. */
const LEVEL = 0.05;

/** Renders the page in a language. */
export function renderReproduceReport(
  result: ReproduceResult,
  { member, chain, losses, sources, caveats }: ReproduceReport,
  language: BoardLanguage,
): string {
  const { model } = member.row;
  const tiny = result.scale === "tiny";
  const words = REPRODUCE_WORDS[language];
  const title = fillText(tiny ? words.rehearsedTitle : words.title, { model });
  const paper = result.rows.map(({ protocol, report: href }) => ({
    model: fillText(tiny ? words.rehearsedRow : words.row, { protocol }),
    href,
    sources: sources.filter((source) => source.protocol === protocol),
  }));
  const { batch, learningRate } = chain.recipe;
  const lead = tiny ? words.rehearsedLead : words.lead;
  const notes = caveats.map((caveat) => `<li>${escapeHtml(tellCaveat(caveat, language))}</li>`);
  return renderPage(
    title,
    `<nav class="contents" aria-label="${REPORT_WORDS[language].language}">${languageLinks(language, reportName).join(" ")}</nav>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${fillHtml(lead, { base: chain.pulled.base.repository })}</p>
<ul class="note">${notes.join("")}</ul>
${result.rows.map((row, i) => comparison(row, { language, model, first: i === 0, tiny })).join("\n")}
<p class="note">${fillHtml(words.comparisonNote, { level: LEVEL })}</p>
<h2>${words.gain}</h2>
${gain(result, language)}
<h2>${words.loss}</h2>
${lossCurve(losses, words)}
<p class="note">${fillHtml(words.lossNote, { steps: result.steps, batch, rate: learningRate })}</p>
<p><a href="model/train.html" hreflang="en">${words.trainingRun}</a></p>
<h2>${REPORT_WORDS[language].paper.title}</h2>
${renderPaperTable(paper, language)}
<h2>${words.chain}</h2>
${chainTable(chain, language)}`,
    frameOf(language),
  );
}

function comparison(
  { protocol, sources, average, missing, report }: ReproducedRow,
  about: {
    readonly language: BoardLanguage;
    readonly model: string;
    readonly first: boolean;
    readonly tiny: boolean;
  },
): string {
  const { language, model, first, tiny } = about;
  const [words, own] = [REPRODUCE_WORDS[language], REPORT_WORDS[language]];
  const title = fillText(first ? words.beside : words.otherwise, { model, protocol });
  const verdict = (p: number): string => (tiny ? words.rehearsal : p < LEVEL ? words.real : words.notShown);
  const rows = sources.map((source) => [
    escapeHtml(source.source),
    source.n,
    percent(source.accuracy),
    `${percent(source.published)}<small>n ${source.publishedN}</small>`,
    points(source.difference),
    interval(source),
    pText(source.pValue),
    pText(source.adjustedPValue),
    verdict(source.adjustedPValue),
  ]);
  const without =
    missing.length === 0 ? "" : `${own.comma}${fillHtml(words.without, { list: missing.join(own.comma) })}`;
  return `<h2>${escapeHtml(title)}</h2>
<p class="note"><a href="${escapeHtml(report)}" hreflang="en">${words.run}</a>${without}</p>
${renderTable({
  label: title,
  columns: [
    { title: own.source },
    { title: "n", numeric: true },
    { title: words.ours, numeric: true },
    { title: words.published, numeric: true },
    { title: words.difference, numeric: true },
    { title: own.interval, numeric: true, whole: true },
    { title: "p", numeric: true },
    { title: own.pHolm, numeric: true },
    { title: words.verdict },
  ],
  rows,
  ...(average === undefined
    ? {}
    : {
        foot: [
          own.average,
          sources.reduce((sum, { n }) => sum + n, 0),
          percent(average.accuracy),
          percent(average.published),
          points(average.difference),
          interval(average),
          pText(average.pValue),
          "",
          verdict(average.pValue),
        ],
      }),
})}`;
}

/** Dots, not a word or a dash: the ends have signs of their own. */
function interval({ interval: ends }: { readonly interval: readonly number[] }): string {
  return ends.map(points).join(" … ");
}

function gain({ gain: { sources, average } }: ReproduceResult, language: BoardLanguage): string {
  const [words, own] = [REPRODUCE_WORDS[language], REPORT_WORDS[language]];
  return `${renderTable({
    label: words.gainTable,
    columns: [
      { title: own.source },
      { title: "n", numeric: true },
      { title: words.gainDifference, numeric: true },
      { title: own.interval, numeric: true, whole: true },
      { title: "p", numeric: true },
      { title: own.pHolm, numeric: true },
    ],
    rows: sources.map((source) => [
      escapeHtml(source.source),
      source.n,
      points(source.difference),
      interval(source),
      pText(source.pValue),
      pText(source.adjustedPValue),
    ]),
  })}
<p class="note">${fillHtml(words.gainNote, { points: points(average) })}</p>
<p><a href="bench/base/report.html" hreflang="en">${words.baseRun}</a></p>`;
}

function chainTable(
  { pulled, scale, stages, recipeFile, recipe, seeds, versions }: ChainRecord,
  language: BoardLanguage,
): string {
  const words = REPRODUCE_WORDS[language];
  const rows = [
    ...Object.values(pulled).map(({ repository, commit }) => [
      "pull",
      escapeHtml(repository),
      code(commit.slice(0, 12)),
      scale === "tiny" ? words.standIn : "",
    ]),
    ...stages.map(({ stage, folder, key, result }) => [
      escapeHtml(stage),
      escapeHtml(folder.replace(/\.export$/u, "")),
      code(key.slice(0, 12)),
      `<span class="words" dir="auto">${escapeHtml(figures(result))}</span>`,
    ]),
  ];
  const note = fillHtml(words.chainNote, {
    ...seeds,
    ...versions,
    recipe: { html: code(recipeFile.path) },
    hash: { html: code(recipeFile.sha256.slice(0, 12)) },
    protocol: recipe.protocol,
  });
  const everything = fillHtml(words.everything, {
    chain: { html: '<a href="chain.json">chain.json</a>' },
    card: { html: '<a href="model/README.md">model/README.md</a>' },
  });
  return `${renderTable({
    label: words.chain,
    columns: [
      { title: words.stage },
      { title: words.artifact, whole: true },
      { title: words.key },
      { title: words.reports, whole: true },
    ],
    rows,
  })}
<p class="note">${note}</p>
<p class="note">${everything}</p>`;
}

function code(text: string): string {
  return `<code dir="ltr">${escapeHtml(text)}</code>`;
}

/** The plain numbers of a stage's result, and the counts of what was left out. */
function figures(result: unknown): string {
  if (result === null || typeof result !== "object") return "";
  return Object.entries(result)
    .flatMap(([name, value]): string[] => {
      if (typeof value === "number")
        return [`${name} ${Number.isInteger(value) ? value : value.toPrecision(4)}`];
      const counts = /^(?:dropped|byRule|cut)$/u.test(name) ? Object.entries(value as object) : [];
      return counts.length === 0 ? [] : [`${name}: ${counts.map(([why, n]) => `${why} ${n}`).join(", ")}`];
    })
    .join("; ");
}
