// Finds the concepts of one language in a normalised text: "chest", "numb", "will not wake", however they are spelt and inflected.
// A lexicon gives each concept its terms, `|` between them: the words of a term stand in order with at most two others between;
// `stem*` may go on, `*root*` may stand inside a word. spelling.ts and vocabulary.ts
// say how far a word may be misspelt.
import type { Match } from "./find-words.ts";
import { normalise } from "./normalise.ts";
import { SPELLINGS, type SpellingName } from "./spelling.ts";
import { type Token, Vocabulary } from "./vocabulary.ts";

/** A lexicon ready for use: where each concept stands in a text. */
export type FindConcepts = (text: string) => ReadonlyMap<string, readonly Match[]>;

/** Other words that may stand between two words of a term, and characters where there are no words. */
const GAP_WORDS = 2;
const GAP_CHARACTERS = 3;
const WORD = /[\p{L}\p{M}\p{N}@]+/gu;
const SENTENCE_END = /[.!?;。！？；।؟\n]/u;
/** Conjunctions, prepositions and the article, which Arabic writes on the word that follows. */
const ARABIC_CLITICS = /^[وف]?(?:[بلك]|ع|ه)?(?:ال|لل)?/u;
const ARABIC_LEAST = 2;
const FRENCH_ELISION = /^(?:qu|[cdjlmnst])(?=[aeiouyh])/u;

interface Term {
  readonly concept: string;
  readonly words: readonly number[];
}

/** Compiles a lexicon. Terms go through `normalise`, so they can be written as people write them. */
export function compileConcepts(
  lexicon: Readonly<Partial<Record<string, string>>>,
  name: SpellingName | "zh",
): FindConcepts {
  return name === "zh" ? inCharacters(lexicon) : inWords(lexicon, name);
}

function inCharacters(lexicon: Readonly<Partial<Record<string, string>>>): FindConcepts {
  const terms = Object.entries(lexicon).map(
    ([concept, text]) =>
      [
        concept,
        (text ?? "")
          .split("|")
          .filter(Boolean)
          .map((term) => term.split(" ").map(normalise)),
      ] as const,
  );
  return (text) =>
    new Map(terms.map(([concept, list]) => [concept, list.flatMap((pieces) => findPieces(text, pieces))]));
}

function findPieces(text: string, pieces: readonly string[]): Match[] {
  const found: Match[] = [];
  const [first = ""] = pieces;
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    let end: number | undefined = at + first.length;
    for (const piece of pieces.slice(1)) {
      if (end === undefined) break;
      const next = text.slice(end, end + GAP_CHARACTERS + piece.length).indexOf(piece);
      end =
        next < 0 || SENTENCE_END.test(text.slice(end, end + next)) ? undefined : end + next + piece.length;
    }
    if (end !== undefined) found.push({ at, end });
  }
  return found;
}

function inWords(lexicon: Readonly<Partial<Record<string, string>>>, name: SpellingName): FindConcepts {
  const words = new Vocabulary(SPELLINGS[name]);
  const byFirst = new Map<number, Term[]>();
  for (const [concept, text] of Object.entries(lexicon)) {
    for (const written of (text ?? "").split("|").filter(Boolean)) {
      const ids = written
        .trim()
        .split(/\s+/u)
        .map((word) => words.add(word));
      const first = ids[0]!;
      byFirst.set(first, [...(byFirst.get(first) ?? []), { concept, words: ids }]);
    }
  }
  return (text) => {
    const tokens = [...text.matchAll(WORD)].flatMap(({ 0: word, index }) =>
      words.read(word, withoutFront(word, name), index),
    );
    const found = new Map<string, Match[]>();
    for (const [i, token] of tokens.entries()) {
      for (const id of token.words) {
        for (const { concept, words: ids } of byFirst.get(id) ?? []) {
          const end = endOfTerm(text, tokens, i, ids);
          if (end === undefined) continue;
          const list = found.get(concept);
          if (list === undefined) found.set(concept, [{ at: token.at, end }]);
          else list.push({ at: token.at, end });
        }
      }
    }
    return found;
  };
}

function endOfTerm(
  text: string,
  tokens: readonly Token[],
  start: number,
  ids: readonly number[],
): number | undefined {
  let last = start;
  for (const id of ids.slice(1)) {
    const next = tokens.findIndex((token, i) => i > last && i <= last + 1 + GAP_WORDS && token.words.has(id));
    if (next < 0 || SENTENCE_END.test(text.slice(tokens[last]!.end, tokens[next]!.at))) return undefined;
    last = next;
  }
  return tokens[last]!.end;
}

/** The word as it may stand in the lexicon: without what the language writes on its front. */
function withoutFront(word: string, name: SpellingName): string[] {
  if (name === "ar") {
    const length = ARABIC_CLITICS.exec(word)?.[0].length ?? 0;
    return Array.from({ length: length + 1 }, (_, i) => word.slice(i)).filter(
      (rest) => rest.length >= ARABIC_LEAST,
    );
  }
  return name === "fr" && FRENCH_ELISION.test(word) ? [word, word.replace(FRENCH_ELISION, "")] : [word];
}
