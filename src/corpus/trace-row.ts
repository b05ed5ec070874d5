// Trace: where each part of a packed row comes from, and what every step decided on it.
import { join } from "node:path";
import { asFileError, exists, readJsonLines, UserError } from "../core/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import type { Decision, Origin } from "./document.ts";
import { DOCUMENTS_FILE, PACKED_FILE, type PackedDocument } from "./packed-folder.ts";

/** A segment of a row: a document, or a part of a long one. */
export interface TracedSegment {
  /** First position in the row, and the position after the last. */
  readonly from: number;
  readonly to: number;
  /** Positions of it that are learnt. */
  readonly labelTokens: number;
  /** Id of the document in ledgers. */
  readonly document: string;
  /** The corpus file that it was packed from, without its folder. */
  readonly file: string;
  /** The file that it was imported from, and its byte range there. */
  readonly origin: Origin;
  /** What each step decided, the first step first; empty when the corpus had no ledger. */
  readonly decisions: readonly Decision[];
  /** How it begins. */
  readonly text: string;
}

/** A packed row, taken apart. */
export interface RowTrace {
  readonly row: number;
  readonly length: number;
  readonly segments: readonly TracedSegment[];
}

const REMEDY = "Make it with: apollo corpus pack CORPUS --tokenizer T --length N --out DIR";
const IGNORED = -100;
/** Tokens of a segment that are shown as text. */
const SHOWN_TOKENS = 40;

interface Row {
  readonly input_ids: readonly number[];
  readonly labels: readonly number[];
  readonly segment_ids: readonly number[];
  readonly doc_ids: readonly number[];
}

/** Traces row `row`, from 0, of the packed rows in `folder`; `UserError` when there is no such row or they are damaged. */
export async function traceRow(folder: string, row: number): Promise<RowTrace> {
  const { input_ids, labels, segment_ids, doc_ids } = await readRow(join(folder, PACKED_FILE), row);
  const documents = await readDocumentLines(join(folder, DOCUMENTS_FILE), new Set(doc_ids));
  const tokenizer = await loadTokenizer(join(folder, "tokenizer"));
  const segments: TracedSegment[] = [];
  for (let from = 0, to = 0; from < segment_ids.length && segment_ids[from] !== -1; from = to) {
    while (to < segment_ids.length && segment_ids[to] === segment_ids[from]) to++;
    const { id, file, origin, decisions = [] } = documents.get(doc_ids[from]!)!;
    segments.push({
      from,
      to,
      labelTokens: labels.slice(from, to).filter((label) => label !== IGNORED).length,
      document: id,
      file,
      origin,
      decisions,
      text: tokenizer.decode(input_ids.slice(from, Math.min(to, from + SHOWN_TOKENS))),
    });
  }
  return { row, length: input_ids.length, segments };
}

async function readRow(file: string, row: number): Promise<Row> {
  if (!(await exists(file))) throw asFileError({ code: "ENOENT" }, file, REMEDY);
  const scan = `read_parquet('${file.replaceAll("'", "''")}', file_row_number = true)`;
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    try {
      return (await connection.runAndReadAll(sql)).getRowObjectsJson();
    } catch (error) {
      const why = (error as Error).message.split("\n")[0];
      throw new UserError("bad-packed-rows", `not packed rows (${why})`, {
        file,
        remedy: REMEDY,
        cause: error,
      });
    }
  };
  try {
    const [total] = await query(`SELECT count(*) AS rows FROM ${scan}`);
    const rows = Number(total?.rows);
    if (!Number.isInteger(row) || row < 0 || row >= rows)
      throw new UserError("no-such-row", `there is no row ${row}`, {
        file,
        remedy: `Rows are counted from 0; the last one is ${rows - 1}.`,
      });
    const [found] = await query(
      `SELECT input_ids, labels, segment_ids, doc_ids FROM ${scan} WHERE file_row_number = ${row}`,
    );
    return found as unknown as Row;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The lines with the wanted numbers, from 0; -1 stands for padding. */
async function readDocumentLines(
  file: string,
  wanted: ReadonlySet<number>,
): Promise<Map<number, PackedDocument>> {
  const found = new Map<number, PackedDocument>();
  const last = Math.max(...wanted);
  let number = 0;
  for await (const { value } of readJsonLines(file)) {
    if (wanted.has(number)) found.set(number, value as PackedDocument);
    if (number++ === last) return found;
  }
  throw new UserError("bad-packed-rows", `has ${number} lines, but a row names document ${last}`, {
    file,
    remedy: REMEDY,
  });
}
