// Rows from segments in the order of training: filled within a window, laid out, written.
import { type ProgressFactory, silentProgress } from "../core/index.ts";
import { count, sortCounts } from "./counts.ts";
import { createCurriculumCounter } from "./curriculum.ts";
import { createRowFiller } from "./fill-rows.ts";
import type { PackReport } from "./packed-folder.ts";
import { createPackedWriter, type PackedColumns } from "./packed-writer.ts";
import type { OrderedSegment } from "./tokenise-part.ts";

/** How to write rows. */
export interface RowOptions {
  readonly length: number;
  readonly endId: number;
  /** Segments waiting while rows are filled. */
  readonly window: number;
  /** Names of the segments' sources by number. */
  readonly sources: readonly string[];
  /** How many segments there are, for the progress. */
  readonly segments: number;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

const IGNORED = -100;

/** Writes rows to `path`. Memory: the segments of a window, and one row group. */
export async function writeRows(
  ordered: Iterable<OrderedSegment>,
  path: string,
  { length, endId, window, sources, segments: total, progress = silentProgress, signal }: RowOptions,
): Promise<Omit<PackReport, "documents" | "cut">> {
  const tokensBySource: Record<string, number> = {};
  const curriculum = createCurriculumCounter();
  let [rows, tokens, labelTokens] = [0, 0, 0];
  /** Segments that wait for a row, by number. */
  const waiting = new Map<number, OrderedSegment>();
  let filled: OrderedSegment[][] = [];
  const filler = createRowFiller(length, window, (numbers) => {
    filled.push(numbers.map((number) => waiting.get(number)!));
    for (const number of numbers) waiting.delete(number);
  });
  const writer = await createPackedWriter(path, length);
  const writeFilled = async (): Promise<void> => {
    for (const segments of filled) {
      const row = layOutRow(segments, length, endId);
      await writer.write(row.columns);
      labelTokens += row.learnt;
      for (const { source, tokens: own } of segments) {
        const name = sources[source]!;
        tokens += own.length;
        count(tokensBySource, name, own.length);
        curriculum.add(rows, name, own.length);
      }
      rows++;
    }
    filled = [];
  };
  const bar = progress("pack", total, "segments");
  try {
    let number = 0;
    for (const segment of ordered) {
      signal?.throwIfAborted();
      waiting.set(number, segment);
      filler.add(number, segment.tokens.length);
      if (filled.length > 0) await writeFilled();
      bar.update(number++);
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
  segments: readonly OrderedSegment[],
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
  segments.forEach(({ document, tokens }, place) => {
    columns.segment_ids.fill(place, at, at + tokens.length);
    columns.doc_ids.fill(document, at, at + tokens.length);
    tokens.forEach((token, position) => {
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
