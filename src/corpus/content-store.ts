// Contents of documents by number, read again from the corpus files when asked for; memory holds where each one stands.
import { closeSync, openSync, readSync } from "node:fs";
import { createColumn } from "./column.ts";
import type { CorpusFileKind } from "./corpus-files.ts";
import { type Content, type Origin, readContent } from "./document.ts";

/** A file of a corpus and what it holds. */
export interface CorpusFile {
  readonly file: string;
  readonly kind: CorpusFileKind;
}

/** Contents by number, in the order they were added. */
export interface ContentStore {
  /** Adds the next document, which stands in file number `file`. */
  add(file: number, place: Origin): void;
  readonly count: number;
  read(document: number): Content;
  close(): void;
}

/** A store over `files`; nothing is copied, so they must stay as they are. */
export function createContentStore(files: readonly CorpusFile[]): ContentStore {
  const fileOf = createColumn(Int32Array);
  const starts = createColumn(Float64Array);
  const lengths = createColumn(Int32Array);
  const open = new Map<number, number>();
  const descriptorOf = (number: number): number => {
    const known = open.get(number);
    if (known !== undefined) return known;
    const descriptor = openSync(files[number]!.file, "r");
    open.set(number, descriptor);
    return descriptor;
  };
  return {
    get count() {
      return fileOf.count;
    },
    add(file, { start, end }) {
      fileOf.push(file);
      starts.push(start);
      lengths.push(end - start);
    },
    read(document) {
      const number = fileOf.get(document);
      const bytes = Buffer.alloc(lengths.get(document));
      const descriptor = descriptorOf(number);
      for (let done = 0; done < bytes.length; ) {
        const got = readSync(descriptor, bytes, done, bytes.length - done, starts.get(document) + done);
        if (got === 0) throw new Error(`${files[number]!.file} became shorter while it was read`);
        done += got;
      }
      const read = readContent(JSON.parse(bytes.toString("utf8")), files[number]!.kind.kind);
      if (!("content" in read)) throw new Error(`${files[number]!.file} changed while it was read`);
      return read.content;
    },
    close() {
      for (const descriptor of open.values()) closeSync(descriptor);
    },
  };
}
