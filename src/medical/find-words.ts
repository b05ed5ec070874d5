// Finds groups of words in a normalised text. By hand and not by regular expressions: the lists have thousands of groups, and
// compiling as many expressions would hold up the first message for seconds.
import { normalise } from "./normalise.ts";

/** A place in a text. */
export interface Match {
  readonly at: number;
  readonly end: number;
}

/** Words of which any may be found. */
export interface WordGroup {
  /** All places where one of them stands. */
  find(text: string): Match[];
  /** True when one of them is there. */
  isIn(text: string): boolean;
}

/** How words are told apart. */
export interface WordRules {
  /** True where words have spaces between them and match as a whole; else a word is found inside others too. */
  readonly wholeWords: boolean;
  /** What may stick to the front of a word: `l` of "l'eau" written without its apostrophe. */
  readonly prefixes: readonly string[];
  /** What may be written on the front and on the end of a term of at most `SHORT` letters; longer ones are found inside words. */
  readonly joins?: { readonly front: RegExp; readonly end: RegExp };
}

interface Term {
  /** What must follow each other. */
  readonly pieces: readonly string[];
  /** After each piece but the last: the rest of a stem, one word or none, or a few words. */
  readonly gaps: readonly ("stem" | "word" | "few")[];
  /** The last piece may go on. */
  readonly stem: boolean;
}

/** A term of this many letters stands inside hundreds of other words: سم (poison) in جسم (body). */
const SHORT = 3;
/** The letters before and after a place. */
const LETTERS_BEFORE = /[\p{L}\p{M}]*$/u;
const LETTERS_AFTER = /^[\p{L}\p{M}]*/u;
/** No word is longer. */
const LONGEST_WORD = 24;
/** Longest stretch that `...` stands for. */
const FEW = 32;
const SENTENCE_END = /[.!?;\n]/;
const ONE_WORD = /^ (?:\S+ )?$/;
const REST_OF_WORD = /^[\p{L}\p{M}]* $/u;

/** Makes a group of terms written as in `RedFlagLanguage`: `*` at the end of a stem, ` * ` for a word, ` ... ` for a few. */
export function wordGroup(terms: readonly string[], rules: WordRules): WordGroup {
  const parsed = terms.map(parseTerm);
  return {
    find: (text) => parsed.flatMap((term) => findTerm(text, term, rules, false)),
    isIn: (text) => parsed.some((term) => findTerm(text, term, rules, true).length > 0),
  };
}

function parseTerm(term: string): Term {
  const stem = term.endsWith("*");
  const parts = (stem ? term.slice(0, -1) : term).split(/(\* | \* | \.\.\. )/u);
  return {
    pieces: parts.filter((_, i) => i % 2 === 0).map(normalise),
    gaps: parts
      .filter((_, i) => i % 2 === 1)
      .map((gap) => (gap === "* " ? "stem" : gap === " * " ? "word" : "few")),
    stem,
  };
}

function findTerm(text: string, { pieces, gaps, stem }: Term, rules: WordRules, onlyOne: boolean): Match[] {
  const found: Match[] = [];
  const [first = ""] = pieces;
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    if (!startsWord(text, at, rules)) continue;
    let end: number | undefined = at + first.length;
    for (const [i, gap] of gaps.entries()) {
      if (end !== undefined && (gap === "stem" || endsWord(text, end, rules)))
        end = nextPiece(text, end, pieces[i + 1]!, gap, rules);
      else end = undefined;
    }
    if (end === undefined || !(stem || endsWord(text, end, rules))) continue;
    if (pieces.length === 1 && !stem && first.length <= SHORT && !isJoined(text, at, end, rules)) continue;
    found.push({ at, end });
    if (onlyOne) break;
  }
  return found;
}

/** Where the next piece ends, if it comes after the gap. */
function nextPiece(
  text: string,
  from: number,
  piece: string,
  gap: "stem" | "word" | "few",
  rules: WordRules,
): number | undefined {
  for (let at = text.indexOf(piece, from); at >= 0 && at - from <= FEW; at = text.indexOf(piece, at + 1)) {
    const between = text.slice(from, at);
    if (!startsWord(text, at, rules) || SENTENCE_END.test(between)) continue;
    if (gap === "few" || (gap === "stem" ? REST_OF_WORD : ONE_WORD).test(between)) return at + piece.length;
  }
  return undefined;
}

function startsWord(text: string, at: number, { wholeWords, prefixes }: WordRules): boolean {
  if (!wholeWords || !isLetter(text, at - 1)) return true;
  return prefixes.some((prefix) => text.endsWith(prefix, at) && !isLetter(text, at - prefix.length - 1));
}

function endsWord(text: string, end: number, { wholeWords }: WordRules): boolean {
  return !wholeWords || !isLetter(text, end);
}

/** True when only what the language writes on a word stands around a short term. */
function isJoined(text: string, at: number, end: number, { joins }: WordRules): boolean {
  if (joins === undefined) return true;
  const [before = ""] = LETTERS_BEFORE.exec(text.slice(Math.max(0, at - LONGEST_WORD), at)) ?? [];
  const [after = ""] = LETTERS_AFTER.exec(text.slice(end, end + LONGEST_WORD)) ?? [];
  return joins.front.test(before) && joins.end.test(after);
}

/** After normalisation Latin words are made of these; `@` begins the marks of measurements. */
function isLetter(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x40 ||
    (code >= 0xaa && code < 0x250)
  );
}
