// Import: files of the supported formats become a corpus in Apollo's format with a ledger; what is not taken is written down.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  createAtomicFolder,
  createJsonLinesWriter,
  hashFile,
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  UserError,
  writeManifest,
} from "../core/index.ts";
import { type CorpusFileKind, findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import { type DropReason, documentId } from "./document.ts";
import { readElements } from "./read-documents.ts";
import { createCorpusWriter } from "./write-corpus.ts";

/** How to import; what is not given is read off each file's name. */
export interface ImportOptions extends Partial<CorpusFileKind> {
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** What was taken and what was not. */
export interface ImportResult {
  /** Documents kept. */
  readonly documents: number;
  readonly byLanguage: Readonly<Record<string, number>>;
  readonly byCategory: Readonly<Record<string, number>>;
  /** Elements not taken, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

const STAGE = "corpus import";

/**
 * Imports files and folders into the corpus folder `out`: exact duplicates (across all files; the first one stays) and
 * elements that hold no document are dropped, counted by reason and listed in `dropped.jsonl`. The same inputs give the same
 * bytes; when `out` already holds them, nothing is done. `UserError` for unreadable or malformed files.
 */
export async function importCorpus(
  inputs: readonly string[],
  out: string,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const { progress = silentProgress, signal, ...override } = options;
  const files = await findCorpusFiles(inputs, override);
  const recipe = {
    files: await Promise.all(
      files.map(async ({ file, kind }) => ({ file, kind, sha256: await hashFile(file) })),
    ),
  };
  const done = await matchingManifest(out, STAGE, recipe);
  if (done !== undefined) return done.result as ImportResult;

  const sizes = await Promise.all(files.map(async ({ file }) => (await stat(file)).size));
  const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;
  const bar = progress("import", megabytes(sizes.reduce((a, b) => a + b, 0)), "MB");
  const folder = await createAtomicFolder(out);
  const writer = createCorpusWriter(folder.path);
  const dropped = await createJsonLinesWriter(join(folder.path, "dropped.jsonl"));
  try {
    const seen = new Set<string>();
    const byLanguage: Record<string, number> = {};
    const byCategory: Record<string, number> = {};
    const byReason: Record<string, number> = {};
    let before = 0;
    for (const [i, { file, kind }] of files.entries()) {
      for await (const { origin, read } of readElements(file, kind)) {
        signal?.throwIfAborted();
        const drop = (reason: DropReason, id?: string): Promise<void> => {
          count(byReason, reason);
          // A duplicate has the id of the document that stayed.
          return dropped.write({ origin, reason, ...(id === undefined ? {} : { id }) });
        };
        if ("content" in read) {
          const id = documentId(read.content);
          if (seen.has(id)) {
            await drop("exact-duplicate", id);
          } else {
            seen.add(id);
            const { category, language, stage } = kind;
            const decisions = [{ step: "import", decision: "keep" as const }];
            await writer.write({ ...read.content, id, category, language, stage, origin, decisions });
            count(byLanguage, language);
            count(byCategory, category);
          }
        } else {
          await drop(read.reason);
        }
        bar.update(megabytes(before + origin.end));
      }
      before += sizes[i]!;
    }
    bar.finish();
    if (seen.size === 0)
      throw new UserError("empty-corpus", "no document to import", { file: inputs.join(", ") });
    const result: ImportResult = {
      documents: seen.size,
      byLanguage: sortCounts(byLanguage),
      byCategory: sortCounts(byCategory),
      dropped: sortCounts(byReason),
    };
    await writer.commit();
    await dropped.commit();
    await writeManifest(folder.path, STAGE, recipe, result);
    await folder.commit();
    return result;
  } catch (error) {
    await writer.abort();
    await dropped.abort();
    await folder.abort();
    throw error;
  }
}
