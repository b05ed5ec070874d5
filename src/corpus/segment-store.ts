// Segments on disk in the order they were made, read again in the order they are trained on; memory holds only where each
// one stands.
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { createColumn } from "./column.ts";
import type { Segment } from "./segments.ts";

/** Segments by number. */
export interface SegmentStore {
  /** Appends a segment of a document; segments of one document follow each other. */
  add(document: number, segment: Segment): void;
  readonly count: number;
  length(segment: number): number;
  document(segment: number): number;
  read(segment: number): Segment;
  /** Removes the file. */
  close(): void;
}

/** Written at once: 1 MiB of tokens. */
const BUFFER_TOKENS = 1 << 18;

/** Opens an empty store in a scratch file. */
export function createSegmentStore(path: string): SegmentStore {
  const file = openSync(path, "w+");
  const offsets = createColumn(Float64Array);
  const lengths = createColumn(Int32Array);
  const documents = createColumn(Int32Array);
  let buffer = new Int32Array(BUFFER_TOKENS);
  let buffered = 0;
  let written = 0;
  const flush = (): void => {
    const bytes = new Uint8Array(buffer.buffer, 0, 4 * buffered);
    for (let done = 0; done < bytes.length; )
      done += writeSync(file, bytes, done, bytes.length - done, 4 * written + done);
    written += buffered;
    buffered = 0;
  };
  return {
    get count() {
      return lengths.count;
    },
    add(document, segment) {
      if (buffered + segment.length > buffer.length) flush();
      if (segment.length > buffer.length) buffer = new Int32Array(segment.length);
      buffer.set(segment, buffered);
      offsets.push(written + buffered);
      lengths.push(segment.length);
      documents.push(document);
      buffered += segment.length;
    },
    length: (segment) => lengths.get(segment),
    document: (segment) => documents.get(segment),
    read(segment) {
      if (buffered > 0) flush();
      const tokens = new Int32Array(lengths.get(segment));
      const bytes = new Uint8Array(tokens.buffer);
      const from = 4 * offsets.get(segment);
      for (let done = 0; done < bytes.length; )
        done += readSync(file, bytes, done, bytes.length - done, from + done);
      return tokens;
    },
    close() {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
}
