// The curriculum: what share each source has along a run. Written down while rows are filled, in bins that grow with the run.

/** Tokens of each source in equal stretches of the run. */
export interface Curriculum {
  /** Rows in a bin; the last bin may hold fewer. */
  readonly rowsPerBin: number;
  /** Tokens by source (`category_language`) in each bin; all lists are equally long. */
  readonly sources: Readonly<Record<string, readonly number[]>>;
}

/** Collects a curriculum. */
export interface CurriculumCounter {
  /** Tokens of a source in row number `row`; rows come in order. */
  add(row: number, source: string, tokens: number): void;
  finish(): Curriculum;
}

/** Enough for a picture; half as many at least once there are as many rows. */
const BINS = 128;

/** An empty counter. Memory does not grow with the run: when the bins are full, neighbours join. */
export function createCurriculumCounter(): CurriculumCounter {
  const sources = new Map<string, number[]>();
  let rowsPerBin = 1;
  let last = 0;
  return {
    add(row, source, tokens) {
      while (row / rowsPerBin >= BINS) {
        rowsPerBin *= 2;
        for (const [name, bins] of sources)
          sources.set(
            name,
            Array.from(
              { length: Math.ceil(bins.length / 2) },
              (_, i) => (bins[2 * i] ?? 0) + (bins[2 * i + 1] ?? 0),
            ),
          );
      }
      last = Math.floor(row / rowsPerBin);
      const bins = sources.get(source) ?? [];
      sources.set(source, bins);
      while (bins.length <= last) bins.push(0);
      bins[last]! += tokens;
    },
    finish() {
      const named = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        rowsPerBin,
        sources: Object.fromEntries(
          named.map(([name, bins]) => [name, Array.from({ length: last + 1 }, (_, i) => bins[i] ?? 0)]),
        ),
      };
    },
  };
}

/** One source along the run. */
export interface CurriculumLine {
  readonly source: string;
  /** Its share of each bin's tokens, 0 to 1. */
  readonly shares: readonly number[];
  /** Its share of all tokens. */
  readonly share: number;
}

/** The same curriculum in at most `most` bins: neighbours joined. */
export function coarsen({ rowsPerBin, sources }: Curriculum, most: number): Curriculum {
  const bins = Math.max(0, ...Object.values(sources).map((list) => list.length));
  const size = Math.max(1, Math.ceil(bins / most));
  const join = (list: readonly number[]): number[] =>
    Array.from({ length: Math.ceil(bins / size) }, (_, i) =>
      list.slice(i * size, (i + 1) * size).reduce((sum, n) => sum + n, 0),
    );
  return {
    rowsPerBin: rowsPerBin * size,
    sources: Object.fromEntries(Object.entries(sources).map(([name, list]) => [name, join(list)])),
  };
}

/** The sources as shares of each bin: by category, the category that comes earliest first. */
export function curriculumLines({ sources }: Curriculum): CurriculumLine[] {
  const entries = Object.entries(sources);
  const sum = (list: readonly number[]): number => list.reduce((total, n) => total + n, 0);
  const totals = (entries[0]?.[1] ?? []).map((_, bin) => sum(entries.map(([, bins]) => bins[bin]!)));
  const all = Math.max(1, sum(totals));
  const weights = new Map<string, { tokens: number; place: number }>();
  for (const [source, bins] of entries) {
    const { tokens = 0, place = 0 } = weights.get(categoryOf(source)) ?? {};
    weights.set(categoryOf(source), {
      tokens: tokens + sum(bins),
      place: place + sum(bins.map((n, bin) => n * bin)),
    });
  }
  const middle = (source: string): number => {
    const { tokens, place } = weights.get(categoryOf(source))!;
    return place / Math.max(1, tokens);
  };
  return entries
    .sort(([a], [b]) => middle(a) - middle(b) || (a < b ? -1 : 1))
    .map(([source, bins]) => ({
      source,
      shares: bins.map((n, bin) => n / Math.max(1, totals[bin]!)),
      share: sum(bins) / all,
    }));
}

/** `medicalBook_en` -> `medicalBook`. */
export function categoryOf(source: string): string {
  return source.replace(/_[a-z]{2}$/u, "");
}
