// What a published format is: which files it takes, and how their records become items.
import type { ImportFile } from "./import-file.ts";
import type { ImportRefusal, ReleasedItem } from "./import-item.ts";

/** What a record gives. */
export type ImportedItem = ReleasedItem | ImportRefusal;

/** One published format. */
export interface ImportFormat {
  /** Extensions of its files, for folders. */
  readonly extensions: readonly string[];
  /** Files of a folder that are taken, without extension and `_test`; all when absent. XMedBench took these. */
  readonly files?: readonly string[];
  /** What a record looks like, for people. */
  readonly shape: string;
  /** The source of an item without another name. */
  readonly source: string;
  /** Reads all files of an import: some publishers keep the answers in a file of their own. */
  readonly read: (files: readonly ImportFile[]) => Promise<ImportedItem[]>;
}

/** A format whose files stand for themselves. */
export function eachFile(read: (file: ImportFile) => Promise<ImportedItem[]>): ImportFormat["read"] {
  return async (files) => {
    const items: ImportedItem[][] = [];
    for (const file of files) items.push(await read(file));
    return items.flat();
  };
}
