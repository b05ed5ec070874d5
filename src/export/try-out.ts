// Tries a GGUF file out before it is handed over: llama.cpp opens it and computes logits for fixed ids.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { createRandom, UserError } from "../core/index.ts";
import { klDivergence, openGguf, readGgufHeader } from "../engine/index.ts";
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
      const row = await session.advance(Int32Array.of(random.integer(model.vocabularySize)));
      if (!row.every(Number.isFinite)) throw notFinite(path);
      logits.push(row.slice());
    }
    session.dispose();
    return logits;
  } finally {
    await model.close();
  }
}

function notFinite(path: string): UserError {
  return new UserError("not-finite", "loads, but computes infinite logits or none", {
    file: path,
    remedy:
      "Weights may be infinite, not a number, or beyond what F16 holds (65,504): try --type bf16 or f32.",
  });
}

/** Mean over the positions of KL(exact || found), in nats: about how much perplexity rises, as a share. */
export function meanDivergence(exact: readonly Float32Array[], found: readonly Float32Array[]): number {
  return exact.reduce((sum, row, position) => sum + klDivergence(row, found[position]!), 0) / exact.length;
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
