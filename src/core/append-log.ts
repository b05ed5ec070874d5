// A JSONL file that grows while a run goes on: whole lines are appended and survive the process. After a kill the complete lines
// are kept, a torn last line is cut off, and the run goes on behind them.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { asFileError } from "./errors.ts";

/** An open log of records of one kind. */
export interface AppendLog<T> {
  /** Records that were already there. */
  readonly done: readonly T[];
  /** Appends one whole line for each record. */
  append(records: readonly T[]): Promise<void>;
  /** Flushes to the disk and closes. */
  close(): Promise<void>;
}

/** Opens the log at `path`, which is made when absent; `parse` reads a line (numbered from 1) or throws what is wrong with it. */
export async function openAppendLog<T>(
  path: string,
  parse: (line: string, number: number) => T,
): Promise<AppendLog<T>> {
  let handle: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(path, "a+");
  } catch (error) {
    throw asFileError(error, path);
  }
  try {
    const bytes = await handle.readFile();
    const whole = bytes.lastIndexOf(10) + 1;
    if (whole < bytes.length) await handle.truncate(whole);
    const lines = bytes.toString("utf8", 0, whole).split("\n").slice(0, -1);
    return {
      done: lines.map((line, i) => parse(line, i + 1)),
      async append(records) {
        await handle.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
      },
      async close() {
        await handle.sync();
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
