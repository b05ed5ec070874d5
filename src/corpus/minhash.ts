// MinHash: a short signature of a set of shingles. Two signatures agree in as large a share of their places as the sets share
// members, so that near duplicates among millions are found without comparing each with each.
//
// One permutation gives all places (Li, Owen and Zhang 2012, arXiv 1208.1259): each shingle falls into one bin, the smallest
// in each bin counts, and empty bins borrow from full ones (optimal densification, Shrivastava 2017, arXiv 1703.04664).
import { mix } from "./shingles.ts";

const PLACES = 112;
/** Documents are compared when all places of one band agree. */
export const BANDS = 16;
/** 16 bands of 7 places bring together 98 % of pairs that share 0.8 of their shingles, and 12 % of those that share 0.5. */
const BAND_PLACES = PLACES / BANDS;

const EMPTY = 0xffffffff;

/** The signature of a set of shingles, in any order, repeated or not. */
export function minHash(shingles: Uint32Array): Uint32Array {
  const least = new Uint32Array(PLACES).fill(EMPTY);
  for (const value of shingles) {
    const bin = value % PLACES;
    const rank = mix(value ^ 0x9e3779b1);
    if (rank < least[bin]!) least[bin] = rank;
  }
  const signature = least.slice();
  for (let bin = 0; bin < PLACES; bin++) {
    // Which bin lends depends on the borrowing bin alone, so that alike sets borrow alike.
    for (let attempt = 1; signature[bin] === EMPTY; attempt++)
      signature[bin] = least[mix(bin * 0x10001 + attempt * 0x3779b1) % PLACES]!;
  }
  return signature;
}

/** The share of places in which two signatures agree: the estimate of the Jaccard index. */
export function estimateJaccard(a: Uint32Array, b: Uint32Array): number {
  let same = 0;
  for (let place = 0; place < PLACES; place++) if (a[place] === b[place]) same++;
  return same / PLACES;
}

/** One key a band, as signed 32-bit numbers. */
export function bandKeys(signature: Uint32Array): Int32Array {
  const keys = new Int32Array(BANDS);
  for (let band = 0; band < BANDS; band++) {
    let key = band;
    for (let place = 0; place < BAND_PLACES; place++)
      key = mix(Math.imul(key, 31) ^ signature[band * BAND_PLACES + place]!);
    keys[band] = key;
  }
  return keys;
}
