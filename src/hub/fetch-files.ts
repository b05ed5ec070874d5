// The files of a pull, several at once: what the cache lacks is downloaded and linked.
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { exists, silentProgress, UserError } from "../core/index.ts";
import { downloadBlob } from "./download.ts";
import { fileUrl, type RepositoryFile } from "./listing.ts";
import type { PullState } from "./open-pull.ts";
import { sizeOnDisk } from "./partial-file.ts";

const DEFAULT_CONCURRENCY = 4;

/** The files that the snapshot lacks, and how many of their bytes are still to come. */
export async function lackingFiles(
  { cache }: PullState,
  commit: string,
  files: readonly RepositoryFile[],
): Promise<{ readonly queue: RepositoryFile[]; readonly toCome: number }> {
  const queue: RepositoryFile[] = [];
  let toCome = 0;
  for (const file of files) {
    if (await cache.hasFile(commit, file)) continue;
    queue.push(file);
    toCome += file.size - Math.min(file.size, await sizeOnDisk(cache.blobPath(file.digest.hex)));
  }
  return { queue, toCome };
}

/** Downloads what the snapshot lacks, several files at once, and links each as soon as it is whole. */
export async function fetchFiles(
  state: PullState,
  commit: string,
  files: readonly RepositoryFile[],
): Promise<void> {
  const { cache, client, subject, environment, options } = state;
  const { queue, toCome } = await lackingFiles(state, commit, files);
  if (queue.length === 0) return;
  await checkSpace(environment.cacheFolder, toCome);

  const total = queue.reduce((sum, file) => sum + file.size, 0);
  const progress = (options.progress ?? silentProgress)(`pull ${subject.id}`, megabytes(total), "MB");
  const counts = new Map<string, number>();
  let done = 0;
  const count = (path: string, bytes: number): void => {
    done += bytes - (counts.get(path) ?? 0);
    counts.set(path, bytes);
    progress.update(megabytes(done), path);
  };
  // The first failure stops the other downloads, which then fail with the same reason.
  const failure = new AbortController();
  const signal = AbortSignal.any([client.signal, failure.signal]);
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const { path, size, digest } = file;
      await downloadBlob(
        { ...client, signal },
        {
          url: fileUrl(client.endpoint, subject, commit, path),
          subject: { ...subject, path },
          size,
          digest,
          path: cache.blobPath(digest.hex),
          timeout: environment.downloadTimeout,
          onBytes: (bytes) => count(path, bytes),
        },
      );
      await cache.linkFile(commit, file);
    }
  };
  const workers = Array.from({ length: options.concurrency ?? DEFAULT_CONCURRENCY }, () =>
    work().catch((error: unknown) => {
      failure.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  progress.finish(failure.signal.aborted ? "stopped" : "");
  if (failure.signal.aborted) throw failure.signal.reason;
}

/** Refuses a pull that cannot fit, before its first byte. */
async function checkSpace(cacheFolder: string, bytes: number): Promise<void> {
  let folder = cacheFolder;
  while (!(await exists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined || disk.bavail * disk.bsize >= bytes) return;
  throw new UserError(
    "disk-full",
    `${megabytes(bytes)} MB to download, ${megabytes(disk.bavail * disk.bsize)} MB free`,
    { file: cacheFolder, remedy: "Free some space, or set HF_HOME to a folder on another disk." },
  );
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
