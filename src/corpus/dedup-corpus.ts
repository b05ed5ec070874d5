// Dedup: of documents that say the same, one stays; what was merged is written down, so that a person can read it.
import { mkdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ProgressFactory, silentProgress, type TaskOptions, UserError } from "../core/index.ts";
import { writeEdges, writeGroups } from "./candidate-groups.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { sortCounts } from "./counts.ts";
import { decideGroups } from "./decided-pairs.ts";
import { DEDUP_TASK_FOLDERS, type DecidedCorpus, decideInTasks } from "./dedup-tasks.ts";
import { readPlacedDocuments } from "./read-documents.ts";
import { type FiledDocument, partitionBits, partitionCount, signDocuments } from "./sign-documents.ts";
import { type CorpusFile, openSignedParts } from "./signed-parts.ts";
import { makeOnce, refuseToReplace } from "./stage-folder.ts";
import { describeCorpus, removeTasks } from "./stage-tasks.ts";
import { writeUnique } from "./write-unique.ts";

/** How to look for duplicates. */
export interface DedupOptions {
  /** Another corpus: documents that it holds already are dropped too. It is only read. */
  readonly against?: string;
  /** Share of common shingles (Jaccard) from which two documents are near duplicates. Default 0.8, at least 0.7. */
  readonly threshold?: number;
  /** Divides the work; the result is the same to the byte. Default: this process does it. */
  readonly tasks?: TaskOptions;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** What was found. */
export interface DedupResult {
  /** Documents looked at, without those of `against`. */
  readonly documents: number;
  readonly kept: number;
  /** Dropped: the same but for case, punctuation and white space. */
  readonly exact: number;
  /** Dropped: nearly the same. */
  readonly near: number;
  /** Path of `clusters.jsonl`: one line for each kept document with the ones dropped for it, of more than a thousand the first. */
  readonly clusters: string;
  /** Kept although alike one that is kept, by what sets them apart; the pairs are in `apart.jsonl`. */
  readonly apart: Readonly<Record<string, number>>;
}

const STAGE = "corpus dedup";
const THRESHOLD = 0.8;
/** Below it the signatures bring too few of the alike documents together (75 % here, 98 % at 0.8). */
const LEAST_THRESHOLD = 0.7;

/**
 * Copies the corpus in `folder` to `out` without exact and near duplicates, across all of its files; the first document in the
 * order of files stays. Dropped ones are listed in `dropped.jsonl`, and side by side with what stayed in `clusters.jsonl`;
 * alike documents that both stay, because their doses, subjects or questions differ, in `apart.jsonl`. Memory: 4 bytes a document
 * beside buffers, and about 400 a document of one group of candidates; the rest lies in scratch files beside `out`, about 350 bytes
 * a document. The same inputs give the same bytes; when `out` already holds them, nothing is done.
 */
export async function dedupCorpus(
  folder: string,
  out: string,
  options: DedupOptions = {},
): Promise<DedupResult> {
  const { against, threshold = THRESHOLD, progress = silentProgress, signal } = options;
  if (!(threshold >= LEAST_THRESHOLD && threshold <= 1))
    throw new UserError("bad-threshold", `a threshold of ${threshold}; expected ${LEAST_THRESHOLD} to 1`);
  refuseToReplace(out, against === undefined ? [folder] : [folder, against]);
  const known = against === undefined ? [] : await findCorpusFiles([against]);
  const own = await findCorpusFiles([folder]);
  const files = [...known, ...own];
  const { described, divided } = await describeCorpus(files, out, options);
  const recipe = {
    against: described.slice(0, known.length),
    files: described.slice(known.length),
    threshold,
  };
  const result = await makeOnce(out, STAGE, recipe, async (target) => {
    const scratch = join(target.path, "scratch");
    await mkdir(scratch);
    const bits = partitionBits(await sizeOf(files));

    const { parts, fixed, decided } =
      divided === undefined
        ? await decideHere(files, { bits, knownFiles: known.length, threshold }, scratch, {
            progress,
            signal,
          })
        : await decideInTasks(divided, {
            bits,
            knownFiles: known.length,
            threshold,
            files: files.map(({ file, kind }) => ({ file: resolve(file), kind })),
          });
    try {
      const counts = await writeUnique(target, {
        ...{ files, knownFiles: known.length, parts, decided, scratch, progress, signal },
      });
      const { exact, near } = counts;
      const total = parts.count - fixed;
      return { documents: total, kept: total - exact - near, exact, near, apart: sortCounts(counts.apart) };
    } finally {
      parts.close();
      await rm(scratch, { recursive: true });
    }
  });
  if (divided !== undefined) await removeTasks(out, DEDUP_TASK_FOLDERS);
  return { ...result, clusters: join(out, "clusters.jsonl") };
}

/** Signs, joins and decides in this process; the parts are to be closed by the caller. */
async function decideHere(
  files: readonly CorpusFile[],
  {
    bits,
    knownFiles,
    threshold,
  }: { readonly bits: number; readonly knownFiles: number; readonly threshold: number },
  scratch: string,
  { progress, signal }: { readonly progress: ProgressFactory; readonly signal: AbortSignal | undefined },
): Promise<DecidedCorpus> {
  const at = (name: string): string => join(scratch, name);
  const signing = progress("sign", files.length, "files");
  let fixed = 0;
  let read = 0;
  const documents = fileDocuments(files, signal, (file) => {
    read++;
    if (file < knownFiles) fixed++;
    signing.update(file, `${read} documents`);
  });
  await signDocuments(documents, at("signed"), bits);
  signing.finish();

  const parts = openSignedParts([at("signed")], files);
  try {
    const edges: string[] = [];
    const joining = progress("join", partitionCount(bits), "partitions");
    for (let partition = 0; partition < partitionCount(bits); partition++) {
      signal?.throwIfAborted();
      edges.push(at(`edges-${partition}.bin`));
      writeEdges(parts, partition, edges.at(-1)!);
      joining.update(partition);
    }
    joining.finish();
    const groups = writeGroups(edges, parts.count, scratch);

    const comparing = progress("compare", groups.members, "documents");
    let compared = 0;
    const onDecided = (more: number): void => {
      compared += more;
      comparing.update(compared);
    };
    const decided = groups.paths.map((path, i) => {
      const pairs = at(`decided-${i}.bin`);
      decideGroups(path, parts, pairs, { threshold, fixed, signal, onDecided });
      return pairs;
    });
    comparing.finish();
    return { parts, fixed, decided };
  } catch (error) {
    parts.close();
    throw error;
  }
}

async function sizeOf(files: readonly CorpusFile[]): Promise<number> {
  let bytes = 0;
  for (const { file } of files) bytes += (await stat(file)).size;
  return bytes;
}

/** All documents, file by file; `onDocument` is told the number of the file that each stands in. */
async function* fileDocuments(
  files: readonly CorpusFile[],
  signal: AbortSignal | undefined,
  onDocument: (file: number) => void,
): AsyncGenerator<FiledDocument> {
  for (const [file, { file: path, kind }] of files.entries()) {
    for await (const { document, place } of readPlacedDocuments(path, kind)) {
      signal?.throwIfAborted();
      onDocument(file);
      yield { document, place, file };
    }
  }
}
