// The standard Hugging Face cache on disk, shared with every other tool that reads it:
//   models--o--n/blobs/<hash>                  the bytes, named by their hash
//   models--o--n/snapshots/<commit>/<path>     a relative link to the blob
//   models--o--n/refs/<revision>               the commit, 40 hex digits, no newline
//   models--o--n/trees/<commit>.json           the list of files, so that a snapshot can be known to be whole
import { randomBytes } from "node:crypto";
import { copyFile, link, readdir, readFile, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { z } from "zod";
import { asFileError, exists, makeFolder, writeFileAtomic } from "../core/index.ts";
import { COMMIT_PATTERN, type RepositoryFile } from "./listing.ts";
import { checkRepositoryPath, type RepositoryType } from "./spec.ts";

/** One repository's part of the cache. */
export interface RepositoryCache {
  readonly folder: string;
  /** Where the bytes with this hash are, or will be. */
  blobPath(hash: string): string;
  snapshotFolder(commit: string): string;
  /** The commit that `revision` stood for when it was last pulled. */
  readRef(revision: string): Promise<string | undefined>;
  writeRef(revision: string, commit: string): Promise<void>;
  /** The commit's files, if they were listed before; `undefined` when not, or when the list is of an unknown kind. */
  readListing(commit: string): Promise<RepositoryFile[] | undefined>;
  writeListing(commit: string, files: readonly RepositoryFile[]): Promise<void>;
  /** Relative paths of what the snapshot holds now, sorted. */
  snapshotFiles(commit: string): Promise<string[]>;
  /** True when the snapshot holds the file at its full size. */
  hasFile(commit: string, file: RepositoryFile): Promise<boolean>;
  /** Puts a blob into the snapshot. */
  linkFile(commit: string, file: RepositoryFile): Promise<void>;
}

/** Version of `trees/*.json` that is understood. */
const LISTING_VERSION = 1;

/** Told by https://bford.info/cachedir/: backup programs skip a folder with this file. */
const CACHE_TAG =
  "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of files from the Hugging Face Hub.\n";

const listingSchema = z.object({
  format_version: z.literal(LISTING_VERSION),
  files: z.record(
    z.string(),
    z.object({
      size: z.number().int().nonnegative(),
      blob_id: z.string().regex(COMMIT_PATTERN),
      lfs_sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/u)
        .nullish(),
      lfs_size: z.number().int().nonnegative().nullish(),
      xet_hash: z.string().nullish(),
    }),
  ),
});

/** The part of the cache in `cacheFolder` that belongs to a repository; nothing is written yet. */
export function openRepositoryCache(
  cacheFolder: string,
  type: RepositoryType,
  id: string,
  options: { readonly symlinks: boolean },
): RepositoryCache {
  const folder = join(cacheFolder, `${type}s--${id.replaceAll("/", "--")}`);
  const refPath = (revision: string): string => join(folder, "refs", revision);
  const listingPath = (commit: string): string => join(folder, "trees", `${commit}.json`);
  const snapshotFolder = (commit: string): string => join(folder, "snapshots", commit);
  const blobPath = (hash: string): string => join(folder, "blobs", hash);
  return {
    folder,
    blobPath,
    snapshotFolder,
    async readRef(revision) {
      const commit = await readIfThere(refPath(revision));
      return commit !== undefined && COMMIT_PATTERN.test(commit.trim()) ? commit.trim() : undefined;
    },
    writeRef: (revision, commit) => writeFileAtomic(refPath(revision), commit),
    async readListing(commit) {
      const text = await readIfThere(listingPath(commit));
      return text === undefined ? undefined : parseListing(text);
    },
    async writeListing(commit, files) {
      await writeCacheTag(cacheFolder);
      await writeFileAtomic(listingPath(commit), formatListing(files));
    },
    async snapshotFiles(commit) {
      const root = snapshotFolder(commit);
      if (!(await exists(root))) return [];
      const paths = await readdir(root, { recursive: true });
      const kept: string[] = [];
      for (const path of paths) {
        // `stat` follows the link, so a link to a missing blob is no file.
        const info = await stat(join(root, path)).catch(() => undefined);
        if (info?.isFile()) kept.push(path.split(sep).join("/"));
      }
      return kept.sort();
    },
    async hasFile(commit, file) {
      const info = await stat(join(snapshotFolder(commit), file.path)).catch(() => undefined);
      return info?.isFile() === true && info.size === file.size;
    },
    async linkFile(commit, file) {
      const pointer = join(snapshotFolder(commit), file.path);
      try {
        await makeFolder(dirname(pointer));
        await placeFile(blobPath(file.digest.hex), pointer, options.symlinks);
      } catch (error) {
        throw asFileError(error, pointer);
      }
    },
  };
}

/**
 * Makes `pointer` show `blob`: a relative link, or where links are not allowed (Windows without developer mode, some network
 * drives) a second name of the same file, or at last a copy. Replaces what was there in one step.
 */
async function placeFile(blob: string, pointer: string, symlinks: boolean): Promise<void> {
  const target = relative(dirname(pointer), blob);
  if (symlinks && (await readlink(pointer).catch(() => undefined)) === target) return;
  const temporary = `${pointer}.${randomBytes(6).toString("hex")}.part`;
  const ways = [
    ...(symlinks ? [() => symlink(target, temporary)] : []),
    () => link(blob, temporary),
    () => copyFile(blob, temporary),
  ];
  for (const [i, way] of ways.entries()) {
    try {
      await way();
      break;
    } catch (error) {
      if (i === ways.length - 1) throw error;
    }
  }
  await rename(temporary, pointer);
  // Renaming one of two names of the same file onto the other leaves both, by POSIX.
  await rm(temporary, { force: true });
}

function parseListing(text: string): RepositoryFile[] | undefined {
  try {
    const { files } = listingSchema.parse(JSON.parse(text));
    return Object.entries(files).map(([path, entry]) => {
      checkRepositoryPath(path);
      return {
        path,
        size: entry.lfs_size ?? entry.size,
        digest: entry.lfs_sha256
          ? { algorithm: "sha256", hex: entry.lfs_sha256 }
          : { algorithm: "git-sha1", hex: entry.blob_id },
        gitId: entry.blob_id,
        xetHash: entry.xet_hash ?? undefined,
      };
    });
  } catch {
    // Another tool's newer format, or a damaged file: the hub can be asked again.
    return undefined;
  }
}

function formatListing(files: readonly RepositoryFile[]): string {
  const entries = files.map((file) => {
    const large =
      file.digest.algorithm === "sha256" ? { lfs_sha256: file.digest.hex, lfs_size: file.size } : {};
    const xet = file.xetHash === undefined ? {} : { xet_hash: file.xetHash };
    return [file.path, { size: file.size, blob_id: file.gitId, ...large, ...xet }] as const;
  });
  return JSON.stringify({ format_version: LISTING_VERSION, files: Object.fromEntries(entries) });
}

async function writeCacheTag(cacheFolder: string): Promise<void> {
  const path = join(cacheFolder, "CACHEDIR.TAG");
  if (!(await exists(path))) await writeFileAtomic(path, CACHE_TAG);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw asFileError(error, path);
  }
}
