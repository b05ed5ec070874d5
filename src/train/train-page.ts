// `train.html`: how a run is doing, as one self-contained page. It reloads itself while the run goes on, from a file or a server.
import { escapeHtml, languageName, REPORT_STYLE } from "../core/index.ts";
import { CHART_STYLE, type ChartLine, renderLineChart } from "./line-chart.ts";
import { createLossTally, type LossBySource, mergeLosses } from "./loss-by-source.ts";
import type { EvaluationEntry, RunLog, StepEntry } from "./run-log.ts";

/** Name of the page in a run's folder. */
export const RUN_PAGE = "train.html";

/** What the page shows besides the log. */
export interface PageOptions {
  readonly title: string;
  readonly state: "running" | "stopped" | "finished";
  /** Steps of the whole run. */
  readonly steps: number;
  /** When the page is written: what says of a killed run since when nobody heard of it. */
  readonly now: Date;
  /** Seconds of one step; absent before the first. */
  readonly stepSeconds?: number | undefined;
  /** Time that the rest takes; absent while it is not known. */
  readonly secondsLeft?: number | undefined;
}

/** A chart has at most so many points a line; each is the mean of as many steps. */
const POINTS = 200;
const RELOAD_SECONDS = 15;
/** A page is written after the first step that ends ten seconds after the last: a run is silent for longer only when a step is. */
const SILENT_STEPS = 5;
const LEAST_PATIENCE = 120;

