// Tries a GGUF file out before it is handed over: llama.cpp opens it and computes logits for fixed ids.
import { stat } from "node:fs/promises";
import { createRandom } from "../core/index.ts";
import { openGguf } from "../engine/index.ts";

/** Positions that logits are compared at. */
const POSITIONS = 16;

/** A file that loads and runs. */
export interface TriedOut {
  readonly bytes: number;
  /** Logits after each of the fixed ids, [position][id]. */
  readonly logits: readonly Float32Array[];
}

/** Opens the file with llama.cpp and runs it on seeded ids; the engine's `UserError` when it does not load. */
export async function openAndRun(path: string): Promise<TriedOut> {
  const { size } = await stat(path);
  const model = await openGguf(path, { contextLength: POSITIONS, maxSequences: 1, threads: 1 });
  try {
    const random = createRandom("export try-out");
    const session = model.open();
    const logits: Float32Array[] = [];
    for (let i = 0; i < POSITIONS; i++) {
      logits.push((await session.advance(Int32Array.of(random.integer(model.vocabularySize)))).slice());
    }
    session.dispose();
    return { bytes: size, logits };
  } finally {
    await model.close();
  }
}

/** The largest absolute difference of any logit. */
export function largestLogitDifference(
  first: readonly Float32Array[],
  second: readonly Float32Array[],
): number {
  let largest = 0;
  first.forEach((row, position) => {
    const other = second[position]!;
    for (let id = 0; id < row.length; id++) largest = Math.max(largest, Math.abs(row[id]! - other[id]!));
  });
  return largest;
}
