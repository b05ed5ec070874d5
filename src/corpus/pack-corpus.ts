// Pack: the documents of a corpus become rows of equal length, ready to train on.
import { basename, join } from "node:path";
import {
  createAtomicFolder,
  createJsonLinesWriter,
  hashFile,
  hashValue,
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  UserError,
  writeManifest,
} from "../core/index.ts";
import { type LoadedTokenizer, saveTokenizer } from "../tokenizer/index.ts";
import { type Column, createColumn } from "./column.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import { createCurriculumCounter } from "./curriculum.ts";
import { createRowFiller } from "./fill-rows.ts";
import { APOLLO_MIXTURE, type Mixture, orderKey, weightOf } from "./mixture.ts";
import {
  DOCUMENTS_FILE,
  PACKED_FILE,
  type PackedDocument,
  type PackReport,
  type PackResult,
  sourceName,
} from "./packed-folder.ts";
import { createPackedWriter, type PackedColumns } from "./packed-writer.ts";
import { chatTemplate } from "./prompt-format.ts";
import { readDocuments } from "./read-documents.ts";
import { createSegmentStore, type SegmentStore } from "./segment-store.ts";
import { createSegmenter, type Segmenter } from "./segments.ts";

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
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

const STAGE = "corpus pack";
const IGNORED = -100;

/**
 * Packs the corpus in `folder`: `packed.parquet` with columns `input_ids`, `labels` (Hugging Face's convention: aligned with
 * `input_ids`, -100 = not learnt), `position_ids` (from 0 in each segment), `segment_ids` (from 0 in each row) and `doc_ids`
 * (lines of `documents.jsonl`, from 0); places without a token have the end token, -100, 0, -1 and -1. Beside it the
 * tokenizer with the chat template of the format. The same inputs give the same bytes; when `out` already holds them, nothing
 * is done.
 */
export async function packCorpus(folder: string, options: PackOptions): Promise<PackResult> {
  const { tokenizer, length, out, seed = 42, progress = silentProgress, signal } = options;
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
  const recipe = {
    files: await Promise.all(files.map(async ({ file, kind }) => ({ kind, sha256: await hashFile(file) }))),
    tokenizer: hashValue(tokenizer.identity),
    length,
    seed,
    mixture,
    window: options.window ?? "default",
  };
  const done = await matchingManifest(out, STAGE, recipe);
  if (done !== undefined) return pickResult(done.result as PackReport);

  const target = await createAtomicFolder(out);
  const store = createSegmentStore(join(target.path, "segments.scratch"));
  try {
    const tokenise = createSegmenter(tokenizer, endId, length);
    const draw = await tokeniseDocuments(files, tokenise, store, join(target.path, DOCUMENTS_FILE), {
      seed,
      mixture,
      progress,
      signal,
    });
    const order = drawOrder(draw);
    const packed = join(target.path, PACKED_FILE);
    const rows = await writeRows(order, draw, store, packed, {
      length,
      endId,
      window: options.window,
      progress,
      signal,
    });
    store.close();
    if (rows.rows === 0) throw new UserError("empty-corpus", "no document fits a row", { file: folder });
    const endToken = tokenizer.tokens[endId]!;
    await saveTokenizer(tokenizer, join(target.path, "tokenizer"), {
      chatTemplate: chatTemplate(endToken),
      eosToken: endToken,
    });
    const report: PackReport = { ...rows, documents: draw.firstSegment.count - 1, cut: sortCounts(draw.cut) };
    await writeManifest(target.path, STAGE, recipe, report);
    await target.commit();
    return pickResult(report);
  } catch (error) {
    store.close();
    await target.abort();
    throw error;
  }
}

function pickResult({ rows, length, tokens, labelTokens, utilisation }: PackResult): PackResult {
  return { rows, length, tokens, labelTokens, utilisation };
}

/** All documents tokenised, with the numbers that order them. */
interface Draw {
  /** The first segment of each document; one more at the end. */
  readonly firstSegment: Column;
  /** Index into `sources` of each document. */
  readonly source: Column;
  readonly sources: readonly string[];
  /** One entry a document and epoch: its key, and the document. */
  readonly keys: Column;
  readonly documents: Column;
  readonly cut: Readonly<Record<string, number>>;
}

interface Running {
  readonly progress: ProgressFactory;
  readonly signal: AbortSignal | undefined;
}

