// Audit: the same item more than once, within a source, across sources, and in another suite.
import { type Finding, finding } from "./audit-finding.ts";
import type { Item } from "./item.ts";
import { bySource, itemKey, optionKey } from "./item-text.ts";

/**
 * Finds rows that repeat an earlier one of their source (without regard to spacing, punctuation and the order of options),
 * those among them that contradict it, and items that an earlier source holds too.
 */
export function auditRepeats(items: readonly Item[]): Finding[] {
  const first = new Map<string, Item>();
  const inSource = new Map<string, Item>();
  const repeated: Item[] = [];
  const conflicting: Item[] = [];
  const across: { readonly item: Item; readonly of: Item }[] = [];
  for (const item of items) {
    const key = itemKey(item);
    const twin = inSource.get(`${item.source}\n${key}`);
    const elsewhere = first.get(key);
    if (twin === undefined) inSource.set(`${item.source}\n${key}`, item);
    if (elsewhere === undefined) first.set(key, item);
    if (twin !== undefined) (goldTexts(twin) === goldTexts(item) ? repeated : conflicting).push(item);
    else if (elsewhere !== undefined) across.push({ item, of: elsewhere });
  }
  const findings: Finding[] = [];
  for (const [source, list] of bySource(repeated)) {
    findings.push(finding("duplicate", source, list, "rows that repeat an earlier one"));
  }
  for (const [source, list] of bySource(conflicting)) {
    findings.push(
      finding("conflicting-gold", source, list, "rows that repeat an earlier one and contradict it"),
    );
  }
  for (const [source, list] of bySource(across.map(({ item }) => item))) {
    const others = new Set(across.filter(({ item }) => item.source === source).map(({ of }) => of.source));
    findings.push(finding("duplicate-across-sources", source, list, `also in ${[...others].join(", ")}`));
  }
  return findings;
}

/**
 * Finds the items that `against` holds too, whatever their source is called there. An item of `against` accounts for one row:
 * surplus rows are duplicates, and reported as such.
 */
export function auditOverlap(items: readonly Item[], against: readonly Item[]): Finding[] {
  const ownKey = (item: Item): string => `${item.source}\n${itemKey(item)}`;
  const open = new Map<string, Item[]>();
  for (const item of against) open.set(itemKey(item), [...(open.get(itemKey(item)) ?? []), item]);
  const counterparts = new Set(against.map(ownKey));
  const shared = new Set<Item>();
  const claim = (item: Item, sameSource: boolean): void => {
    const candidates = open.get(itemKey(item)) ?? [];
    const at = candidates.findIndex((other) => !sameSource || other.source === item.source);
    if (at < 0) return;
    candidates.splice(at, 1);
    shared.add(item);
  };
  // An item of the same source is the likelier counterpart; what is left may account for rows of other sources.
  for (const item of items) if (counterparts.has(ownKey(item))) claim(item, true);
  for (const item of items) if (!shared.has(item)) claim(item, false);
  const sizes = bySource(against);
  return [...bySource(items.filter((item) => shared.has(item)))].map(([source, list]) => {
    const there = sizes.get(source)?.length;
    const detail =
      there === undefined ? "in the other suite too" : `${list.length} of the other suite's ${there}`;
    return finding("dev-inside-test", source, list, detail);
  });
}

function goldTexts(item: Item): string {
  return item.gold
    .map((index) => optionKey(item.options[index]!))
    .sort()
    .join("\n");
}
