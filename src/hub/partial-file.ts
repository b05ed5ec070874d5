// A download that is not whole yet: `blobs/<hash>.apollo-<host>-<pid>-<random>.incomplete`.
//
// Each belongs to one process, which is named in it; there is no lock. A process that dies leaves its file behind, and the
// next one takes it over by renaming it, which only one can do. Judging wrongly that an owner is dead costs a second download
// but never a wrong file: a file becomes a blob by a rename, after its hash was checked, and is never truncated in place.
// (Locks of the system's are unreliable on network drives, where caches are often shared.)
import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { asFileError, isRunning } from "../core/index.ts";

/** A download in progress, owned by this process. */
export interface PartialFile {
  /** Bytes that are there. */
  size(): Promise<number>;
  read(): AsyncIterable<Buffer>;
  append(chunk: Uint8Array, position: number): Promise<void>;
  /** Starts again from nothing. */
  restart(): Promise<void>;
  /** Makes it the blob; false when another process had taken it over meanwhile. */
  commit(): Promise<boolean>;
  /** Leaves it to whoever wants to go on. */
  release(): Promise<void>;
}

/** An owner refreshes its file every third of this; one untouched for longer is up for taking. */
const LEASE_MILLISECONDS = 30_000;
const SUFFIX = ".incomplete";
const HOST = createHash("sha1").update(hostname()).digest("hex").slice(0, 8);
const READ_CHUNK = 1 << 20;

/** Takes over the largest abandoned part of `blob`, or starts one; `undefined` while another live process is at it. */
export async function claimPartialFile(blob: string): Promise<PartialFile | undefined> {
  const own = `${blob}.apollo-${HOST}-${process.pid}-${randomBytes(4).toString("hex")}${SUFFIX}`;
  const others = await findPartialFiles(blob);
  if (others.some((other) => other.alive)) return undefined;
  const [largest, ...rest] = others.sort((a, b) => b.size - a.size);
  try {
    if (largest !== undefined) {
      await rename(largest.path, own);
      await Promise.all(rest.map(({ path }) => rm(path, { force: true })));
      return await openPartialFile(blob, own, "r+");
    }
    return await openPartialFile(blob, own, "wx+");
  } catch (error) {
    // Somebody else was faster; the caller looks again.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw asFileError(error, own);
  }
}

/** Bytes of `blob` that are on the disk already, whole or in part. */
export async function sizeOnDisk(blob: string): Promise<number> {
  const whole = await stat(blob).catch(() => undefined);
  if (whole !== undefined) return whole.size;
  const parts = await findPartialFiles(blob);
  return Math.max(0, ...parts.map(({ size }) => size));
}

async function openPartialFile(blob: string, path: string, flags: string): Promise<PartialFile> {
  let handle: FileHandle = await open(path, flags);
  const refresh = (): void => {
    const now = new Date();
    handle.utimes(now, now).catch(() => undefined);
  };
  refresh();
  const heartbeat = setInterval(refresh, LEASE_MILLISECONDS / 3).unref();
  const close = async (): Promise<void> => {
    clearInterval(heartbeat);
    await handle.close();
  };
  return {
    size: async () => (await handle.stat()).size,
    async *read() {
      let position = 0;
      for (;;) {
        const { bytesRead, buffer } = await handle.read(
          Buffer.allocUnsafe(READ_CHUNK),
          0,
          READ_CHUNK,
          position,
        );
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    async append(chunk, position) {
      let done = 0;
      try {
        while (done < chunk.byteLength) {
          const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, position + done);
          done += bytesWritten;
        }
      } catch (error) {
        throw asFileError(error, path, "Free some space and run it again: what was downloaded is kept.");
      }
    },
    async restart() {
      await handle.close();
      await rm(path, { force: true });
      handle = await open(path, "wx+");
    },
    async commit() {
      await handle.sync();
      await close();
      try {
        await rename(path, blob);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw asFileError(error, blob);
      }
    },
    async release() {
      const { size } = await handle.stat();
      await close();
      if (size === 0) await rm(path, { force: true });
      // As old as can be: nobody needs to wait for the lease to run out.
      else await utimes(path, 0, 0).catch(() => undefined);
    },
  };
}

interface FoundPartialFile {
  readonly path: string;
  readonly size: number;
  readonly alive: boolean;
}

async function findPartialFiles(blob: string): Promise<FoundPartialFile[]> {
  const folder = dirname(blob);
  const prefix = `${basename(blob)}.apollo-`;
  const entries = await readdir(folder).catch(() => [] as string[]);
  const names = entries.filter((name) => name.startsWith(prefix) && name.endsWith(SUFFIX));
  const found: FoundPartialFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined) continue;
    const [host, pid] = name.slice(prefix.length, -SUFFIX.length).split("-");
    const leased = Date.now() - info.mtimeMs < LEASE_MILLISECONDS;
    found.push({ path, size: info.size, alive: leased && (host !== HOST || isRunning(Number(pid))) });
  }
  return found;
}
