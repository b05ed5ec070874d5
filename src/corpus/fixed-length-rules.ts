// The fixed-length leak rules of others, to compare ours with: 64 consecutive characters (as Apollo's paper states it) and 13-grams of words
// (as GPT-3's, arXiv 2005.14165, appendix C), where a Han character is a word.
import type { ExamItem } from "./exam-suite.ts";
import { createGramIndex } from "./gram-index.ts";
import type { Leak, LeakFinder } from "./leak-rules.ts";
import { type MatchText, PART_END, reduceText } from "./match-text.ts";

/** A rule of a fixed length. */
export type FixedLengthRule = "published-64" | "ngram-13";

const CHARACTERS = 64;
const WORDS = 13;
/** A run of letters, marks and digits; a Han character by itself. */
const WORD = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu;

/** A text as units to compare, with the stretch of the original that units stand for. */
interface Units {
  readonly units: Uint32Array;
  original(from: number, to: number): string;
}

/**
 * Prepares to look for `items`: a document that shares one run with an item's question and options, taken together, holds it. The published
 * rule is stated for "problems"; options, with their letters, count as part of them.
 */
export function createFixedLengthFinder(items: readonly ExamItem[], rule: FixedLengthRule): LeakFinder {
  const index = createGramIndex(rule === "published-64" ? CHARACTERS : WORDS);
  const read = rule === "published-64" ? readCharacters : readWords;
  let unmatchable = 0;
  items.forEach(({ question, options }, number) => {
    const lettered = options.map((option, i) => `(${String.fromCharCode(65 + i)}) ${option}`);
    if (!index.add(read([[question, ...lettered].join("\n")]).units, number)) unmatchable++;
  });
  return {
    unmatchable,
    find(parts) {
      const { units, original } = read(parts);
      const leaks: Leak[] = [];
      index.scan(units, (number, at, length) => {
        leaks.push({ item: items[number]!, rule, match: original(at, at + length) });
      });
      return leaks;
    },
  };
}

/** Letters, marks and digits in one case, as the adaptive rule sees them; turns stay apart. */
function readCharacters(parts: readonly string[]): Units {
  const reduced: MatchText = reduceText(parts);
  return {
    units: Uint32Array.from(reduced.text, (character) => character.codePointAt(0)!),
    original: (from, to) => {
      // Units are code points: places beyond the first plane count twice in the text.
      const start = unitsBefore(reduced.text, from);
      return reduced.original(start, unitsBefore(reduced.text, to, start, from));
    },
  };
}

function unitsBefore(text: string, points: number, at = 0, counted = 0): number {
  let place = at;
  for (let i = counted; i < points; i++) place += text.codePointAt(place)! > 0xffff ? 2 : 1;
  return place;
}

function readWords(parts: readonly string[]): Units {
  const text = parts.map((part) => part.normalize("NFKC").toLowerCase()).join(`\n${PART_END}\n`);
  const units: number[] = [];
  const places: number[] = [];
  for (const { 0: word, index } of text.matchAll(WORD)) {
    units.push(hashWord(word));
    places.push(index, index + word.length);
  }
  return {
    units: Uint32Array.from(units),
    original: (from, to) =>
      text.slice(places[2 * from], places[2 * to - 1]).replaceAll(`\n${PART_END}\n`, "\n"),
  };
}

function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
