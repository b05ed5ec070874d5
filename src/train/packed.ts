// Reads packed rows (`packed.parquet`, as `apollo corpus pack` writes it) in order or from any place, a block at a time.
// Columns: input_ids, labels, position_ids, segment_ids; lists of int32, all of one length.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBListVector, DuckDBResult } from "@duckdb/node-api";
import { asFileError, UserError } from "../core/index.ts";

/** One row to train on; each array has one value a position. */
export interface PackedRow {
  readonly inputIds: Int32Array;
  /** Aligned with `inputIds`; -100 where nothing is learnt. */
  readonly labels: Int32Array;
  /** From 0 in each segment. */
  readonly positionIds: Int32Array;
  /** Which segment of the row a position belongs to; -1 for padding. */
  readonly segmentIds: Int32Array;
  /** Line of `documents.jsonl`, from 0, -1 for padding; absent where the file does not say. */
  readonly documentIds?: Int32Array;
}

/** The label of a position that is not learnt. */
export const IGNORED = -100;

/** An open packed file. */
export interface PackedRows {
  /** Its path, for messages. */
  readonly file: string;
  readonly rows: number;
  /** Positions in a row. */
  readonly length: number;
  /** Rows `from` to `from + count - 1`; fewer at the end. One call at a time. Memory: one block of at most 2,048 rows. */
  read(from: number, count: number): Promise<PackedRow[]>;
  /**
   * The first row with an id, a label or a position that a vocabulary of this size, or the row, does not have, and whether any
   * row has a label to learn. One pass.
   */
  survey(
    vocabularySize: number,
  ): Promise<{ readonly firstOutside: number | undefined; readonly learnt: boolean }>;
  /** Documents in these rows, by their numbers in `documents.jsonl`; none where the file does not say. */
  documents(rows: readonly number[]): Promise<number[]>;
  close(): void;
}

const COLUMNS = ["input_ids", "labels", "position_ids", "segment_ids"] as const;
const DOCUMENTS = "doc_ids";
const REMEDY = "Make it with: apollo corpus pack CORPUS --tokenizer T --length N --out DIR";

