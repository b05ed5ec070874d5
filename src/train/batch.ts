// Batches for training steps: packed rows in order, over and over, their values checked before they index anything.
import { UserError } from "../core/index.ts";
import { IGNORED, type PackedRow, type PackedRows } from "./packed.ts";
import type { Recipe } from "./recipe.ts";
import type { Batch } from "./training-step.ts";

/** The document of padding. */
const NO_DOCUMENT = -1;

/**
 * The `count` rows from number `from` on as one batch. After the last row comes the first again (another epoch), or with
 * `wrap` false nothing: rows without a label, so that a single pass ends with its last row. Documents that see each other
 * (`attention` crossing) are one text to the model: their positions run through the row.
 * `UserError` names a row whose ids a vocabulary of `vocabularySize` does not have, or whose positions leave the row.
 */
export async function nextBatch(
  rows: Pick<PackedRows, "file" | "rows" | "length" | "read">,
  from: number,
  count: number,
  vocabularySize: number,
  {
    wrap = true,
    attention = "isolated",
  }: { readonly wrap?: boolean; readonly attention?: Recipe["attention"] } = {},
): Promise<Batch> {
  const batch: PackedRow[] = [];
  while (batch.length < count) {
    const at = (from + batch.length) % rows.rows;
    if (!wrap && from + batch.length >= rows.rows) break;
    const read = await rows.read(at, Math.min(count - batch.length, rows.rows - at));
    read.forEach((row, i) => {
      checkRow(row, { file: rows.file, at: `row ${at + i}` }, vocabularySize);
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
    positionIds: join((row) =>
      attention === "crossing" ? row.positionIds.map((_, i) => i) : row.positionIds,
    ),
    segmentIds: join((row) => row.segmentIds),
    ...(batch.every((row) => row.documentIds !== undefined)
      ? { documentIds: join((row) => row.documentIds!, NO_DOCUMENT) }
      : {}),
  };
}

/** `UserError` for the first row of all that `nextBatch` would refuse, or where nothing is to be learnt: before hours of training. */
export async function checkRows(
  rows: Pick<PackedRows, "file" | "survey" | "read">,
  vocabularySize: number,
): Promise<void> {
  const { firstOutside, learnt } = await rows.survey(vocabularySize);
  if (firstOutside !== undefined) {
    const [row] = await rows.read(firstOutside, 1);
    checkRow(row!, { file: rows.file, at: `row ${firstOutside}` }, vocabularySize);
  }
  if (learnt) return;
  throw new UserError("bad-packed-rows", `every label is ${IGNORED}, so that nothing is learnt`, {
    file: rows.file,
    remedy: "Pack texts, or questions with answers.",
  });
}

function checkRow(row: PackedRow, place: { file: string; at: string }, vocabularySize: number): void {
  const refuse = (what: string, found: number, expected: string): never => {
    throw new UserError("bad-packed-rows", `${what} ${found}, expected one ${expected}`, {
      ...place,
      remedy: "Pack the corpus with the model's own tokenizer.",
    });
  };
  const below = `from 0 to ${vocabularySize - 1}`;
  for (const id of row.inputIds) if (id < 0 || id >= vocabularySize) refuse("token id", id, below);
  for (const id of row.labels)
    if (id !== IGNORED && (id < 0 || id >= vocabularySize)) refuse("label", id, `${below}, or ${IGNORED}`);
  const length = row.positionIds.length;
  for (const position of row.positionIds)
    if (position < 0 || position >= length) refuse("position", position, `from 0 to ${length - 1}`);
}
