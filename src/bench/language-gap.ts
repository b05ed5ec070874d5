// The language gap: one model, the same questions in two languages, item against item.

import type { Item } from "./item.ts";
import { type PairedDifference, pairedDifference } from "./paired-difference.ts";
import { parallelFamilies, translatedPairs } from "./parallel-items.ts";
import type { Sample } from "./sample.ts";
import { holm, mean, type Pair } from "./statistics.ts";

/** One language against the reference, on the questions that both sets hold and the run scored. */
export interface LanguageGap extends PairedDifference {
  /** The set compared with: the English one of its family where there is one, else the first. */
  readonly reference: string;
  readonly source: string;
  readonly language: string;
  readonly referenceAccuracy: number;
  readonly accuracy: number;
  /** Holm over all gaps of the run. */
  readonly adjustedPValue: number;
  /** Pairs left out because one of the two items is not a question any more, as the audit found. */
  readonly unsound: number;
}

/** Gaps between translated sets; `samples` are the scored ones, `items` the whole suite. Draws are seeded by the sets' names. */
export function languageGaps(
  samples: readonly Sample[],
  items: readonly Item[],
  unsound: ReadonlySet<string>,
): LanguageGap[] {
  const byId = new Map(samples.map((sample) => [sample.id, sample]));
  const scoredSources = new Set(samples.map((sample) => sample.source));
  const rows = [...parallelFamilies(items).values()].flatMap((family) => {
    const scored = family.filter(([first]) => scoredSources.has(first!.source));
    const reference = scored.find(([first]) => first!.language === "en") ?? scored[0];
    return scored
      .filter((list) => list !== reference)
      .flatMap((list) => gap(reference!, list, byId, unsound) ?? []);
  });
  const adjusted = holm(rows.map((row) => row.pValue));
  return rows.map((row, i) => ({ ...row, adjustedPValue: adjusted[i]! }));
}

function gap(
  reference: readonly Item[],
  list: readonly Item[],
  byId: ReadonlyMap<string, Sample>,
  unsound: ReadonlySet<string>,
): Omit<LanguageGap, "adjustedPValue"> | undefined {
  const pairs: Pair[] = [];
  let left = 0;
  for (const [first, second] of translatedPairs(reference, list)) {
    const [a, b] = [byId.get(first.id), byId.get(second.id)];
    if (a === undefined || b === undefined) continue;
    if (unsound.has(first.id) || unsound.has(second.id)) left++;
    else pairs.push({ id: second.id, first: a.correct ? 1 : 0, second: b.correct ? 1 : 0 });
  }
  if (pairs.length === 0) return undefined;
  const [from, to] = [reference[0]!.source, list[0]!.source];
  return {
    reference: from,
    source: to,
    language: list[0]!.language,
    referenceAccuracy: mean(pairs.map((pair) => pair.first)),
    accuracy: mean(pairs.map((pair) => pair.second)),
    ...pairedDifference(pairs, `gap/${from}/${to}`),
    unsound: left,
  };
}
