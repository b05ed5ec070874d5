// Names of documents that a report speaks of, on disk: added in the order of documents, asked for in any.
import { closeSync, openSync } from "node:fs";
import type { Origin } from "./document.ts";
import { readAt, writeWhole } from "./spill.ts";

/** Names a document: its id in ledgers, and the place that it was imported from. */
export interface Label {
  readonly document: string;
  readonly origin: Origin;
}

/** Labels by number of the document. */
export interface LabelStore {
  /** `document` is larger than all before it. */
  add(document: number, label: Label): void;
  /** The label of a document that was added. */
  get(document: number): Label;
  close(): void;
}

/** Documents whose labels are written together; their places take 16 bytes each. */
const BLOCK = 1 << 12;

/** An empty store in two files: `path.jsonl` and, for each document, labelled or not, where its label begins and ends. */
export function createLabelStore(path: string): LabelStore {
  const text = openSync(`${path}.jsonl`, "w+");
  const places = openSync(`${path}.bin`, "w+");
  let pending = new Map<number, Label>();
  let block = 0;
  let blocks = 0;
  let written = 0;
  /** Writes the block of documents that is in memory. */
  const flush = (): void => {
    const ends = new Float64Array(2 * BLOCK);
    const lines: Buffer[] = [];
    for (const [document, label] of pending) {
      const line = Buffer.from(JSON.stringify(label));
      ends[2 * (document % BLOCK)] = written;
      written += line.length;
      ends[2 * (document % BLOCK) + 1] = written;
      lines.push(line);
    }
    writeWhole(text, Buffer.concat(lines));
    // Blocks in which no document has a label are written too: places are found by the number alone.
    for (; blocks < block; blocks++) writeWhole(places, new Float64Array(2 * BLOCK));
    writeWhole(places, ends);
    blocks++;
    pending = new Map();
  };
  return {
    add(document, label) {
      const own = Math.floor(document / BLOCK);
      if (own !== block && pending.size > 0) flush();
      block = own;
      pending.set(document, label);
    },
    get(document) {
      const known = pending.get(document);
      if (known !== undefined) return known;
      const ends = new Float64Array(2);
      readAt(places, `${path}.bin`, ends, 16 * document);
      const [start = 0, end = 0] = ends;
      const line = Buffer.alloc(end - start);
      readAt(text, `${path}.jsonl`, line, start);
      return JSON.parse(line.toString("utf8")) as Label;
    },
    close() {
      closeSync(text);
      closeSync(places);
    },
  };
}
