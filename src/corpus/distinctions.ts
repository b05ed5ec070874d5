// What keeps two texts apart that share nearly all of their shingles. Medical texts follow templates: leaflets that differ in a
// dose, answers on two diseases in the same words, statements with and without a "not". Letters alone take them for copies: in
// MedQuAD fifteen documents share 0.8 with another; of the twelve that were read, ten are of this sort.
import type { Content } from "./document.ts";
import { documentTexts } from "./document.ts";
import { reduceText } from "./match-text.ts";
import { quantitiesOf } from "./quantities.ts";
import { jaccard, shingle } from "./shingles.ts";

/** Why alike documents are no duplicates, in the order they are asked. */
export type Distinction =
  /** Other figures, number words or units: a dose, an age, a year. */
  | "quantities"
  /** Another number of negations. */
  | "negations"
  /** Each says repeatedly a word that the other never says: the same template on another subject. */
  | "subject"
  /** Alike as a whole, but not turn by turn: the same answer to another question. */
  | "turns";

/** What distinctions are drawn from. */
export interface Traits {
  readonly quantities: string;
  readonly negations: number;
  /** How often each word stands in the text; where words are not spaced, pairs of characters. */
  readonly words: ReadonlyMap<string, number>;
  /** Shingles by turn; of a text just one. */
  readonly turns: readonly Uint32Array[];
}

const NEGATION_WORDS =
  "not no never without except cannot nor none " +
  "ne pas sans jamais sauf aucun aucune " +
  "nunca sin excepto salvo ningún ninguna " +
  "नहीं न ना मत बिना सिवाय " +
  "لا لم لن ليس ليست غير بدون دون إلا";
const NEGATION = new RegExp(
  `(?<![\\p{L}\\p{M}])(?:${NEGATION_WORDS.split(" ").join("|").normalize("NFKC")})(?![\\p{L}\\p{M}])|n['’]t(?!\\p{L})|[不没無无未非勿]`,
  "gu",
);
/** A word, or a run of Han. */
const WORD = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{M}])+/gu;
const HAN = /\p{Script=Han}/u;

/** Takes the traits of a document. */
export function traitsOf(content: Content): Traits {
  const parts = documentTexts(content);
  const text = parts.join("\n").normalize("NFKC").toLowerCase();
  const words = new Map<string, number>();
  const add = (word: string): void => void words.set(word, (words.get(word) ?? 0) + 1);
  for (const [word] of text.matchAll(WORD)) {
    if (!HAN.test(word)) add(word);
    else for (let i = 0; i + 1 < word.length; i++) add(word.slice(i, i + 2));
  }
  return {
    quantities: quantitiesOf(parts),
    negations: text.match(NEGATION)?.length ?? 0,
    words,
    turns: parts.map((part) => shingle(reduceText([part]).text)),
  };
}

/** What keeps two alike documents apart; `undefined` when nothing does and one of them can go. */
export function distinguish(a: Traits, b: Traits, threshold: number): Distinction | undefined {
  if (a.quantities !== b.quantities) return "quantities";
  if (a.negations !== b.negations) return "negations";
  if (insists(a, b) && insists(b, a)) return "subject";
  const alike = (turn: Uint32Array, i: number): boolean => jaccard(turn, b.turns[i]!) >= threshold;
  return a.turns.length === b.turns.length && a.turns.every(alike) ? undefined : "turns";
}

/** Whether `a` has a word twice that `b` does not have. */
function insists(a: Traits, b: Traits): boolean {
  for (const [word, times] of a.words) if (times > 1 && !b.words.has(word)) return true;
  return false;
}
