// Audit: sets that should be each other's translations, item by item, and lose step.
import { type Finding, finding } from "./audit-finding.ts";
import type { Item } from "./item.ts";
import { alignItems, parallelFamilies } from "./parallel-items.ts";

/** Sets agree when this share of the shorter one finds its counterpart; random letters reach about two thirds. */
const PARALLEL_SHARE = 0.9;

/** Finds items without a counterpart in another language's set of the same name. */
export function auditParallel(items: readonly Item[]): Finding[] {
  return [...parallelFamilies(items).values()].flatMap((family) =>
    family.flatMap((first, i) => family.slice(i + 1).flatMap((second) => comparePair(first, second))),
  );
}

function comparePair(first: readonly Item[], second: readonly Item[]): Finding[] {
  const alignment = alignItems(first, second);
  if (alignment === undefined) return [];
  const { left, right, pairs } = alignment;
  if (pairs.length < PARALLEL_SHARE * Math.min(first.length, second.length)) return [];
  return [
    finding("misaligned", first[0]!.source, left, `no counterpart in ${second[0]!.source}`),
    finding("misaligned", second[0]!.source, right, `no counterpart in ${first[0]!.source}`),
  ].filter(({ count }) => count > 0);
}
