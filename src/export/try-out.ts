// Tries a GGUF file out before it is handed over: llama.cpp opens it and computes logits for fixed ids.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { createRandom, UserError } from "../core/index.ts";
import { openGguf, readGgufHeader } from "../engine/index.ts";
import { ggufProblems } from "./gguf-problems.ts";

/** Positions that logits are compared at. */
const POSITIONS = 16;

/** A file that loads and runs, as far as this machine can tell. */
export interface TriedOut {
  readonly bytes: number;
  /** Logits after each of the fixed ids, [position][id]; absent when the model does not fit this machine's memory. */
  readonly logits?: readonly Float32Array[];
}

/**
 * Opens the file with llama.cpp and runs it on seeded ids; the engine's `UserError` when it does not load. A model larger than
 * the memory is judged by its header alone: writing it needs little memory, and somebody else's machine may run it.
 */
export async function openAndRun(path: string): Promise<TriedOut> {
  const { size } = await stat(path);
  try {
    return { bytes: size, logits: await run(path) };
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "not-enough-memory") throw error;
    const problems = ggufProblems(await readGgufHeader(path));
    assert.deepEqual(problems, [], `${path} has problems`);
    return { bytes: size };
  }
}

async function run(path: string): Promise<Float32Array[]> {
  const model = await openGguf(path, { contextLength: POSITIONS, maxSequences: 1, threads: 1 });
  try {
    const random = createRandom("export try-out");
    const session = model.open();
    const logits: Float32Array[] = [];
    for (let i = 0; i < POSITIONS; i++) {
      logits.push((await session.advance(Int32Array.of(random.integer(model.vocabularySize)))).slice());
    }
    session.dispose();
    return logits;
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
