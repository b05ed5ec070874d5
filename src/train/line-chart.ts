// A line chart as inline SVG with its legend: no script, so that a page with it is one file that opens anywhere.
import { escapeHtml } from "../core/index.ts";

/** A line: points in the order of x. */
export interface ChartLine {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** How a chart looks. */
export interface ChartOptions {
  readonly title: string;
  /** What x counts, `steps`. */
  readonly x: string;
  /** How y values are written. */
  readonly format: (y: number) => string;
  /** The axis starts at zero. Default: at the smallest value. */
  readonly fromZero?: boolean;
  /** A dot at every point: for few. Default false. */
  readonly dots?: boolean;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [420, 200, 46, 8, 8, 20];
const TICKS = 4;
/** Colours in CHART_STYLE. */
const COLOURS = 8;

/** Style of the charts, to stand beside core's REPORT_STYLE. Colours: Okabe and Ito 2008, told apart by most colour-blind people. */
export const CHART_STYLE = `
.charts{display:grid;gap:1.2rem 1.6rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr))}
figure{margin:0;min-inline-size:0}figcaption{font-weight:600;font-size:.95rem}
figure ul{list-style:none;margin:.2rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.1rem .9rem;font-size:.85rem;color:var(--soft)}
figure li::before{content:"";display:inline-block;inline-size:.9rem;block-size:.2rem;margin-inline-end:.35rem;vertical-align:middle;background:var(--c)}
figure polyline{stroke:var(--c)}figure circle{fill:var(--c)}
.c0{--c:#0072b2}.c1{--c:#d55e00}.c2{--c:#009e73}.c3{--c:#cc79a7}.c4{--c:#b38600}.c5{--c:#2f9fd8}.c6{--c:#7f7f7f}.c7{--c:#8c564b}
@media(prefers-color-scheme:dark){.c0{--c:#56b4e9}.c1{--c:#ff8b3d}.c2{--c:#2fd0a2}.c3{--c:#e8a3c8}.c4{--c:#f0e442}.c5{--c:#8ab4ff}.c6{--c:#b5b5b5}.c7{--c:#d1a08f}}
`;

/** Draws lines; nothing when none has a point. */
export function renderLineChart(lines: readonly ChartLine[], options: ChartOptions): string {
  const drawn = lines.filter(({ points }) => points.length > 0);
  const points = drawn.flatMap((line) => line.points);
  if (points.length === 0) return "";
  const { title, format } = options;
  let [low, high] = [options.fromZero ? 0 : Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [first, last] = [points[0]![0], points[0]![0]];
  for (const [x, y] of points) {
    low = Math.min(low, y);
    high = Math.max(high, y);
    first = Math.min(first, x);
    last = Math.max(last, x);
  }
  const ticks = axisTicks(low, high);
  const [bottom, top] = [Math.min(low, ticks[0]!), Math.max(high, ticks.at(-1)!)];
  const across = (x: number): string =>
    (LEFT + ((x - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const up = (y: number): string =>
    (HEIGHT - BOTTOM - ((y - bottom) / (top - bottom || 1)) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const grid = ticks.map(
    (y) =>
      `<path class="grid" d="M${LEFT} ${up(y)}H${WIDTH - RIGHT}"/>` +
      `<text x="${LEFT - 5}" y="${(Number(up(y)) + 4).toFixed(1)}" text-anchor="end">${format(y)}</text>`,
  );
  const strokes = drawn.map((line, i) => {
    const dots = options.dots || line.points.length === 1 ? line.points : [];
    return (
      `<g class="c${i % COLOURS}"><polyline points="${line.points.map(([x, y]) => `${across(x)},${up(y)}`).join(" ")}"/>` +
      `${dots.map(([x, y]) => `<circle cx="${across(x)}" cy="${up(y)}" r="2.5"/>`).join("")}</g>`
    );
  });
  const legend = drawn.map(
    (line, i) =>
      `<li class="c${i % COLOURS}">${line.name === "" ? "" : `<bdi>${escapeHtml(line.name)}</bdi> `}${format(line.points.at(-1)![1])}</li>`,
  );
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}: ${escapeHtml(
    drawn
      .map((line) => `${line.name} from ${format(line.points[0]![1])} to ${format(line.points.at(-1)![1])}`)
      .join(", ")
      .trim(),
  )}">${grid.join("")}<text x="${LEFT}" y="${HEIGHT - 4}">${first}</text><text x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">${last} ${escapeHtml(options.x)}</text>${strokes.join("")}</svg>
<ul>${legend.join("")}</ul></figure>`;
}

/** Round values that span low to high: 1, 2 or 5 times a power of ten apart. */
function axisTicks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / TICKS));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= TICKS)!;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i++) ticks.push(i * step);
  return ticks.length === 0 ? [low] : ticks;
}
