// The robustness part of the report: position bias, calibration, language gaps.
import { renderCalibrationCharts, renderLetterCharts } from "./report-charts.ts";
import { name, percent, points, pText, renderTable } from "./report-table.ts";
import type { Robustness, SourceRobustness } from "./robustness.ts";

/** The section; parts without data are left out. */
export function renderRobustness({ sources, languages, gaps }: Robustness): string {
  return [
    renderGaps(gaps),
    languages.length === 0 ? "" : renderCalibration(languages),
    renderPositions(sources),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function renderGaps(gaps: Robustness["gaps"]): string {
  if (gaps.length === 0) return "";
  const table = renderTable({
    label: "Language gap on the same questions",
    columns: [
      { title: "Language" },
      { title: "Questions", numeric: true },
      { title: "Accuracy", numeric: true },
      { title: "The reference's", numeric: true },
      { title: "Gap in points", numeric: true, whole: true },
      { title: "95 % interval", numeric: true, whole: true },
      { title: "p (Holm)", numeric: true },
    ],
    rows: gaps.map((gap) => [
      `${name(gap.source)}`,
      gap.n,
      percent(gap.accuracy),
      percent(gap.referenceAccuracy),
      points(gap.difference),
      gap.interval.map(points).join(" to "),
      pText(gap.adjustedPValue),
    ]),
  });
  const unsound = gaps.reduce((sum, gap) => sum + gap.unsound, 0);
  const references = [...new Set(gaps.map((gap) => gap.reference))].map(name).join(", ");
  return `<h2>Language gap</h2>
${table}
<p class="note">The same questions, item against item, compared with ${references}: paired bootstrap, McNemar's exact test, Holm over the rows.${
    unsound === 0
      ? ""
      : ` ${unsound} pairs are left out: the audit found that one of the two is not the question any more.`
  }</p>`;
}

function renderCalibration(languages: Robustness["languages"]): string {
  const coverages = languages[0]!.calibration.selective.map(({ coverage }) => coverage);
  const table = renderTable({
    label: "Calibration by language",
    columns: [
      { title: "Language" },
      { title: "n", numeric: true },
      { title: "Mean confidence", numeric: true },
      { title: "ECE", numeric: true },
      { title: "Brier", numeric: true },
      { title: "Brier, all options", numeric: true },
      ...coverages.map((coverage) => ({
        title: coverage === 1 ? "Right, all" : `Right, surest ${100 * coverage} %`,
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
  return `<h2>Calibration</h2>
${renderCalibrationCharts(languages)}
${table}
<p class="note">ECE: how far confidence and truth lie apart, ten bins. Brier: mean squared error of the confidence, less is better. The last
columns: accuracy if the model answered only what it is surest of.</p>`;
}

type Placed = SourceRobustness & { readonly position: NonNullable<SourceRobustness["position"]> };
type Rotated = Placed & { readonly rotations: NonNullable<SourceRobustness["rotations"]> };

function renderPositions(sources: readonly SourceRobustness[]): string {
  const placed = sources.filter(
    (source): source is Placed => source.position !== undefined && source.position.letters.length > 0,
  );
  if (placed.length === 0) return "";
  const rotated = placed.filter((source): source is Rotated => source.rotations !== undefined);
  const table = renderTable({
    label: "Position bias",
    columns: [
      { title: "Source" },
      { title: "Bias", numeric: true },
      { title: "Recall deviation", numeric: true },
      ...(rotated.length === 0
        ? []
        : [
            { title: "Mean over rotations", numeric: true },
            { title: "Debiased", numeric: true },
            { title: "95 % interval", numeric: true },
            { title: "Prior divided out", numeric: true },
            { title: "Right in all", numeric: true },
            { title: "Choice changes", numeric: true },
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
  const rotations =
    rotated.length === 0
      ? "With <code>--rotations</code> every item is asked in each cyclic order of its options, and the debiased accuracy stands here."
      : `Every item was asked in each cyclic order of its options. Debiased: the option with the highest probability over all orders.
Prior divided out: the item as written, without what the model gives each letter whatever stands there (PriDe).`;
  return `<h2>Position bias</h2>
${renderLetterCharts(placed)}
${table}
<p class="note">Bias: the share of answers that would have to move for the letters picked to spread as the right ones do. Recall
deviation: how unevenly right answers are found under the letters. ${rotations}</p>`;
}
