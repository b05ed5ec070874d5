// The tasks of a stage in a folder: a head with what all of them share, a line for each, and where each line begins, so that a task reads
// its own line whatever the number of the others.
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { asFileError, UserError } from "./errors.ts";
import { exists, isFolder, makeFolder, readJson, writeFileAtomic, writeJson } from "./files.ts";
import { canonicalJson, hashBytes, hashValue } from "./hash.ts";
import { APOLLO_VERSION } from "./manifest.ts";

/**
 * The tasks of a stage, written into a folder that every machine sees under the same path. `apollo task FOLDER --index I` does one of them: it
 * writes `FOLDER/task-0000I/`, whole or not at all, its manifest last, and does nothing when that stands already. So a task may be lost,
 * repeated or run twice at once without harm.
 */
export interface TaskList {
  readonly folder: string;
  /** What does the work, e.g. `"corpus clean"`. */
  readonly stage: string;
  /** What every task gets beside its own part. JSON. */
  readonly common: unknown;
  /** What each task gets. JSON. */
  readonly tasks: readonly unknown[];
  /** Absolute paths of the files and folders that tasks open (`TaskCall.at`), for executors whose machines do not see ours. */
  readonly reads?: readonly string[];
}

/** One task of a list. */
export interface TaskEntry {
  /** Of the list. */
  readonly folder: string;
  readonly stage: string;
  readonly common: unknown;
  readonly index: number;
  /** The task's own part. */
  readonly task: unknown;
}

/** A stretch of a file. */
export interface ByteRange {
  readonly from: number;
  /** The byte after the last one; absent: the file's end. */
  readonly to?: number | undefined;
}

/** What decides the result of a task; its manifest is made from this. */
export function taskInputs(commonHash: string, task: unknown): unknown {
  return { common: commonHash, task };
}

/** Written last: a list without it is none. */
const HEAD_FILE = "tasks.json";
const LINES_FILE = "tasks.jsonl";
const OFFSETS_FILE = "tasks.offsets";
/** Names of the files of a list, in the order in which they must be copied. */
export const TASK_LIST_FILES = [LINES_FILE, OFFSETS_FILE, HEAD_FILE] as const;
/** Digits of an offset and the end of its line. */
const OFFSET_BYTES = 16;

interface Head {
  readonly apollo: string;
  readonly stage: string;
  readonly count: number;
  /** SHA-256 of the lines. */
  readonly tasks: string;
  readonly common: unknown;
}

/**
 * Makes the folder of `list` ready: what tasks of the very same list did stays, so that a stage goes on where it was; what another list left
 * there is removed.
 */
export async function prepareTaskList(list: TaskList): Promise<void> {
  const { folder, stage, common, tasks } = list;
  const path = join(folder, HEAD_FILE);
  const lines = tasks.map((task) => `${JSON.stringify(task)}\n`);
  const text = lines.join("");
  const head: Head = {
    apollo: APOLLO_VERSION,
    stage,
    count: tasks.length,
    tasks: hashBytes(text),
    common,
  };
  if (await exists(path)) {
    const found = await readJson(path).catch(() => undefined);
    if (canonicalJson(found) === canonicalJson(head)) return;
  } else if ((await isFolder(folder)) && (await readdir(folder)).some((name) => !isOfList(name)))
    throw new UserError("folder-not-empty", "is where tasks are to live, and already holds other files", {
      file: folder,
      remedy: "Move them away, or choose another folder for --out.",
    });
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  let offset = 0;
  const offsets = [0, ...lines.map((line) => (offset += Buffer.byteLength(line)))];
  await writeFileAtomic(join(folder, LINES_FILE), text);
  await writeFileAtomic(
    join(folder, OFFSETS_FILE),
    offsets.map((at) => `${String(at).padStart(OFFSET_BYTES - 1, "0")}\n`).join(""),
  );
  await writeJson(path, head);
}

/** A list that was killed while it was written. */
function isOfList(name: string): boolean {
  return TASK_LIST_FILES.some((file) => name.startsWith(file));
}

/** Reads bytes of a file of a list by its name. */
export type ListReader = (name: string, range?: ByteRange) => Promise<Buffer>;

/**
 * Task `index` of the list in `folder`, without reading the others; `UserError` when there is no list, another version of the program wrote it,
 * or it has no such task. `read`: how its files are read, when not from the disk.
 */
export async function readTask(
  folder: string,
  index: number,
  read: ListReader = (name, range) => readBytes(join(folder, name), range),
): Promise<TaskEntry> {
  const file = join(folder, HEAD_FILE);
  const { stage, count, common } = parseHead((await read(HEAD_FILE)).toString("utf8"), file);
  if (!(Number.isInteger(index) && index >= 0 && index < count))
    throw new UserError("no-such-task", `has ${count} tasks, from 0: there is none of number ${index}`, {
      file: folder,
    });
  const from = OFFSET_BYTES * index;
  const offsets = (await read(OFFSETS_FILE, { from, to: from + 2 * OFFSET_BYTES })).toString("latin1");
  const line = await read(LINES_FILE, {
    from: Number(offsets.slice(0, OFFSET_BYTES)),
    to: Number(offsets.slice(OFFSET_BYTES)),
  });
  return { folder, stage, common, index, task: JSON.parse(line.toString("utf8")) };
}

function parseHead(text: string, file: string): Head {
  let found: Partial<Head> | null = null;
  try {
    found = JSON.parse(text) as Partial<Head> | null;
  } catch {
    // Told below.
  }
  if (typeof found?.stage !== "string" || typeof found.count !== "number")
    throw new UserError("bad-task-list", "is no list of tasks {stage, common, count}", { file });
  if (found.apollo !== APOLLO_VERSION)
    throw new UserError(
      "version-mismatch",
      `was written by Apollo ${found.apollo}, this is Apollo ${APOLLO_VERSION}`,
      { file, remedy: "Install the same version on every machine." },
    );
  return found as Head;
}

async function readBytes(path: string, range?: ByteRange): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const from = range?.from ?? 0;
      const bytes = Buffer.alloc((range?.to ?? (await file.stat()).size) - from);
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** The hash of what all tasks share, for `taskInputs`. */
export function commonHash({ common }: Pick<TaskList, "common">): string {
  return hashValue(common);
}
