// Writes a corpus: documents sorted into files of Apollo's format by category, language and kind, each with its ledger.
import { join } from "node:path";
import {
  type AtomicFile,
  createAtomicFile,
  createJsonLinesWriter,
  type JsonLinesWriter,
} from "../core/index.ts";
import { corpusFileName, ledgerPath } from "./corpus-files.ts";
import type { Document } from "./document.ts";
import type { LedgerEntry } from "./read-documents.ts";

/** A corpus being written. */
export interface CorpusWriter {
  write(document: Document): Promise<void>;
  /** Ends all files. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

interface OpenFile {
  readonly file: AtomicFile;
  readonly ledger: JsonLinesWriter;
  block: string[];
  size: number;
  count: number;
}

/** Written at once; single documents are small. */
const BLOCK_CHARACTERS = 1 << 18;

/** Starts a corpus in `folder`. */
export function createCorpusWriter(folder: string): CorpusWriter {
  const open = new Map<string, OpenFile>();
  const flush = async (target: OpenFile): Promise<void> => {
    const block = target.block.join("");
    target.block = [];
    target.size = 0;
    await target.file.write(block);
  };
  return {
    async write(document) {
      const path = join(folder, corpusFileName(document));
      let target = open.get(path);
      if (target === undefined) {
        const file = await createAtomicFile(path);
        target = {
          file,
          ledger: await createJsonLinesWriter(ledgerPath(path)),
          block: [],
          size: 0,
          count: 0,
        };
        open.set(path, target);
      }
      const element = JSON.stringify(document.kind === "text" ? document.text : document.turns);
      const text = `${target.count === 0 ? "[\n" : ",\n"}${element}`;
      target.block.push(text);
      target.size += text.length;
      target.count++;
      if (target.size >= BLOCK_CHARACTERS) await flush(target);
      const { id, origin, language, decisions } = document;
      await target.ledger.write({ id, origin, language, decisions } satisfies LedgerEntry);
    },
    async commit() {
      for (const target of open.values()) {
        target.block.push("\n]\n");
        await flush(target);
        await target.file.commit();
        await target.ledger.commit();
      }
    },
    async abort() {
      for (const target of open.values()) {
        await target.file.abort();
        await target.ledger.abort();
      }
    },
  };
}
