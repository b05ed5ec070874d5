// The error for a run that left the numbers: which step it was, and which rows and documents that step was of.
import { UserError } from "../core/index.ts";
import type { PackedRows } from "./packed.ts";
import type { Recipe } from "./recipe.ts";

/** Documents that a message names at most. */
const NAMED_DOCUMENTS = 8;

/** The error for a run whose loss or gradient is no number any more after `step` steps, with the rows and documents of the next. */
export async function diverged(
  step: number,
  recipe: Recipe,
  rows: PackedRows,
  { loss, gradientNorm }: { loss: number; gradientNorm: number },
): Promise<UserError> {
  const what = Number.isFinite(loss)
    ? `the gradient's norm became ${gradientNorm}`
    : `the loss became ${loss}`;
  const from = step * recipe.batch;
  // A single pass ends with the last row, if within a batch.
  const size = recipe.steps === undefined ? Math.min(recipe.batch, rows.rows - from) : recipe.batch;
  const batch = Array.from({ length: size }, (_, i) => (from + i) % rows.rows);
  const documents = await rows.documents(batch);
  const named = documents.slice(0, NAMED_DOCUMENTS).join(", ");
  const more = documents.length > NAMED_DOCUMENTS ? ` and ${documents.length - NAMED_DOCUMENTS} more` : "";
  const where = documents.length === 0 ? "" : `, documents ${named}${more}`;
  return new UserError(
    "diverged",
    `${what} at step ${step + 1} (packed rows ${batch[0]} to ${batch.at(-1)}${where})`,
    {
      remedy: `${step === 0 ? "Nothing was learnt yet: look at the weights that it starts from" : "With another --out: lower learningRate, or lengthen warmup"}; or look at those rows: apollo corpus trace PACKED --row N.`,
    },
  );
}
