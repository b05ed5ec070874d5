// From raw records to what is written, in batches that can pass between threads: the elements' bytes in one piece, and a few
// words about each. Everything that costs time on the way from a file to a corpus happens here.
import { isCorpusLanguage } from "./corpus-files.ts";
import { type Content, documentId, documentTexts } from "./document.ts";
import { writtenInstead } from "./language-check.ts";
import { loadLanguageDetector } from "./language-detector.ts";
import type { Problem, RawRecord } from "./raw-record.ts";
import { type Columns, type ShapeDrop, type ShapeFault, shapeRecord } from "./record-shapes.ts";

/** How the records of a file are to be read. */
export interface RecordRules {
  /** What the file is said to hold; absent: each record tells. */
  readonly kind?: Content["kind"];
  /** The language it is said to be in; absent: each record tells. */
  readonly language?: string;
  readonly columns?: Columns;
}

/** A record that was looked at. Places are those of the raw record. */
export type PreparedRecord = { readonly start: number; readonly end: number } & (
  | {
      readonly id: string;
      readonly kind: Content["kind"];
      readonly language: string;
      /** Bytes of its element in the batch. */
      readonly size: number;
      /** Something to say about it. */
      readonly notes?: readonly string[];
      /** The language that it is clearly written in instead. */
      readonly writtenIn?: string;
    }
  | { readonly reason: ShapeDrop | "no-language-code" }
  | { readonly fault: ShapeFault; readonly message: string }
  | { readonly problem: Problem }
);

/** Records in order. */
export interface Batch {
  readonly records: readonly PreparedRecord[];
  /** The elements of documents as UTF-8 JSON, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes of elements in a batch, about. */
const BATCH_BYTES = 1 << 22;
/** Records in a batch at most. */
const BATCH_RECORDS = 1 << 13;

/** Prepares records one by one; collects them until taken. */
export interface Preparer {
  add(record: RawRecord): void;
  /** True when a batch is full. */
  readonly full: boolean;
  readonly empty: boolean;
  /** What was collected. */
  take(): Batch;
}

/** A preparer for a file with these rules. */
export async function createPreparer({ kind, language, columns }: RecordRules): Promise<Preparer> {
  await loadLanguageDetector();
  let records: PreparedRecord[] = [];
  let elements: Buffer[] = [];
  let bytes = 0;
  const prepare = (record: RawRecord): PreparedRecord => {
    const { start, end } = record;
    if ("problem" in record) return { start, end, problem: record.problem };
    // Names of corpus files have no place for it.
    if (record.language !== undefined && !isCorpusLanguage(record.language))
      return { start, end, reason: "no-language-code" };
    const shaped = shapeRecord(record.value, kind, columns);
    if ("message" in shaped) return { start, end, fault: shaped.reason, message: shaped.message };
    if ("reason" in shaped) return { start, end, reason: shaped.reason };
    const { content, notes } = shaped;
    const element = Buffer.from(JSON.stringify(content.kind === "text" ? content.text : content.turns));
    elements.push(element);
    bytes += element.length;
    const said = record.language ?? language!;
    const texts = documentTexts(content);
    // A question to translate is in another language by its nature; the answer is in the record's own.
    const writtenIn = writtenInstead(record.language === undefined ? texts : texts.slice(-1), said);
    return {
      start,
      end,
      id: documentId(content),
      kind: content.kind,
      language: said,
      size: element.length,
      ...(notes === undefined ? {} : { notes }),
      ...(writtenIn === undefined ? {} : { writtenIn }),
    };
  };
  return {
    get full() {
      return bytes >= BATCH_BYTES || records.length >= BATCH_RECORDS;
    },
    get empty() {
      return records.length === 0;
    },
    add(record) {
      records.push(prepare(record));
    },
    take() {
      // An array buffer of its own, so that it can be handed to another thread.
      const all = new Uint8Array(bytes);
      let at = 0;
      for (const element of elements) {
        all.set(element, at);
        at += element.length;
      }
      const batch = { records, bytes: all };
      records = [];
      elements = [];
      bytes = 0;
      return batch;
    },
  };
}

/** Prepares a stream of records. */
export async function* prepareRecords(
  records: AsyncIterable<RawRecord>,
  rules: RecordRules,
): AsyncGenerator<Batch> {
  const preparer = await createPreparer(rules);
  for await (const record of records) {
    preparer.add(record);
    if (preparer.full) yield preparer.take();
  }
  if (!preparer.empty) yield preparer.take();
}
