// A set of document ids (16 hex digits) in 8 bytes an entry, where a set of strings takes about ten times that and ends at 2^24.

/** Ids seen so far. */
export interface IdSet {
  /** Adds an id; false when it was there. */
  add(id: string): boolean;
  readonly size: number;
}

/** Fuller than this, probing becomes slow. */
const MOST_FULL = 0.7;

/** An empty set: open addressing with linear probing; ids are hashes already. */
export function createIdSet(): IdSet {
  let mask = (1 << 12) - 1;
  let high = new Uint32Array(mask + 1);
  let low = new Uint32Array(mask + 1);
  let size = 0;
  let hasZero = false;
  /** Puts a pair into the tables unless it is there; (0, 0) marks a free place. */
  const put = (h: number, l: number): boolean => {
    let at = l & mask;
    while (high[at] !== 0 || low[at] !== 0) {
      if (high[at] === h && low[at] === l) return false;
      at = (at + 1) & mask;
    }
    high[at] = h;
    low[at] = l;
    return true;
  };
  const grow = (): void => {
    const [oldHigh, oldLow] = [high, low];
    mask = 2 * mask + 1;
    high = new Uint32Array(mask + 1);
    low = new Uint32Array(mask + 1);
    for (let i = 0; i < oldHigh.length; i++)
      if (oldHigh[i] !== 0 || oldLow[i] !== 0) put(oldHigh[i]!, oldLow[i]!);
  };
  return {
    get size() {
      return size;
    },
    add(id) {
      const h = Number.parseInt(id.slice(0, 8), 16);
      const l = Number.parseInt(id.slice(8), 16);
      const added = h === 0 && l === 0 ? !hasZero : put(h, l);
      if (h === 0 && l === 0) hasZero = true;
      if (added && ++size > MOST_FULL * (mask + 1)) grow();
      return added;
    },
  };
}
