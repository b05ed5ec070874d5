// Import: files of the supported formats become a corpus in Apollo's format with a ledger; what is not taken is written down.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  createAtomicFolder,
  createJsonLinesWriter,
  hashFile,
  type JsonLinesWriter,
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  UserError,
  writeManifest,
} from "../core/index.ts";
import { count, sortCounts } from "./counts.ts";
import type { Decision, Origin } from "./document.ts";
import { createIdSet, type IdSet } from "./id-set.ts";
import { type FoundInputs, findInputs, type InputFile, type InputOptions } from "./input-files.ts";
import { openRecords } from "./open-records.ts";
import type { Batch, PreparedRecord } from "./prepare-records.ts";
import { createRangeWorkers, defaultWorkers } from "./range-workers.ts";
import { type Problem, problemError } from "./raw-record.ts";
import { type Columns, EXPECTED_FIELDS } from "./record-shapes.ts";
import { type CorpusWriter, createCorpusWriter } from "./write-corpus.ts";

/** How to import; what is not given is read off each file's name and content. */
export interface ImportOptions extends InputOptions {
  /** Which column or field holds what; usual names are known. */
  readonly columns?: Columns;
  /** Leave broken records, the rest of files that break, and files of unknown formats out, counted, instead of ending with an error. Default false. */
  readonly keepGoing?: boolean;
  /** Threads that read big JSON and JSON Lines files; the result is the same for any number. Default: by the machine. */
  readonly workers?: number;
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
  const found = await findInputs(inputs, options);
  const recipe = await recipeOf(found, columns, keepGoing);
  const done = await matchingManifest(out, STAGE, recipe);
  if (done !== undefined) return done.result as ImportResult;

  const sizes = await Promise.all(found.files.map(async ({ content }) => (await stat(content.file)).size));
  const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;
  const bar = progress("import", megabytes(sizes.reduce((a, b) => a + b, 0)), "MB");
  const folder = await createAtomicFolder(out);
  const workers = createRangeWorkers(options.workers ?? defaultWorkers());
  const writer = createCorpusWriter(folder.path);
  const dropped = await createJsonLinesWriter(join(folder.path, "dropped.jsonl"));
  try {
    const tally = createTally();
    let before = 0;
    for (const { file, entry, error } of found.unknown) {
      tally.broken++;
      count(tally.dropped, error.code);
      const origin = {
        file: entry === undefined ? file : `${file}/${entry}`,
        start: 0,
        end: (await stat(file)).size,
      };
      const { code: reason, message } = error;
      await dropped.write({ origin, reason, at: 0, message, restOfFile: true });
    }
    for (const [i, input] of found.files.entries()) {
      const size = sizes[i]!;
      for await (const batch of openRecords(input, columns, workers)) {
        signal?.throwIfAborted();
        await takeBatch(batch, input, size, { tally, writer, dropped, keepGoing });
        bar.update(megabytes(before + Math.min(size, batch.records.at(-1)?.end ?? 0)));
      }
      before += size;
    }
    bar.finish();
    if (tally.seen.size === 0)
      throw new UserError("empty-corpus", "no document to import", { file: inputs.join(", ") });
    const result = toResult(tally, found);
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
  } finally {
    await workers.close();
  }
}

/** Everything that decides the output. */
async function recipeOf(found: FoundInputs, columns: Columns, keepGoing: boolean): Promise<unknown> {
  const hashes = new Map<string, string>();
  const files = [];
  for (const { content, format, hint } of found.files) {
    const sha256 = hashes.get(content.file) ?? (await hashFile(content.file));
    hashes.set(content.file, sha256);
    files.push({ file: content.name, format, encoding: content.encoding, ...hint, sha256 });
  }
  const unknown = [];
  for (const { file, entry } of found.unknown) unknown.push({ file, entry, sha256: await hashFile(file) });
  return { files, columns, keepGoing, ...(unknown.length === 0 ? {} : { unknown }) };
}

