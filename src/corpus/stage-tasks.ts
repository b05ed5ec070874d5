// What stages that are divided into tasks share: where the tasks live and which parts of which files each gets.
import { rm, rmdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  exists,
  hashValue,
  type ProgressFactory,
  runTasks,
  silentProgress,
  type TaskCall,
  type TaskList,
  type TaskOptions,
  taskFolder,
  UserError,
} from "../core/index.ts";
import { type CorpusFileKind, ledgerPath } from "./corpus-files.ts";
import { borderStep, divideFiles, type NumberedPart } from "./divide-files.ts";
import type { Document } from "./document.ts";
import { type FileIndex, type FileLayout, indexFile } from "./file-index.ts";
import { type FilePart, type PlacedDocument, readPlacedDocuments } from "./read-documents.ts";
import { type DescribedFile, describeFiles } from "./stage-folder.ts";

/** How a divided stage runs. */
export interface StageTasks extends TaskOptions {
  readonly progress?: ProgressFactory | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where the tasks for `out` live: beside it, so that whoever sees the one sees the other. */
export function tasksFolder(out: string, name: string): string {
  return join(`${resolve(out)}.tasks`, name);
}

/** Removes what tasks left for `out`, when it is there. */
export async function removeTasks(out: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(tasksFolder(out, name), { recursive: true, force: true });
  // Whatever else is in there is not ours.
  await rmdir(tasksFolder(out, "")).catch(() => undefined);
}

/** The folder that each task left and what it reported, in order. */
export interface StageOutcome<Result> {
  readonly folders: readonly string[];
  readonly results: readonly Result[];
}

/** Runs a list of tasks. */
export async function runStageTasks<Result>(
  list: TaskList,
  { executor, progress = silentProgress, signal }: StageTasks,
): Promise<StageOutcome<Result>> {
  const results = await runTasks<Result>(list, executor, {
    progress,
    ...(signal === undefined ? {} : { signal }),
  });
  return { folders: list.tasks.map((_, i) => taskFolder(list, i)), results };
}

/** A file to look at before a stage is divided. JSON. */
export interface IndexRequest {
  /** Absolute, as all machines see it. */
  readonly path: string;
  readonly layout: FileLayout;
  readonly ledger?: string;
}

/** Less than this is looked at here: to start a task elsewhere takes longer. */
const SMALL_BYTES = 1 << 26;

/** Looks at files, many of them at once where there is much to read; `step` is what their borders were noted by. */
export async function indexFiles(
  requests: readonly IndexRequest[],
  out: string,
  tasks: StageTasks,
  small = SMALL_BYTES,
): Promise<FileIndex[]> {
  const facts = await Promise.all(requests.map(({ path }) => stat(path)));
  const total = facts.reduce((sum, { size }) => sum + size, 0);
  const common = { step: borderStep(total, tasks.count) };
  if (total <= small || requests.length === 1 || tasks.count === 1) {
    const indices: FileIndex[] = [];
    for (const { path, layout, ledger } of requests) {
      tasks.signal?.throwIfAborted();
      indices.push(await indexFile(path, layout, common.step, ledger));
    }
    return indices;
  }
  // A file that has changed since is looked at again.
  const parts = requests.map((request, i) => ({
    ...request,
    size: facts[i]!.size,
    changed: facts[i]!.mtimeMs,
  }));
  const shares = shareOut(parts, tasks.count);
  const reads = requests.flatMap(({ path, ledger }) => [path, ledger ?? []].flat());
  const list: TaskList = {
    folder: tasksFolder(out, "index"),
    stage: INDEX_STAGE,
    common,
    tasks: shares,
    reads,
  };
  const { results } = await runStageTasks<FileIndex[]>(list, tasks);
  const byPath = new Map(
    shares.flatMap((share, t) => share.map(({ path }, i) => [path, results[t]![i]!] as const)),
  );
  return requests.map(({ path }) => byPath.get(path)!);
}

/** The largest first, each to the task that has least. */
function shareOut<T extends { readonly path: string; readonly size: number }>(
  parts: readonly T[],
  count: number,
): T[][] {
  const shares = Array.from({ length: Math.min(count, parts.length) }, () => ({ size: 0, parts: [] as T[] }));
  for (const part of [...parts].sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1))) {
    const least = shares.reduce((a, b) => (b.size < a.size ? b : a));
    least.size += part.size;
    least.parts.push(part);
  }
  return shares.map((share) => share.parts);
}

/** The stage of tasks that look at files. */
export const INDEX_STAGE = "corpus index";

