// The quickstart's report: one self-contained page with the table, the loss curve and what the numbers mean.
import type { BenchResult, SourceResult } from "../bench/index.ts";
import { REPORT_STYLE } from "../core/index.ts";
import type { Recipe, TrainResult } from "../train/index.ts";
import { lossCurve } from "./loss-curve.ts";
import type { LanguageRow } from "./quickstart.ts";

/** What the report shows. */
export interface QuickstartReport {
  readonly before: { readonly taught: BenchResult; readonly heldOut: BenchResult };
  readonly after: { readonly taught: BenchResult; readonly heldOut: BenchResult };
  readonly proxy: BenchResult;
  readonly languages: readonly LanguageRow[];
  readonly trained: TrainResult;
  /** Loss after each step. */
  readonly losses: readonly number[];
  readonly recipe: Recipe;
}

const NAMES = {
  en: "English",
  zh: "中文",
  fr: "Français",
  es: "Español",
  hi: "हिन्दी",
  ar: "العربية",
} as const;

/** Renders the page. */
export function renderQuickstartReport(report: QuickstartReport): string {
  const { before, after, proxy, languages, trained, recipe } = report;
  const cell = (result: BenchResult, language: string): string => {
    const source = result.sources.find((candidate) => candidate.language === language);
    return source === undefined ? "<td>–</td>" : accuracyCell(source);
  };
  const rows = languages.map(
    ({ language, n }) =>
      `<tr><th scope="row" lang="${language}"><bdi>${NAMES[language]}</bdi></th>` +
      [before.taught, after.taught, before.heldOut, after.heldOut, proxy]
        .map((result) => cell(result, language))
        .join("") +
      `<td class="n">${n}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Apollo quickstart</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<h1>Apollo quickstart</h1>
<p class="lead">A model of ${(trained.parameters / 1e6).toFixed(1)} million parameters, trained from nothing on forty health topics in six
languages, then asked what it was taught (in other words) and what it was not.</p>
<div class="scroll" role="region" aria-label="Results" tabindex="0"><table>
<thead>
<tr><th rowspan="2" scope="col">Language</th><th colspan="2" scope="colgroup">Taught facts</th><th colspan="2" scope="colgroup">Held-out facts</th><th scope="col">Proxy</th><th rowspan="2" scope="col">n</th></tr>
<tr><th scope="col">before</th><th scope="col">after</th><th scope="col">before</th><th scope="col">after</th><th scope="col">taught</th></tr>
</thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>
<p class="note">Share of right answers with its 95 % Wilson interval; four options, so guessing gives 25 %. Options are scored by
log-probability per byte. <b>Held-out facts</b> are on the same topics but in none of the training texts: a model this small cannot know them,
and a higher number there would mean a leak. <b>Proxy</b>: a larger model that was never trained, steered at each token by the difference between
the trained model and its untrained self.</p>
<h2>Loss</h2>
${lossCurve(report.losses)}
<p class="note">Mean loss in nats over the answer tokens of each step; ${trained.steps} steps of ${recipe.batch} packed rows, AdamW, peak learning
rate ${recipe.learningRate}, seed ${recipe.seed}.</p>
<p class="note">The samples are plain public-health knowledge written for this project. This model is a demonstration: do not ask it for advice.</p>
</main>
</body>
</html>
`;
}

function accuracyCell({ accuracy, interval: [low, high] }: SourceResult): string {
  const percent = (share: number): string => (100 * share).toFixed(0);
  return (
    `<td><span class="bar"><i style="inline-size:${percent(accuracy)}%"></i></span>` +
    `<b>${percent(accuracy)} %</b><small>${percent(low)}–${percent(high)}</small></td>`
  );
}
