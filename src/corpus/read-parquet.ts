// Parquet files as records: DuckDB reads the columns that matter and hands each row over as one JSON text.
import type { Content } from "./document.ts";
import { parseJson } from "./parse-json.ts";
import type { Problem, RawRecord } from "./raw-record.ts";
import { COLUMN_ROLES, type Columns, EXPECTED_FIELDS, hasShape, usualNames } from "./record-shapes.ts";

/** Yields the rows of a Parquet file as objects; places are row numbers. Memory: a few row groups. */
export async function* readParquet(
  file: string,
  { columns = {}, kind }: { readonly columns?: Columns; readonly kind?: Content["kind"] },
): AsyncGenerator<RawRecord> {
  // One thread: rows come in the order of the file.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", memory_limit: "512MB" });
  const connection = await instance.connect();
  let row = 0;
  try {
    const source = `read_parquet('${file.replaceAll("'", "''")}')`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    const names = described.getRowObjects().map((column) => String(column.column_name));
    if (!hasShape(names, columns, kind)) {
      const message = `found the columns ${names.slice(0, 12).join(", ")}`;
      yield {
        start: 0,
        end: 0,
        problem: { reason: "bad-columns", message, remedy: EXPECTED_FIELDS, fatal: true },
      };
      return;
    }
    const looked = new Set(COLUMN_ROLES.flatMap((role) => usualNames(role, columns)));
    const wanted = names.filter((name) => looked.has(name) || looked.has(name.toLowerCase()));
    const quoted = wanted.map((name) => `"${name.replaceAll('"', '""')}"`);
    const fields = quoted.map((name) => `${name} := ${name}`).join(", ");
    const stream = await connection.stream(`SELECT to_json(struct_pack(${fields}))::VARCHAR FROM ${source}`);
    for (;;) {
      const chunk = await stream.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      for (const text of chunk.getColumnValues(0)) {
        const record = parseJson(Buffer.from(text as string), 0);
        yield { ...record, start: row, end: ++row };
      }
    }
  } catch (error) {
    const problem: Problem = {
      reason: "bad-parquet",
      message: `cannot be read (${(error as Error).message.split("\n")[0]})`,
      remedy: "The file may be cut off: fetch it again.",
      fatal: true,
    };
    yield { start: row, end: row, problem };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
