// Second and third step of near-duplicate search: documents that agree in a band of their signatures are joined (`writeEdges`, one
// partition of keys at a time, anywhere), and what is joined directly or by way of others becomes a group (`writeGroups`).
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { partitionPath } from "./sign-documents.ts";
import type { SignedParts } from "./signed-parts.ts";
import { createSpill, readSpilled, sortPairs, writeWhole } from "./spill.ts";

/** Writes to `path` the edges of a partition: records [first document with a key, another one with it]. Memory: the partition. */
export function writeEdges(
  parts: Pick<SignedParts, "folders" | "firsts">,
  partition: number,
  path: string,
): void {
  const own = parts.folders.map((folder) => readSpilled(partitionPath(folder, partition)));
  const entries = new Uint32Array(own.reduce((sum, { length }) => sum + length, 0));
  let n = 0;
  for (const [p, numbers] of own.entries())
    for (let i = 0; i < numbers.length; i += 2) {
      entries[n++] = numbers[i]! + parts.firsts[p]!;
      entries[n++] = numbers[i + 1]!;
    }
  sortPairs(entries);
  // Edges are written over the entries read already: there are fewer of them.
  let edges = 0;
  let first = 0;
  let key: number | undefined;
  for (let i = 0; i < n; i += 2) {
    const document = entries[i]!;
    if (entries[i + 1] !== key) {
      key = entries[i + 1];
      first = document;
      continue;
    }
    entries[edges++] = first;
    entries[edges++] = document;
  }
  const file = openSync(path, "w");
  writeWhole(file, entries.subarray(0, edges));
  closeSync(file);
}

/** Documents whose groups, by their first documents, go into one file. */
const GROUP_SPAN = 1 << 18;

/** Groups on disk. */
export interface GroupFiles {
  /** Files in the order of the groups' first documents: what `readGroups` reads. */
  readonly paths: readonly string[];
  /** Documents in groups, but for the first of each. */
  readonly members: number;
}

/** Makes groups of `documents` documents from files of edges, in the folder `folder`. Memory: 4 bytes a document. */
export function writeGroups(edges: Iterable<string>, documents: number, folder: string): GroupFiles {
  // Union-find: the smaller number becomes the root, so that a root is the first document of its group.
  const first = new Int32Array(documents);
  for (let document = 0; document < documents; document++) first[document] = document;
  for (const path of edges) {
    const pairs = readSpilled(path);
    for (let i = 0; i < pairs.length; i += 2) {
      const x = findRoot(first, pairs[i]!);
      const y = findRoot(first, pairs[i + 1]!);
      first[Math.max(x, y)] = Math.min(x, y);
    }
  }
  const paths = Array.from({ length: Math.ceil(documents / GROUP_SPAN) }, (_, i) =>
    join(folder, `groups-${String(i).padStart(5, "0")}.bin`),
  );
  const spill = createSpill((partition) => paths[partition]!);
  let members = 0;
  for (let document = 0; document < documents; document++) {
    const root = findRoot(first, document);
    if (root === document) continue;
    members++;
    spill.add(Math.floor(root / GROUP_SPAN), [document, root]);
  }
  spill.flush();
  return { paths, members };
}

function findRoot(first: Int32Array, document: number): number {
  let at = document;
  while (first[at] !== at) {
    first[at] = first[first[at]!]!;
    at = first[at]!;
  }
  return at;
}

/** The groups of a file in the order of their first documents, each of two and more documents in ascending order. */
export function* readGroups(path: string): Generator<Uint32Array> {
  const pairs = sortPairs(readSpilled(path));
  for (let i = 0; i < pairs.length; ) {
    const root = pairs[i + 1]!;
    let end = i;
    while (end < pairs.length && pairs[end + 1] === root) end += 2;
    const group = new Uint32Array(1 + (end - i) / 2);
    group[0] = root;
    for (let g = 1; i < end; i += 2) group[g++] = pairs[i]!;
    yield group;
  }
}
