// The loss over a run as a picture for the flows' pages.
import { fillText } from "../bench/index.ts";

/** What the picture says: `{first}` and `{last}` are losses, `{n}` counts steps. */
export interface LossCurveWords {
  readonly lossCurve: string;
  readonly steps: string;
}

const ENGLISH: LossCurveWords = { lossCurve: "Loss falls from {first} to {last}", steps: "{n} steps" };

/** An inline SVG line, at most 300 points, axis labels included; its words default to English. */
export function lossCurve(losses: readonly number[], words: LossCurveWords = ENGLISH): string {
  if (losses.length === 0) return "";
  const [width, height, left, bottom] = [640, 200, 34, 22];
  const block = Math.max(1, Math.ceil(losses.length / 300));
  // Means of blocks: single steps of two rows are noisy.
  const points = Array.from({ length: Math.ceil(losses.length / block) }, (_, i) => {
    const part = losses.slice(i * block, (i + 1) * block);
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
  const top = Math.ceil(Math.max(...points));
  const x = (i: number): string =>
    (left + (i / Math.max(1, points.length - 1)) * (width - left - 4)).toFixed(1);
  const y = (loss: number): string => (4 + (1 - loss / top) * (height - bottom - 4)).toFixed(1);
  const lines = [0, top / 2, top]
    .map(
      (loss) =>
        `<path class="grid" d="M${left} ${y(loss)}H${width}"/><text x="${left - 6}" y="${Number(y(loss)) + 4}" text-anchor="end">${loss}</text>`,
    )
    .join("");
  const label = fillText(words.lossCurve, {
    first: points[0]!.toFixed(2),
    last: points.at(-1)!.toFixed(2),
  });
  // Left to right in every language, or the ends of texts would change sides.
  return (
    `<svg viewBox="0 0 ${width} ${height}" direction="ltr" role="img" aria-label="${label}">${lines}` +
    `<text x="${width}" y="${height - 4}" text-anchor="end">${fillText(words.steps, { n: losses.length })}</text>` +
    `<polyline points="${points.map((loss, i) => `${x(i)},${y(loss)}`).join(" ")}"/></svg>`
  );
}
