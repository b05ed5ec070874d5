// Every bench run under a folder: the finished ones read, the others with the reason why they cannot be shown.
import { readdir } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { exists, hashBytes, isFolder, readText, UserError } from "../core/index.ts";
import { type FinishedRun, readRun, readRunRecord } from "./read-run.ts";
import { RUN_FILE, SAMPLES_FILE } from "./run-record.ts";

/** A finished run among others. */
export interface LocatedRun extends FinishedRun {
  /** Its path below the folder that was searched. */
  readonly name: string;
  /** A name of letters and digits for addresses; the same as long as the run stays where it is. */
  readonly id: string;
}

/** A run that cannot be shown. */
export interface BrokenRun {
  readonly name: string;
  readonly reason: string;
  readonly remedy?: string;
}

/** What a folder holds, sorted by name. */
export interface FoundRuns {
  readonly runs: readonly LocatedRun[];
  readonly broken: readonly BrokenRun[];
}

/** Deep enough for any order that people keep; a stop for folders that are no collection of runs. */
const MAX_DEPTH = 6;

/** Finds the runs in `folder` and below; links are not followed. `UserError` when the folder is none. */
export async function findRuns(folder: string): Promise<FoundRuns> {
  if (!(await isFolder(folder))) {
    throw new UserError("no-such-folder", "is no folder", {
      file: folder,
      remedy: "Give the folder that holds your bench runs.",
    });
  }
  const root = resolve(folder);
  const runs: LocatedRun[] = [];
  const broken: BrokenRun[] = [];
  for (const path of await runFolders(root, MAX_DEPTH)) {
    const name = path === root ? basename(root) : relative(root, path).split(sep).join("/");
    try {
      const id = hashBytes(relative(root, path)).slice(0, 12);
      runs.push({ ...(await readRun(path)), name, id });
    } catch (error) {
      broken.push({ name, ...(await reasonOf(error, path)) });
    }
  }
  return { runs, broken };
}

async function runFolders(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => entry.name)
    .sort();
  const found = entries.some(({ name }) => name === RUN_FILE || name === SAMPLES_FILE) ? [folder] : [];
  for (const name of depth === 0 ? [] : below) {
    found.push(...(await runFolders(join(folder, name), depth - 1)));
  }
  return found;
}

async function reasonOf(error: unknown, folder: string): Promise<Omit<BrokenRun, "name">> {
  if (!(error instanceof UserError))
    return { reason: error instanceof Error ? error.message : String(error) };
  const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
  if (error.code !== "run-unfinished") return { reason: error.message, ...remedy };
  const samples = join(folder, SAMPLES_FILE);
  const done = (await exists(samples)) ? (await readText(samples)).split("\n").length - 1 : 0;
  return { reason: `${done} of ${(await readRunRecord(folder)).items} items are scored`, ...remedy };
}
