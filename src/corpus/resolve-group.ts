// Which documents of a group of candidates are duplicates, by the documents themselves: signatures only suggest.
import { type CandidateFinder, createMeetings } from "./candidate-groups.ts";
import type { ContentStore } from "./content-store.ts";
import { type Distinction, distinguish, type Traits, traitsOf } from "./distinctions.ts";
import { documentTexts } from "./document.ts";
import { reduceText } from "./match-text.ts";
import { estimateJaccard, minHash } from "./minhash.ts";
import { jaccard, shingle } from "./shingles.ts";

/** A document that says the same as one that is kept. */
export interface Duplicate {
  readonly document: number;
  readonly of: number;
  /** Exact: the same letters, marks and digits; near: alike enough. */
  readonly kind: "exact" | "near";
  /** Shared shingles. */
  readonly jaccard: number;
  /** What the signatures make of it. */
  readonly estimate: number;
}

/** A document that stays although it is alike one that stays too. */
export interface Apart extends Omit<Duplicate, "kind"> {
  readonly reason: Distinction;
}

/** What is decided on a group. */
export interface GroupDecision {
  readonly duplicates: readonly Duplicate[];
  /** At most one a document: the pair that is most alike. */
  readonly apart: readonly Apart[];
}

/** What two documents are compared by. */
interface Comparable {
  readonly text: string;
  readonly shingles: Uint32Array;
  readonly signature: Uint32Array;
  /** Taken when first asked for: most candidates are not alike enough to need them. */
  traits(): Traits;
}

/** Characters of documents held at once; with its traits a character costs about a hundred bytes. */
const HELD_CHARACTERS = 1 << 19;

/** Decides on groups, one at a time. */
export interface GroupResolver {
  /** `group` in ascending order; the first of each set of duplicates stays, and documents before `fixed` always do. */
  resolve(group: readonly number[]): GroupDecision;
}

/**
 * A resolver: a document is dropped when one that is kept shares at least `threshold` of the shingles of both and nothing
 * keeps them apart. Each is held against the kept one itself, so no chain of small changes leads from one text to another.
 */
export function createGroupResolver(
  store: ContentStore,
  finder: CandidateFinder,
  options: { readonly threshold: number; readonly fixed: number },
): GroupResolver {
  const { threshold, fixed } = options;
  const look = createLook(store);
  /** Compares a document with a kept one; `undefined` when they are not alike, or less than `best`. */
  const compare = (document: number, of: number, best: number): Duplicate | Apart | undefined => {
    const a = look(of);
    const b = look(document);
    const similarity = jaccard(a.shingles, b.shingles);
    if (similarity < threshold || similarity <= best) return undefined;
    const pair = { document, of, jaccard: similarity, estimate: estimateJaccard(a.signature, b.signature) };
    const reason = distinguish(a.traits(), b.traits(), threshold);
    if (reason !== undefined) return { ...pair, reason };
    return { ...pair, kind: a.text === b.text ? "exact" : "near" };
  };
  return {
    resolve(group) {
      const kept = createMeetings(finder);
      const duplicates: Duplicate[] = [];
      const apart: Apart[] = [];
      for (const document of group) {
        let duplicate: Duplicate | undefined;
        let closest: Apart | undefined;
        for (const of of document < fixed ? [] : kept.of(document)) {
          const pair = compare(document, of, duplicate?.jaccard ?? 0);
          if (pair === undefined) continue;
          if ("kind" in pair) duplicate = pair;
          else if (pair.jaccard > (closest?.jaccard ?? 0)) closest = pair;
          if (duplicate?.kind === "exact") break;
        }
        if (duplicate !== undefined) {
          duplicates.push(duplicate);
        } else {
          kept.add(document);
          if (closest !== undefined) apart.push(closest);
        }
      }
      return { duplicates, apart };
    },
  };
}

/** Documents prepared for comparison; the ones looked at last are held. */
function createLook(store: ContentStore): (document: number) => Comparable {
  const held = new Map<number, Comparable>();
  let characters = 0;
  return (document) => {
    const known = held.get(document);
    if (known !== undefined) {
      held.delete(document);
      held.set(document, known);
      return known;
    }
    const content = store.read(document);
    const { text } = reduceText(documentTexts(content));
    const shingles = shingle(text);
    let traits: Traits | undefined;
    const made: Comparable = {
      text,
      shingles,
      signature: minHash(shingles),
      traits() {
        traits ??= traitsOf(content);
        return traits;
      },
    };
    held.set(document, made);
    characters += text.length;
    for (const [oldest, { text: gone }] of held) {
      if (characters <= HELD_CHARACTERS || held.size <= 2) break;
      held.delete(oldest);
      characters -= gone.length;
    }
    return made;
  };
}
