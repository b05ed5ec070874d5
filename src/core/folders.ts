// Folders that are either whole or absent: an artifact of several files is made beside its place and renamed when complete.
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { asFileError, UserError } from "./errors.ts";
import { exists, isFolder, makeFolder, temporaryPath } from "./files.ts";
import { MANIFEST_FILE } from "./manifest.ts";

/** A folder being made; nothing changes at its path before `commit`. */
export interface AtomicFolder {
  /** Where to write meanwhile. */
  readonly path: string;
  /** Puts the new folder in the place of the old one. */
  commit(): Promise<void>;
  /** Removes what was made; the path is left as it was. */
  abort(): Promise<void>;
}

/**
 * Starts making the folder `path` anew. An existing folder is replaced only when it is empty or one of our artifacts (it has
 * a manifest); anything else there is a `UserError`, so that a mistyped `--out` destroys nothing.
 */
export async function createAtomicFolder(path: string): Promise<AtomicFolder> {
  const target = resolve(path);
  await checkReplaceable(target, path);
  // Removes what killed runs left behind; two at once, also of different machines, do not meet.
  const making = await temporaryPath(target);
  await makeFolder(dirname(target));
  try {
    await mkdir(making);
  } catch (error) {
    throw asFileError(error, path);
  }
  return {
    path: making,
    async commit() {
      const old = await temporaryPath(target);
      if (await exists(target)) await rename(target, old);
      await rename(making, target);
      await rm(old, { recursive: true, force: true });
    },
    abort: () => rm(making, { recursive: true, force: true }),
  };
}

async function checkReplaceable(target: string, path: string): Promise<void> {
  if (!(await exists(target))) return;
  if (!(await isFolder(target)))
    throw new UserError("not-a-folder", "is a file, a folder was expected", { file: path });
  if ((await exists(join(target, MANIFEST_FILE))) || (await readdir(target)).length === 0) return;
  throw new UserError("folder-not-empty", "already holds files that Apollo did not make", {
    file: path,
    remedy: `Choose another folder, or empty ${basename(target)} yourself.`,
  });
}
