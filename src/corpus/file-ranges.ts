// One big JSON file read in ranges: each begins behind a border between two records and ends at the first border behind the next
// multiple of the range's size, so that all ranges together are exactly what one scan of the file gives.
import { open } from "node:fs/promises";
import { asFileError } from "../core/index.ts";
import { createArrayScanner } from "./json-array.ts";
import { createLineScanner } from "./json-lines.ts";
import { type Batch, createPreparer, type RecordRules } from "./prepare-records.ts";

/** A range to read. */
export interface RangeTask {
  readonly file: string;
  readonly layout: "json" | "jsonl";
  /** Where records begin: known to be a border, or the first place to look for one. */
  readonly from: number;
  /** Looks for a border behind `from` by this text of an array's second element and on; absent: `from` is one. */
  readonly opening?: string;
  /** Ends at the first border at or behind it. */
  readonly to: number;
  readonly rules: RecordRules;
}

/** What a range holds. */
export interface RangeResult {
  /** Where it began; `undefined` when no border was found. */
  readonly from: number | undefined;
  /** The border that it ended at; `undefined` when the file ended, or broke, before. */
  readonly next: number | undefined;
  readonly batches: readonly Batch[];
}

/** Bytes of a range: some hundred to some ten thousand records, which take many times their size on the way between threads. */
export const RANGE_BYTES = 1 << 21;
const BLOCK_BYTES = 1 << 18;
/** Looked at for a border; a record longer than this is left to whoever reads the range before. */
const SEARCH_BYTES = 1 << 18;
/** White space around a comma that is no longer than this is seen through at the beginning of a range. */
const LOOK_BACK = 64;

/** Reads a range. */
export async function readRange(task: RangeTask): Promise<RangeResult> {
  const { file, layout, to, rules } = task;
  const handle = await open(file).catch((error: unknown) => {
    throw asFileError(error, file);
  });
  try {
    const from = task.opening === undefined ? task.from : await findBorder(handle, task);
    if (from === undefined) return { from, next: undefined, batches: [] };
    const scanner = layout === "json" ? createArrayScanner({ from, to }) : createLineScanner(from, to);
    const preparer = await createPreparer(rules);
    const batches: Batch[] = [];
    for (let at = from; !scanner.done; ) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(BLOCK_BYTES), 0, BLOCK_BYTES, at);
      const block = buffer.subarray(0, bytesRead);
      for (const record of bytesRead === 0 ? scanner.finish() : scanner.scan(block)) {
        preparer.add(record);
        if (preparer.full) batches.push(preparer.take());
      }
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    if (!preparer.empty) batches.push(preparer.take());
    return { from, next: scanner.next, batches };
  } finally {
    await handle.close();
  }
}

/**
 * Looks for a border behind `task.from`: exactly in lines, by likelihood in an array, where a text may hold what looks like one.
 * The border counts only when the range before ends there.
 */
async function findBorder(
  handle: Awaited<ReturnType<typeof open>>,
  { layout, from, opening = "" }: RangeTask,
): Promise<number | undefined> {
  const start = Math.max(0, from - LOOK_BACK);
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(SEARCH_BYTES), 0, SEARCH_BYTES, start);
  const block = buffer.subarray(0, bytesRead);
  if (layout === "jsonl") {
    const end = block.indexOf(10, from - start);
    return end < 0 ? undefined : start + end + 1;
  }
  const first = opening.charCodeAt(0);
  const close = first === 0x5b ? 0x5d : first === 0x7b ? 0x7d : first;
  for (let at = block.indexOf(opening); at >= 0; at = block.indexOf(opening, at + 1)) {
    const comma = lastInk(block, at);
    if (comma < 1 || block[comma] !== 0x2c || start + comma < from) continue;
    const end = lastInk(block, comma);
    // A quote behind a backslash is within a text.
    if (end >= 1 && block[end] === close && block[end - 1] !== 0x5c) return start + comma + 1;
  }
  return undefined;
}

/** Index of the last byte before `index` that is no white space, or -1. */
function lastInk(block: Buffer, index: number): number {
  let at = index - 1;
  while (at >= 0 && (block[at] === 0x20 || block[at] === 0x0a || block[at] === 0x0d || block[at] === 0x09))
    at--;
  return at;
}

/** How the elements of an array begin, judged by its first one: a bracket or quote, and of an object its first key. */
export function openingOf(head: string): string | undefined {
  return /^\s*\[\s*(\[|"|\{\s*"(?:[^"\\]|\\.)*")/u.exec(head)?.[1];
}
