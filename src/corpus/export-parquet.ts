// Documents as Parquet, written by DuckDB from lines of JSON.
import { rm } from "node:fs/promises";
import type { Content } from "./document.ts";

/** Rows of a group: DuckDB holds one in memory, and readers start at one. */
const GROUP_ROWS = 8192;

/** Turns `lines` (documents as objects, one a line) into the Parquet file `path` and removes them. */
export async function finishParquet(
  lines: string,
  path: string,
  { kind, longestLine }: { readonly kind: Content["kind"]; readonly longestLine: number },
): Promise<void> {
  // One thread: rows keep the order of the lines, and groups their bytes.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", memory_limit: "1GB" });
  const connection = await instance.connect();
  const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const content = kind === "text" ? "text: 'VARCHAR'" : "messages: 'STRUCT(role VARCHAR, content VARCHAR)[]'";
  try {
    await connection.run(
      `COPY (SELECT * FROM read_json(${quote(lines)}, format = 'newline_delimited', ` +
        `maximum_object_size = ${Math.max(1 << 20, longestLine + 1024)}, ` +
        `columns = {id: 'VARCHAR', category: 'VARCHAR', language: 'VARCHAR', ${content}})) ` +
        `TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP_ROWS})`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  await rm(lines);
}
