// Writes a corpus: documents sorted into files of Apollo's format by category, language and kind, each with its ledger.
import { join } from "node:path";
import {
  type AtomicFile,
  createAtomicFile,
  createJsonLinesWriter,
  type JsonLinesWriter,
} from "../core/index.ts";
import { type CorpusFileKind, corpusFileName, ledgerPath } from "./corpus-files.ts";
import type { Document } from "./document.ts";
import type { LedgerEntry } from "./read-documents.ts";

/** A corpus being written. */
export interface CorpusWriter {
  write(document: Document): Promise<void>;
  /** The same from a document's element as JSON in UTF-8; the bytes are kept until they are written. */
  writeElement(kind: CorpusFileKind, element: Uint8Array, entry: LedgerEntry): Promise<void>;
  /** Ends all files. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

interface OpenFile {
  readonly file: AtomicFile;
  readonly ledger: JsonLinesWriter;
  block: Uint8Array[];
  size: number;
  count: number;
}

/** Written at once; single documents are small. */
const BLOCK_BYTES = 1 << 18;

const OPEN = Buffer.from("[\n");
const BETWEEN = Buffer.from(",\n");
const CLOSE = Buffer.from("\n]\n");

/** Starts a corpus in `folder`. */
export function createCorpusWriter(folder: string): CorpusWriter {
  const open = new Map<string, OpenFile>();
  const flush = async (target: OpenFile): Promise<void> => {
    const block = Buffer.concat(target.block);
    target.block = [];
    target.size = 0;
    await target.file.write(block);
  };
  const openFile = async (name: string): Promise<OpenFile> => {
    const path = join(folder, name);
    const target: OpenFile = {
      file: await createAtomicFile(path),
      ledger: await createJsonLinesWriter(ledgerPath(path)),
      block: [],
      size: 0,
      count: 0,
    };
    open.set(name, target);
    return target;
  };
  const writeElement = async (
    kind: CorpusFileKind,
    element: Uint8Array,
    entry: LedgerEntry,
  ): Promise<void> => {
    const name = corpusFileName(kind);
    const target = open.get(name) ?? (await openFile(name));
    target.block.push(target.count === 0 ? OPEN : BETWEEN, element);
    target.size += element.length;
    target.count++;
    await target.ledger.write(entry);
    if (target.size >= BLOCK_BYTES) await flush(target);
  };
  return {
    writeElement,
    write(document) {
      const { id, origin, language, decisions } = document;
      const element = JSON.stringify(document.kind === "text" ? document.text : document.turns);
      return writeElement(document, Buffer.from(element), { id, origin, language, decisions });
    },
    async commit() {
      // All at once: what takes time is to wait for the disk.
      await Promise.all(
        [...open.values()].map(async (target) => {
          target.block.push(CLOSE);
          await flush(target);
          await Promise.all([target.file.commit(), target.ledger.commit()]);
        }),
      );
    },
    async abort() {
      for (const target of open.values()) {
        await target.file.abort();
        await target.ledger.abort();
      }
    },
  };
}
