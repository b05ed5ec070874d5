// Import: files of the supported formats become a corpus in Apollo's format with a ledger; what is not taken is written down.
import { stat } from "node:fs/promises";
import {
  hashFile,
  type ProgressFactory,
  silentProgress,
  type TaskOptions,
  UserError,
} from "../core/index.ts";
import { count, listCounts, sortCounts } from "./counts.ts";
import { divideInputs, IMPORT_TASK_FOLDERS, readInTasks } from "./import-tasks.ts";
import { type FoundInputs, findInputs, type InputFile, type InputOptions } from "./input-files.ts";
import { openRecords } from "./open-records.ts";
import type { Batch } from "./prepare-records.ts";
import { createRangeWorkers, defaultWorkers } from "./range-workers.ts";
import type { Columns } from "./record-shapes.ts";
import { makeOnce, refuseToReplace } from "./stage-folder.ts";
import { removeTasks } from "./stage-tasks.ts";
import { createTally, type ImportTally, takeBatch } from "./take-records.ts";

/** How to import; what is not given is read off each file's name and content. */
export interface ImportOptions extends InputOptions {
  /** Which column or field holds what; usual names are known. */
  readonly columns?: Columns;
  /** Leave broken records, the rest of files that break, and files of unknown formats out, counted, instead of ending with an error. Default false. */
  readonly keepGoing?: boolean;
  /** Threads that read big JSON and JSON Lines files; the result is the same for any number. Default: by the machine. */
  readonly workers?: number;
  /** Divides the work; the result is the same to the byte. Default: this process does it. */
  readonly tasks?: TaskOptions;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** What was taken and what was not. */
export interface ImportResult {
  /** Documents kept. */
  readonly documents: number;
  readonly byLanguage: Readonly<Record<string, number>>;
  readonly byCategory: Readonly<Record<string, number>>;
  /** Records not taken, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Of these, records (or rests of files) that were broken; 0 unless `keepGoing` let them pass. */
  readonly broken: number;
  /** Documents that were taken with a change or a doubt, by what the ledger says about them. */
  readonly notes: Readonly<Record<string, number>>;
  /** Documents clearly written in another language than they are said to be, e.g. `"en: zh"`. They were taken. */
  readonly otherLanguage: Readonly<Record<string, number>>;
  /** Files of folders that hold no data, by reason. */
  readonly skippedFiles: Readonly<Record<string, number>>;
}

const STAGE = "corpus import";

/**
 * Imports files and folders into the corpus folder `out`: exact duplicates (across all files; the first one stays) and
 * elements that hold no document are dropped, counted by reason and listed in `dropped.jsonl`. The same inputs give the same
 * bytes; when `out` already holds them, nothing is done. `UserError` for unreadable or malformed files, at their first fault
 * unless `keepGoing`.
 */
export async function importCorpus(
  inputs: readonly string[],
  out: string,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const { progress = silentProgress, signal, columns = {}, keepGoing = false } = options;
  refuseToReplace(out, inputs);
  const found = await findInputs(inputs, options);
  const tasks = options.tasks === undefined ? undefined : { ...options.tasks, progress, signal };
  const divided = tasks === undefined ? undefined : await divideInputs(found.files, out, tasks);
  const recipe = await recipeOf(found, { columns, keepGoing }, divided?.hashes);
  const result = await makeOnce(out, STAGE, recipe, async (folder) => {
    const writer = folder.corpus();
    const dropped = await folder.lines("dropped.jsonl");
    const tally = createTally();
    for (const { file, entry, error } of found.unknown) {
      tally.broken++;
      count(tally.dropped, error.code);
      const path = entry === undefined ? file : `${file}/${entry}`;
      const origin = { file: options.nameOf?.(path) ?? path, start: 0, end: (await stat(file)).size };
      const { code: reason, message } = error;
      await dropped.write({ origin, reason, at: 0, message, restOfFile: true });
    }
    const sizes = await Promise.all(found.files.map(async ({ content }) => (await stat(content.file)).size));
    const take = (batch: Batch, input: number): Promise<void> => {
      signal?.throwIfAborted();
      return takeBatch(batch, found.files[input]!, sizes[input]!, { tally, writer, dropped, keepGoing });
    };
    if (tasks === undefined || divided === undefined) await readHere(found.files, sizes, options, take);
    else
      for await (const { batch, input } of readInTasks(divided, { columns, keepGoing }, out, tasks))
        await take(batch, input);
    if (tally.seen.size === 0)
      throw new UserError("empty-corpus", `no document to import (left out: ${listCounts(tally.dropped)})`, {
        file: inputs.join(", "),
      });
    return toResult(tally, found);
  });
  if (tasks !== undefined) await removeTasks(out, IMPORT_TASK_FOLDERS);
  return result;
}

/** Reads all inputs in this process, big ones on threads. */
async function readHere(
  files: readonly InputFile[],
  sizes: readonly number[],
  { columns = {}, workers: threads, progress = silentProgress }: ImportOptions,
  take: (batch: Batch, input: number) => Promise<void>,
): Promise<void> {
  const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;
  const bar = progress("import", megabytes(sizes.reduce((a, b) => a + b, 0)), "MB");
  const workers = createRangeWorkers(threads ?? defaultWorkers());
  try {
    let before = 0;
    for (const [i, input] of files.entries()) {
      const size = sizes[i]!;
      for await (const batch of openRecords(input, columns, workers)) {
        await take(batch, i);
        bar.update(megabytes(before + Math.min(size, batch.records.at(-1)?.end ?? 0)));
      }
      before += size;
    }
    bar.finish();
  } finally {
    await workers.close();
  }
}

/** Everything that decides the output. */
async function recipeOf(
  found: FoundInputs,
  setting: { readonly columns: Columns; readonly keepGoing: boolean },
  known: ReadonlyMap<string, string> = new Map(),
): Promise<unknown> {
  const hashes = new Map(known);
  const files = [];
  for (const { content, format, hint } of found.files) {
    const sha256 = hashes.get(content.file) ?? (await hashFile(content.file));
    hashes.set(content.file, sha256);
    files.push({ file: content.name, format, encoding: content.encoding, ...hint, sha256 });
  }
  const unknown = [];
  for (const { file, entry } of found.unknown) unknown.push({ file, entry, sha256: await hashFile(file) });
  return { files, ...setting, ...(unknown.length === 0 ? {} : { unknown }) };
}

function toResult(tally: ImportTally, found: FoundInputs): ImportResult {
  return {
    documents: tally.seen.size,
    byLanguage: sortCounts(tally.byLanguage),
    byCategory: sortCounts(tally.byCategory),
    dropped: sortCounts(tally.dropped),
    broken: tally.broken,
    notes: sortCounts(tally.notes),
    otherLanguage: sortCounts(tally.otherLanguage),
    skippedFiles: sortCounts(
      Object.fromEntries(Object.entries(found.skipped).map(([reason, files]) => [reason, files.length])),
    ),
  };
}
