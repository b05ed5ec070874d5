// Sets that should be each other's translations, item by item (`exam-ar` and `exam-hi`, or `exam` and `exam-fr`): found by
// their names, aligned by their right letters and the numbers in their texts, which translators keep.

import type { Item } from "./item.ts";
import { bySource } from "./item-text.ts";

/** The alignment takes one byte for each pair of items; larger sets are not aligned. */
const LARGEST_TABLE = 64_000_000;
const LEAST_ITEMS = 20;
/**
 * Neighbours that must be aligned one to one for a pair to be believed. Right letters alone align anything here and there: twelve
 * in a row by chance have odds of 4^-12.
 */
const LEAST_RUN = 12;

/** Two sets side by side. */
export interface Alignment {
  /** Places in the first and the second set, ascending. */
  readonly pairs: readonly (readonly [first: number, second: number])[];
  /** Items without a counterpart. */
  readonly left: readonly Item[];
  readonly right: readonly Item[];
}

/** Sets of one name in several languages, those too small to be aligned left out; a set alone is a family of one. */
export function parallelFamilies(items: readonly Item[]): Map<string, Item[][]> {
  const families = new Map<string, Item[][]>();
  for (const [source, list] of bySource(items)) {
    const suffix = /[-_][a-z]{2}$/u.exec(source)?.[0];
    const own = suffix?.slice(1) === list[0]!.language;
    const name = own ? source.slice(0, -3) : source;
    const family = families.get(name);
    if (list.length < LEAST_ITEMS) continue;
    if (family === undefined) families.set(name, [list]);
    else if (family.every(([first]) => first!.language !== list[0]!.language)) family.push(list);
  }
  return families;
}

/** The pairs of an alignment that stand in a run of neighbours: items that are each other's translation beyond doubt. */
export function translatedPairs(
  first: readonly Item[],
  second: readonly Item[],
): (readonly [first: Item, second: Item])[] {
  const pairs = alignItems(first, second)?.pairs ?? [];
  const kept: (readonly [Item, Item])[] = [];
  for (let from = 0, to = 0; from < pairs.length; from = to) {
    for (to = from + 1; to < pairs.length && follows(pairs[to - 1]!, pairs[to]!); ) to++;
    if (to - from < LEAST_RUN) continue;
    for (const [i, j] of pairs.slice(from, to)) kept.push([first[i]!, second[j]!]);
  }
  return kept;
}

function follows(before: readonly [number, number], pair: readonly [number, number]): boolean {
  return pair[0] === before[0] + 1 && pair[1] === before[1] + 1;
}

/** Steps of the alignment table. */
const MATCH = 0;
const SKIP_FIRST = 1;
const SKIP_SECOND = 2;

/**
 * Aligns two sets by their heaviest common subsequence: equal right letters weigh 2, equal numbers in the text 3 more.
 * `undefined` when the sets are too large for the table.
 */
export function alignItems(first: readonly Item[], second: readonly Item[]): Alignment | undefined {
  if ((first.length + 1) * (second.length + 1) > LARGEST_TABLE) return undefined;
  const width = second.length + 1;
  const steps = new Uint8Array((first.length + 1) * width);
  const columns = second.map((item) => ({ gold: item.gold.join(), numbers: numbersOf(item) }));
  let above = new Int32Array(width);
  let row = new Int32Array(width);
  // From the end, so that the walk below runs forwards.
  for (let i = first.length - 1; i >= 0; i--) {
    const gold = first[i]!.gold.join();
    const numbers = numbersOf(first[i]!);
    row[width - 1] = 0;
    for (let j = width - 2; j >= 0; j--) {
      const other = columns[j]!;
      let best = above[j]!;
      let step = SKIP_FIRST;
      if (row[j + 1]! > best) {
        best = row[j + 1]!;
        step = SKIP_SECOND;
      }
      if (gold === other.gold) {
        const weight = above[j + 1]! + (numbers !== "" && numbers === other.numbers ? 5 : 2);
        if (weight >= best) {
          best = weight;
          step = MATCH;
        }
      }
      row[j] = best;
      steps[i * width + j] = step;
    }
    [above, row] = [row, above];
  }
  const left: Item[] = [];
  const right: Item[] = [];
  const pairs: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < first.length && j < second.length) {
    const step = steps[i * width + j]!;
    if (step === SKIP_FIRST) left.push(first[i]!);
    else if (step === SKIP_SECOND) right.push(second[j]!);
    else pairs.push([i, j]);
    if (step !== SKIP_SECOND) i++;
    if (step !== SKIP_FIRST) j++;
  }
  return { left: [...left, ...first.slice(i)], right: [...right, ...second.slice(j)], pairs };
}

/** The numbers of an item's question and options in ascending order; digits of any script. */
function numbersOf(item: Item): string {
  const text = `${item.question}\n${item.options.join("\n")}`
    .normalize("NFKC")
    .replace(/\p{Nd}/gu, latinDigit);
  return (text.match(/\d+/gu) ?? []).sort().join(" ");
}

/** The value of a decimal digit: its distance from the first of its run of ten. */
function latinDigit(digit: string): string {
  const code = digit.codePointAt(0)!;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String(code - zero);
}
