// Groups of documents that may be duplicates: those that agree in a band of their signatures, directly or by way of others.
import { type Column, createColumn } from "./column.ts";
import { BANDS } from "./minhash.ts";

/** Documents by their band keys: 64 bytes each. */
export interface CandidateFinder {
  /** Adds the next document. */
  add(keys: Int32Array): void;
  readonly count: number;
  /** Whether two documents agree in a band. */
  meet(a: number, b: number): boolean;
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
    meet(a, b) {
      for (let band = 0; band < BANDS; band++)
        if (keys.get(a * BANDS + band) === keys.get(b * BANDS + band)) return true;
      return false;
    },
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
