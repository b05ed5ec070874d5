// report.html: the table of a run as one self-contained page, readable on a phone and without scripts.
import type { RunContext } from "./run-record.ts";
import { noiseThreshold } from "./statistics.ts";
import { averageAccuracy, averageStandardError, type SourceResult } from "./summary.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --bar: #2a78d6; --mute: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin-bottom: .2rem; }
.sub, .note { color: var(--mute); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: start; white-space: nowrap; }
.number { text-align: end; direction: ltr; unicode-bidi: isolate; }
tfoot td { font-weight: 600; }
.bar { position: relative; width: 9rem; height: .9rem; background: var(--line); border-radius: 3px; }
.bar i { position: absolute; top: 0; bottom: 0; border-radius: 3px; }
.bar .range { background: var(--bar); opacity: .35; }
.bar .point { width: 2px; background: var(--bar); }
.bar .base { width: 2px; background: var(--mute); }
`;

/** The report of a run. */
export function renderReport({ record, sources }: RunContext): string {
  const { inputs } = record;
  const skipped = [
    ...Object.entries(record.suite.refused).map(([reason, count]) => `${count} refused (${reason})`),
    ...Object.entries(record.skipped).map(([reason, count]) => `${count} not scored (${reason})`),
  ];
  const notes = Object.entries(record.suite.notes).map(([note, count]) => `${count} with ${note}`);
  const smallest = Math.min(...sources.filter((source) => source.n > 0).map((source) => source.n));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(inputs.model)}: benchmark</title>
<style>${STYLE}</style>
</head>
<body>
<h1><bdi>${escapeHtml(inputs.model)}</bdi></h1>
<p class="sub">Mode ${inputs.mode}, ${inputs.shots} worked examples, seed ${inputs.seed}${
    inputs.limit === null ? "" : `, at most ${inputs.limit} items a source`
  }. Suite <bdi>${escapeHtml(record.suite.path)}</bdi>.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Accuracy by source">
<table>
<thead><tr><th scope="col">Source</th><th scope="col">Language</th><th scope="col" class="number">n</th>
<th scope="col" class="number">Accuracy</th><th scope="col" class="number">95 % interval</th><th scope="col">0 to 100 %</th>
<th scope="col" class="number">Majority letter</th><th scope="col" class="number">No answer</th></tr></thead>
<tbody>
${sources.map(row).join("\n")}
</tbody>
<tfoot><tr><td>Average</td><td></td><td class="number">${sources.reduce((sum, source) => sum + source.n, 0)}</td>
<td class="number">${percent(averageAccuracy(sources))}</td><td class="number">± ${percent(1.96 * averageStandardError(sources))}</td>
<td></td><td></td><td></td></tr></tfoot>
</table>
</div>
<p class="note">The interval is Wilson's; the average is the plain mean over sources. The majority letter is what always giving the
most frequent right letter would score: the line in each bar marks it. ${
    Number.isFinite(smallest)
      ? `With n = ${smallest}, differences between two models below about ${percent(noiseThreshold(smallest))} are noise.`
      : ""
  }</p>
<p class="note">${record.suite.read} items in the suite; ${record.items} scored here${
    skipped.length === 0 ? "" : `; ${escapeHtml(skipped.join(", "))}`
  }.${notes.length === 0 ? "" : ` In the suite: ${escapeHtml(notes.join(", "))}.`} An examination score says nothing about how safe
a model's advice is for a patient.</p>
</body>
</html>
`;
}

function row(source: SourceResult): string {
  const [low, high] = source.interval;
  const place = (share: number): string => `left:${(100 * share).toFixed(2)}%`;
  return `<tr><th scope="row"><bdi>${escapeHtml(source.source)}</bdi></th><td>${escapeHtml(source.language)}</td><td class="number">${
    source.n
  }</td><td class="number">${percent(source.accuracy)}</td><td class="number">${percent(low)} – ${percent(high)}</td>
<td><div class="bar" aria-hidden="true"><i class="range" style="${place(low)};width:${(100 * (high - low)).toFixed(2)}%"></i><i class="base" style="${place(
    source.majority,
  )}"></i><i class="point" style="${place(source.accuracy)}"></i></div></td>
<td class="number">${percent(source.majority)}</td><td class="number">${source.noAnswer}</td></tr>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
