// When a document counts as holding an exam item. A fixed length cannot do it: 64 characters, the published rule, is longer
// than 87 % of the Chinese questions of XMedBench. Here a question that is long for its script is proof by itself; a shorter
// one, or one that several items share ("Which of the following is true?"), needs its options or its answer beside it.
import { type AnchorIndex, createAnchorIndex } from "./anchor-index.ts";
import type { ExamItem } from "./exam-suite.ts";
import { type MatchText, PART_END, reduceText } from "./match-text.ts";

/** Why a document is flagged, the strongest reason first. */
export const LEAK_RULES = ["question", "question-and-options", "question-and-answer"] as const;
type LeakRule = (typeof LEAK_RULES)[number];

/** An exam item found in a document; `Rule` is why. */
export interface Leak<Rule extends string = string> {
  readonly item: ExamItem;
  readonly rule: Rule;
  /** The stretch of the document. */
  readonly match: string;
}

/** Finds leaks in documents. */
export interface LeakFinder {
  /** The leaks in a document given by its parts (turns), one an item, in the order they stand. */
  find(parts: readonly string[]): Leak[];
  /** Items whose question is too short to be looked for. */
  readonly unmatchable: number;
}

/** Characters (reduced) from which a question is proof by itself, by script: as much information in each. */
const ENOUGH = { Han: 16, Arabic: 24, Devanagari: 28, other: 32 } as const;
/** Questions from this length on are anchored by their first ten characters, shorter ones by four. */
const LONG_ANCHOR = 10;
const SHORT_ANCHOR = 4;
/** How far after a question its options or answer may begin, at least. */
const NEARBY = 600;
/** The same for an answer in the middle of running text, where short words meet by chance. */
const CLOSE = 64;
/** An option of one character says nothing. */
const OPTION_LENGTH = 2;
const OPTIONS_NEEDED = 2;

/** What sets a question apart from the text around it. */
const BOUNDARY = /[\n.:;?!。]/u;

interface Wanted {
  readonly item: ExamItem;
  readonly stem: string;
  readonly options: readonly string[];
  readonly gold: readonly string[];
  readonly enough: number;
}

/** Prepares to look for `items`; the same question with the same options in two suites counts once, as the first. */
export function createLeakFinder(items: readonly ExamItem[]): LeakFinder {
  const long = createAnchorIndex(LONG_ANCHOR);
  const short = createAnchorIndex(SHORT_ANCHOR);
  const wanted: Wanted[] = [];
  const seen = new Set<string>();
  /** How many different items ask the same. */
  const asked = new Map<string, number>();
  let unmatchable = 0;
  for (const item of items) {
    const stem = reduceText([item.question]).text;
    const options = reduceOptions(item.options);
    if (stem.length < SHORT_ANCHOR) {
      unmatchable++;
      continue;
    }
    const key = JSON.stringify([stem, options]);
    if (seen.has(key)) continue;
    seen.add(key);
    asked.set(stem, (asked.get(stem) ?? 0) + 1);
    const index: AnchorIndex = stem.length >= LONG_ANCHOR ? long : short;
    index.add(stem, wanted.length);
    wanted.push({ item, stem, options, gold: reduceOptions(item.gold), enough: ENOUGH[scriptOf(stem)] });
  }

  return {
    unmatchable,
    find(parts) {
      const reduced = reduceText(parts);
      const leaks = new Map<number, Leak<LeakRule> & { readonly at: number }>();
      const found = (number: number, at: number): void => {
        const candidate = wanted[number]!;
        const unique = asked.get(candidate.stem) === 1;
        const hit = judge(candidate, unique, reduced, at);
        const known = leaks.get(number);
        if (hit === undefined || (known && rank(known.rule) <= rank(hit.rule))) return;
        const match = reduced.original(at, hit.end);
        leaks.set(number, { item: candidate.item, rule: hit.rule, match, at });
      };
      long.scan(reduced.text, found);
      short.scan(reduced.text, found);
      return [...leaks.values()]
        .sort((a, b) => a.at - b.at)
        .map(({ item, rule, match }) => ({ item, rule, match }));
    },
  };
}

/** Which rule, if any, holds for a question that stands at `at`, and where the evidence ends. */
function judge(
  { stem, options, gold, enough }: Wanted,
  unique: boolean,
  { text, gap }: MatchText,
  at: number,
): { rule: LeakRule; end: number } | undefined {
  const end = at + stem.length;
  if (unique && stem.length >= enough) return { rule: "question", end };
  const total = options.reduce((sum, option) => sum + option.length, 0);
  const nearby = text.slice(end, end + Math.max(NEARBY, 2 * total));
  const ends = options
    .map((option) => [nearby.indexOf(option), option.length] as const)
    .filter(([place]) => place >= 0)
    .map(([place, length]) => end + place + length);
  if (ends.length >= OPTIONS_NEEDED) return { rule: "question-and-options", end: Math.max(...ends) };
  // A turn that begins with the question asks it, and so does a sentence that is the question. In running text ("the heart
  // has four chambers") the words must be many, and together.
  const opensTurn = at === 0 || text[at - 1] === PART_END;
  const asks = (opensTurn || BOUNDARY.test(gap(at))) && (text[end] === PART_END || BOUNDARY.test(gap(end)));
  for (const answer of gold) {
    const place = nearby.indexOf(answer);
    if (place < 0) continue;
    if (opensTurn || (place <= CLOSE && (asks || stem.length + answer.length >= enough)))
      return { rule: "question-and-answer", end: end + place + answer.length };
  }
  return undefined;
}

function rank(rule: LeakRule): number {
  return LEAK_RULES.indexOf(rule);
}

/** Different options, reduced, without those too short to say anything. */
function reduceOptions(options: readonly string[]): string[] {
  const reduced: MatchText[] = options.map((option) => reduceText([option]));
  return [...new Set(reduced.map(({ text }) => text))].filter((text) => text.length >= OPTION_LENGTH);
}

/** The script that most of the text's letters are in. */
function scriptOf(text: string): keyof typeof ENOUGH {
  const share = (pattern: RegExp): number => (text.match(pattern)?.length ?? 0) / text.length;
  if (share(/\p{Script=Han}/gu) > 0.3) return "Han";
  if (share(/\p{Script=Arabic}/gu) > 0.5) return "Arabic";
  if (share(/\p{Script=Devanagari}/gu) > 0.5) return "Devanagari";
  return "other";
}
