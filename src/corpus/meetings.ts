// Which documents of a group a new one is compared with: those that stay and agree with it in most bands.
import { BANDS } from "./minhash.ts";

/** Documents a new one is held against at most. */
const MOST_MET = 64;
/** Documents remembered for one key of a band at most: more are a template that thousands are written by. */
const MOST_OF_KEY = 512;

/** Documents of a group that stay, by their places in it. */
export interface Meetings {
  add(member: number): void;
  /** Those that agree with `member` in most bands, ascending. */
  of(member: number): number[];
}

/**
 * No documents yet. However many are alike, each is held against a bounded number of others, those that are alike most by their
 * bands: of the pairs that share 0.8 of their shingles most agree in three bands and more, of those that share 0.5 few in one.
 * `keys` are the group's, `BANDS` a document. Memory: 256 bytes a document of the group.
 */
export function createMeetings(keys: Int32Array): Meetings {
  // A place of the table leads to the first entry with a key, from where `next` leads on; entry `member * BANDS + band` needs no more
  // to tell its key. Plain maps of lists would take ten times as much.
  const size = 2 ** Math.ceil(Math.log2(2 * keys.length + 1));
  const table = new Int32Array(size).fill(-1);
  const next = new Int32Array(keys.length).fill(-1);
  const chained = new Uint16Array(keys.length);
  const slotOf = (entry: number): number => {
    const band = entry % BANDS;
    const key = keys[entry]!;
    let slot = (key ^ Math.imul(band, 0x9e3779b1)) & (size - 1);
    for (let head = table[slot]!; head !== -1; head = table[slot]!) {
      if (keys[head] === key && head % BANDS === band) break;
      slot = (slot + 1) & (size - 1);
    }
    return slot;
  };
  return {
    add(member) {
      for (let entry = member * BANDS; entry < (member + 1) * BANDS; entry++) {
        const slot = slotOf(entry);
        const head = table[slot]!;
        if (head === -1) {
          table[slot] = entry;
          chained[entry] = 1;
        } else if (chained[head]! < MOST_OF_KEY) {
          chained[head]!++;
          next[entry] = next[head]!;
          next[head] = entry;
        }
      }
    },
    of(member) {
      const bands = new Map<number, number>();
      for (let entry = member * BANDS; entry < (member + 1) * BANDS; entry++)
        for (let at = table[slotOf(entry)]!; at !== -1; at = next[at]!) {
          const other = Math.floor(at / BANDS);
          bands.set(other, (bands.get(other) ?? 0) + 1);
        }
      const met = [...bands.keys()];
      if (met.length > MOST_MET) met.sort((a, b) => bands.get(b)! - bands.get(a)! || a - b).splice(MOST_MET);
      return met.sort((a, b) => a - b);
    },
  };
}
