// Audit: how the right letters are spread, and what always giving the most frequent one would score.
import { type Finding, finding } from "./audit-finding.ts";
import type { Item } from "./item.ts";
import { bySource } from "./item-text.ts";
import { percent } from "./report-table.ts";

/** The spread of one source's right letters. */
export interface LetterBaseline {
  readonly source: string;
  readonly language: string;
  readonly n: number;
  /** The most frequent right letter, and the share of items that it is right for. */
  readonly letter: string;
  readonly majority: number;
  /** What guessing evenly would score. */
  readonly chance: number;
}

/** Largest count above expectation, in standard deviations, that an even spread is believed to give. */
const IMBALANCE_DEVIATIONS = 4;

/** The majority baseline of each source; items with several right letters stand outside it. */
export function letterBaselines(items: readonly Item[]): LetterBaseline[] {
  return [...bySource(items)].map(([source, list]) => {
    const single = list.filter((item) => item.gold.length === 1);
    const counts = new Map<string, number>();
    let chance = 0;
    for (const item of single) {
      const letter = item.letters[item.gold[0]!]!;
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
      chance += 1 / item.options.length / single.length;
    }
    const [letter = "", count = 0] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
    const n = single.length;
    return { source, language: list[0]!.language, n, letter, majority: n === 0 ? 0 : count / n, chance };
  });
}

/** Finds sources in which the most frequent right letter is more frequent than even spread explains; lists its items. */
export function auditLetters(items: readonly Item[]): Finding[] {
  const sources = bySource(items);
  return letterBaselines(items).flatMap(({ source, n, letter, majority, chance }) => {
    const deviation = Math.sqrt((chance * (1 - chance)) / n);
    if (n === 0 || majority <= chance + IMBALANCE_DEVIATIONS * deviation) return [];
    const concerned = sources
      .get(source)!
      .filter((item) => item.gold.length === 1 && item.letters[item.gold[0]!] === letter);
    const detail = `always ${letter} scores ${percent(majority)}, chance ${percent(chance)}`;
    return [finding("gold-imbalance", source, concerned, detail)];
  });
}
