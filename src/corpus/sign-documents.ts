// First step of near-duplicate search: each document's place and band keys on disk, the keys once in the order of documents and once
// by partition, so that documents with equal keys meet in one partition. A part of a corpus can be signed anywhere: documents count from
// 0 in their part, and parts follow each other (`signed-parts.ts`).
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../core/index.ts";
import { type Document, documentTexts, type Origin } from "./document.ts";
import { reduceText } from "./match-text.ts";
import { BANDS, bandKeys, minHash } from "./minhash.ts";
import { hashShingles } from "./shingles.ts";
import { createSpill, writeWhole } from "./spill.ts";

/** A document, the number of the corpus file that it stands in, and its place there. */
export interface FiledDocument {
  readonly document: Document;
  readonly file: number;
  readonly place: Origin;
}

/** Bytes that a document has at least, about: what partitions are planned by. */
const SMALLEST_DOCUMENT = 100;
/** Bytes of a partition of band keys at most, about. */
const PARTITION_BYTES = 1 << 25;
/** Bytes of a key with its document. */
const ENTRY_BYTES = 8;
/** Partitions of a band at most, as a power of two. */
const MOST_PARTITION_BITS = 8;

/** Into how many partitions the keys of each band go, as a power of two, for a corpus of so many bytes. All parts must agree on it. */
export function partitionBits(corpusBytes: number): number {
  const bandBytes = (corpusBytes / SMALLEST_DOCUMENT) * ENTRY_BYTES;
  const bits = Math.ceil(Math.log2(Math.max(1, bandBytes / PARTITION_BYTES)));
  return Math.min(bits, MOST_PARTITION_BITS);
}

/** Partitions of all bands. */
export function partitionCount(bits: number): number {
  return BANDS << bits;
}

/** Where a part keeps a partition: records [document in the part, key]. */
export function partitionPath(part: string, partition: number): string {
  return join(part, `keys-${String(partition).padStart(5, "0")}.bin`);
}

/** Where a part keeps where its documents stand: first byte (f64), bytes and file (u32), 16 bytes a document. */
export function placesPath(part: string): string {
  return join(part, "places.bin");
}

/** Where a part keeps its keys in the order of documents: `BANDS` i32 a document. */
export function keysPath(part: string): string {
  return join(part, "keys.bin");
}

/** Documents written at once. */
const BLOCK = 1 << 10;
/** Bytes of a document in `places.bin`. */
export const PLACE_BYTES = 16;

/** Signs documents into the folder `part`, which is made; gives their number. Memory does not grow with it. */
export async function signDocuments(
  documents: AsyncIterable<FiledDocument>,
  part: string,
  bits: number,
): Promise<number> {
  await makeFolder(part);
  const spill = createSpill((partition) => partitionPath(part, partition));
  const places = new DataView(new ArrayBuffer(BLOCK * PLACE_BYTES));
  const keys = new Int32Array(BLOCK * BANDS);
  const placesFile = openSync(placesPath(part), "w");
  const keysFile = openSync(keysPath(part), "w");
  let count = 0;
  let block = 0;
  const flush = (): void => {
    writeWhole(placesFile, new Uint8Array(places.buffer, 0, block * PLACE_BYTES));
    writeWhole(keysFile, keys.subarray(0, block * BANDS));
    block = 0;
  };
  try {
    const entry = new Uint32Array(2);
    for await (const { document, file, place } of documents) {
      const own = bandKeys(minHash(hashShingles(reduceText(documentTexts(document)).text)));
      places.setFloat64(block * PLACE_BYTES, place.start, true);
      places.setUint32(block * PLACE_BYTES + 8, place.end - place.start, true);
      places.setUint32(block * PLACE_BYTES + 12, file, true);
      keys.set(own, block * BANDS);
      entry[0] = count;
      for (let band = 0; band < BANDS; band++) {
        const key = own[band]! >>> 0;
        entry[1] = key;
        // A shift by 32 would be one by 0.
        spill.add((band << bits) + (bits === 0 ? 0 : key >>> (32 - bits)), entry);
      }
      count++;
      if (++block === BLOCK) flush();
    }
    flush();
    spill.flush();
  } finally {
    closeSync(placesFile);
    closeSync(keysFile);
  }
  return count;
}
