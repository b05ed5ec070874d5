// A JSONL file that grows while a run goes on: whole lines are appended and survive the process. After a kill the complete lines
// are kept, a torn last line is cut off, and the run goes on behind them.
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { asFileError } from "./errors.ts";
import { makeFolder } from "./files.ts";

/** An open log of records `R`; of those that were there already, what `T` keeps. */
export interface AppendLog<T, R = T> {
  /** What `parse` made of the lines that were already there. */
  readonly done: readonly T[];
  /** Appends one whole line for each record. */
  append(records: readonly R[]): Promise<void>;
  /** The bytes from `start` to `end`, as a line's place was given to `parse`. */
  read(start: number, end: number): Promise<string>;
  /** Flushes to the disk and closes. */
  close(): Promise<void>;
}

const READ_BYTES = 1 << 20;
const LINE_END = 10;

/**
 * Opens the log at `path`, which is made when absent; `parse` reads a line (numbered from 1, its bytes from `start` to `end`)
 * or throws what is wrong with it. The file is read as a stream: where lines are many, `parse` keeps only what is needed of them.
 */
export async function openAppendLog<T, R = T>(
  path: string,
  parse: (line: string, number: number, start: number, end: number) => T,
): Promise<AppendLog<T, R>> {
  await makeFolder(dirname(path));
  let handle: FileHandle;
  try {
    handle = await open(path, "a+");
  } catch (error) {
    throw asFileError(error, path);
  }
  const read = async (start: number, end: number): Promise<string> => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer.toString("utf8", 0, bytesRead);
  };
  try {
    const done: T[] = [];
    const whole = await readLines(handle, (line, start) => {
      done.push(parse(line.toString("utf8"), done.length + 1, start, start + line.length));
    });
    if (whole < (await handle.stat()).size) await handle.truncate(whole);
    return {
      done,
      read,
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

/** Visits the complete lines; gives the byte after the last of them. */
async function readLines(handle: FileHandle, visit: (line: Buffer, start: number) => void): Promise<number> {
  let start = 0;
  let position = 0;
  let pending: Buffer[] = [];
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, position);
    if (bytesRead === 0) return start;
    position += bytesRead;
    let from = 0;
    for (;;) {
      const at = buffer.subarray(0, bytesRead).indexOf(LINE_END, from);
      if (at < 0) break;
      const line = Buffer.concat([...pending, buffer.subarray(from, at)]);
      pending = [];
      visit(line, start);
      start += line.length + 1;
      from = at + 1;
    }
    if (from < bytesRead) pending.push(buffer.subarray(from, bytesRead));
  }
}
