// The signed parts of a corpus as one: documents by number, their keys and contents read from disk when asked for.
import { closeSync, openSync, statSync } from "node:fs";
import type { CorpusFileKind } from "./corpus-files.ts";
import { type Content, readContent } from "./document.ts";
import { BANDS } from "./minhash.ts";
import { keysPath, PLACE_BYTES, placesPath } from "./sign-documents.ts";
import { readAt } from "./spill.ts";

/** A file of a corpus and what it holds. */
export interface CorpusFile {
  readonly file: string;
  readonly kind: CorpusFileKind;
}

/** Documents by number, in the order of parts. */
export interface SignedParts {
  readonly count: number;
  /** The folders, and the number of the first document of each. */
  readonly folders: readonly string[];
  readonly firsts: readonly number[];
  /** Copies the keys of a document to `into` from `at` on. */
  keys(document: number, into: Int32Array, at: number): void;
  /** Where a document stands: number of its corpus file, first byte, bytes. */
  place(document: number): { readonly file: number; readonly start: number; readonly bytes: number };
  /** What a document says, from its corpus file. */
  read(document: number): Content;
  close(): void;
}

/** The parts in `folders` of the corpus in `files`; the files must stay as they were when signed. */
export function openSignedParts(folders: readonly string[], files: readonly CorpusFile[]): SignedParts {
  const open = new Map<string, number>();
  const descriptorOf = (path: string): number => {
    let descriptor = open.get(path);
    if (descriptor === undefined) {
      descriptor = openSync(path, "r");
      open.set(path, descriptor);
    }
    return descriptor;
  };
  const firsts: number[] = [];
  let count = 0;
  for (const folder of folders) {
    firsts.push(count);
    count += statSync(placesPath(folder)).size / PLACE_BYTES;
  }
  /** Reads what a file of the part of a document keeps for it. */
  const readOf = (document: number, pathOf: (part: string) => string, into: NodeJS.TypedArray): void => {
    let part = firsts.length - 1;
    while (firsts[part]! > document) part--;
    const path = pathOf(folders[part]!);
    readAt(descriptorOf(path), path, into, (document - firsts[part]!) * into.byteLength);
  };
  const own = new Int32Array(BANDS);
  const place = new DataView(new ArrayBuffer(PLACE_BYTES));
  const placeBytes = new Uint8Array(place.buffer);
  const placeOf: SignedParts["place"] = (document) => {
    readOf(document, placesPath, placeBytes);
    return {
      start: place.getFloat64(0, true),
      bytes: place.getUint32(8, true),
      file: place.getUint32(12, true),
    };
  };
  return {
    count,
    folders,
    firsts,
    keys(document, into, at) {
      readOf(document, keysPath, own);
      into.set(own, at);
    },
    place: placeOf,
    read(document) {
      const { file: number, start, bytes: size } = placeOf(document);
      const { file, kind } = files[number]!;
      const bytes = Buffer.allocUnsafe(size);
      readAt(descriptorOf(file), file, bytes, start);
      const read = readContent(JSON.parse(bytes.toString("utf8")), kind.kind);
      if (!("content" in read)) throw new Error(`${file} changed while it was read`);
      return read.content;
    },
    close() {
      for (const descriptor of open.values()) closeSync(descriptor);
    },
  };
}
