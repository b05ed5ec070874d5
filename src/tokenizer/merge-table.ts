// The merges of a byte-pair encoding as an open-addressing hash table over pairs of ids: a lookup costs one multiplication
// and, mostly, one cache line, where a `Map` would have to box a 64-bit key.

/** The rank of a pair that is never merged: later than all others. */
export const NO_MERGE = 0x7fffffff;

/** Ranks of pairs, and what each rank merges into. */
export interface MergeTable {
  /** The rank of the pair (`left`, `right`), or `NO_MERGE`. */
  rank(left: number, right: number): number;
  /** The id that each rank produces. */
  readonly merged: Int32Array;
}

/** Builds the table; `left[r]`, `right[r]` and `merged[r]` are the ids of the merge with rank r. The last of two equal pairs counts. */
export function createMergeTable(left: Int32Array, right: Int32Array, merged: Int32Array): MergeTable {
  // Load factor at most one half: probes stay short.
  const bits = Math.max(4, 33 - Math.clz32(left.length));
  const mask = 2 ** bits - 1;
  const shift = 32 - bits;
  // Left id, right id and rank side by side; padded to four words so that an entry never straddles a cache line.
  const slots = new Int32Array(4 * (mask + 1)).fill(-1);
  const home = (a: number, b: number): number =>
    (Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b) >>> shift) & mask;
  for (let rank = 0; rank < left.length; rank++) {
    const a = left[rank]!;
    const b = right[rank]!;
    let slot = home(a, b);
    while (slots[4 * slot + 2]! >= 0 && (slots[4 * slot] !== a || slots[4 * slot + 1] !== b))
      slot = (slot + 1) & mask;
    slots[4 * slot] = a;
    slots[4 * slot + 1] = b;
    slots[4 * slot + 2] = rank;
  }
  return {
    merged,
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
