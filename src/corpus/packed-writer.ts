// Writes packed rows as Parquet through DuckDB: five columns of int32 lists, one value a position.
import { rm } from "node:fs/promises";
import {
  ARRAY,
  arrayValue,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  INTEGER,
} from "@duckdb/node-api";

/** One row: each column has one value a position. */
export interface PackedColumns {
  readonly input_ids: Int32Array;
  /** -100 where nothing is learnt. */
  readonly labels: Int32Array;
  readonly position_ids: Int32Array;
  readonly segment_ids: Int32Array;
  readonly doc_ids: Int32Array;
}

/** Rows being written. */
export interface PackedWriter {
  write(row: PackedColumns): void;
  /** Writes the Parquet file. */
  commit(): Promise<void>;
  /** Removes the scratch database; to be called in any case. */
  close(): Promise<void>;
}

/** The columns, in the order of the file. */
const COLUMNS = ["input_ids", "labels", "position_ids", "segment_ids", "doc_ids"] as const;

/** Values handed to DuckDB at once, a column. */
const BATCH_VALUES = 1 << 18;
/** DuckDB takes at most this many rows at once, and makes no smaller row groups. */
const VECTOR_ROWS = 2048;

/**
 * Starts a Parquet file of rows of `length`. Rows wait in a scratch database on disk, so memory stays flat. The columns are
 * fixed-size arrays until the end: @duckdb/node-api 1.5.2 corrupts memory when lists are appended in chunks.
 */
export async function createPackedWriter(path: string, length: number): Promise<PackedWriter> {
  const scratch = `${path}.duckdb`;
  await rm(scratch, { force: true });
  // One thread and insertion order: the same rows give the same bytes.
  const instance = await DuckDBInstance.create(scratch, {
    threads: "1",
    preserve_insertion_order: "true",
    memory_limit: "1GB",
  });
  const connection: DuckDBConnection = await instance.connect();
  await connection.run(
    `CREATE TABLE rows (${COLUMNS.map((name) => `${name} INTEGER[${length}]`).join(", ")})`,
  );
  let appender: DuckDBAppender | undefined = await connection.createAppender("rows");
  const batchRows = Math.max(1, Math.min(VECTOR_ROWS, Math.floor(BATCH_VALUES / length)));
  const types = COLUMNS.map(() => ARRAY(INTEGER, length));
  let batch: PackedColumns[] = [];
  const flush = (): void => {
    if (batch.length === 0) return;
    const chunk = DuckDBDataChunk.create(types, batch.length);
    COLUMNS.forEach((name, column) => {
      chunk.setColumnValues(
        column,
        batch.map((row) => arrayValue(Array.from(row[name]))),
      );
    });
    appender?.appendDataChunk(chunk);
    batch = [];
  };
  return {
    write(row) {
      batch.push(row);
      if (batch.length >= batchRows) flush();
    },
    async commit() {
      flush();
      appender?.closeSync();
      appender = undefined;
      const lists = COLUMNS.map((name) => `${name}::INTEGER[] AS ${name}`).join(", ");
      await connection.run(
        `COPY (SELECT ${lists} FROM rows) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${VECTOR_ROWS})`,
      );
    },
    async close() {
      appender?.closeSync();
      connection.closeSync();
      instance.closeSync();
      await rm(scratch, { force: true });
      await rm(`${scratch}.wal`, { force: true });
    },
  };
}
