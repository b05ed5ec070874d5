// Dedup: of documents that say the same, one stays; what was merged is written down, so that a person can read it.
import { join, resolve } from "node:path";
import { matchingManifest, type ProgressFactory, silentProgress, UserError } from "../core/index.ts";
import { type CandidateFinder, createCandidateFinder } from "./candidate-groups.ts";
import { clusterMembers, describeApart, describeCluster, type Label } from "./clusters.ts";
import { type ContentStore, type CorpusFile, createContentStore } from "./content-store.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import { documentTexts } from "./document.ts";
import { reduceText } from "./match-text.ts";
import { bandKeys, minHash } from "./minhash.ts";
import { readDocuments, readPlacedDocuments } from "./read-documents.ts";
import { type Apart, createGroupResolver, type Duplicate } from "./resolve-group.ts";
import { hashShingles } from "./shingles.ts";
import { describeFiles, makeStageFolder, type StageFolder } from "./stage-folder.ts";

/** How to look for duplicates. */
export interface DedupOptions {
  /** Another corpus: documents that it holds already are dropped too. It is only read. */
  readonly against?: string;
  /** Share of common shingles (Jaccard) from which two documents are near duplicates. Default 0.8, at least 0.7. */
  readonly threshold?: number;
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
  /** Path of `clusters.jsonl`: one line for each kept document with the ones dropped for it. */
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
 * alike documents that both stay, because their doses, subjects or questions differ, in `apart.jsonl`. Memory: about 90 bytes a document. The same inputs give the same bytes; when `out` already holds them, nothing is done.
 */
export async function dedupCorpus(
  folder: string,
  out: string,
  options: DedupOptions = {},
): Promise<DedupResult> {
  const { against, threshold = THRESHOLD, progress = silentProgress, signal } = options;
  if (!(threshold >= LEAST_THRESHOLD && threshold <= 1))
    throw new UserError("bad-threshold", `a threshold of ${threshold}; expected ${LEAST_THRESHOLD} to 1`);
  for (const input of [folder, against])
    if (input !== undefined && resolve(input) === resolve(out))
      throw new UserError("same-folder", "is read and would be replaced", {
        file: out,
        remedy: "Choose another folder for --out.",
      });
  const known = against === undefined ? [] : await findCorpusFiles([against]);
  const own = await findCorpusFiles([folder]);
  const recipe = { against: await describeFiles(known), files: await describeFiles(own), threshold };
  const clusters = join(out, "clusters.jsonl");
  const done = await matchingManifest(out, STAGE, recipe);
  if (done !== undefined) return { ...(done.result as Omit<DedupResult, "clusters">), clusters };

  const files = [...known, ...own];
  const store = createContentStore(files);
  try {
    const result = await makeStageFolder(out, STAGE, recipe, async (target) => {
      const running = { progress, signal };
      const { finder, fixed } = await signDocuments(files, known.length, store, running);
      const groups = finder.groups();
      const resolver = createGroupResolver(store, finder, { threshold, fixed });
      const duplicates = new Map<number, Duplicate>();
      const apart: Apart[] = [];
      const reasons: Record<string, number> = {};
      const bar = progress("compare", groups.length, "groups");
      for (const [g, group] of groups.entries()) {
        signal?.throwIfAborted();
        const decision = resolver.resolve(group);
        for (const duplicate of decision.duplicates) duplicates.set(duplicate.document, duplicate);
        for (const pair of decision.apart) {
          apart.push(pair);
          count(reasons, pair.reason);
        }
        bar.update(g);
      }
      bar.finish();
      await writeKept(target, files, known.length, { duplicates, apart }, store, running);
      const exact = [...duplicates.values()].filter(({ kind }) => kind === "exact").length;
      const near = duplicates.size - exact;
      const documents = store.count - fixed;
      return { documents, kept: documents - duplicates.size, exact, near, apart: sortCounts(reasons) };
    });
    return { ...result, clusters };
  } finally {
    store.close();
  }
}

interface Running {
  readonly progress: ProgressFactory;
  readonly signal: AbortSignal | undefined;
}

interface Decisions {
  readonly duplicates: ReadonlyMap<number, Duplicate>;
  readonly apart: readonly Apart[];
}

/** Reads all documents once. `fixed` is the number of documents in the first `knownFiles` files, the corpus compared against. */
async function signDocuments(
  files: readonly CorpusFile[],
  knownFiles: number,
  store: ContentStore,
  { progress, signal }: Running,
): Promise<{ finder: CandidateFinder; fixed: number }> {
  const finder = createCandidateFinder();
  const bar = progress("sign", files.length, "files");
  let fixed = 0;
  for (const [f, { file, kind }] of files.entries()) {
    for await (const { document, place } of readPlacedDocuments(file, kind)) {
      signal?.throwIfAborted();
      store.add(f, place);
      finder.add(bandKeys(minHash(hashShingles(reduceText(documentTexts(document)).text))));
      bar.update(f, `${finder.count} documents`);
    }
    if (f < knownFiles) fixed = store.count;
  }
  bar.finish();
  return { finder, fixed };
}

/** Writes the corpus without its duplicates; and what a person may want to read. */
async function writeKept(
  folder: StageFolder,
  files: readonly CorpusFile[],
  knownFiles: number,
  { duplicates, apart }: Decisions,
  store: ContentStore,
  { progress, signal }: Running,
): Promise<void> {
  const writer = folder.corpus();
  const dropped = await folder.lines("dropped.jsonl");
  const clusters = await folder.lines("clusters.jsonl");
  const pairs = await folder.lines("apart.jsonl");
  const members = clusterMembers(duplicates);
  const shown = new Set([...members.keys(), ...apart.flatMap(({ document, of }) => [document, of])]);
  const labels = new Map<number, Label>();
  const bar = progress("write", files.length, "files");
  let number = 0;
  for (const [f, { file, kind }] of files.entries()) {
    for await (const document of readDocuments(file, kind)) {
      signal?.throwIfAborted();
      const duplicate = duplicates.get(number);
      const { id, origin, decisions } = document;
      if (duplicate !== undefined || shown.has(number)) labels.set(number, { document: id, origin });
      if (duplicate !== undefined) {
        const of = labels.get(duplicate.of)!.document;
        await dropped.write({ document: id, origin, reason: `${duplicate.kind}-duplicate`, of });
      } else if (f >= knownFiles) {
        const kept = { step: "dedup", decision: "keep" as const };
        await writer.write({ ...document, decisions: [...decisions, kept] });
      }
      number++;
    }
    bar.update(f);
  }
  for (const [kept, others] of members) await clusters.write(describeCluster(kept, others, labels, store));
  for (const pair of apart) await pairs.write(describeApart(pair, labels, store));
  bar.finish();
}
