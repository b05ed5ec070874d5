// A folder of packed rows as `apollo corpus pack` leaves it, small enough to be learnt by heart in a second.
import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { hashFile, MANIFEST_FILE } from "../core/index.ts";
import { type ByteLevelBpe, saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { RUN_LOG } from "./run-log.ts";
import { RUN_PAGE } from "./train-page.ts";

/** Positions in a row. */
export const LENGTH = 24;
/** Tokens in the vocabulary: the bytes, the seven merges that the texts yield, one end token. */
export const VOCABULARY_SIZE = 264;

const END = "<|endoftext|>";
const PAIRS = [
  ["fever?", "rest and drink"],
  ["malaria?", "a mosquito bite"],
  ["发烧?", "多喝水"],
  ["burns?", "cool water"],
  ["fiebre?", "agua y reposo"],
  ["scabies?", "treat all at home"],
] as const;

/** One row of the table, as lists. */
export type Row = Record<"input_ids" | "labels" | "position_ids" | "segment_ids", number[]> & {
  doc_ids?: number[];
};

/** The tokenizer of the rows, with further special tokens if need be. */
export function tinyTokenizer(...further: string[]): ByteLevelBpe {
  return trainByteLevelBpe(PAIRS.flat(), {
    vocabularySize: VOCABULARY_SIZE + further.length,
    specialTokens: [END, ...further],
  });
}

/** Two question-answer pairs a row, each its own segment; labels on answers and ends. */
export function tinyRows(tokenizer: ByteLevelBpe): Row[] {
  const end = tokenizer.eosId!;
  const rows: Row[] = [];
  for (let first = 0; first < PAIRS.length; first += 2) {
    const row: Row = { input_ids: [], labels: [], position_ids: [], segment_ids: [] };
    PAIRS.slice(first, first + 2).forEach(([question, answer], segment) => {
      const ask = [...tokenizer.encode(question)].slice(0, 4);
      const ids = [...ask, ...[...tokenizer.encode(answer)].slice(0, LENGTH / 2 - 1 - ask.length), end];
      ids.forEach((id, position) => {
        row.input_ids.push(id);
        row.labels.push(position < ask.length ? -100 : id);
        row.position_ids.push(position);
        row.segment_ids.push(segment);
      });
    });
    while (row.input_ids.length < LENGTH) {
      row.input_ids.push(end);
      row.labels.push(-100);
      row.position_ids.push(0);
      row.segment_ids.push(-1);
    }
    rows.push(row);
  }
  return rows;
}

/** Writes `packed.parquet` and the tokenizer into `folder`. */
export async function writePackedRows(
  folder: string,
  tokenizer: ByteLevelBpe = tinyTokenizer(),
  rows: readonly Row[] = tinyRows(tokenizer),
): Promise<string> {
  await mkdir(folder, { recursive: true });
  await saveTokenizer(tokenizer, join(folder, "tokenizer"), { eosToken: END });
  const list = (values: readonly number[]): string => `[${values.join()}]::INTEGER[]`;
  const select = rows.map(
    (row) => `SELECT ${Object.entries(row).map(([name, values]) => `${list(values)} AS ${name}`)}`,
  );
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run(
    `COPY (${select.join(" UNION ALL ")}) TO '${join(folder, "packed.parquet")}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  return folder;
}

/** Hashes of what a run leaves; the manifest, which names the folder, must be there and is left out, as are log and page with their times. */
export async function outcome(out: string): Promise<Record<string, string>> {
  const names = (await readdir(out)).sort();
  assert.ok(names.includes(MANIFEST_FILE));
  const files = names.filter((name) => ![MANIFEST_FILE, RUN_LOG, RUN_PAGE].includes(name));
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, await hashFile(join(out, name))] as const)),
  );
}

/** Names of the checkpoints in a run's folder. */
export async function checkpointsIn(out: string): Promise<string[]> {
  return (await readdir(out)).filter((name) => name.startsWith("checkpoint"));
}
