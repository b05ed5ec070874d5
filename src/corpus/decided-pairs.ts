// Fourth step of near-duplicate search: what is decided on groups, written as records of 32 bytes that can be sorted on disk.
import { closeSync, openSync } from "node:fs";
import { readGroups } from "./candidate-groups.ts";
import type { Distinction } from "./distinctions.ts";
import { type Apart, createGroupResolver, type Duplicate } from "./resolve-group.ts";
import type { SignedParts } from "./signed-parts.ts";
import { writeWhole } from "./spill.ts";

/** What a record's code says; the order is part of the format. */
const CODES: readonly (Duplicate["kind"] | Distinction)[] = [
  "exact",
  "near",
  "quantities",
  "negations",
  "subject",
  "turns",
];

/** Numbers of a record: document, the one it is held against, code, 0, and two f64: shared shingles and the signatures' estimate. */
export const PAIR_NUMBERS = 8;
/** Which number of a record is what. */
export const PAIR = { document: 0, of: 1, code: 2 } as const;

const numbers = new Uint32Array(PAIR_NUMBERS);
const shares = new Float64Array(numbers.buffer, 16, 2);

/** A decided pair as a record, which the next call overwrites. */
function encodePair(pair: Duplicate | Apart): Uint32Array {
  numbers[0] = pair.document;
  numbers[1] = pair.of;
  numbers[2] = CODES.indexOf("kind" in pair ? pair.kind : pair.reason);
  shares[0] = pair.jaccard;
  shares[1] = pair.estimate;
  return numbers;
}

/** The record `index` of `records`. */
export function decodePair(records: Uint32Array, index: number): Duplicate | Apart {
  numbers.set(records.subarray(index * PAIR_NUMBERS, (index + 1) * PAIR_NUMBERS));
  const [document = 0, of = 0, code = 0] = numbers;
  const [jaccard = 0, estimate = 0] = shares;
  const pair = { document, of, jaccard, estimate };
  const said = CODES[code]!;
  return said === "exact" || said === "near" ? { ...pair, kind: said } : { ...pair, reason: said };
}

/** Whether a record is a duplicate's; if not, both of its documents stay. */
export function isDuplicate(records: Uint32Array, index: number): boolean {
  return records[index * PAIR_NUMBERS + PAIR.code]! < 2;
}

/** Records written at once. */
const BLOCK = 1 << 10;

/** Which documents are dropped, and on what terms groups are decided. */
export interface DecideOptions {
  /** Share of common shingles from which documents are near duplicates. */
  readonly threshold: number;
  /** Documents before this one always stay. */
  readonly fixed: number;
  readonly signal?: AbortSignal | undefined;
  /** Told how many documents were decided on, but for the first of each group. */
  readonly onDecided?: (documents: number) => void;
}

/** Decides on the groups of the file `groups` and writes the records to `path`, in the order of groups. */
export function decideGroups(groups: string, parts: SignedParts, path: string, options: DecideOptions): void {
  const resolver = createGroupResolver(parts, options);
  const records = new Uint32Array(BLOCK * PAIR_NUMBERS);
  const file = openSync(path, "w");
  let n = 0;
  const flush = (): void => {
    writeWhole(file, records.subarray(0, n));
    n = 0;
  };
  try {
    for (const group of readGroups(groups)) {
      options.signal?.throwIfAborted();
      for (const pair of resolver.resolve(group)) {
        records.set(encodePair(pair), n);
        n += PAIR_NUMBERS;
        if (n === records.length) flush();
      }
      options.onDecided?.(group.length - 1);
    }
    flush();
  } finally {
    closeSync(file);
  }
}
