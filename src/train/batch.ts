// Batches for training steps: packed rows in order, over and over, their values checked before they index anything.
import { UserError } from "../core/index.ts";
import type { PackedRow, PackedRows } from "./packed.ts";
import type { Batch } from "./training-step.ts";

/** The label of a position that is not learnt. */
const IGNORED = -100;
/** The document of padding. */
const NO_DOCUMENT = -1;

/**
 * The `count` rows from number `from` on as one batch. After the last row comes the first again (another epoch), or with
 * `wrap` false nothing: rows without a label, so that a single pass ends with its last row.
 * `UserError` names a row whose ids a vocabulary of `vocabularySize` does not have, or whose positions leave the row.
 */
export async function nextBatch(
  rows: Pick<PackedRows, "rows" | "length" | "read">,
  from: number,
  count: number,
  vocabularySize: number,
  { wrap = true }: { readonly wrap?: boolean } = {},
): Promise<Batch> {
  const batch: PackedRow[] = [];
  while (batch.length < count) {
    const at = (from + batch.length) % rows.rows;
    if (!wrap && from + batch.length >= rows.rows) break;
    const read = await rows.read(at, Math.min(count - batch.length, rows.rows - at));
    read.forEach((row, i) => {
      checkRow(row, at + i, vocabularySize);
    });
    batch.push(...read);
  }
  const join = (pick: (row: PackedRow) => Int32Array, empty = 0): Int32Array => {
    const all = new Int32Array(count * rows.length).fill(empty);
    batch.forEach((row, i) => {
      all.set(pick(row), i * rows.length);
    });
    return all;
  };
  return {
    inputIds: join((row) => row.inputIds),
    labels: join((row) => row.labels, IGNORED),
    positionIds: join((row) => row.positionIds),
    segmentIds: join((row) => row.segmentIds),
    ...(batch.every((row) => row.documentIds !== undefined)
      ? { documentIds: join((row) => row.documentIds!, NO_DOCUMENT) }
      : {}),
  };
}

/** `UserError` for the first row of all that `nextBatch` would refuse: before hours of training, not after. */
export async function checkRows(
  rows: Pick<PackedRows, "firstOutside" | "read">,
  vocabularySize: number,
): Promise<void> {
  const bad = await rows.firstOutside(vocabularySize);
  if (bad === undefined) return;
  const [row] = await rows.read(bad, 1);
  checkRow(row!, bad, vocabularySize);
}

function checkRow(row: PackedRow, number: number, vocabularySize: number): void {
  const refuse = (what: string, found: number, limit: number): never => {
    throw new UserError("bad-packed-rows", `${what} ${found}, expected one below ${limit}`, {
      at: `row ${number}`,
      remedy: "Pack the corpus with the model's own tokenizer.",
    });
  };
  for (const id of row.inputIds) if (id < 0 || id >= vocabularySize) refuse("token id", id, vocabularySize);
  for (const id of row.labels) if (id >= vocabularySize) refuse("label", id, vocabularySize);
  const length = row.positionIds.length;
  for (const position of row.positionIds)
    if (position < 0 || position >= length) refuse("position", position, length);
}
