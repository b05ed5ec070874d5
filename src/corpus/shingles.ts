// Shingles: the short runs of characters that a text is made of, as a set of hashes. Two texts are alike as far as they share them.

/** Characters in a shingle that begins with a Han character, which says as much as two or three letters do. */
const HAN_LENGTH = 3;
const LENGTH = 5;

/** Grows to the longest text; making one for each text would cost more than filling it. */
let scratch = new Uint32Array(1 << 16);

/**
 * The shingles of a reduced text as 32-bit hashes, as they stand, repeated ones too; a text shorter than one shingle is its
 * own. They are overwritten by the next call.
 */
export function hashShingles(text: string): Uint32Array {
  if (scratch.length < text.length) scratch = new Uint32Array(2 * text.length);
  let n = 0;
  for (let at = 0; at < text.length; at++) {
    const end = at + (isHan(text.charCodeAt(at)) ? HAN_LENGTH : LENGTH);
    if (end > text.length) break;
    scratch[n++] = hashStretch(text, at, end);
  }
  if (n === 0) scratch[n++] = hashStretch(text, 0, text.length);
  return scratch.subarray(0, n);
}

/** The different shingles of a reduced text, ascending. */
export function shingle(text: string): Uint32Array {
  const sorted = hashShingles(text).slice().sort();
  let different = 1;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) sorted[different++] = sorted[i]!;
  return sorted.slice(0, different);
}

/** Shared / all different shingles of two texts: 1 for the same set, 0 for nothing in common. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]! < b[j]!) i++;
    else if (a[i]! > b[j]!) j++;
    else {
      shared++;
      i++;
      j++;
    }
  }
  return shared / (a.length + b.length - shared);
}

/** Scrambles 32 bits (Wellons' lowbias32): a hash of which every bit can be used by itself. */
export function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

function hashStretch(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return mix(hash);
}

function isHan(unit: number): boolean {
  return unit >= 0x3400 && unit < 0xa000;
}
