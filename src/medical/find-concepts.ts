// Finds the concepts of one language in a normalised text: "chest", "numb", "will not wake", however they are spelt and inflected.
// A lexicon gives each concept its terms, `|` between them: the words of a term stand in order with at most two others between;
// `stem*` may go on, `*root*` may stand inside a word. Words of six letters and more are found with one letter wrong.
import type { Match } from "./find-words.ts";
import { normalise } from "./normalise.ts";

/** How the words of a script are told apart. */
export type ConceptScript = "latin" | "han" | "devanagari" | "arabic";

/** A lexicon ready for use: where each concept stands in a text. */
export type FindConcepts = (text: string) => ReadonlyMap<string, readonly Match[]>;

/** Other words that may stand between two words of a term, and characters where there are no words. */
const GAP_WORDS = 2;
const GAP_CHARACTERS = 3;
/** Shorter words have too many neighbours one letter away. */
const SPELLING_TOLERANT_FROM = 6;
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

interface Token extends Match {
  readonly words: ReadonlySet<number>;
}

/** Compiles a lexicon. Terms go through `normalise`, so they can be written as people write them. */
export function compileConcepts(
  lexicon: Readonly<Partial<Record<string, string>>>,
  script: ConceptScript,
  elisions = false,
): FindConcepts {
  return script === "han" ? inCharacters(lexicon) : inWords(lexicon, script, elisions);
}

function inCharacters(lexicon: Readonly<Partial<Record<string, string>>>): FindConcepts {
  const terms = Object.entries(lexicon).map(
    ([concept, text]) => [concept, (text ?? "").split("|").filter(Boolean).map((term) => term.split(" ").map(normalise))] as const,
  );
  return (text) => new Map(terms.map(([concept, list]) => [concept, list.flatMap((pieces) => findPieces(text, pieces))]));
}

function findPieces(text: string, pieces: readonly string[]): Match[] {
  const found: Match[] = [];
  const [first = ""] = pieces;
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    let end: number | undefined = at + first.length;
    for (const piece of pieces.slice(1)) {
      if (end === undefined) break;
      const next = text.slice(end, end + GAP_CHARACTERS + piece.length).indexOf(piece);
      end = next < 0 || SENTENCE_END.test(text.slice(end, end + next)) ? undefined : end + next + piece.length;
    }
    if (end !== undefined) found.push({ at, end });
  }
  return found;
}

function inWords(
  lexicon: Readonly<Partial<Record<string, string>>>,
  script: ConceptScript,
  elisions: boolean,
): FindConcepts {
  const words = new Vocabulary();
  const byFirst = new Map<number, Term[]>();
  for (const [concept, text] of Object.entries(lexicon)) {
    for (const written of (text ?? "").split("|").filter(Boolean)) {
      const ids = written.trim().split(/\s+/u).map((word) => words.add(word));
      const first = ids[0]!;
      byFirst.set(first, [...(byFirst.get(first) ?? []), { concept, words: ids }]);
    }
  }
  return (text) => {
    const tokens = [...text.matchAll(WORD)].map(
      ({ 0: word, index }): Token => ({
        at: index,
        end: index + word.length,
        words: words.meanings(word, withoutFront(word, script, elisions)),
      }),
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
function withoutFront(word: string, script: ConceptScript, elisions: boolean): string[] {
  if (script === "arabic") {
    const length = ARABIC_CLITICS.exec(word)?.[0].length ?? 0;
    return Array.from({ length: length + 1 }, (_, i) => word.slice(i)).filter((rest) => rest.length >= ARABIC_LEAST);
  }
  return elisions && FRENCH_ELISION.test(word) ? [word, word.replace(FRENCH_ELISION, "")] : [word];
}

/** The distinct words of a lexicon, and which of them a written word can be. */
class Vocabulary {
  readonly #ids = new Map<string, number>();
  readonly #whole = new Map<string, number>();
  readonly #stems = new Map<string, number>();
  readonly #inside: [string, number][] = [];
  /** Every long word and stem, under itself and under itself with one letter left out. */
  readonly #nearly = new Map<string, { text: string; stem: boolean; id: number }[]>();

  add(written: string): number {
    const known = this.#ids.get(written);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(written, id);
    const text = normalise(written.replaceAll("*", ""));
    const stem = written.endsWith("*");
    if (written.startsWith("*")) this.#inside.push([text, id]);
    else (stem ? this.#stems : this.#whole).set(text, id);
    if (text.length >= SPELLING_TOLERANT_FROM && !written.startsWith("*")) {
      for (const key of withOneLess(text)) {
        const list = this.#nearly.get(key) ?? [];
        this.#nearly.set(key, list);
        list.push({ text, stem, id });
      }
    }
    return id;
  }

  meanings(word: string, forms: readonly string[]): ReadonlySet<number> {
    const found = new Set<number>();
    for (const form of forms) {
      const whole = this.#whole.get(form);
      if (whole !== undefined) found.add(whole);
      for (let length = 1; length <= form.length; length++) {
        const stem = this.#stems.get(form.slice(0, length));
        if (stem !== undefined) found.add(stem);
      }
    }
    for (const [text, id] of this.#inside) if (word.includes(text)) found.add(id);
    if (found.size === 0) for (const form of forms) this.#misspelt(form, found);
    return found;
  }

  #misspelt(form: string, found: Set<number>): void {
    for (let length = SPELLING_TOLERANT_FROM - 1; length <= form.length; length++) {
      const part = form.slice(0, length);
      const whole = length === form.length;
      for (const key of withOneLess(part)) {
        for (const { text, stem, id } of this.#nearly.get(key) ?? [])
          if ((stem || whole) && text[0] === part[0] && isOneAway(text, part)) found.add(id);
      }
    }
  }
}

function withOneLess(text: string): Set<string> {
  const keys = new Set([text]);
  for (let i = 0; i < text.length; i++) keys.add(text.slice(0, i) + text.slice(i + 1));
  return keys;
}

/** True when one letter is wrong, missing or too many, or two neighbours are exchanged. */
function isOneAway(a: string, b: string): boolean {
  let front = 0;
  while (front < a.length && a[front] === b[front]) front++;
  const [restA, restB] = [a.slice(front), b.slice(front)];
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA.length > 1 && restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}
