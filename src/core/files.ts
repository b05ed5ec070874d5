// Files that are either whole or absent: everything is written beside its place and renamed when complete.
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { asFileError, UserError } from "./errors.ts";

/** A file being written; nothing is at its path before `commit`. */
export interface AtomicFile {
  /** Appends bytes or UTF-8 text. */
  write(data: Uint8Array | string): Promise<void>;
  /** Bytes written so far. */
  readonly bytes: number;
  /** Flushes to the disk and renames into place. */
  commit(): Promise<void>;
  /** Removes what was written; the path is left as it was. */
  abort(): Promise<void>;
}

/** Bytes after which a file's pages are sent to the disk while more is made, instead of all at the end. */
const FLUSH_BYTES = 32 * 2 ** 20;

/** Temporary names given out so far: two writers of one path in one process must not share one. */
let begun = 0;

/**
 * A name beside `path` to write to before renaming, on the same disk: it says whose it is, machine and process. What processes of this
 * machine that are gone left under such names of the same path is removed; those of other machines, which may share the folder, stay.
 */
export async function temporaryPath(path: string): Promise<string> {
  const [folder, prefix] = [dirname(path), `${basename(path)}.${hostname()}.`];
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(prefix))) {
    const writer = /^(\d+)-\d+\.part$/u.exec(name.slice(prefix.length))?.[1];
    if (writer !== undefined && !isRunning(Number(writer)))
      await rm(join(folder, name), { recursive: true, force: true });
  }
  return `${join(folder, prefix)}${process.pid}-${begun++}.part`;
}

/** True while a process of this machine has the number. */
export function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // Not permitted: it runs, for somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Makes a folder and those above it, where they are not there. `UserError` when that cannot be.
 * From the top down: `mkdir` with `recursive` never ends where a file system says of every new name that it does not exist, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) await makeFolder(above);
  try {
    await mkdir(path);
  } catch (error) {
    // Another process may have been first.
    if (!(await isFolder(path))) throw asFileError(error, path);
  }
}

/** Starts writing `path` atomically; its folder is made. `UserError` when a folder is there already. */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  if (await isFolder(path)) throw asFileError({ code: "EISDIR" }, path);
  const temporary = await temporaryPath(path);
  await makeFolder(dirname(path));
  let handle: FileHandle;
  try {
    handle = await open(temporary, "w");
  } catch (error) {
    throw asFileError(error, path);
  }
  let bytes = 0;
  let flushedTo = 0;
  let flushing: Promise<void> | undefined;
  let flushError: unknown;
  // The disk works while the next bytes are made: left to the end, writing and flushing would take their times one after the other.
  const flushInBackground = (): void => {
    if (flushing !== undefined || bytes - flushedTo < FLUSH_BYTES) return;
    flushedTo = bytes;
    flushing = handle
      .datasync()
      .catch((error) => {
        flushError = error;
      })
      .finally(() => {
        flushing = undefined;
      });
  };
  return {
    get bytes() {
      return bytes;
    },
    async write(data) {
      const chunk = typeof data === "string" ? Buffer.from(data, "utf8") : data;
      let done = 0;
      try {
        while (done < chunk.byteLength) {
          // Node refuses single writes of 2 GiB and more.
          const { bytesWritten } = await handle.write(
            chunk,
            done,
            Math.min(chunk.byteLength - done, 1 << 30),
          );
          done += bytesWritten;
        }
      } catch (error) {
        throw asFileError(error, path);
      }
      bytes += chunk.byteLength;
      flushInBackground();
    },
    async commit() {
      try {
        await flushing;
        // A failed flush is told once; a later one of the same file may succeed without its bytes.
        if (flushError !== undefined) throw flushError;
        await handle.sync();
        await handle.close();
        await rename(temporary, path);
      } catch (error) {
        throw asFileError(error, path);
      }
    },
    async abort() {
      await flushing;
      await handle.close().catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

/** Writes a whole file atomically. */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const file = await createAtomicFile(path);
  try {
    await file.write(data);
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** Writes `value` as JSON, two spaces deep, with a final newline. */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Reads a UTF-8 text file (a byte order mark is dropped); `UserError` when it cannot be read. */
export async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/u, "");
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** Reads and parses a JSON file; `UserError` with the place when it is cut or malformed. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError("bad-json", `not valid JSON (${(error as Error).message})`, {
      file: path,
      remedy: "The file may be cut off: fetch or write it again.",
      cause: error,
    });
  }
}

/** True when something is at `path`. */
export async function exists(path: string): Promise<boolean> {
  return (await statOrUndefined(path)) !== undefined;
}

/** True when a folder is at `path`. */
export async function isFolder(path: string): Promise<boolean> {
  return (await statOrUndefined(path))?.isDirectory() ?? false;
}

async function statOrUndefined(path: string) {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}
