// Finds where any of many stems begins in a text, in one pass: the first few characters of each stem are its anchor, and a
// rolling hash over the text looks them up (Rabin and Karp 1987).

/** Stems by their anchors. */
export interface AnchorIndex {
  add(stem: string, item: number): void;
  /** Calls `found` for each place where a whole stem begins. */
  scan(text: string, found: (item: number, at: number) => void): void;
}

const BASE = 0x01000193;
/** A bit for each hash that occurs: most places of a text are dismissed by it without a look into the map. */
const FILTER_BITS = 22;

/** An empty index for stems of at least `width` characters. */
export function createAnchorIndex(width: number): AnchorIndex {
  const stems = new Map<number, { stem: string; item: number }[]>();
  const filter = new Uint8Array(2 ** (FILTER_BITS - 3));
  let leaving = 1;
  for (let i = 0; i < width; i++) leaving = Math.imul(leaving, BASE);
  const filterBit = (hash: number): number => Math.imul(hash, 0x9e3779b1) >>> (32 - FILTER_BITS);
  return {
    add(stem, item) {
      let hash = 0;
      for (let i = 0; i < width; i++) hash = (Math.imul(hash, BASE) + stem.charCodeAt(i)) | 0;
      const bit = filterBit(hash);
      filter[bit >> 3]! |= 1 << (bit & 7);
      const same = stems.get(hash);
      if (same === undefined) stems.set(hash, [{ stem, item }]);
      else same.push({ stem, item });
    },
    scan(text, found) {
      let hash = 0;
      for (let i = 0; i < text.length; i++) {
        hash = (Math.imul(hash, BASE) + text.charCodeAt(i)) | 0;
        if (i >= width) hash = (hash - Math.imul(text.charCodeAt(i - width), leaving)) | 0;
        if (i + 1 < width) continue;
        const bit = filterBit(hash);
        if ((filter[bit >> 3]! & (1 << (bit & 7))) === 0) continue;
        const at = i + 1 - width;
        for (const { stem, item } of stems.get(hash) ?? []) if (text.startsWith(stem, at)) found(item, at);
      }
    },
  };
}
