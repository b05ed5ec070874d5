// Audit: outliers that are near-copies of one text, as a translator's own example that replaced the questions. Nothing is
// known about any topic: exam items share few word pairs with each other, while copies consist of shared pairs.
import { type Finding, finding } from "./audit-finding.ts";
import type { Item } from "./item.ts";
import { bySource, itemKey, words } from "./item-text.ts";

/** A word pair is common when more than this share of a source's items have it (2 %: chance phrases of exams stay below). */
const COMMON_SHARE = 0.02;
/** ... and more than this many items. */
const COMMON_LEAST = 10;
/**
 * Items with this share of common pairs, in the options and in the whole, are copies. In XMedBench copies have 50 to 100 %;
 * stock questions ("Which of the following ...") or stock options ("All of the above") reach it in one of the two only.
 */
const COPY_SHARE = 0.5;
/** From this share of a source on, the text is the source's own form, not an outlier. */
const OWN_FORM_SHARE = 0.5;

/** Finds items whose question and options are mostly word pairs that many other items of their source have too. */
export function auditOffTopic(items: readonly Item[]): Finding[] {
  return [...bySource(items)].flatMap(([source, list]) => {
    const copies = copiesOfOneText(list);
    if (copies.length <= COMMON_LEAST || copies.length >= OWN_FORM_SHARE * list.length) return [];
    return [
      finding("off-topic", source, copies, `near-copies of one text: “${copies[0]!.question.slice(0, 80)}”`),
    ];
  });
}

function copiesOfOneText(items: readonly Item[]): readonly Item[] {
  const byOptions = mostlyCommon(items, (item) => item.options.join("\n"));
  // Wholes are counted over all items again, and only where the options made it worth while.
  if (byOptions.size <= COMMON_LEAST) return [];
  const byWhole = mostlyCommon(items, (item) => `${item.question}\n${item.options.join("\n")}`);
  return items.filter((item) => byOptions.has(item) && byWhole.has(item));
}

/** The items of whose text at least half the pairs are those of many items. */
function mostlyCommon(items: readonly Item[], textOf: (item: Item) => string): Set<Item> {
  const texts = items.map((item) => pairs(textOf(item)));
  const common = commonPairs(items, texts);
  return new Set(items.filter((_, i) => share(texts[i]!, common) >= COPY_SHARE));
}

/** Pairs of words that follow each other. */
function pairs(text: string): Set<string> {
  const list = words(text);
  return new Set(list.slice(1).map((word, i) => `${list[i]} ${word}`));
}

/** The pairs of many items; an item that stands there twice word by word counts once. */
function commonPairs(items: readonly Item[], texts: readonly ReadonlySet<string>[]): Set<string> {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  texts.forEach((text, i) => {
    const key = itemKey(items[i]!);
    if (seen.has(key)) return;
    seen.add(key);
    for (const pair of text) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  });
  const least = Math.max(COMMON_LEAST, COMMON_SHARE * seen.size);
  return new Set([...counts].filter(([, count]) => count > least).map(([pair]) => pair));
}

function share(text: ReadonlySet<string>, common: ReadonlySet<string>): number {
  let shared = 0;
  for (const pair of text) if (common.has(pair)) shared++;
  return text.size === 0 ? 0 : shared / text.size;
}