/** Opens `folder/packed.parquet`; `UserError` when it is missing, cut off, empty, or not such a file. */
export async function openPackedRows(folder: string): Promise<PackedRows> {
  const file = join(folder, "packed.parquet");
  try {
    await stat(file);
  } catch (error) {
    throw asFileError(error, file, REMEDY);
  }
  // One thread: rows come in the order of the file.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const close = (): void => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    const { rows, length, documented } = await readShape(connection, file);
    const cursor = createCursor(connection, file, length, documented);
    return {
      file,
      rows,
      length,
      async read(from, count) {
        const read: PackedRow[] = [];
        for (let row = from; row < Math.min(from + count, rows); row++) read.push(await cursor(row));
        return read;
      },
      async survey(vocabularySize) {
        const [found] = await query(
          connection,
          file,
          `SELECT bool_or(list_max(labels) >= 0) AS learnt, min(file_row_number) FILTER (
             list_min(input_ids) < 0 OR list_max(input_ids) >= ${vocabularySize} OR list_max(labels) >= ${vocabularySize}
             OR len(list_filter(labels, lambda label: label < 0 AND label <> ${IGNORED})) > 0
             OR list_min(position_ids) < 0 OR list_max(position_ids) >= ${length}
             OR ${COLUMNS.map((name) => `list_count(${name}) IS DISTINCT FROM ${length} OR len(${name}) <> ${length}`).join(" OR ")}
           ) AS outside FROM ${scan(file)}`,
        );
        const { learnt, outside } = found!;
        return {
          firstOutside: typeof outside === "bigint" ? Number(outside) : undefined,
          learnt: learnt === true,
        };
      },
      async documents(numbers) {
        if (!documented) return [];
        const found = await query(
          connection,
          file,
          `SELECT DISTINCT unnest(${DOCUMENTS}) AS document FROM ${scan(file)} WHERE file_row_number IN (${numbers.join()})`,
        );
        return found
          .map(({ document }) => Number(document))
          .filter((document) => document >= 0)
          .sort((a, b) => a - b);
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function readShape(
  connection: DuckDBConnection,
  file: string,
): Promise<{ rows: number; length: number; documented: boolean }> {
  const columns = await query(connection, file, `DESCRIBE SELECT * FROM ${scan(file)}`);
  for (const name of COLUMNS) {
    const type = columns.find((column) => column.column_name === name)?.column_type;
    if (type === "INTEGER[]") continue;
    throw new UserError(
      "bad-packed-rows",
      `column ${name} is ${type ?? "missing"}, expected a list of int32`,
      { file, remedy: REMEDY },
    );
  }
  const [total] = await query(connection, file, `SELECT count(*) AS rows FROM ${scan(file)}`);
  const rows = Number(total?.rows);
  if (rows === 0) throw new UserError("bad-packed-rows", "holds no rows", { file, remedy: REMEDY });
  const [first] = await query(connection, file, `SELECT len(input_ids) AS length FROM ${scan(file)} LIMIT 1`);
  const documented = columns.some(
    ({ column_name, column_type }) => column_name === DOCUMENTS && column_type === "INTEGER[]",
  );
  return { rows, length: Number(first?.length), documented };
}

/** Gives rows by number; going forward costs one pass over the file, going back starts again near the row. */
function createCursor(
  connection: DuckDBConnection,
  file: string,
  length: number,
  documented: boolean,
): (row: number) => Promise<PackedRow> {
  const columns = documented ? [...COLUMNS, DOCUMENTS] : COLUMNS;
  let stream: DuckDBResult | undefined;
  let chunk: DuckDBDataChunk | undefined;
  /** Rows that `chunk` covers: from `start` to before `end`. */
  let start = 0;
  let end = 0;
  const seek = async (row: number): Promise<DuckDBDataChunk> => {
    if (stream === undefined || row < start) {
      chunk = undefined;
      start = row;
      end = row;
      stream = await run(file, () =>
        connection.stream(`SELECT ${columns.join(", ")} FROM ${scan(file)} WHERE file_row_number >= ${row}`),
      );
    }
    while (chunk === undefined || row >= end) {
      const next = await run(file, () => stream!.fetchChunk());
      if (next === null || next.rowCount === 0) throw unreadable(file, "fewer rows than it says");
      chunk = next;
      start = end;
      end += next.rowCount;
    }
    return chunk;
  };
  return async (row) => {
    const block = await seek(row);
    const [inputIds, labels, positionIds, segmentIds, documentIds] = columns.map((name, column) => {
      const vector = block.getColumnVector(column) as DuckDBListVector;
      const list = vector.getItemVector(row - start);
      if (list?.itemCount !== length) {
        throw new UserError(
          "bad-packed-rows",
          `${name} has ${list?.itemCount ?? 0} values, expected ${length}`,
          {
            file,
            at: `row ${row}`,
            remedy: REMEDY,
          },
        );
      }
      return Int32Array.from({ length }, (_, i) => {
        const value = list.getItem(i);
        if (typeof value === "number") return value;
        throw new UserError("bad-packed-rows", `${name} has no value at position ${i}, expected int32`, {
          file,
          at: `row ${row}`,
          remedy: REMEDY,
        });
      });
    });
    return {
      inputIds: inputIds!,
      labels: labels!,
      positionIds: positionIds!,
      segmentIds: segmentIds!,
      ...(documentIds === undefined ? {} : { documentIds }),
    };
  };
}

function scan(file: string): string {
  return `read_parquet('${file.replaceAll("'", "''")}', file_row_number = true)`;
}

async function query(
  connection: DuckDBConnection,
  file: string,
  sql: string,
): Promise<Record<string, unknown>[]> {
  return run(file, async () => (await connection.runAndReadAll(sql)).getRowObjects());
}

/** DuckDB's complaints about a file are the file's fault: all our queries are fixed. */
async function run<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(file, (error as Error).message.split("\n")[0] ?? "", error);
  }
}

function unreadable(file: string, why: string, cause?: unknown): UserError {
  return new UserError("bad-packed-rows", `not a readable Parquet file (${why})`, {
    file,
    remedy: `It may be cut off. ${REMEDY}`,
    cause,
  });
}
