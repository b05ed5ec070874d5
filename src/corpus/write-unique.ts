// Last step of near-duplicate search: the corpus without its duplicates, and what a person may want to read about them.
import { join } from "node:path";
import type { ProgressFactory } from "../core/index.ts";
import { describeApart, describeCluster, MOST_SHOWN } from "./clusters.ts";
import { count } from "./counts.ts";
import { decodePair, isDuplicate, PAIR, PAIR_NUMBERS } from "./decided-pairs.ts";
import { createLabelStore, type LabelStore } from "./label-store.ts";
import { readDocuments } from "./read-documents.ts";
import type { Apart, Duplicate } from "./resolve-group.ts";
import type { CorpusFile, SignedParts } from "./signed-parts.ts";
import { createSpill, orderRecords, readSpilled } from "./spill.ts";
import type { StageFolder } from "./stage-folder.ts";

/** What was written. */
export interface UniqueCounts {
  readonly exact: number;
  readonly near: number;
  /** Pairs that both stay, by reason. */
  readonly apart: Readonly<Record<string, number>>;
}

/** What is written, and with what. */
export interface UniqueOptions {
  readonly files: readonly CorpusFile[];
  /** Files at the beginning that are compared against and not written. */
  readonly knownFiles: number;
  readonly parts: SignedParts;
  /** Files of decided pairs, in the order of groups. */
  readonly decided: readonly string[];
  /** A folder for files that are in the way afterwards. */
  readonly scratch: string;
  readonly progress: ProgressFactory;
  readonly signal: AbortSignal | undefined;
}

/** Documents looked at together: what is known of so many is in memory at once. */
const SPAN = 1 << 18;
const spanOf = (document: number): number => Math.floor(document / SPAN);

/** Writes the documents that stay into the corpus of `folder`, and `dropped.jsonl`, `clusters.jsonl` and `apart.jsonl` beside it. */
export async function writeUnique(folder: StageFolder, options: UniqueOptions): Promise<UniqueCounts> {
  const { files, knownFiles, parts, decided, scratch, progress, signal } = options;
  const sorted = sortDecided(decided, scratch);
  const writer = folder.corpus();
  const dropped = await folder.lines("dropped.jsonl");
  const labels = createLabelStore(join(scratch, "labels"));
  const counts = { exact: 0, near: 0 };
  const bar = progress("write", files.length, "files");
  try {
    let number = 0;
    let span = readSpan(sorted, 0);
    for (const [f, { file, kind }] of files.entries()) {
      for await (const document of readDocuments(file, kind)) {
        signal?.throwIfAborted();
        if (number === span.end) span = readSpan(sorted, spanOf(number));
        const duplicate = span.duplicate(number);
        const { id, origin, decisions } = document;
        if (span.isShown(number)) labels.add(number, { document: id, origin });
        if (duplicate !== undefined) {
          counts[duplicate.kind]++;
          const of = labels.get(duplicate.of).document;
          await dropped.write({ document: id, origin, reason: `${duplicate.kind}-duplicate`, of });
        } else if (f >= knownFiles) {
          const kept = { step: "dedup", decision: "keep" as const };
          await writer.write({ ...document, decisions: [...decisions, kept] });
        }
        number++;
      }
      bar.update(f);
    }
    await writeClusters(folder, sorted, labels, parts);
    const apart = await writeApart(folder, decided, labels, parts);
    bar.finish();
    return { ...counts, apart };
  } finally {
    labels.close();
  }
}

/** Decided pairs by span: all by the document decided on, duplicates also by the document that stays; and who is shown at all. */
interface SortedPairs {
  readonly spans: number;
  byDocument(span: number): string;
  byKept(span: number): string;
  shown(span: number): string;
}

function sortDecided(decided: readonly string[], scratch: string): SortedPairs {
  const at =
    (name: string) =>
    (span: number): string =>
      join(scratch, `${name}-${String(span).padStart(5, "0")}.bin`);
  const sorted = { byDocument: at("dropped"), byKept: at("kept"), shown: at("shown") };
  const byDocument = createSpill(sorted.byDocument);
  const byKept = createSpill(sorted.byKept);
  const shown = createSpill(sorted.shown);
  let spans = 0;
  for (const path of decided) {
    const records = readSpilled(path);
    for (let at = 0; at < records.length; at += PAIR_NUMBERS) {
      const record = records.subarray(at, at + PAIR_NUMBERS);
      const document = record[PAIR.document]!;
      const of = record[PAIR.of]!;
      if (isDuplicate(records, at / PAIR_NUMBERS)) {
        byDocument.add(spanOf(document), record);
        byKept.add(spanOf(of), record);
      }
      shown.add(spanOf(document), [document]);
      shown.add(spanOf(of), [of]);
      // A document is held against earlier ones only.
      spans = Math.max(spans, spanOf(document) + 1);
    }
  }
  for (const spill of [byDocument, byKept, shown]) spill.flush();
  return { ...sorted, spans };
}

/** What is known of the documents of a span. */
interface Span {
  /** The number behind its last document. */
  readonly end: number;
  duplicate(document: number): Duplicate | undefined;
  isShown(document: number): boolean;
}

function readSpan(sorted: SortedPairs, span: number): Span {
  const start = span * SPAN;
  const records = readSpilled(sorted.byDocument(span));
  const recordOf = new Int32Array(SPAN).fill(-1);
  for (let i = 0; i * PAIR_NUMBERS < records.length; i++)
    recordOf[records[i * PAIR_NUMBERS + PAIR.document]! - start] = i;
  const shown = new Uint8Array(SPAN);
  for (const document of readSpilled(sorted.shown(span))) shown[document - start] = 1;
  return {
    end: start + SPAN,
    duplicate(document) {
      const record = recordOf[document - start]!;
      return record === -1 ? undefined : (decodePair(records, record) as Duplicate);
    },
    isShown: (document) => shown[document - start] === 1,
  };
}

async function writeClusters(
  folder: StageFolder,
  sorted: SortedPairs,
  labels: LabelStore,
  parts: SignedParts,
): Promise<void> {
  const clusters = await folder.lines("clusters.jsonl");
  for (let span = 0; span < sorted.spans; span++) {
    const records = readSpilled(sorted.byKept(span));
    let others: Duplicate[] = [];
    let all = 0;
    const write = async (): Promise<void> => {
      if (all > 0) await clusters.write(describeCluster(others[0]!.of, others, all, labels, parts));
    };
    // Duplicates of one document are of one group, in which they were decided on in their own order.
    for (const index of orderRecords(records, PAIR_NUMBERS, PAIR.of)) {
      const duplicate = decodePair(records, index) as Duplicate;
      if (duplicate.of !== others[0]?.of) {
        await write();
        others = [];
        all = 0;
      }
      all++;
      if (others.length < MOST_SHOWN) others.push(duplicate);
    }
    await write();
  }
}

async function writeApart(
  folder: StageFolder,
  decided: readonly string[],
  labels: LabelStore,
  parts: SignedParts,
): Promise<Record<string, number>> {
  const pairs = await folder.lines("apart.jsonl");
  const reasons: Record<string, number> = {};
  for (const path of decided) {
    const records = readSpilled(path);
    for (let i = 0; i * PAIR_NUMBERS < records.length; i++) {
      if (isDuplicate(records, i)) continue;
      const pair = decodePair(records, i) as Apart;
      count(reasons, pair.reason);
      await pairs.write(describeApart(pair, labels, parts));
    }
  }
  return reasons;
}
