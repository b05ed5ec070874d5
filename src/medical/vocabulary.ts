// The distinct words of a lexicon, and which of them a written word can be: as it stands, folded to how it sounds, with one letter wrong, or run
// together with its neighbours.
import type { Match } from "./find-words.ts";
import { normalise } from "./normalise.ts";
import type { Spelling } from "./spelling.ts";

/** A word of a message and the words of the lexicon that it can be. */
export interface Token extends Match {
  readonly words: ReadonlySet<number>;
}

/** Shorter words have too many neighbours one letter away. */
const SPELLING_TOLERANT_FROM = 6;
/** Words run together have at least this many letters, and each of them at least so many, one of them more. */
const RUN_TOGETHER = { all: 7, each: 2, one: 4, parts: 3 };

/** The words of one lexicon. */
export class Vocabulary {
  readonly #spelling: Spelling;
  readonly #ids = new Map<string, number>();
  readonly #whole = new Map<string, Set<number>>();
  readonly #stems = new Map<string, Set<number>>();
  readonly #inside: [string, number][] = [];
  /** Every long word and stem, under itself and under itself with one letter left out. */
  readonly #nearly = new Map<string, { text: string; stem: boolean; id: number }[]>();

  constructor(spelling: Spelling) {
    this.#spelling = spelling;
  }

  /** The number of a word as a lexicon writes it. */
  add(written: string): number {
    const known = this.#ids.get(written);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(written, id);
    const stem = written.endsWith("*");
    const plain = normalise(written.replaceAll("*", ""));
    // "stabb*" folded would be "stab", which is the beginning of "stable".
    const text = stem && /(.)\1$/u.test(plain) ? plain : this.#spelling.fold(plain, !stem);
    if (written.startsWith("*")) this.#inside.push([text, id]);
    else put(stem ? this.#stems : this.#whole, text, id);
    if (plain.length >= SPELLING_TOLERANT_FROM && !written.startsWith("*")) {
      for (const key of withOneLess(plain)) {
        const list = this.#nearly.get(key) ?? [];
        this.#nearly.set(key, list);
        list.push({ text: plain, stem, id });
      }
    }
    return id;
  }

  /** A word of a message as one token, or as several where words were run together; `forms` is the word without what sticks to its front. */
  read(word: string, forms: readonly string[], at: number): Token[] {
    const found = this.#known(word, forms);
    if (found.size > 0) return [{ at, end: at + word.length, words: found }];
    const parts = this.#takeApart(word, RUN_TOGETHER.parts);
    if (parts !== undefined) {
      let from = at;
      return parts.map((part) => {
        const token = { at: from, end: from + part.length, words: this.#known(part, [part]) };
        from += part.length;
        return token;
      });
    }
    for (const form of forms) this.#misspelt(form, found);
    return [{ at, end: at + word.length, words: found }];
  }

  #known(word: string, forms: readonly string[]): Set<number> {
    const found = new Set<number>();
    const { fold, short } = this.#spelling;
    for (const written of forms) {
      for (const form of new Set([written, normalise(short.get(written) ?? written)])) {
        for (const id of this.#whole.get(fold(form, true)) ?? []) found.add(id);
        for (const text of new Set([form, fold(form, false)]))
          for (let length = 1; length <= text.length; length++)
            for (const id of this.#stems.get(text.slice(0, length)) ?? []) found.add(id);
      }
    }
    const folded = fold(word, false);
    for (const [text, id] of this.#inside) if (folded.includes(text)) found.add(id);
    return found;
  }

  /** "nopuedo": whole words of the lexicon, the longest first, one of them longer than a particle. */
  #takeApart(word: string, most: number): string[] | undefined {
    if (!this.#spelling.splits || word.length < RUN_TOGETHER.all) return undefined;
    const parts = this.#split(word, most);
    return parts !== undefined && parts.length > 1 && parts.some(({ length }) => length >= RUN_TOGETHER.one)
      ? parts
      : undefined;
  }

  #split(rest: string, most: number): string[] | undefined {
    if (this.#isWord(rest)) return [rest];
    if (most === 1) return undefined;
    for (let length = rest.length - RUN_TOGETHER.each; length >= RUN_TOGETHER.each; length--) {
      const first = rest.slice(0, length);
      if (!this.#isWord(first)) continue;
      const others = this.#split(rest.slice(length), most - 1);
      if (others !== undefined) return [first, ...others];
    }
    return undefined;
  }

  #isWord(word: string): boolean {
    return this.#whole.has(this.#spelling.fold(word, true)) || this.#stems.has(word);
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

function put(map: Map<string, Set<number>>, key: string, id: number): void {
  const ids = map.get(key) ?? new Set();
  map.set(key, ids.add(id));
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