interface Tally {
  readonly seen: IdSet;
  readonly byLanguage: Record<string, number>;
  readonly byCategory: Record<string, number>;
  readonly dropped: Record<string, number>;
  readonly notes: Record<string, number>;
  readonly otherLanguage: Record<string, number>;
  broken: number;
}

function createTally(): Tally {
  const seen = createIdSet();
  return { seen, byLanguage: {}, byCategory: {}, dropped: {}, notes: {}, otherLanguage: {}, broken: 0 };
}

function toResult(tally: Tally, found: FoundInputs): ImportResult {
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

interface Target {
  readonly tally: Tally;
  readonly writer: CorpusWriter;
  readonly dropped: JsonLinesWriter;
  readonly keepGoing: boolean;
}

async function takeBatch(batch: Batch, input: InputFile, size: number, target: Target): Promise<void> {
  const { tally, writer, dropped, keepGoing } = target;
  const { content, format, hint } = input;
  const of = format === "parquet" ? ("rows" as const) : content.plain ? undefined : ("content" as const);
  let at = 0;
  for (const record of batch.records) {
    const origin: Origin = {
      file: content.name,
      start: record.start,
      end: record.end,
      ...(of === undefined ? {} : { of }),
    };
    if ("id" in record) {
      const element = batch.bytes.subarray(at, at + record.size);
      at += record.size;
      const { id, kind, language } = record;
      if (tally.seen.add(id)) {
        // A text file can only be a pretraining file.
        const stage = kind === "text" ? "pretrain" : hint.stage;
        const { category } = hint;
        const decisions = [importDecision(record, tally)];
        await writer.writeElement({ category, language, kind, stage }, element, {
          id,
          origin,
          language,
          decisions,
        });
        count(tally.byLanguage, language);
        count(tally.byCategory, category);
      } else {
        // A duplicate has the id of the document that stayed.
        count(tally.dropped, "exact-duplicate");
        await dropped.write({ origin, reason: "exact-duplicate", id });
      }
    } else if ("reason" in record) {
      count(tally.dropped, record.reason);
      await dropped.write({ origin, reason: record.reason });
    } else {
      const problem = "problem" in record ? record.problem : faultProblem(record);
      if (!keepGoing) throw await importError(input, problem, record.start);
      tally.broken++;
      count(tally.dropped, problem.reason);
      // Of a file that breaks, all that was left.
      const end = problem.fatal && of === undefined ? size : record.end;
      await dropped.write({
        origin: { ...origin, end },
        reason: problem.reason,
        at: problem.at ?? record.start,
        message: problem.message,
        ...(problem.fatal ? { restOfFile: true } : {}),
      });
    }
  }
}

/** The error at a problem, with its place in the file itself. */
async function importError(
  { content, format }: InputFile,
  problem: Problem,
  start: number,
): Promise<UserError> {
  const at = problem.at ?? start;
  if (format === "parquet") return problemError(content.name, problem, at, "row");
  // Bytes that cannot be decoded are found in the file, everything else in its UTF-8.
  const inFile = problem.reason === "bad-encoding";
  const place = inFile ? at + (content.range?.start ?? 0) : await content.sourceByte(at);
  return problemError(
    content.name,
    { ...problem, at: place },
    start,
    content.packed ? "unpacked byte" : "byte",
  );
}

function importDecision(record: Extract<PreparedRecord, { id: string }>, tally: Tally): Decision {
  const { notes = [], language, writtenIn } = record;
  for (const note of notes) count(tally.notes, note);
  if (writtenIn !== undefined) count(tally.otherLanguage, `${language}: ${writtenIn}`);
  const said = writtenIn === undefined ? notes : [...notes, `written-in-${writtenIn}`];
  return { step: "import", decision: "keep", ...(said.length === 0 ? {} : { reason: said.join(", ") }) };
}

function faultProblem({ fault, message }: Extract<PreparedRecord, { fault: string }>): Problem {
  const remedy =
    fault === "wrong-shape" && message.includes("fields")
      ? EXPECTED_FIELDS
      : "Mend the record, or leave such records out, counted, with --keep-going.";
  return { reason: fault, message, remedy };
}
