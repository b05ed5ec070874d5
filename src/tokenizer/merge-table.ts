// The merges of a byte-pair encoding as an open-addressing hash table over pairs of ids: a lookup costs one multiplication
// and, mostly, one cache line, where a `Map` would have to box a 64-bit key.

/** The rank of a pair that is never merged: later than all others. */
export const NO_MERGE = 0x7fffffff;

/** Ranks of pairs, and what each rank merges into. */
export interface MergeTable {
  /** The rank of the pair (`left`, `right`), or `NO_MERGE`. */
  rank(left: number, right: number): number;
  /** The id that each rank produces; negative where pairs of the same rank produce different ids: ask `product`. */
  readonly merged: Int32Array;
  /** The id that a pair which has a rank produces. */
  product(left: number, right: number): number;
}

/**
 * Builds the table of the merges (`left[i]`, `right[i]`) -> `merged[i]`. The last of two equal pairs counts. `ranks` never
 * fall; without them each merge's rank is its index.
 */
export function createMergeTable(
  left: Int32Array,
  right: Int32Array,
  merged: Int32Array,
  ranks?: Int32Array,
): MergeTable {
  // Load factor at most one half: probes stay short.
  const bits = Math.max(4, 33 - Math.clz32(left.length));
  const mask = 2 ** bits - 1;
  const shift = 32 - bits;
  // Left id, right id, rank and product side by side: an entry never straddles a cache line.
  const slots = new Int32Array(4 * (mask + 1)).fill(-1);
  const home = (a: number, b: number): number =>
    (Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b) >>> shift) & mask;
  for (let i = 0; i < left.length; i++) {
    const a = left[i]!;
    const b = right[i]!;
    let slot = home(a, b);
    while (slots[4 * slot + 2]! >= 0 && (slots[4 * slot] !== a || slots[4 * slot + 1] !== b))
      slot = (slot + 1) & mask;
    slots[4 * slot] = a;
    slots[4 * slot + 1] = b;
    slots[4 * slot + 2] = ranks?.[i] ?? i;
    slots[4 * slot + 3] = merged[i]!;
  }
  return {
    merged: ranks === undefined ? merged : productsOfRanks(ranks, merged),
    product(a, b) {
      let slot = home(a, b);
      while (slots[4 * slot] !== a || slots[4 * slot + 1] !== b) slot = (slot + 1) & mask;
      return slots[4 * slot + 3]!;
    },
    rank(a, b) {
      let slot = home(a, b);
      for (;;) {
        const at = 4 * slot;
        if (slots[at] === a && slots[at + 1] === b) return slots[at + 2]!;
        if (slots[at + 2]! < 0) return NO_MERGE;
        slot = (slot + 1) & mask;
      }
    },
  };
}

function productsOfRanks(ranks: Int32Array, merged: Int32Array): Int32Array {
  const products = new Int32Array((ranks.at(-1) ?? -1) + 1);
  ranks.forEach((rank, i) => {
    products[rank] = i > 0 && ranks[i - 1] === rank && products[rank] !== merged[i] ? -1 : merged[i]!;
  });
  return products;
}
