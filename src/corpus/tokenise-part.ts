// Documents as tokens on the disk, and the order in which they are to be trained on as a sorted run: what packing needs of all of a corpus, or of a
// part of it, without holding it.
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { createJsonLinesWriter } from "../core/index.ts";
import { count } from "./counts.ts";
import type { Document } from "./document.ts";
import { type Mixture, orderKey, weightOf } from "./mixture.ts";
import type { PackedDocument } from "./packed-folder.ts";
import type { Segment, Segmenter } from "./segments.ts";
import { createRunSorter, mergeRuns } from "./sorted-runs.ts";

/** What was made of a part. JSON. */
export interface TokenisedPart {
  readonly documents: number;
  /** Segments in the order of training: those of a document count once an epoch. */
  readonly segments: number;
  /** What did not stay whole, by reason. */
  readonly cut: Readonly<Record<string, number>>;
  /** Names of its sorted runs, in the order in which equal keys count. */
  readonly runs: readonly string[];
}

/** The documents of one file, or of a part of it. */
export interface SourceDocuments {
  /** What the file is called. */
  readonly file: string;
  /** Number of its source (category and language) in the caller's list. */
  readonly source: number;
  readonly documents: AsyncIterable<Document>;
}

/** The tokens: for each document the number of its segments, their lengths, and their tokens, as 32-bit integers. */
const TOKENS_FILE = "tokens.scratch";
/** Key of the order, document, source, place of its tokens and their number, as doubles. */
const WIDTH = 5;
/** Entries sorted at once: 27 MB. */
const HELD = 1 << 19;
/** Written at once: 1 MiB of tokens. */
const BUFFER_TOKENS = 1 << 18;

/**
 * Tokenises documents into `folder` and writes the list of them to `list`. Memory does not grow with their number: past `held` entries the order is
 * kept in several runs.
 */
export async function tokenisePart(
  sources: Iterable<SourceDocuments>,
  {
    tokenise,
    seed,
    mixture,
    folder,
    list,
    tell,
    held = HELD,
  }: {
    readonly tokenise: Segmenter;
    readonly seed: number;
    readonly mixture: Mixture;
    readonly folder: string;
    readonly list: string;
    /** Called for each document. */
    readonly tell: (file: string) => void;
    readonly held?: number;
  },
): Promise<TokenisedPart> {
  const tokens = createTokenWriter(join(folder, TOKENS_FILE));
  const lines = await createJsonLinesWriter(list);
  const cut: Record<string, number> = {};
  const runName = (run: number): string => `order-${run}.scratch`;
  const order = createRunSorter((run) => join(folder, runName(run)), WIDTH, held);
  let [documents, segments] = [0, 0];
  try {
    for (const { file, source, documents: own } of sources)
      for await (const document of own) {
        tell(file);
        const made = tokenise(document, (reason) => count(cut, reason));
        const place = tokens.add(made);
        const { priority, epochs } = weightOf(document, mixture);
        for (let epoch = 0; epoch < epochs; epoch++) {
          const key = orderKey(seed, document.id, epoch, priority);
          order.push([key, documents, source, place.at, place.size]);
          segments += made.length;
        }
        const { id, origin, decisions } = document;
        await lines.write({ id, file: basename(file), origin, decisions } satisfies PackedDocument);
        documents++;
      }
    const runs = order.finish();
    await lines.commit();
    return { documents, segments, cut, runs: Array.from({ length: runs }, (_, run) => runName(run)) };
  } catch (error) {
    await lines.abort();
    throw error;
  } finally {
    tokens.close();
  }
}

function createTokenWriter(path: string) {
  const file = openSync(path, "w");
  let buffer = new Int32Array(BUFFER_TOKENS);
  let [used, written] = [0, 0];
  const flush = (): void => {
    const bytes = new Uint8Array(buffer.buffer, 0, 4 * used);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
    written += used;
    used = 0;
  };
  return {
    /** Appends a document; gives where it stands. */
    add(segments: readonly Segment[]): { readonly at: number; readonly size: number } {
      const size = 1 + segments.reduce((sum, segment) => sum + 1 + segment.length, 0);
      if (used + size > buffer.length) flush();
      if (size > buffer.length) buffer = new Int32Array(size);
      const at = written + used;
      buffer[used++] = segments.length;
      for (const segment of segments) buffer[used++] = segment.length;
      for (const segment of segments) {
        buffer.set(segment, used);
        used += segment.length;
      }
      return { at, size };
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}

/** A segment in the order of training. */
export interface OrderedSegment {
  /** Number of its document among those of all parts. */
  readonly document: number;
  readonly source: number;
  readonly tokens: Segment;
}

/**
 * The segments of all parts in the order of training; those of one document stay together. The order is that of a single part that holds all
 * documents. Memory: one document, and 64 KiB a run.
 */
export function* readInOrder(
  parts: readonly (Pick<TokenisedPart, "documents" | "runs"> & { readonly folder: string })[],
): Generator<OrderedSegment> {
  const runs: { readonly path: string; readonly part: number }[] = [];
  const first: number[] = [];
  let before = 0;
  for (const [part, { folder, documents, runs: own }] of parts.entries()) {
    for (const name of own) runs.push({ path: join(folder, name), part });
    first.push(before);
    before += documents;
  }
  const files = new Map<number, number>();
  try {
    for (const { record, run } of mergeRuns(
      runs.map(({ path }) => path),
      WIDTH,
    )) {
      const { part } = runs[run]!;
      let file = files.get(part);
      if (file === undefined) {
        file = openSync(join(parts[part]!.folder, TOKENS_FILE), "r");
        files.set(part, file);
      }
      const [, document = 0, source = 0, at = 0, size = 0] = record;
      const stored = readTokens(file, at, size);
      const segments = stored[0]!;
      let from = 1 + segments;
      for (let s = 1; s <= segments; s++) {
        const length = stored[s]!;
        yield { document: first[part]! + document, source, tokens: stored.subarray(from, from + length) };
        from += length;
      }
    }
  } finally {
    for (const file of files.values()) closeSync(file);
  }
}

function readTokens(file: number, at: number, size: number): Int32Array {
  const tokens = new Int32Array(size);
  const bytes = new Uint8Array(tokens.buffer);
  for (let done = 0; done < bytes.length; ) {
    const got = readSync(file, bytes, done, bytes.length - done, 4 * at + done);
    if (got === 0) throw new Error("tokens on the disk became shorter while they were read");
    done += got;
  }
  return tokens;
}
