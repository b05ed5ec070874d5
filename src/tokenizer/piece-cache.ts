// The ids of pieces met before, found by the units of the text itself: no string is made of a piece, and none is kept, which would
// hold the whole text that it was cut from.

/** Ids of pieces. */
export interface PieceCache {
  /** Copies the ids of `text.slice(from, to)` to `into` from `at` on and gives their number; -1 when the piece is not known. */
  find(text: string, from: number, to: number, into: Int32Array, at: number): number;
  /** Remembers the ids of the piece that `find` was asked for last and did not know. */
  add(text: string, from: number, to: number, ids: Int32Array): void;
}

/** Longer pieces seldom come again. */
export const CACHED_PIECE_LENGTH = 32;
/** Pieces held; when one more comes, all are forgotten. With their units and ids about 20 MB. */
const CACHED_PIECES = 1 << 18;
const SLOTS = 2 * CACHED_PIECES;
/** Units, and ids, of a piece on average, generously; when they do not suffice, all are forgotten, too. */
const AVERAGE = 12;

/** An empty cache. */
export function createPieceCache(): PieceCache {
  const slots = new Int32Array(SLOTS).fill(-1);
  const hashes = new Int32Array(CACHED_PIECES);
  /** Where the units and the ids of a piece begin; they end where the next one's begin. */
  const firstUnit = new Int32Array(CACHED_PIECES + 1);
  const firstId = new Int32Array(CACHED_PIECES + 1);
  const units = new Uint16Array(AVERAGE * CACHED_PIECES);
  const heldIds = new Int32Array(AVERAGE * CACHED_PIECES);
  let count = 0;
  let slot = 0;
  let hash = 0;
  return {
    find(text, from, to, into, at) {
      hash = 0x811c9dc5;
      for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      hash ^= hash >>> 15;
      slot = Math.imul(hash, 0x2c1b3c6d) & (SLOTS - 1);
      search: for (let entry = slots[slot]!; entry >= 0; entry = slots[slot]!) {
        const first = firstUnit[entry]!;
        if (hashes[entry] === hash && firstUnit[entry + 1]! - first === to - from) {
          for (let i = from; i < to; i++)
            if (units[first + i - from] !== text.charCodeAt(i)) {
              slot = (slot + 1) & (SLOTS - 1);
              continue search;
            }
          const end = firstId[entry + 1]!;
          let n = at;
          for (let i = firstId[entry]!; i < end; i++) into[n++] = heldIds[i]!;
          return n - at;
        }
        slot = (slot + 1) & (SLOTS - 1);
      }
      return -1;
    },
    add(text, from, to, ids) {
      const firstFree = firstUnit[count]!;
      const idFree = firstId[count]!;
      if (
        count === CACHED_PIECES ||
        firstFree + to - from > units.length ||
        idFree + ids.length > heldIds.length
      ) {
        slots.fill(-1);
        count = 0;
        return;
      }
      for (let i = from; i < to; i++) units[firstFree + i - from] = text.charCodeAt(i);
      heldIds.set(ids, idFree);
      hashes[count] = hash;
      slots[slot] = count;
      count++;
      firstUnit[count] = firstFree + to - from;
      firstId[count] = idFree + ids.length;
    },
  };
}
