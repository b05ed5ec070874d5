// Groups of documents that may be duplicates: those that agree in a band of their signatures, directly or by way of others.
import { type Column, createColumn } from "./column.ts";
import { BANDS } from "./minhash.ts";

/** Documents by their band keys: 64 bytes each. */
export interface CandidateFinder {
  /** Adds the next document. */
  add(keys: Int32Array): void;
  readonly count: number;
  /** The key of a document's band. */
  key(document: number, band: number): number;
  /** Groups of two and more, each in ascending order, in the order of their first documents. */
  groups(): number[][];
}

/** An empty finder. */
export function createCandidateFinder(): CandidateFinder {
  const keys = createColumn(Int32Array);
  const count = (): number => keys.count / BANDS;
  return {
    get count() {
      return count();
    },
    add(own) {
      for (const key of own) keys.push(key);
    },
    key: (document, band) => keys.get(document * BANDS + band),
    groups() {
      const first = Int32Array.from({ length: count() }, (_, i) => i);
      for (let band = 0; band < BANDS; band++) joinBand(keys, band, first);
      const members = new Map<number, number[]>();
      for (let document = 0; document < first.length; document++) {
        const root = findRoot(first, document);
        if (root === document) continue;
        const group = members.get(root);
        if (group === undefined) members.set(root, [root, document]);
        else group.push(document);
      }
      return [...members.values()].sort(([a = 0], [b = 0]) => a - b);
    },
  };
}

/** Joins documents with the same key: a table of first documents with open addressing, as a `Map` would take ten times as much. */
function joinBand(keys: Column, band: number, first: Int32Array): void {
  const size = 2 ** Math.ceil(Math.log2(2 * first.length + 1));
  const table = new Int32Array(size).fill(-1);
  for (let document = 0; document < first.length; document++) {
    const key = keys.get(document * BANDS + band);
    let slot = key & (size - 1);
    while (table[slot] !== -1 && keys.get(table[slot]! * BANDS + band) !== key)
      slot = (slot + 1) & (size - 1);
    if (table[slot] === -1) table[slot] = document;
    else join(first, table[slot]!, document);
  }
}

/** Union-find: the smaller number becomes the root, so that a root is the first document of its group. */
function join(first: Int32Array, a: number, b: number): void {
  const x = findRoot(first, a);
  const y = findRoot(first, b);
  first[Math.max(x, y)] = Math.min(x, y);
}

function findRoot(first: Int32Array, document: number): number {
  let at = document;
  while (first[at] !== at) {
    first[at] = first[first[at]!]!;
    at = first[at]!;
  }
  return at;
}

/** Documents a new one is held against at most. */
const MOST_MET = 64;
/** Documents remembered for one key of a band at most: more are a template that thousands are written by. */
const MOST_OF_KEY = 512;

/** Documents of a group that stay, to be found by those that agree with them in a band. */
export interface Meetings {
  add(document: number): void;
  /** Those that agree with `document` in most bands, ascending. */
  of(document: number): number[];
}

/**
 * No documents yet. However many are alike, each is held against a bounded number of others, those that are alike most by their
 * bands: of the pairs that share 0.8 of their shingles most agree in three bands and more, of those that share 0.5 few in one.
 */
export function createMeetings(finder: CandidateFinder): Meetings {
  const byKey = new Map<number, number[]>();
  // One number a band and key.
  const keyOf = (document: number, band: number): number =>
    band * 2 ** 32 + (finder.key(document, band) >>> 0);
  return {
    add(document) {
      for (let band = 0; band < BANDS; band++) {
        const same = byKey.get(keyOf(document, band));
        if (same === undefined) byKey.set(keyOf(document, band), [document]);
        else if (same.length < MOST_OF_KEY) same.push(document);
      }
    },
    of(document) {
      const bands = new Map<number, number>();
      for (let band = 0; band < BANDS; band++)
        for (const other of byKey.get(keyOf(document, band)) ?? [])
          bands.set(other, (bands.get(other) ?? 0) + 1);
      const met = [...bands.keys()];
      if (met.length > MOST_MET) met.sort((a, b) => bands.get(b)! - bands.get(a)! || a - b).splice(MOST_MET);
      return met.sort((a, b) => a - b);
    },
  };
}
