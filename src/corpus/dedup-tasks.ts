// Near-duplicate search divided into tasks: parts of the corpus are signed, partitions of their keys joined to edges, and groups of candidates decided
// on; what is in between (union-find, four bytes a document) and the writing are done by one process.
import { rm } from "node:fs/promises";

import { dirname, join } from "node:path";
import { makeFolder, silentProgress, type TaskCall } from "../core/index.ts";
import { readGroups, writeEdges, writeGroups } from "./candidate-groups.ts";

import { decideGroups } from "./decided-pairs.ts";
import {
  type FiledDocument,
  keysPath,
  partitionCount,
  partitionPath,
  placesPath,
  signDocuments,
} from "./sign-documents.ts";
import { type CorpusFile, openSignedParts, type SignedParts } from "./signed-parts.ts";

import {
  type CorpusPart,
  type DividedCorpus,
  readPlacedPart,
  runOnParts,
  tasksFolder,
} from "./stage-tasks.ts";

/** Names of the folders in which tasks of near-duplicate search live. */
export const DEDUP_TASK_FOLDERS = ["index", "sign", "join", "groups", "decide"] as const;

/** The stages of the three kinds of tasks. */
export const SIGN_STAGE = "corpus dedup sign";
export const JOIN_STAGE = "corpus dedup join";
export const DECIDE_STAGE = "corpus dedup decide";

interface SignCommon {
  readonly bits: number;
  /** Files at the beginning that are compared against. */
  readonly knownFiles: number;
}

interface SignedPart {
  readonly documents: number;
  /** Of these, in files that are compared against. */
  readonly fixed: number;
}

/** What tasks that join get. JSON. */
interface JoinCommon {
  /** Folders of the signed parts, in order. */
  readonly signed: readonly string[];
  /** The number of the first document of each. */
  readonly firsts: readonly number[];
}

/** What tasks that decide get. JSON. */
interface DecideCommon {
  readonly signed: readonly string[];
  /** By absolute paths. */
  readonly files: readonly CorpusFile[];
  readonly threshold: number;
  readonly fixed: number;
}

/** What is decided on the documents of a corpus. */
export interface DecidedCorpus {
  readonly parts: SignedParts;
  /** Documents at the beginning that are compared against. */
  readonly fixed: number;
  /** Files of decided pairs, in the order of groups. */
  readonly decided: readonly string[];
}

/** Has tasks sign, join and decide; the parts are to be closed by the caller. */
export async function decideInTasks(
  divided: DividedCorpus,
  setting: SignCommon & { readonly threshold: number; readonly files: readonly CorpusFile[] },
): Promise<DecidedCorpus> {
  const { bits, knownFiles, threshold, files } = setting;
  const { out, reads, tasks } = divided;
  const signing: SignCommon = { bits, knownFiles };
  const signed = await runOnParts<SignedPart>(divided, "sign", SIGN_STAGE, signing);
  const fixed = signed.results.reduce((sum, part) => sum + part.fixed, 0);
  let documents = 0;
  const firsts = signed.results.map((part) => {
    documents += part.documents;
    return documents - part.documents;
  });
  const partitions = shares(partitionCount(bits), tasks.count);
  const joined = await runOnParts<readonly number[]>(
    { ...divided, parts: partitions, reads: signed.folders },
    "join",
    JOIN_STAGE,
    { ...({ signed: signed.folders, firsts } satisfies JoinCommon), bits },
  );
  const edges = joined.results.flatMap((own, t) =>
    own.map((partition) => edgesPath(joined.folders[t]!, partition)),
  );
  const all = openSignedParts(signed.folders, files);
  try {
    const folder = tasksFolder(out, "groups");
    await rm(folder, { recursive: true, force: true });
    await makeFolder(folder);
    const groups = writeGroups(edges, all.count, folder);
    const paths = shares(groups.paths.length, tasks.count).map((own) => own.map((i) => groups.paths[i]!));
    const deciding: DecideCommon = { signed: signed.folders, files, threshold, fixed };
    const decided = await runOnParts<number>(
      { ...divided, parts: paths, reads: [...reads, ...signed.folders, ...groups.paths] },
      "decide",
      DECIDE_STAGE,
      deciding,
    );
    const pairs = decided.results.flatMap((count, t) =>
      Array.from({ length: count }, (_, i) => pairsPath(decided.folders[t]!, i)),
    );
    return { parts: all, fixed, decided: pairs };
  } catch (error) {
    all.close();
    throw error;
  }
}

