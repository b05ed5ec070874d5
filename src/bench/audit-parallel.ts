// Audit: sets that should be each other's translations, item by item (`exam-ar` and `exam-hi`, or `exam` and `exam-fr`).
// They are aligned by their right letters and the numbers in their texts, which translators keep.
import { type Finding, finding } from "./audit-finding.ts";
import { bySource } from "./item-text.ts";
import type { Item } from "./suite.ts";

/** Sets agree when this share of the shorter one finds its counterpart; random letters reach about two thirds. */
const PARALLEL_SHARE = 0.9;
/** The alignment takes one byte for each pair of items; larger sets are not aligned. */
const LARGEST_TABLE = 64_000_000;
const LEAST_ITEMS = 20;

/** Finds items without a counterpart in another language's set of the same name. */
export function auditParallel(items: readonly Item[]): Finding[] {
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
  return [...families.values()].flatMap((family) =>
    family.flatMap((first, i) => family.slice(i + 1).flatMap((second) => comparePair(first, second))),
  );
}

function comparePair(first: readonly Item[], second: readonly Item[]): Finding[] {
  if ((first.length + 1) * (second.length + 1) > LARGEST_TABLE) return [];
  const { left, right, matched } = align(first, second);
  if (matched < PARALLEL_SHARE * Math.min(first.length, second.length)) return [];
  return [
    finding("misaligned", first[0]!.source, left, `no counterpart in ${second[0]!.source}`),
    finding("misaligned", second[0]!.source, right, `no counterpart in ${first[0]!.source}`),
  ].filter(({ count }) => count > 0);
}

/** Steps of the alignment table. */
const MATCH = 0;
const SKIP_FIRST = 1;
const SKIP_SECOND = 2;

/** The heaviest common subsequence: equal right letters weigh 2, equal numbers in the text 3 more. */
function align(
  first: readonly Item[],
  second: readonly Item[],
): { readonly left: Item[]; readonly right: Item[]; readonly matched: number } {
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
  let matched = 0;
  let [i, j] = [0, 0];
  while (i < first.length && j < second.length) {
    const step = steps[i * width + j]!;
    if (step === SKIP_FIRST) left.push(first[i]!);
    else if (step === SKIP_SECOND) right.push(second[j]!);
    else matched++;
    if (step !== SKIP_SECOND) i++;
    if (step !== SKIP_FIRST) j++;
  }
  return { left: [...left, ...first.slice(i)], right: [...right, ...second.slice(j)], matched };
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
