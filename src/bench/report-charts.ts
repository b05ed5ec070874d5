// Charts of the report: small inline SVG, no script. Every number drawn stands in a table or a title beside it.
import { escapeHtml, languageName } from "../core/index.ts";
import { name, percent } from "./report-table.ts";
import type { Calibration, PositionBias } from "./robustness.ts";
import { mean } from "./statistics.ts";
import { averageAccuracy, averageStandardError, type SourceResult } from "./summary.ts";
import { fillText, REPORT_WORDS, type ReportWords } from "./words/report-words.ts";

/** A run in one language: mean over its sources. */
export interface LanguageResult {
  readonly language: string;
  readonly accuracy: number;
  /** 95 %: Wilson's for a single source, else from the standard error of the mean. */
  readonly low: number;
  readonly high: number;
  readonly majority: number;
  readonly n: number;
}

/** The languages of a run in the order of their first source; without those that have no items. */
export function languageResults(sources: readonly SourceResult[]): LanguageResult[] {
  const languages = [...new Set(sources.filter(({ n }) => n > 0).map(({ language }) => language))];
  return languages.map((language) => {
    const own = sources.filter((source) => source.language === language && source.n > 0);
    const accuracy = averageAccuracy(own);
    const half = 1.96 * averageStandardError(own);
    return {
      language,
      accuracy,
      low: Math.max(0, own.length === 1 ? own[0]!.interval[0] : accuracy - half),
      high: Math.min(1, own.length === 1 ? own[0]!.interval[1] : accuracy + half),
      majority: mean(own.map((source) => source.majority)),
      n: own.reduce((sum, source) => sum + source.n, 0),
    };
  });
}

/** Accuracy of each language: mean over its sources, with interval and majority baseline. */
export function renderLanguageChart(
  sources: readonly SourceResult[],
  { comma, chart: words }: ReportWords = REPORT_WORDS.en,
): string {
  const rows = languageResults(sources);
  const [left, width, step] = [88, 236, 30];
  const height = rows.length * step + 22;
  const x = (share: number): string => (left + width * share).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line class="grid" x1="${x(share)}" x2="${x(share)}" y1="4" y2="${height - 18}"/>` +
      `<text x="${x(share)}" y="${height - 4}" text-anchor="middle">${100 * share}</text>`,
  );
  const marks = rows.map((row, i) => {
    const y = i * step + 18;
    const { language, n } = row;
    const [accuracy, low, high, majority] = [row.accuracy, row.low, row.high, row.majority].map(percent);
    const text = fillText(words.row, {
      language,
      n,
      accuracy: accuracy!,
      low: low!,
      high: high!,
      majority: majority!,
    });
    return `<g><title>${escapeHtml(text)}</title>
<text class="label" x="${left - 8}" y="${y + 4}" text-anchor="end" lang="${escapeHtml(row.language)}" direction="ltr">${escapeHtml(languageName(row.language))}</text>
<line class="base" x1="${x(row.majority)}" x2="${x(row.majority)}" y1="${y - 9}" y2="${y + 9}"/>
<line class="range" x1="${x(row.low)}" x2="${x(row.high)}" y1="${y}" y2="${y}"/><circle class="point" cx="${x(row.accuracy)}" cy="${y}" r="4.5"/></g>`;
  });
  const summary = rows.map((row) => `${row.language} ${percent(row.accuracy)}`).join(comma);
  return `<figure class="chart"><svg viewBox="0 0 340 ${height}" direction="ltr" role="img" aria-label="${escapeHtml(fillText(words.label, { summary }))}">
${grid.join("")}
${marks.join("\n")}
</svg><figcaption class="note">${words.note}</figcaption></figure>`;
}

/** Reliability diagrams, one for each language: on the diagonal, confidence is worth what it says. */
export function renderCalibrationCharts(
  languages: readonly { readonly language: string; readonly calibration: Calibration }[],
  words: ReportWords["calibration"],
): string {
  const charts = languages.map(({ language, calibration }) => {
    const [left, top, size] = [26, 8, 130];
    const x = (share: number): string => (left + size * share).toFixed(1);
    const y = (share: number): string => (top + size * (1 - share)).toFixed(1);
    const largest = Math.max(...calibration.bins.map((bin) => bin.n));
    const path = calibration.bins.map((bin) => `${x(bin.confidence)},${y(bin.accuracy)}`).join(" ");
    const dots = calibration.bins.map(
      (bin) =>
        `<circle class="point" cx="${x(bin.confidence)}" cy="${y(bin.accuracy)}" r="${(1.5 + 4.5 * Math.sqrt(bin.n / largest)).toFixed(1)}"><title>${fillText(words.dot, { confidence: percent(bin.confidence), accuracy: percent(bin.accuracy), n: bin.n })}</title></circle>`,
    );
    const ticks = [0, 0.5, 1].map(
      (share) =>
        `<text x="${x(share)}" y="${top + size + 14}" text-anchor="middle">${100 * share}</text><text x="${left - 5}" y="${Number(y(share)) + 4}" text-anchor="end">${100 * share}</text>`,
    );
    return `<figure><figcaption lang="${escapeHtml(language)}">${name(languageName(language))} <small lang="en" dir="ltr">ECE ${percent(calibration.ece)}</small></figcaption>
<svg viewBox="0 0 170 160" direction="ltr" role="img" aria-label="${escapeHtml(fillText(words.chart, { language, ece: percent(calibration.ece) }))}"><rect class="grid" x="${left}" y="${top}" width="${size}" height="${size}"/><line class="base" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/><polyline points="${path}"/>${dots.join("")}${ticks.join("")}</svg></figure>`;
  });
  return `<div class="charts">${charts.join("\n")}</div>
<p class="note">${words.chartNote}</p>`;
}

/** Letters picked beside letters right, for each source. */
export function renderLetterCharts(
  sources: readonly { readonly source: string; readonly position: PositionBias }[],
  { comma, position: words }: ReportWords,
): string {
  const charts = sources.map(({ source, position }) => {
    const [bottom, scale] = [92, 84];
    const top = Math.max(0.5, ...position.letters.flatMap(({ picked, gold }) => [picked, gold]));
    const slot = 150 / position.letters.length;
    const bars = position.letters.map(({ letter, picked, gold }, i) => {
      const width = Math.min(14, slot / 3);
      const bar = (share: number, at: number, kind: string): string => {
        const height = (scale * share) / top;
        return `<rect class="${kind}" x="${at.toFixed(1)}" y="${(bottom - height).toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}"/>`;
      };
      const middle = 10 + slot * (i + 0.5);
      return `<g><title>${fillText(words.bar, { letter, picked: percent(picked), gold: percent(gold) })}</title>${bar(picked, middle - width - 1, "picked")}${bar(gold, middle + 1, "gold")}<text x="${middle.toFixed(1)}" y="106" text-anchor="middle">${letter}</text></g>`;
    });
    const summary = position.letters.map(({ letter, picked }) => `${letter} ${percent(picked)}`).join(comma);
    return `<figure><figcaption>${name(source)}</figcaption><svg viewBox="0 0 170 110" direction="ltr" role="img" aria-label="${fillText(words.chart, { summary })}"><line class="grid" x1="6" x2="164" y1="${bottom}" y2="${bottom}"/>${bars.join("")}</svg></figure>`;
  });
  return `<div class="charts">${charts.join("\n")}</div>
<p class="note"><span class="key picked"></span> ${words.picked} &nbsp; <span class="key gold"></span> ${words.gold}</p>`;
}