async function tokeniseDocuments(
  files: Awaited<ReturnType<typeof findCorpusFiles>>,
  tokenise: Segmenter,
  store: SegmentStore,
  list: string,
  options: Running & { readonly seed: number; readonly mixture: Mixture },
): Promise<Draw> {
  const { seed, mixture, progress, signal } = options;
  const firstSegment = createColumn(Int32Array);
  const source = createColumn(Int32Array);
  const sources: string[] = [];
  const keys = createColumn(Float64Array);
  const documents = createColumn(Int32Array);
  const cut: Record<string, number> = {};
  const lines = await createJsonLinesWriter(list);
  const bar = progress("tokenise", files.length, "files");
  try {
    for (const [f, { file, kind }] of files.entries()) {
      sources.push(sourceName(kind));
      const { priority, epochs } = weightOf(kind, mixture);
      for await (const document of readDocuments(file, kind)) {
        signal?.throwIfAborted();
        const number = source.count;
        firstSegment.push(store.count);
        source.push(f);
        for (const segment of tokenise(document, (reason) => count(cut, reason))) store.add(number, segment);
        for (let epoch = 0; epoch < epochs; epoch++) {
          keys.push(orderKey(seed, document.id, epoch, priority));
          documents.push(number);
        }
        const { id, origin, decisions } = document;
        await lines.write({ id, file: basename(file), origin, decisions } satisfies PackedDocument);
        bar.update(f, basename(file));
      }
    }
    firstSegment.push(store.count);
    await lines.commit();
  } catch (error) {
    await lines.abort();
    throw error;
  }
  bar.finish();
  return { firstSegment, source, sources, keys, documents, cut };
}

/** The segments in the order of training; those of one document stay together. */
function drawOrder({ keys, documents, firstSegment }: Draw): number[] {
  const entries = Uint32Array.from({ length: keys.count }, (_, i) => i);
  entries.sort((a, b) => keys.get(a) - keys.get(b) || a - b);
  const order: number[] = [];
  for (const entry of entries) {
    const document = documents.get(entry);
    for (let s = firstSegment.get(document); s < firstSegment.get(document + 1); s++) order.push(s);
  }
  return order;
}

async function writeRows(
  order: readonly number[],
  draw: Draw,
  store: SegmentStore,
  path: string,
  options: Running & { readonly length: number; readonly endId: number; readonly window: number | undefined },
): Promise<Omit<PackReport, "documents" | "cut">> {
  const { length, endId, progress, signal } = options;
  const window = options.window ?? Math.min(256, Math.max(16, Math.floor(order.length / 16)));
  const tokensBySource: Record<string, number> = {};
  const curriculum = createCurriculumCounter();
  let rows = 0;
  let tokens = 0;
  let labelTokens = 0;
  let filled: (readonly number[])[] = [];
  const filler = createRowFiller(length, window, (segments) => filled.push(segments));
  const writer = await createPackedWriter(path, length);
  const writeFilled = async (): Promise<void> => {
    for (const segments of filled) {
      const row = layOutRow(segments, store, length, endId);
      await writer.write(row.columns);
      labelTokens += row.learnt;
      for (const segment of segments) {
        const size = store.length(segment);
        const source = draw.sources[draw.source.get(store.document(segment))]!;
        tokens += size;
        count(tokensBySource, source, size);
        curriculum.add(rows, source, size);
      }
      rows++;
    }
    filled = [];
  };
  const bar = progress("pack", order.length, "segments");
  try {
    for (const [i, segment] of order.entries()) {
      signal?.throwIfAborted();
      filler.add(segment, store.length(segment));
      if (filled.length > 0) await writeFilled();
      bar.update(i);
    }
    filler.finish();
    await writeFilled();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  bar.finish();
  const utilisation = rows === 0 ? 0 : tokens / (rows * length);
  return {
    rows,
    length,
    tokens,
    labelTokens,
    utilisation,
    tokensBySource: sortCounts(tokensBySource),
    curriculum: curriculum.finish(),
  };
}

/** One row: the segments one after the other, padding after them. */
function layOutRow(
  segments: readonly number[],
  store: SegmentStore,
  length: number,
  endId: number,
): { columns: PackedColumns; learnt: number } {
  const columns: PackedColumns = {
    input_ids: new Int32Array(length).fill(endId),
    labels: new Int32Array(length).fill(IGNORED),
    position_ids: new Int32Array(length),
    segment_ids: new Int32Array(length).fill(-1),
    doc_ids: new Int32Array(length).fill(-1),
  };
  let at = 0;
  let learnt = 0;
  segments.forEach((number, place) => {
    const segment = store.read(number);
    columns.segment_ids.fill(place, at, at + segment.length);
    columns.doc_ids.fill(store.document(number), at, at + segment.length);
    segment.forEach((token, position) => {
      const id = token < 0 ? ~token : token;
      columns.input_ids[at] = id;
      columns.position_ids[at] = position;
      if (token >= 0) {
        columns.labels[at] = id;
        learnt++;
      }
      at++;
    });
  });
  return { columns, learnt };
}
