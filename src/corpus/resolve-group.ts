// Which documents of a group of candidates are duplicates, by the documents themselves: signatures only suggest.
import { type Distinction, distinguish, type Traits, traitsOf } from "./distinctions.ts";
import { documentTexts } from "./document.ts";
import { reduceText } from "./match-text.ts";
import { createMeetings } from "./meetings.ts";
import { BANDS, estimateJaccard, minHash } from "./minhash.ts";
import { jaccard, shingle } from "./shingles.ts";
import type { SignedParts } from "./signed-parts.ts";

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
  /**
   * `group` in ascending order; the first of each set of duplicates stays, and documents before `fixed` always do. Gives each duplicate,
   * and of each other document that is alike a kept one the pair that is most alike.
   */
  resolve(group: Uint32Array): Iterable<Duplicate | Apart>;
}

/**
 * A resolver: a document is dropped when one that is kept shares at least `threshold` of the shingles of both and nothing
 * keeps them apart. Each is held against the kept one itself, so no chain of small changes leads from one text to another.
 */
export function createGroupResolver(
  parts: SignedParts,
  options: { readonly threshold: number; readonly fixed: number },
): GroupResolver {
  const { threshold, fixed } = options;
  const look = createLook(parts);
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
    *resolve(group) {
      const keys = new Int32Array(group.length * BANDS);
      for (const [member, document] of group.entries()) parts.keys(document, keys, member * BANDS);
      const kept = createMeetings(keys);
      for (const [member, document] of group.entries()) {
        let duplicate: Duplicate | undefined;
        let closest: Apart | undefined;
        for (const other of document < fixed ? [] : kept.of(member)) {
          const pair = compare(document, group[other]!, duplicate?.jaccard ?? 0);
          if (pair === undefined) continue;
          if ("kind" in pair) duplicate = pair;
          else if (pair.jaccard > (closest?.jaccard ?? 0)) closest = pair;
          if (duplicate?.kind === "exact") break;
        }
        if (duplicate === undefined) kept.add(member);
        const decided = duplicate ?? closest;
        if (decided !== undefined) yield decided;
      }
    },
  };
}

/** Documents prepared for comparison; the ones looked at last are held. */
function createLook(parts: SignedParts): (document: number) => Comparable {
  const held = new Map<number, Comparable>();
  let characters = 0;
  return (document) => {
    const known = held.get(document);
    if (known !== undefined) {
      held.delete(document);
      held.set(document, known);
      return known;
    }
    const content = parts.read(document);
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
