// The inner loop of byte-pair encoding: merges the ids of one piece, lowest rank first, leftmost first among equals.
// Short pieces are scanned; long ones (Chinese clauses, runs of spaces, base64) go through a heap, so that time stays n log n.
import { type MergeTable, NO_MERGE } from "./merge-table.ts";

/** Up to this many ids a plain scan is faster than a heap. */
const SCAN_LIMIT = 64;

const scanRanks = new Int32Array(SCAN_LIMIT);

/** Merges the first `length` of `ids` in place; returns how many ids are left. */
export function mergePiece(ids: Int32Array, length: number, table: MergeTable): number {
  return length <= SCAN_LIMIT ? mergeByScan(ids, length, table) : mergeByHeap(ids, length, table);
}

function mergeByScan(ids: Int32Array, length: number, table: MergeTable): number {
  const ranks = scanRanks;
  let n = length;
  for (let i = 0; i + 1 < n; i++) ranks[i] = table.rank(ids[i]!, ids[i + 1]!);
  while (n > 1) {
    let best = NO_MERGE;
    let at = 0;
    for (let i = 0; i + 1 < n; i++) {
      if (ranks[i]! < best) {
        best = ranks[i]!;
        at = i;
      }
    }
    if (best === NO_MERGE) break;
    ids[at] = product(table, best, ids[at]!, ids[at + 1]!);
    n--;
    for (let i = at + 1; i < n; i++) {
      ids[i] = ids[i + 1]!;
      ranks[i] = ranks[i + 1]!;
    }
    if (at > 0) ranks[at - 1] = table.rank(ids[at - 1]!, ids[at]!);
    if (at + 1 < n) ranks[at] = table.rank(ids[at]!, ids[at + 1]!);
  }
  return n;
}

/** Rank and position share one double: both stay exact, and one comparison orders by rank, then position. */
const POSITIONS = 2 ** 31;

function mergeByHeap(ids: Int32Array, length: number, table: MergeTable): number {
  const previous = new Int32Array(length);
  const next = new Int32Array(length);
  // The rank of the pair that starts here as last looked up; an entry of the heap that disagrees is stale.
  const ranks = new Int32Array(length).fill(NO_MERGE);
  const heap: number[] = [];
  const look = (at: number): void => {
    const after = next[at]!;
    const rank = after < length ? table.rank(ids[at]!, ids[after]!) : NO_MERGE;
    ranks[at] = rank;
    if (rank !== NO_MERGE) push(heap, rank * POSITIONS + at);
  };
  for (let i = 0; i < length; i++) {
    previous[i] = i - 1;
    next[i] = i + 1;
  }
  for (let i = 0; i < length; i++) look(i);
  while (heap.length > 0) {
    const key = pop(heap);
    const at = key % POSITIONS;
    const rank = (key - at) / POSITIONS;
    if (ranks[at] !== rank) continue;
    const gone = next[at]!;
    const after = next[gone]!;
    ids[at] = product(table, rank, ids[at]!, ids[gone]!);
    ranks[gone] = NO_MERGE;
    next[at] = after;
    if (after < length) previous[after] = at;
    look(at);
    if (previous[at]! >= 0) look(previous[at]!);
  }
  let n = 0;
  for (let i = 0; i < length; i = next[i]!) ids[n++] = ids[i]!;
  return n;
}

/** Ranks that several products share are rare: mostly this is one read. */
function product(table: MergeTable, rank: number, left: number, right: number): number {
  const id = table.merged[rank]!;
  return id >= 0 ? id : table.product(left, right);
}

function push(heap: number[], key: number): void {
  let at = heap.push(key) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= key) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = key;
}

function pop(heap: number[]): number {
  const top = heap[0]!;
  const key = heap.pop()!;
  const size = heap.length;
  if (size === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= key) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = key;
  return top;
}
