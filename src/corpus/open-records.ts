// From an input to batches of prepared records, whatever its format.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { openContent } from "./input-content.ts";
import type { InputFile } from "./input-files.ts";
import { createArrayScanner } from "./json-array.ts";
import { createLineScanner } from "./json-lines.ts";
import { type Batch, prepareRecords, type RecordRules } from "./prepare-records.ts";
import { type RangeWorkers, readInRanges } from "./range-workers.ts";
import { type RawRecord, scanRecords } from "./raw-record.ts";
import { readCsv } from "./read-csv.ts";
import type { FilePart } from "./read-documents.ts";
import { readParquet } from "./read-parquet.ts";
import { readText } from "./read-text.ts";
import { readMedquad, readTmx } from "./read-xml.ts";
import type { Columns } from "./record-shapes.ts";

const BLOCK_BYTES = 1 << 20;

/** Reads an input's records in order. Plain JSON and JSON Lines are read by the workers, everything else by this thread. */
export async function* openRecords(
  input: InputFile,
  columns: Columns,
  workers: RangeWorkers,
): AsyncGenerator<Batch> {
  const { content, format } = input;
  const rules = rulesOf(input, columns);
  if (content.plain && (format === "json" || format === "jsonl")) {
    const { head } = await openContent(content, content.encoding);
    const bytes = (await stat(content.file)).size;
    yield* readInRanges({ path: content.file, layout: format, bytes, head }, rules, workers);
  } else {
    yield* prepareRecords(await rawRecords(input, rules), rules);
  }
}

/** Reads the records of a part of a plain JSON or JSON Lines file: the same ones as stand there when the whole is read. */
export function openPart(input: InputFile, columns: Columns, { from, to }: FilePart): AsyncGenerator<Batch> {
  const { file } = input.content;
  const scanner = input.format === "json" ? createArrayScanner({ from, to }) : createLineScanner(from, to);
  const blocks = createReadStream(file, { start: from, highWaterMark: BLOCK_BYTES }) as AsyncIterable<Buffer>;
  return prepareRecords(scanRecords(blocks, scanner), rulesOf(input, columns));
}

function rulesOf({ hint }: InputFile, columns: Columns): RecordRules {
  return {
    columns,
    ...(hint.kind === undefined ? {} : { kind: hint.kind }),
    ...(hint.language === undefined ? {} : { language: hint.language }),
  };
}

async function rawRecords(
  { content, format }: InputFile,
  rules: RecordRules,
): Promise<AsyncIterable<RawRecord>> {
  switch (format) {
    case "json":
      return scanRecords(content.blocks(), createArrayScanner());
    case "jsonl":
      return scanRecords(content.blocks(), createLineScanner());
    case "csv":
      return readCsv(content.blocks(), (await openContent(content, content.encoding)).head, rules);
    case "parquet":
      return readParquet(content.file, rules);
    case "medquad":
      return readMedquad(content.blocks());
    case "tmx":
      return readTmx(content.blocks(), rules);
    case "text":
    case "markdown":
      return readText(content.blocks(), { markdown: format === "markdown" });
    default:
      return format satisfies never;
  }
}
