// A file to import, whatever holds it: text, a table (CSV or an Excel workbook) or records (JSON, JSON Lines or Parquet). What a
// file is, its first bytes say, not its name.
import { open, readFile } from "node:fs/promises";
import { asFileError, parseCsv, readText, UserError } from "../core/index.ts";
import { parseJsonRecords } from "./json-records.ts";
import { parseXlsx, type TableRow } from "./xlsx.ts";

/** One file of an import. */
export interface ImportFile {
  readonly path: string;
  text(): Promise<string>;
  /** Rows of a CSV file or of the first sheet of a workbook. */
  rows(): Promise<TableRow[]>;
  /** Records of a JSON, JSON Lines or Parquet file, or of a table whose first row holds the names. */
  records(): Promise<unknown[]>;
}

type Kind = "text" | "zip" | "parquet";

/** Opens a file; `UserError` when it is missing. */
export async function openImportFile(path: string): Promise<ImportFile> {
  const kind = await kindOf(path);
  const text = (): Promise<string> => {
    if (kind === "text") return readText(path);
    throw new UserError(
      "bad-format",
      `is ${kind === "zip" ? "a workbook or zip file" : "a Parquet file"}, text was expected`,
      {
        file: path,
        remedy: "Take format hub for Parquet files; formats of tables take Excel workbooks.",
      },
    );
  };
  const rows = async (): Promise<TableRow[]> =>
    kind === "zip" ? parseXlsx(await readFile(path), path) : parseCsv(await text(), path);
  return {
    path,
    text,
    rows,
    async records() {
      if (kind === "parquet") return readParquet(path);
      if (kind === "zip") return named(await rows());
      const content = await text();
      return /^\s*[[{]/u.test(content) ? parseJsonRecords(content, path) : named(parseCsv(content, path));
    },
  };
}

async function kindOf(path: string): Promise<Kind> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      const start = buffer.toString("latin1", 0, bytesRead);
      return start === "PAR1" ? "parquet" : start === "PK\x03\x04" ? "zip" : "text";
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** Rows as records, named by the first one. */
function named([head, ...rows]: readonly TableRow[]): Record<string, string>[] {
  const names = head?.fields ?? [];
  return rows.map(({ fields }) => Object.fromEntries(names.map((name, i) => [name, fields[i] ?? ""])));
}

async function readParquet(path: string): Promise<unknown[]> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`,
    );
    return reader.getRowObjectsJson();
  } catch (error) {
    throw new UserError(
      "bad-parquet",
      `is no readable Parquet file (${(error as Error).message.split("\n")[0]})`,
      {
        file: path,
        remedy: "The file may be cut off: fetch it again.",
        cause: error,
      },
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
