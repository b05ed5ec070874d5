// From an input to batches of prepared records, whatever its format.
import { stat } from "node:fs/promises";
import { openContent } from "./input-content.ts";
import type { InputFile } from "./input-files.ts";
import { createArrayScanner } from "./json-array.ts";
import { createLineScanner } from "./json-lines.ts";
import { type Batch, prepareRecords, type RecordRules } from "./prepare-records.ts";
import { type RangeWorkers, readInRanges } from "./range-workers.ts";
import { type RawRecord, scanRecords } from "./raw-record.ts";
import { readCsv } from "./read-csv.ts";
import { readParquet } from "./read-parquet.ts";
import { readText } from "./read-text.ts";
import { readMedquad, readTmx } from "./read-xml.ts";
import type { Columns } from "./record-shapes.ts";

/** Reads an input's records in order. Plain JSON and JSON Lines are read by the workers, everything else by this thread. */
export async function* openRecords(
  input: InputFile,
  columns: Columns,
  workers: RangeWorkers,
): AsyncGenerator<Batch> {
  const { content, format, hint } = input;
  const rules: RecordRules = {
    columns,
    ...(hint.kind === undefined ? {} : { kind: hint.kind }),
    ...(hint.language === undefined ? {} : { language: hint.language }),
  };
  if (content.plain && (format === "json" || format === "jsonl")) {
    const { head } = await openContent(content, content.encoding);
    const bytes = (await stat(content.file)).size;
    yield* readInRanges({ path: content.file, layout: format, bytes, head }, rules, workers);
  } else {
    yield* prepareRecords(await rawRecords(input, rules), rules);
  }
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
