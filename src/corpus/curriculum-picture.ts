// Draws the curriculum: stacked areas as SVG, a page with the table around it, and a line of blocks a source for the terminal.
import type { CorpusStats } from "./corpus-stats.ts";
import { type Curriculum, categoryOf, coarsen, curriculumLines } from "./curriculum.ts";

/** One hue a category; languages of a category are shades of it. */
const HUES = [
  "#4477aa",
  "#ee7733",
  "#228833",
  "#cc3311",
  "#33bbaa",
  "#ccaa22",
  "#aa3377",
  "#7755bb",
  "#997755",
  "#667788",
];
const [WIDTH, LEFT, TOP, BOTTOM, LEGEND, PLOT_HEIGHT, LINE] = [920, 46, 14, 44, 250, 340, 19];
/** More steps than this show the chance of the draw, not the plan. */
const STEPS = 32;
/** Shades go at most this far towards white. */
const PALEST = 0.65;

/** The picture of a curriculum: rows from left to right, the share of each source in height; what comes earliest lies lowest. */
export function curriculumSvg(fine: Curriculum): string {
  const curriculum = coarsen(fine, STEPS);
  const lines = curriculumLines(curriculum);
  const colours = colourSources(lines.map(({ source }) => source));
  const bins = lines[0]?.shares.length ?? 0;
  const plot = { width: WIDTH - LEFT - LEGEND, height: PLOT_HEIGHT };
  const height = Math.max(TOP + plot.height + BOTTOM, TOP + lines.length * LINE + 10);
  const x = (bin: number): number => round(LEFT + (plot.width * bin) / bins);
  const y = (share: number): number => round(TOP + plot.height * (1 - share));
  const below = new Array<number>(bins).fill(0);
  const areas = lines.map(({ source, shares, share }) => {
    const upper = shares.map((value, bin) => below[bin]! + value);
    const steps = (heights: readonly number[]): string[] =>
      heights.flatMap((value, bin) => [`${x(bin)},${y(value)}`, `${x(bin + 1)},${y(value)}`]);
    const points = [...steps(upper), ...steps(below).reverse()];
    upper.forEach((value, bin) => {
      below[bin] = value;
    });
    return `<polygon points="${points.join(" ")}" fill="${colours.get(source)}"><title>${escapeXml(source)}: ${percent(share)} of all tokens</title></polygon>`;
  });
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<path d="M${LEFT} ${y(share)}h${plot.width}" stroke="#0002"/>`,
    `<text x="${LEFT - 6}" y="${y(share) + 4}" text-anchor="end">${percent(share, 0)}</text>`,
    `<text x="${round(LEFT + plot.width * share)}" y="${TOP + plot.height + 18}" text-anchor="middle">${percent(share, 0)}</text>`,
  ]);
  // From top to bottom as the areas lie.
  const legend = [...lines].reverse().map(({ source, share }, i) => {
    const at = TOP + i * LINE;
    const left = WIDTH - LEGEND + 26;
    return `<rect x="${left}" y="${at}" width="12" height="12" rx="2" fill="${colours.get(source)}"/><text x="${left + 18}" y="${at + 10}">${escapeXml(source.replace(/_(?=[a-z]{2}$)/u, " "))}</text><text x="${WIDTH - 8}" y="${at + 10}" text-anchor="end">${percent(share)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Share of each source along the run" font-family="system-ui, sans-serif" font-size="12" fill="#222">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...areas,
    ...grid,
    `<text x="${LEFT + plot.width / 2}" y="${TOP + plot.height + 37}" text-anchor="middle">share of the run (${curriculum.rowsPerBin === 1 ? "one row" : `${curriculum.rowsPerBin} rows`} a step)</text>`,
    ...legend,
    "</svg>\n",
  ].join("\n");
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/** A line of blocks for each source, earliest first; its highest share is named beside it. */
export function curriculumBlocks(curriculum: Curriculum): string[] {
  const lines = curriculumLines(coarsen(curriculum, STEPS));
  const longest = Math.max(0, ...lines.map(({ source }) => source.length));
  return lines.map(({ source, shares, share }) => {
    const most = Math.max(...shares);
    const blocks = shares.map((value) =>
      value === 0 ? " " : BLOCKS[Math.min(7, Math.floor((8 * value) / most))],
    );
    return `${source.padEnd(longest)}  ${blocks.join("")}  ${percent(share).padStart(7)}, at most ${percent(most)}`;
  });
}

/** A page with the picture and the table of tokens. */
export function curriculumPage(stats: CorpusStats & { readonly curriculum: Curriculum }): string {
  const rows = stats.sources.map(
    ({ category, language, documents, tokens }) =>
      `<tr><td>${escapeXml(category)}</td><td>${escapeXml(language)}</td><td>${documents.toLocaleString("en")}</td><td>${(tokens ?? 0).toLocaleString("en")}</td><td>${percent((tokens ?? 0) / Math.max(1, stats.tokens ?? 0), 2)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Curriculum</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; }
.scroll { overflow-x: auto; }
svg { max-width: 100%; min-width: 40rem; height: auto; border-radius: 6px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #8884; text-align: start; }
td:nth-child(n+3), th:nth-child(n+3) { text-align: end; }
</style>
</head>
<body>
<main>
<h1>What is trained on, and when</h1>
<p>From the first row to the last: the share of each source in the tokens of that part of the run. Sources of high priority come first, the others fill the end.</p>
<div class="scroll">
${curriculumSvg(stats.curriculum)}</div>
<div class="scroll">
<table>
<thead><tr><th>category</th><th>language</th><th>documents</th><th>tokens</th><th>share</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</div>
</main>
</body>
</html>
`;
}

function colourSources(sources: readonly string[]): Map<string, string> {
  const categories = new Map<string, string[]>();
  for (const source of [...sources].sort()) {
    const category = categoryOf(source);
    const known = categories.get(category);
    if (known === undefined) categories.set(category, [source]);
    else known.push(source);
  }
  const colours = new Map<string, string>();
  [...categories.values()].forEach((members, i) => {
    members.forEach((source, shade) => {
      colours.set(source, paler(HUES[i % HUES.length]!, (PALEST * shade) / Math.max(3, members.length - 1)));
    });
  });
  return colours;
}

function paler(colour: string, towardsWhite: number): string {
  const parts = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16);
    return Math.round(value + (255 - value) * towardsWhite)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${parts.join("")}`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
