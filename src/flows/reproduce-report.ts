// The page of a reproduction: its rows beside the published one with the significance of each difference, what training changed,
// and the chain that led there. It needs nothing else; links lead to the bench's own reports beside it.
import {
  type ColumnSource,
  percent,
  points,
  pText,
  renderPage,
  renderPaperTable,
  renderTable,
} from "../bench/index.ts";
import { escapeHtml } from "../core/index.ts";
import { lossCurve } from "./loss-curve.ts";
import type { ReproducedRow, ReproduceResult } from "./reproduce.ts";
import type { ChainRecord } from "./reproduce-chain.ts";
import type { FamilyMember } from "./reproduce-family.ts";

/** What the page shows besides the result. */
export interface ReproduceReport {
  readonly member: FamilyMember;
  readonly chain: ChainRecord;
  /** Loss after each step. */
  readonly losses: readonly number[];
  /** The scored sources of every way of asking. */
  readonly sources: readonly ColumnSource[];
}

/** A p value below which a difference is called real, after Holm. */
const LEVEL = 0.05;

/** Renders the page. */
export function renderReproduceReport(result: ReproduceResult, report: ReproduceReport): string {
  const { member, chain, losses, sources } = report;
  const { model } = member.row;
  const tiny = result.scale === "tiny";
  const paper = result.rows.map(({ protocol, report: href }) => ({
    model: `${tiny ? "Rehearsal" : "Reproduced"}, ${protocol}`,
    href,
    sources: sources.filter((source) => source.protocol === protocol),
  }));
  return renderPage(
    `${model} reproduced`,
    `<h1>${escapeHtml(model)}, ${tiny ? "rehearsed" : "reproduced"}</h1>
<p class="lead">${lead(chain)}</p>
<ul class="note">${result.caveats.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>
${result.rows.map((row, i) => comparison(row, { model, first: i === 0, tiny })).join("\n")}
<p class="note">Published: the accuracy as printed; it has no interval, so it is taken as one sample of all n items of the released source. Difference:
ours minus published, in points, with Newcombe's 95 % interval. p: two-proportion z test, two-sided; Holm over the columns. “Real” means below
${LEVEL} after Holm; “not shown” does not mean equal, only that this many items cannot tell.</p>
<h2>What training changed</h2>
${gain(result)}
<h2>Loss</h2>
${lossCurve(losses)}
<p class="note">Mean loss in nats over the learnt tokens of each step; ${result.steps} steps of ${chain.recipe.batch} rows, peak learning rate ${chain.recipe.learningRate}.
<a href="model/train.html">The training run</a>: loss by language and source, speed.</p>
<h2>Beside the published results</h2>
${renderPaperTable(paper)}
<h2>The chain</h2>
${chainTable(chain)}`,
  );
}

function lead({ pulled, scale }: ChainRecord): string {
  const base = escapeHtml(pulled.base.repository);
  return scale === "tiny"
    ? `The chain that makes ${base} into the published model, run on small stand-ins for weights, corpus and exam: does every link hold?`
    : `${base} trained on the published corpus by the published recipe, then asked the published exam: is the result the published one?`;
}

function comparison(
  { protocol, sources, average, missing, report }: ReproducedRow,
  { model, first, tiny }: { readonly model: string; readonly first: boolean; readonly tiny: boolean },
): string {
  const title = `${first ? `Beside ${model}` : "Asked otherwise"}: ${protocol}`;
  const verdict = (p: number): string => (tiny ? "rehearsal" : p < LEVEL ? "real" : "not shown");
  const rows = sources.map((source) => [
    escapeHtml(source.source),
    source.n,
    percent(source.accuracy),
    `${percent(source.published)}<small>n ${source.publishedN}</small>`,
    points(source.difference),
    source.interval.map(points).join(" to "),
    pText(source.pValue),
    pText(source.adjustedPValue),
    verdict(source.adjustedPValue),
  ]);
  return `<h2>${escapeHtml(title)}</h2>
<p class="note"><a href="${escapeHtml(report)}">The run, item by item</a>${
    missing.length === 0 ? "" : `; without ${escapeHtml(missing.join(", "))}`
  }</p>
${renderTable({
  label: title,
  columns: [
    { title: "Source" },
    { title: "n", numeric: true },
    { title: "Ours", numeric: true },
    { title: "Published", numeric: true },
    { title: "Difference", numeric: true },
    { title: "95 % interval", numeric: true, whole: true },
    { title: "p", numeric: true },
    { title: "p (Holm)", numeric: true },
    { title: "Verdict" },
  ],
  rows,
  ...(average === undefined
    ? {}
    : {
        foot: [
          "Average",
          sources.reduce((sum, { n }) => sum + n, 0),
          percent(average.accuracy),
          percent(average.published),
          points(average.difference),
          average.interval.map(points).join(" to "),
          pText(average.pValue),
          "",
          verdict(average.pValue),
        ],
      }),
})}`;
}

function gain({ gain: { sources, average } }: ReproduceResult): string {
  return `${renderTable({
    label: "Trained model against its base",
    columns: [
      { title: "Source" },
      { title: "n", numeric: true },
      { title: "Trained − base", numeric: true },
      { title: "95 % interval", numeric: true, whole: true },
      { title: "p", numeric: true },
      { title: "p (Holm)", numeric: true },
    ],
    rows: sources.map((source) => [
      escapeHtml(source.source),
      source.n,
      points(source.difference),
      source.interval.map(points).join(" to "),
      pText(source.pValue),
      pText(source.adjustedPValue),
    ]),
  })}
<p class="note">Both models asked by letters, the same items, compared in pairs: bootstrap interval, McNemar's exact test. Mean difference
${points(average)} points. <a href="bench/base/report.html">The base's own run</a>.</p>`;
}

function chainTable({ pulled, scale, stages, recipeFile, recipe, seeds, versions }: ChainRecord): string {
  const rows = [
    ...Object.values(pulled).map(({ repository, commit }) => [
      "pull",
      escapeHtml(repository),
      code(commit.slice(0, 12)),
      scale === "tiny" ? "a stand-in" : "",
    ]),
    ...stages.map(({ stage, folder, key, result }) => [
      escapeHtml(stage),
      escapeHtml(folder.replace(/\.export$/u, "")),
      code(key.slice(0, 12)),
      `<span class="words">${escapeHtml(figures(result))}</span>`,
    ]),
  ];
  return `${renderTable({
    label: "The chain",
    columns: [
      { title: "Stage" },
      { title: "Artifact", whole: true },
      { title: "Key" },
      { title: "What it reports", whole: true },
    ],
    rows,
  })}
<p class="note">Keys are the beginnings of hashes over everything that decides an artifact; of what was pulled, commits. Recipe ${code(recipeFile.path)}, SHA-256 ${code(recipeFile.sha256.slice(0, 12))}, protocol ${escapeHtml(recipe.protocol)}. Seeds: order of the corpus
${seeds.pack}, training ${seeds.train}, exam ${seeds.bench}. Apollo ${escapeHtml(versions.apollo)}, Node ${escapeHtml(versions.node)}, llama.cpp ${escapeHtml(versions.llamaCpp)}.
Everything, with full hashes and settings: <a href="chain.json">chain.json</a>; the model's card: <a href="model/README.md">model/README.md</a>.</p>`;
}

function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
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
