// The sweep's page: for each language accuracy over alpha with its intervals and, below it, how far the base was moved; then
// the same numbers as a table. Self-contained, without scripts.

import { escapeHtml, languageName, REPORT_STYLE } from "../core/index.ts";
import type { SweepRow } from "./proxy-sweep-rows.ts";

/** What the page shows. */
export interface SweepReport {
  readonly rows: readonly SweepRow[];
  readonly alphas: readonly number[];
  readonly mode: "letter" | "text";
  readonly suite: string;
  readonly names: { readonly base: string; readonly expert: string; readonly anti: string };
  /** The base is on a server, which tells its likeliest tokens alone. */
  readonly candidatesOnly: boolean;
}

/** Renders the page. */
export function renderSweepReport({ rows, alphas, mode, suite, names, candidatesOnly }: SweepReport): string {
  const languages = [...new Set(rows.map((row) => row.language))];
  const highestKl = Math.max(...rows.map((row) => row.klToBase));
  const panels = languages.map((language) => {
    const own = rows.filter((row) => row.language === language).sort((a, b) => a.alpha - b.alpha);
    return (
      `<figure><figcaption lang="${escapeHtml(language)}"><bdi>${escapeHtml(languageName(language))}</bdi>` +
      ` <small>n ${own[0]?.n ?? 0}</small></figcaption>${panel(own, highestKl)}</figure>`
    );
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Proxy sweep: ${escapeHtml(names.base)}</title>
<style>${REPORT_STYLE}${STYLE}</style>
</head>
<body>
<main>
<h1>How much steering is right?</h1>
<p class="lead"><bdi>${escapeHtml(names.base)}</bdi> + alpha × (<bdi>${escapeHtml(names.expert)}</bdi> − <bdi>${escapeHtml(names.anti)}</bdi>) on
<bdi>${escapeHtml(suite)}</bdi>, at ${alphas.length} strength${alphas.length === 1 ? "" : "s"}.</p>
<p class="note"><span class="key accuracy"></span> share of right answers with its 95 % interval, dotted: the base alone
<span class="key kl"></span> divergence from the base, in nats</p>
<div class="panels">
${panels.join("\n")}
</div>
<h2>Numbers</h2>
<div class="scroll" role="region" aria-label="Numbers" tabindex="0"><table>
<thead><tr><th scope="col">Language</th><th scope="col">Alpha</th><th scope="col">Right</th><th scope="col">KL to base</th><th scope="col">p</th></tr></thead>
<tbody>
${languages.flatMap((language) => rows.filter((row) => row.language === language).map(tableRow)).join("\n")}
</tbody>
</table></div>
<p class="note">Intervals are Wilson's. p: McNemar's exact test against alpha 0 on the same
items, adjusted by Holm over all rows. KL is the mean over all scored
positions of KL(steered ‖ base) over ${candidatesOnly ? "the candidates that the base's server told, not the whole vocabulary" : "the whole vocabulary"}: 0 where steering changes nothing. Answers are ${
    mode === "text"
      ? "chosen by the log-probability of the option's text per byte"
      : "chosen by the log-probability of the option's letter"
  }. An alpha that was
picked because it did best here must be confirmed on other items.</p>
</main>
</body>
</html>
`;
}

function tableRow(row: SweepRow, index: number, { length }: readonly SweepRow[]): string {
  const { alpha, language, n, accuracy, interval, klToBase, adjustedPValue } = row;
  const p = adjustedPValue === undefined ? "–" : formatP(adjustedPValue);
  // One heading for all rows of a language.
  const heading =
    index > 0
      ? ""
      : `<th scope="rowgroup" rowspan="${length}" lang="${escapeHtml(language)}"><bdi>${escapeHtml(languageName(language))}</bdi> <small>n ${n}</small></th>`;
  return (
    `<tr>${heading}<td>${alpha}</td>` +
    `<td><span class="bar"><i style="inline-size:${(100 * accuracy).toFixed(1)}%"></i></span><b>${percent(accuracy)} %</b>` +
    `<small>${percent(interval[0])}–${percent(interval[1])}</small></td>` +
    `<td>${klToBase.toFixed(4)}</td><td>${p}</td></tr>`
  );
}

/** LEFT holds a label such as 0.00052. */
const [WIDTH, HEIGHT, LEFT, RIGHT] = [300, 240, 48, 10];
/** Accuracy stands above, divergence below. */
const ACCURACY = { top: 8, bottom: 140 };
const KL = { top: 168, bottom: 216 };
/** Labels on the axis closer than this would run into each other. */
const LABEL_SPACE = 24;

/** One language's two plots over a common alpha axis. */
function panel(rows: readonly SweepRow[], highestKl: number): string {
  const low = rows[0]?.alpha ?? 0;
  const span = (rows.at(-1)?.alpha ?? 0) - low;
  const x = (alpha: number): number =>
    span === 0 ? (LEFT + WIDTH - RIGHT) / 2 : LEFT + 6 + ((alpha - low) / span) * (WIDTH - RIGHT - LEFT - 12);
  const within = (share: number, { top, bottom }: typeof KL): number => bottom - share * (bottom - top);
  const y = (accuracy: number): number => within(accuracy, ACCURACY);
  const yKl = (kl: number): number => within(highestKl === 0 ? 0 : kl / highestKl, KL);
  const grid = (at: number, label: string): string =>
    `<path class="grid" d="M${LEFT} ${at.toFixed(1)}H${WIDTH - RIGHT}"/><text x="${LEFT - 5}" y="${(at + 4).toFixed(1)}" text-anchor="end">${label}</text>`;
  const line = (name: string, points: readonly (readonly [number, number])[]): string =>
    `<polyline class="${name}" points="${points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ")}"/>` +
    points
      .map(([px, py]) => `<circle class="${name}" cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3"/>`)
      .join("");
  const whiskers = rows
    .map(({ alpha, interval: [lowest, highest] }) => {
      const at = x(alpha);
      const cap = (share: number): string => `M${(at - 3).toFixed(1)} ${y(share).toFixed(1)}h6`;
      return `${cap(lowest)}${cap(highest)}M${at.toFixed(1)} ${y(lowest).toFixed(1)}V${y(highest).toFixed(1)}`;
    })
    .join("");
  const zero = rows.find((row) => row.alpha === 0);
  const reference =
    zero === undefined
      ? ""
      : `<path class="reference" d="M${LEFT} ${y(zero.accuracy).toFixed(1)}H${WIDTH - RIGHT}"/>`;
  let labelled = Number.NEGATIVE_INFINITY;
  const labels = rows
    .map(({ alpha }) => {
      if (x(alpha) - labelled < LABEL_SPACE) return "";
      labelled = x(alpha);
      return `<text x="${x(alpha).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${alpha}</text>`;
    })
    .join("");
  const description = rows
    .map(
      ({ alpha, accuracy, klToBase }) =>
        `alpha ${alpha}: ${percent(accuracy)} % right, KL ${klToBase.toFixed(3)}`,
    )
    .join("; ");
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${description}">` +
    [0, 0.5, 1].map((share) => grid(y(share), `${100 * share} %`)).join("") +
    grid(KL.bottom, "0") +
    (highestKl === 0 ? "" : grid(KL.top, highestKl.toPrecision(2))) +
    reference +
    `<path class="whisker" d="${whiskers}"/>` +
    line(
      "accuracy",
      rows.map(({ alpha, accuracy }) => [x(alpha), y(accuracy)]),
    ) +
    line(
      "kl",
      rows.map(({ alpha, klToBase }) => [x(alpha), yKl(klToBase)]),
    ) +
    `${labels}</svg>`
  );
}

function percent(share: number): string {
  return (100 * share).toFixed(0);
}

function formatP(p: number): string {
  return p < 0.001 ? "&lt; 0.001" : p.toFixed(3);
}

const STYLE = `
:root{--second:#a8501f}@media(prefers-color-scheme:dark){:root{--second:#e8a06f}}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(16rem,100%),1fr));gap:1rem 1.2rem}
th[rowspan]{vertical-align:top}th[rowspan] small{display:block;color:var(--soft);font-weight:400}figure{margin:0}figcaption{font-weight:600}figcaption small{color:var(--soft);font-weight:400}
svg polyline.kl{stroke:var(--second)}svg circle.accuracy{fill:var(--accent)}svg circle.kl{fill:var(--second)}
svg .whisker{stroke:var(--accent);fill:none;opacity:.55}svg .reference{stroke:var(--soft);stroke-dasharray:2 3;fill:none}
.key{display:inline-block;inline-size:.8rem;block-size:.8rem;border-radius:50%;vertical-align:-.05rem;margin-inline-start:.6rem}
.key:first-child{margin-inline-start:0}.key.accuracy{background:var(--accent)}.key.kl{background:var(--second)}
`;
