// Runs of n units that a text shares with any of many sequences: how the fixed-length leak rules look (64 characters, 13 words).
// Every run of every sequence is indexed by its hash; a hit is compared unit by unit, so no collision passes.

/** Sequences by their runs. */
export interface GramIndex {
  /** Adds a sequence; one shorter than a run is not found, and `false` is returned. */
  add(units: Uint32Array, item: number): boolean;
  /** Calls `found` for the first run that the text shares with each item: where it begins in the text, and how long it goes on. */
  scan(units: Uint32Array, found: (item: number, at: number, length: number) => void): void;
}

const BASE = 0x01000193;

/** An empty index of runs of `n` units. */
export function createGramIndex(n: number): GramIndex {
  const sequences: { readonly units: Uint32Array; readonly item: number }[] = [];
  /** Open addressing: 1 + number of a run, 0 = free; runs are numbered in the order of sequences. */
  let table = new Int32Array(1 << 12);
  let [sequenceOf, offsetOf] = [new Int32Array(1 << 11), new Int32Array(1 << 11)];
  let hashes = new Int32Array(1 << 11);
  let runs = 0;
  let leaving = 1;
  for (let i = 0; i < n; i++) leaving = Math.imul(leaving, BASE);

  const slot = (hash: number): number =>
    Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - Math.log2(table.length));
  const insert = (run: number): void => {
    let at = slot(hashes[run]!);
    while (table[at] !== 0) at = (at + 1) & (table.length - 1);
    table[at] = run + 1;
  };
  const grow = (): void => {
    table = new Int32Array(2 * table.length);
    const enlarge = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(2 * column.length);
      larger.set(column);
      return larger;
    };
    [sequenceOf, offsetOf, hashes] = [enlarge(sequenceOf), enlarge(offsetOf), enlarge(hashes)];
    for (let run = 0; run < runs; run++) insert(run);
  };
  /** Calls `each` with the hash of every run of the units (Rabin and Karp 1987). */
  const roll = (units: Uint32Array, each: (hash: number, at: number) => void): void => {
    let hash = 0;
    for (let i = 0; i < units.length; i++) {
      hash = (Math.imul(hash, BASE) + units[i]!) | 0;
      if (i >= n) hash = (hash - Math.imul(units[i - n]!, leaving)) | 0;
      if (i + 1 >= n) each(hash, i + 1 - n);
    }
  };

  return {
    add(units, item) {
      if (units.length < n) return false;
      sequences.push({ units, item });
      roll(units, (hash, at) => {
        if (runs === sequenceOf.length) grow();
        hashes[runs] = hash;
        sequenceOf[runs] = sequences.length - 1;
        offsetOf[runs] = at;
        insert(runs++);
      });
      return true;
    },
    scan(units, found) {
      const seen = new Set<number>();
      roll(units, (hash, at) => {
        for (let place = slot(hash); table[place] !== 0; place = (place + 1) & (table.length - 1)) {
          const run = table[place]! - 1;
          if (hashes[run] !== hash) continue;
          const { units: wanted, item } = sequences[sequenceOf[run]!]!;
          if (seen.has(item)) continue;
          const length = commonLength(wanted, offsetOf[run]!, units, at);
          if (length < n) continue;
          seen.add(item);
          found(item, at, length);
        }
      });
    },
  };
}

function commonLength(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  let length = 0;
  while (atA + length < a.length && atB + length < b.length && a[atA + length] === b[atB + length]) length++;
  return length;
}
