// The robustness part of the report: position bias, calibration, language gaps.

import type { BoardLanguage } from "./leaderboard-words.ts";
import { renderCalibrationCharts, renderLetterCharts } from "./report-charts.ts";
import { name, percent, points, pText, renderTable } from "./report-table.ts";
import type { Robustness, SourceRobustness } from "./robustness.ts";
import { fillHtml, fillText, REPORT_WORDS, type ReportWords } from "./words/report-words.ts";

/** The section in a language of the pages; parts without data are left out. */
export function renderRobustness(
  { sources, languages, gaps }: Robustness,
  language: BoardLanguage = "en",
): string {
  const words = REPORT_WORDS[language];
  return [
    renderGaps(gaps, words),
    languages.length === 0 ? "" : renderCalibration(languages, words),
    renderPositions(sources, words),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function renderGaps(gaps: Robustness["gaps"], own: ReportWords): string {
  const words = own.gap;
  if (gaps.length === 0) return "";
  const table = renderTable({
    label: words.label,
    columns: [
      { title: own.language },
      { title: words.questions, numeric: true },
      { title: own.accuracy, numeric: true },
      { title: words.reference, numeric: true },
      { title: words.points, numeric: true, whole: true },
      { title: own.interval, numeric: true, whole: true },
      { title: own.pHolm, numeric: true },
    ],
    rows: gaps.map((gap) => [
      `${name(gap.source)}`,
      gap.n,
      percent(gap.accuracy),
      percent(gap.referenceAccuracy),
      points(gap.difference),
      gap.interval.map(points).join(" … "),
      pText(gap.adjustedPValue),
    ]),
  });
  const unsound = gaps.reduce((sum, gap) => sum + gap.unsound, 0);
  const references = [...new Set(gaps.map((gap) => gap.reference))].map(name).join(own.comma);
  return `<h2 id="language-gap">${words.title}</h2>
${table}
<p class="note">${fillHtml(words.note, { references: { html: references } })}${
    unsound === 0 ? "" : ` ${fillHtml(words.unsound, { n: unsound })}`
  }</p>`;
}

function renderCalibration(languages: Robustness["languages"], own: ReportWords): string {
  const words = own.calibration;
  const coverages = languages[0]!.calibration.selective.map(({ coverage }) => coverage);
  const table = renderTable({
    label: words.label,
    columns: [
      { title: own.language },
      { title: "n", numeric: true },
      { title: words.confidence, numeric: true },
      { title: "ECE", numeric: true },
      { title: "Brier", numeric: true },
      { title: words.brierAll, numeric: true },
      ...coverages.map((coverage) => ({
        title: coverage === 1 ? words.rightAll : fillText(words.rightSurest, { n: 100 * coverage }),
        numeric: true,
      })),
    ],
    rows: languages.map(({ language, calibration }) => [
      name(language),
      calibration.n,
      percent(calibration.confidence),
      percent(calibration.ece),
      calibration.brier.toFixed(3),
      calibration.multiclassBrier.toFixed(3),
      ...calibration.selective.map(({ accuracy }) => percent(accuracy)),
    ]),
  });
  return `<h2 id="calibration">${words.title}</h2>
${renderCalibrationCharts(languages, words)}
${table}
<p class="note">${words.note}</p>`;
}

type Placed = SourceRobustness & { readonly position: NonNullable<SourceRobustness["position"]> };
type Rotated = Placed & { readonly rotations: NonNullable<SourceRobustness["rotations"]> };

function renderPositions(sources: readonly SourceRobustness[], own: ReportWords): string {
  const words = own.position;
  const placed = sources.filter(
    (source): source is Placed => source.position !== undefined && source.position.letters.length > 0,
  );
  if (placed.length === 0) return "";
  const rotated = placed.filter((source): source is Rotated => source.rotations !== undefined);
  const table = renderTable({
    label: words.title,
    columns: [
      { title: own.source },
      { title: words.bias, numeric: true },
      { title: words.recall, numeric: true },
      ...(rotated.length === 0
        ? []
        : [
            { title: words.mean, numeric: true },
            { title: words.debiased, numeric: true },
            { title: own.interval, numeric: true },
            { title: words.priorFree, numeric: true },
            { title: words.always, numeric: true },
            { title: words.unstable, numeric: true },
          ]),
    ],
    rows: placed.map(({ source, position, rotations }) => [
      name(source),
      percent(position.distance),
      percent(position.recallDeviation),
      ...(rotated.length === 0
        ? []
        : rotations === undefined
          ? ["", "", "", "", "", ""]
          : [
              percent(rotations.accuracy),
              percent(rotations.debiased),
              rotations.debiasedInterval.map(percent).join(" – "),
              percent(rotations.priorFree),
              percent(rotations.always),
              percent(rotations.unstable),
            ]),
    ]),
  });
  return `<h2 id="position-bias">${words.title}</h2>
${renderLetterCharts(placed, own)}
${table}
<p class="note">${words.note} ${rotated.length === 0 ? words.without : words.rotations}</p>`;
}
