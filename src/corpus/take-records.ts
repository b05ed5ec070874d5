// What becomes of the records of an import: documents in the corpus, duplicates and broken ones written down with their places.
import type { JsonLinesWriter, UserError } from "../core/index.ts";
import { count } from "./counts.ts";
import type { Decision, Origin } from "./document.ts";
import { createIdSet, type IdSet } from "./id-set.ts";
import type { InputFile } from "./input-files.ts";
import type { Batch, PreparedRecord } from "./prepare-records.ts";
import { type Problem, problemError } from "./raw-record.ts";
import { EXPECTED_FIELDS } from "./record-shapes.ts";
import type { CorpusWriter } from "./write-corpus.ts";

/** What was taken so far and what was not. */
export interface ImportTally {
  readonly seen: IdSet;
  readonly byLanguage: Record<string, number>;
  readonly byCategory: Record<string, number>;
  readonly dropped: Record<string, number>;
  readonly notes: Record<string, number>;
  readonly otherLanguage: Record<string, number>;
  broken: number;
}

/** Nothing taken yet. */
export function createTally(): ImportTally {
  const seen = createIdSet();
  return { seen, byLanguage: {}, byCategory: {}, dropped: {}, notes: {}, otherLanguage: {}, broken: 0 };
}

/** Where records go. */
export interface ImportTarget {
  readonly tally: ImportTally;
  readonly writer: CorpusWriter;
  readonly dropped: JsonLinesWriter;
  readonly keepGoing: boolean;
}

/** Takes records of an input of `size` bytes: documents that are new go into the corpus, everything else is written down, or ends the import. */
export async function takeBatch(
  batch: Batch,
  input: InputFile,
  size: number,
  target: ImportTarget,
): Promise<void> {
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
      const problem = problemOf(record);
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

/** What is broken in a record; `undefined` when nothing is. */
export function brokenIn(record: PreparedRecord): Problem | undefined {
  return "fault" in record || "problem" in record ? problemOf(record) : undefined;
}

function problemOf(record: Extract<PreparedRecord, { fault: string } | { problem: Problem }>): Problem {
  return "problem" in record ? record.problem : faultProblem(record);
}

/** The error at a problem, with its place in the file itself. */
export async function importError(
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

function importDecision(record: Extract<PreparedRecord, { id: string }>, tally: ImportTally): Decision {
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