/** The numbers below `total` in at most `count` stretches of about the same length. */
function shares(total: number, count: number): number[][] {
  const tasks = Math.min(total, count);
  const border = (task: number): number => Math.round((task * total) / tasks);
  return Array.from({ length: tasks }, (_, t) =>
    Array.from({ length: border(t + 1) - border(t) }, (_, i) => border(t) + i),
  );
}

function edgesPath(folder: string, partition: number): string {
  return join(folder, `edges-${partition}.bin`);
}

function pairsPath(folder: string, number: number): string {
  return join(folder, `decided-${number}.bin`);
}

/** Signs the documents of a part. */
export async function signTask({
  common,
  task,
  at,
  folder,
  progress,
  signal,
}: TaskCall): Promise<SignedPart> {
  const { bits, knownFiles } = common as SignCommon;
  const parts = task as readonly CorpusPart[];
  const bar = progress("sign", parts.length, "parts");
  let fixed = 0;
  const filed = async function* (): AsyncGenerator<FiledDocument> {
    for (const [i, part] of parts.entries()) {
      for await (const placed of readPlacedPart(part, at)) {
        signal?.throwIfAborted();
        if (part.number < knownFiles) fixed++;
        yield { ...placed, file: part.number };
      }
      bar.update(i + 1);
    }
  };
  const documents = await signDocuments(filed(), folder, bits);
  bar.finish();
  return { documents, fixed };
}

/** Joins documents that meet in a partition; gives the partitions. */
export async function joinTask({
  common,
  task,
  at,
  folder,
  progress,
  signal,
}: TaskCall): Promise<readonly number[]> {
  const { signed, firsts } = common as JoinCommon;
  const partitions = task as readonly number[];
  const bar = progress("join", partitions.length, "partitions");
  for (const [i, partition] of partitions.entries()) {
    signal?.throwIfAborted();
    const paths = await Promise.all(signed.map((part) => at(partitionPath(part, partition))));
    writeEdges(
      { folders: paths.map((path) => dirname(path)), firsts },
      partition,
      edgesPath(folder, partition),
    );
    bar.update(i + 1);
  }
  bar.finish();
  return partitions;
}

/** Decides on groups; gives the number of files of them. */
export async function decideTask({
  common,
  task,
  at,
  folder,
  progress = silentProgress,
  signal,
}: TaskCall): Promise<number> {
  const { signed, files, threshold, fixed } = common as DecideCommon;
  const groups = task as readonly string[];
  const folders = await Promise.all(
    signed.map(async (part) => {
      await at(keysPath(part));
      return dirname(await at(placesPath(part)));
    }),
  );
  const local = await Promise.all(
    files.map(async ({ file, kind }) => ({ kind, file: await at(file, { from: 0, to: 0 }) })),
  );
  const parts = openSignedParts(folders, local);
  const bar = progress("compare", groups.length, "files of groups");
  try {
    for (const [i, group] of groups.entries()) {
      const path = await at(group);
      for (const { file, ...range } of stretches(path, parts)) await at(files[file]!.file, range);
      decideGroups(path, parts, pairsPath(folder, i), { threshold, fixed, signal });
      bar.update(i + 1);
    }
  } finally {
    parts.close();
  }
  bar.finish();
  return groups.length;
}

/** Documents nearer to each other than this are brought together: a request costs about as much as so many bytes. */
const GAP_BYTES = 1 << 20;

/** The stretches of corpus files that hold the documents of the groups in the file `path`. */
function stretches(
  path: string,
  parts: SignedParts,
): { readonly file: number; readonly from: number; readonly to: number }[] {
  const places = [...readGroups(path)].flatMap((group) =>
    [...group].map((document) => parts.place(document)),
  );
  places.sort((a, b) => a.file - b.file || a.start - b.start);
  const found: { file: number; from: number; to: number }[] = [];
  for (const { file, start, bytes } of places) {
    const last = found.at(-1);
    if (last?.file === file && start - last.to < GAP_BYTES) last.to = Math.max(last.to, start + bytes);
    else found.push({ file, from: start, to: start + bytes });
  }
  return found;
}