/** Renders the page. */
export function renderRunPage(log: Pick<RunLog, "steps" | "evaluations">, options: PageOptions): string {
  const { title, state } = options;
  const blocks = inBlocks(log.steps);
  const bySource = blocks.some(({ sources }) => Object.keys(sources).length > 0);
  const rate = (y: number): string => (y === 0 ? "0" : y.toExponential(1));
  const nats = (y: number): string => y.toFixed(2);
  const x = "steps";
  const charts = [
    renderLineChart([{ name: "", points: blocks.map(({ step, loss }) => [step, loss]) }], {
      title: "Loss",
      x,
      format: nats,
    }),
    renderLineChart(lossLines(blocks, "language"), { title: "Loss by language", x, format: nats }),
    renderLineChart(lossLines(blocks, "category"), { title: "Loss by source", x, format: nats }),
    renderLineChart(heldOutLines(log.evaluations), { title: "Held-out loss", x, format: nats, dots: true }),
    renderLineChart(accuracyLines(log.evaluations), {
      title: "Exam accuracy",
      x,
      format: (y) => `${(100 * y).toFixed(0)} %`,
      dots: true,
    }),
    renderLineChart([{ name: "", points: blocks.map(({ step, learningRate }) => [step, learningRate]) }], {
      title: "Learning rate",
      x,
      format: rate,
      fromZero: true,
    }),
    renderLineChart(
      [
        {
          name: "",
          points: blocks.flatMap(({ step, speed }) => (speed === undefined ? [] : [[step, speed] as const])),
        },
      ],
      { title: "Tokens per second", x, format: thousands, fromZero: true },
    ),
    renderLineChart([{ name: "", points: blocks.map(({ step, gradientNorm }) => [step, gradientNorm]) }], {
      title: "Gradient norm, before clipping",
      x,
      format: (y) => y.toPrecision(2),
      fromZero: true,
    }),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${state === "running" ? `<meta http-equiv="refresh" content="${RELOAD_SECONDS}">\n` : ""}<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}${CHART_STYLE}
progress{inline-size:100%;accent-color:var(--accent)}
dl{display:flex;flex-wrap:wrap;gap:.4rem 1.8rem;margin:.8rem 0 1.6rem}dt{font-size:.8rem;color:var(--soft)}dd{margin:0;font-size:1.15rem;font-variant-numeric:tabular-nums}
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${statusOf(log.steps, options)}
${state === "running" ? lastHeard(options) : ""}<div class="charts">
${charts.filter((chart) => chart !== "").join("\n")}
</div>
${evaluationTable(log.evaluations)}
<p class="note">Loss in nats a learnt token; a point of a line is ${blockSize(log.steps) === 1 ? "one step" : `the mean of up to ${blockSize(log.steps)} steps`}, weighted by tokens where it is split.
${bySource ? "Languages and sources are those of the corpus files that the rows were packed from." : "The packed rows do not say which documents they hold, so the loss is not split."}
Everything on this page is in <code>train.jsonl</code>.</p>
</main>
</body>
</html>
`;
}

/** The mean of some steps, at the last of them. */
interface Block {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  readonly speed: number | undefined;
  readonly sources: LossBySource;
}

function blockSize(steps: readonly StepEntry[]): number {
  return Math.max(1, Math.ceil(steps.length / POINTS));
}

function inBlocks(steps: readonly StepEntry[]): Block[] {
  const size = blockSize(steps);
  const blocks: Block[] = [];
  for (let from = 0; from < steps.length; from += size) {
    const part = steps.slice(from, from + size);
    const mean = (pick: (entry: StepEntry) => number): number =>
      part.reduce((sum, entry) => sum + pick(entry), 0) / part.length;
    const timed = part.flatMap(({ tokens_per_second }) => tokens_per_second ?? []);
    const tally = createLossTally();
    for (const entry of part)
      for (const [name, { loss, tokens }] of Object.entries(entry.sources ?? {}))
        tally.add(name, loss * tokens, tokens);
    blocks.push({
      step: part.at(-1)!.step,
      loss: mean((entry) => entry.loss),
      learningRate: mean((entry) => entry.learning_rate),
      gradientNorm: mean((entry) => entry.grad_norm),
      speed: timed.length === 0 ? undefined : timed.reduce((a, b) => a + b) / timed.length,
      sources: tally.means(),
    });
  }
  return blocks;
}

function lossLines(blocks: readonly Block[], by: "language" | "category"): ChartLine[] {
  const merged = blocks.map(({ step, sources }) => ({ step, losses: mergeLosses(sources, by) }));
  return toLines(merged, by === "language" ? nameOf : (name) => name);
}

function heldOutLines(evaluations: readonly EvaluationEntry[]): ChartLine[] {
  const merged = evaluations.flatMap(({ step, held_out }) =>
    held_out === undefined
      ? []
      : [{ step, all: held_out.loss, losses: mergeLosses(held_out.sources, "language") }],
  );
  if (merged.length === 0) return [];
  // Last: a language has the colour that it has in the chart of the loss.
  return [...toLines(merged, nameOf), { name: "all", points: merged.map(({ step, all }) => [step, all]) }];
}

function accuracyLines(evaluations: readonly EvaluationEntry[]): ChartLine[] {
  const lines = new Map<string, [number, number][]>();
  const line = (name: string): [number, number][] => {
    const known = lines.get(name) ?? [];
    lines.set(name, known);
    return known;
  };
  for (const { step, exam } of evaluations) {
    if (exam === undefined) continue;
    line("mean").push([step, exam.accuracy]);
    for (const { source, accuracy } of exam.sources) line(source).push([step, accuracy]);
  }
  return [...lines].map(([name, points]) => ({ name, points }));
}

/** A line for each name that some step has a loss of, in alphabetical order of names, whichever came first. */
function toLines(
  steps: readonly { readonly step: number; readonly losses: LossBySource }[],
  title: (name: string) => string,
): ChartLine[] {
  const names = [...new Set(steps.flatMap(({ losses }) => Object.keys(losses)))].sort();
  return names.map((name) => ({
    name: title(name),
    points: steps.flatMap(({ step, losses }) => {
      const found = losses[name];
      return found === undefined ? [] : [[step, found.loss] as const];
    }),
  }));
}

function statusOf(
  steps: readonly StepEntry[],
  { state, steps: total, secondsLeft, now }: PageOptions,
): string {
  const last = steps.at(-1);
  const facts: [string, string][] = [
    ["State", state === "running" ? `running at ${minute(now.toISOString())}` : state],
    ["Step", `${last?.step ?? 0} of ${total}`],
  ];
  if (last !== undefined) facts.push(["Loss", last.loss.toFixed(4)], ["Tokens", thousands(last.tokens)]);
  if (last?.tokens_per_second !== undefined)
    facts.push(["Tokens per second", thousands(last.tokens_per_second)]);
  if (last?.peak_share !== undefined)
    facts.push(["Of the machine's matrix rate", `${(100 * last.peak_share).toFixed(0)} %`]);
  if (state === "running" && secondsLeft !== undefined)
    facts.push(["Time left", formatDuration(secondsLeft)]);
  if (last?.time !== undefined) facts.push(["As of", minute(last.time)]);
  return `<progress max="${total}" value="${last?.step ?? 0}" aria-label="Steps done"></progress>
<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

/** A killed run cannot write that it ended, so its page says when it was written, and what it means if that is long ago. */
function lastHeard({ now, stepSeconds = 0 }: PageOptions): string {
  const patience = formatDuration(Math.max(LEAST_PATIENCE, SILENT_STEPS * stepSeconds));
  return `<p class="note">Last heard of at <time datetime="${now.toISOString()}">${minute(now.toISOString())}</time>. A run that says
nothing for more than ${patience} was killed, unless an evaluation takes so long: the same command goes on from its last checkpoint.</p>
`;
}

/** `2026-11-22 08:15 UTC`. */
function minute(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")} UTC`;
}

function evaluationTable(evaluations: readonly EvaluationEntry[]): string {
  if (evaluations.length === 0) return "";
  const sources = evaluations.at(-1)!.exam?.sources ?? [];
  const heldOut = evaluations.some(({ held_out }) => held_out !== undefined);
  const bestStep = evaluations.findLast(({ best }) => best)?.step;
  const cell = (value: string): string => `<td>${value}</td>`;
  const rows = evaluations.map(({ step, exam, held_out }) => {
    const accuracies = sources.map(({ source }) => {
      const found = exam?.sources.find((candidate) => candidate.source === source);
      if (found === undefined) return cell("–");
      const [low, high] = found.interval.map((share) => (100 * share).toFixed(0));
      return cell(`${(100 * found.accuracy).toFixed(1)} %<small>${low}–${high}</small>`);
    });
    const mean = exam === undefined ? [] : [cell(`${(100 * exam.accuracy).toFixed(1)} %`)];
    return `<tr><th scope="row">${step}${step === bestStep ? " (best)" : ""}</th>${
      heldOut ? cell(held_out?.loss.toFixed(4) ?? "–") : ""
    }${mean.join("")}${accuracies.join("")}</tr>`;
  });
  const names = sources.map(
    ({ source, language, n }) =>
      `<th scope="col"><bdi>${escapeHtml(source)}</bdi><small> ${escapeHtml(language)}, n ${n}</small></th>`,
  );
  return `<h2>Evaluations</h2>
<div class="scroll" role="region" aria-label="Evaluations" tabindex="0"><table>
<thead><tr><th scope="col">Steps</th>${heldOut ? `<th scope="col">Held-out loss</th>` : ""}${sources.length > 0 ? `<th scope="col">Mean accuracy</th>` : ""}${names.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>
<p class="note">${sources.length > 0 ? "Accuracies with their 95 % Wilson intervals. " : ""}The best checkpoint lies in <code>best/</code>.</p>`;
}

function nameOf(language: string): string {
  return language === "" ? "no language" : languageName(language);
}

function thousands(value: number): string {
  return value >= 1e9
    ? `${(value / 1e9).toFixed(2)}G`
    : value >= 1e6
      ? `${(value / 1e6).toFixed(2)}M`
      : value >= 1e4
        ? `${(value / 1e3).toFixed(1)}k`
        : String(Math.round(value));
}

/** `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${(hours / 24).toFixed(1)} days`;
}
