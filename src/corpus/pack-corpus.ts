// Pack: the documents of a corpus become rows of equal length, ready to train on.
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  hashValue,
  type ProgressFactory,
  silentProgress,
  type TaskOptions,
  UserError,
} from "../core/index.ts";
import { type LoadedTokenizer, saveTokenizer } from "../tokenizer/index.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import { APOLLO_MIXTURE, type Mixture } from "./mixture.ts";
import { PACK_TASK_FOLDERS, tokeniseInTasks } from "./pack-tasks.ts";
import {
  DOCUMENTS_FILE,
  PACKED_FILE,
  type PackReport,
  type PackResult,
  sourceName,
} from "./packed-folder.ts";
import { chatTemplate } from "./prompt-format.ts";
import { readDocuments } from "./read-documents.ts";
import { createSegmenter } from "./segments.ts";
import { makeOnce, refuseToReplace } from "./stage-folder.ts";
import { describeCorpus, removeTasks } from "./stage-tasks.ts";
import { readInOrder, type TokenisedPart, tokenisePart } from "./tokenise-part.ts";
import { writeRows } from "./write-rows.ts";

/** How to pack. */
export interface PackOptions {
  readonly tokenizer: LoadedTokenizer;
  /** Positions in a row. */
  readonly length: number;
  readonly out: string;
  /** Default 42, as Apollo. */
  readonly seed?: number;
  /** Weights by category, over the published ones. */
  readonly mixture?: Mixture;
  /** Segments waiting while rows are filled. Default: a 16th of all, at least 16 and at most 256. */
  readonly window?: number;
  /** Divides the work; the result is the same to the byte. Needs `tokenizerPath`. Default: this process does it. */
  readonly tasks?: TaskOptions;
  /** Where `tokenizer` was loaded from, for the tasks. */
  readonly tokenizerPath?: string;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

const STAGE = "corpus pack";
const DEFAULT_SEED = 42;

/**
 * Packs the corpus in `folder`: `packed.parquet` with columns `input_ids`, `labels` (Hugging Face's convention: aligned with
 * `input_ids`, -100 = not learnt), `position_ids` (from 0 in each segment), `segment_ids` (from 0 in each row) and `doc_ids`
 * (lines of `documents.jsonl`, from 0); places without a token have the end token, -100, 0, -1 and -1. Beside it the
 * tokenizer with the chat template of the format. The same inputs give the same bytes; when `out` already holds them, nothing
 * is done.
 */
export async function packCorpus(folder: string, options: PackOptions): Promise<PackResult> {
  const { tokenizer, length, out, seed = DEFAULT_SEED, progress = silentProgress, signal } = options;
  const endId = tokenizer.eosId;
  if (endId === undefined)
    throw new UserError("no-end-token", "the tokenizer has no end-of-text token (eos_token)");
  if (!Number.isInteger(length) || length < 8)
    throw new UserError("bad-length", `a row of ${length} positions; expected a whole number from 8`);
  const files = await findCorpusFiles([folder]);
  for (const source of Object.keys(options.mixture ?? {}))
    if (!files.some(({ kind }) => source === kind.category || source === sourceName(kind)))
      throw new UserError("unknown-source", `the mixture names ${source}, which is not in the corpus`, {
        file: folder,
        remedy: `It holds: ${[...new Set(files.map(({ kind }) => sourceName(kind)))].sort().join(", ")}`,
      });
  if (options.window !== undefined && !(Number.isInteger(options.window) && options.window >= 1))
    throw new UserError("bad-window", `a window of ${options.window}; expected a whole number from 1`);
  const mixture = { ...APOLLO_MIXTURE, ...options.mixture };
  if (options.tasks !== undefined && options.tokenizerPath === undefined)
    throw new Error("tasks need the tokenizer's path");
  refuseToReplace(out, [folder]);
  const { described, divided } = await describeCorpus(files, out, options);
  const identity = hashValue(tokenizer.identity);
  const recipe = {
    files: described,
    tokenizer: identity,
    length,
    seed,
    mixture,
    window: options.window ?? "default",
  };
  const report = await makeOnce(out, STAGE, recipe, async (target): Promise<PackReport> => {
    const parts =
      divided === undefined
        ? [await tokeniseHere(files, options, mixture, target.path)]
        : await tokeniseInTasks(
            divided,
            { tokenizer: options.tokenizerPath!, identity, length, seed, mixture },
            target.path,
          );
    const segments = parts.reduce((sum, part) => sum + part.segments, 0);
    const rows = await writeRows(readInOrder(parts), join(target.path, PACKED_FILE), {
      length,
      endId,
      window: options.window ?? Math.min(256, Math.max(16, Math.floor(segments / 16))),
      sources: files.map(({ kind }) => sourceName(kind)),
      segments,
      progress,
      signal,
    });
    await rm(join(target.path, SCRATCH), { recursive: true, force: true });
    if (rows.rows === 0) throw new UserError("empty-corpus", "no document fits a row", { file: folder });
    const endToken = tokenizer.tokens[endId]!;
    await saveTokenizer(tokenizer, join(target.path, "tokenizer"), {
      chatTemplate: chatTemplate(endToken),
      eosToken: endToken,
    });
    const cut: Record<string, number> = {};
    for (const part of parts) for (const [reason, n] of Object.entries(part.cut)) count(cut, reason, n);
    const documents = parts.reduce((sum, part) => sum + part.documents, 0);
    return { ...rows, documents, cut: sortCounts(cut) };
  });
  if (divided !== undefined) await removeTasks(out, PACK_TASK_FOLDERS);
  const { tokensBySource: _, curriculum: __, ...result } = report;
  return result;
}

/** Where tokens wait for their rows. */
const SCRATCH = "scratch";

/** Tokenises all files in this process. */
async function tokeniseHere(
  files: Awaited<ReturnType<typeof findCorpusFiles>>,
  { tokenizer, length, seed = DEFAULT_SEED, progress = silentProgress, signal }: PackOptions,
  mixture: Mixture,
  target: string,
): Promise<TokenisedPart & { readonly folder: string }> {
  const folder = join(target, SCRATCH);
  await mkdir(folder);
  const bar = progress("tokenise", files.length, "files");
  let begun = -1;
  const sources = function* () {
    for (const [source, { file, kind }] of files.entries()) {
      begun = source;
      yield { file, source, documents: readDocuments(file, kind) };
    }
  };
  const part = await tokenisePart(sources(), {
    tokenise: createSegmenter(tokenizer, tokenizer.eosId!, length),
    seed,
    mixture,
    folder,
    list: join(target, DOCUMENTS_FILE),
    tell(file) {
      signal?.throwIfAborted();
      bar.update(begun, basename(file));
    },
  });
  bar.finish();
  return { ...part, folder };
}