/** The work of a task of `indexFiles`. */
export async function indexTask({ common, task, at, progress, signal }: TaskCall): Promise<FileIndex[]> {
  const { step } = common as { step: number };
  const requests = task as readonly IndexRequest[];
  const bar = progress("index", requests.length, "files");
  const indices: FileIndex[] = [];
  for (const { path, layout, ledger } of requests) {
    signal?.throwIfAborted();
    indices.push(await indexFile(await at(path), layout, step, ledger && (await at(ledger))));
    bar.update(indices.length);
  }
  bar.finish();
  return indices;
}

/** A part of a corpus file, as a task gets it. JSON. */
export interface CorpusPart {
  /** Number of the file among those of the corpus. */
  readonly number: number;
  /** What the user calls it. */
  readonly file: string;
  readonly path: string;
  readonly kind: CorpusFileKind;
  readonly part: FilePart;
  readonly bytes: number;
}

/** A corpus cut into parts. */
export interface DividedCorpus {
  /** What decides a stage's output about each file. */
  readonly described: readonly DescribedFile[];
  /** The parts of each task, in order. */
  readonly parts: readonly (readonly CorpusPart[])[];
  /** The files that parts are of, and their ledgers. */
  readonly reads: readonly string[];
  /** What the stage makes; tasks live beside it. */
  readonly out: string;
  readonly tasks: StageTasks;
}

/** Describes the files of a corpus; with `tasks` also cuts them into parts for `tasks.count` tasks, in the same pass. */
export async function describeCorpus(
  files: readonly { readonly file: string; readonly kind: CorpusFileKind }[],
  out: string,
  {
    tasks,
    progress,
    signal,
  }: Partial<Omit<StageTasks, keyof TaskOptions>> & { readonly tasks?: TaskOptions },
): Promise<{ readonly described: readonly DescribedFile[]; readonly divided?: DividedCorpus }> {
  if (tasks === undefined) return { described: await describeFiles(files) };
  const divided = await divideCorpus(files, out, { ...tasks, progress, signal });
  return { described: divided.described, divided };
}

async function divideCorpus(
  files: readonly { readonly file: string; readonly kind: CorpusFileKind }[],
  out: string,
  tasks: StageTasks,
): Promise<DividedCorpus> {
  const requests = await Promise.all(
    files.map(async ({ file }): Promise<IndexRequest> => {
      const ledger = ledgerPath(resolve(file));
      const layout = file.endsWith(".jsonl") ? "jsonl" : "json";
      return { path: resolve(file), layout, ...((await exists(ledger)) ? { ledger } : {}) };
    }),
  );
  const indices = await indexFiles(requests, out, tasks);
  const asPart = ({ file: number, bytes, ...part }: NumberedPart): CorpusPart => {
    const { file, kind } = files[number]!;
    return { number, file, path: requests[number]!.path, kind, part, bytes };
  };
  return {
    reads: requests.flatMap(({ path, ledger }) => [path, ledger ?? []].flat()),
    described: files.map(({ kind }, i) => ({ kind, sha256: indices[i]!.sha256 })),
    parts: divideFiles(indices, tasks.count).map((parts) => parts.map(asPart)),
    out,
    tasks,
  };
}

/** Has a task work on each part, in folders called `name`. `common` is what all of them need, JSON; `alsoReads` what they read beside the corpus. */
export function runOnParts<Result>(
  {
    described,
    parts,
    reads,
    out,
    tasks,
  }: Omit<DividedCorpus, "parts"> & { readonly parts: readonly unknown[] },
  name: string,
  stage: string,
  common: object,
  alsoReads: readonly string[] = [],
): Promise<StageOutcome<Result>> {
  const list: TaskList = {
    folder: tasksFolder(out, name),
    stage,
    // What the corpus was belongs to what decides a task's result: its folders keep their names.
    common: { ...common, corpus: described },
    tasks: parts,
    reads: [...reads, ...alsoReads],
  };
  return runStageTasks<Result>(list, tasks);
}

/** `UserError` in a task when what it finds in `file` is not what the tasks were made for, `expected` by its hash. */
export function checkUnchanged(found: unknown, expected: string, what: string, file: string): void {
  if (hashValue(found) === expected) return;
  throw new UserError("changed-input", `is not ${what} that the tasks were made for`, {
    file,
    remedy: "It changed since, or this machine sees another file under that path. Start the command again.",
  });
}

/** The documents of a part with their places. */
export async function* readPlacedPart(
  { file, path, kind, part, bytes }: CorpusPart,
  at: TaskCall["at"],
): AsyncGenerator<PlacedDocument> {
  if (part.ledger !== undefined) await at(ledgerPath(path), part.ledger);
  yield* readPlacedDocuments(file, kind, part, await at(path, { from: part.from, to: part.from + bytes }));
}

/** The documents of a part. */
export async function* readPart(part: CorpusPart, at: TaskCall["at"]): AsyncGenerator<Document> {
  for await (const { document } of readPlacedPart(part, at)) yield document;
}
