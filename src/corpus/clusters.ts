// What was merged, and what was not though it is alike, for a person to read: side by side, with where they differ.
import type { Distinction } from "./distinctions.ts";
import { documentTexts } from "./document.ts";
import type { Label, LabelStore } from "./label-store.ts";
import type { Apart, Duplicate } from "./resolve-group.ts";
import type { SignedParts } from "./signed-parts.ts";

/** A line of `clusters.jsonl`. */
export interface Cluster {
  /** The document that stayed, and how it begins. */
  readonly kept: Label & { readonly text: string };
  /** How many were dropped, where `dropped` has only the first `MOST_SHOWN` of them; all stand in `dropped.jsonl`. */
  readonly droppedInAll?: number;
  readonly dropped: readonly (Label & {
    readonly kind: Duplicate["kind"];
    /** Share of common shingles, and its estimate by signatures. */
    readonly jaccard: number;
    readonly estimate: number;
    /** The stretches between the common beginning and the common end. */
    readonly difference: { readonly kept: string; readonly dropped: string };
  })[];
}

/** Duplicates of one document that are shown: a text that a crawl has a million times would else be a line of a gigabyte. */
export const MOST_SHOWN = 1000;
/** Characters shown of a text. */
const SHOWN = 200;
/** Characters shown before a difference. */
const CONTEXT = 20;

/** Puts a kept document and its duplicates, the first `others` of `all`, side by side. */
export function describeCluster(
  kept: number,
  others: readonly Duplicate[],
  all: number,
  labels: Pick<LabelStore, "get">,
  parts: Pick<SignedParts, "read">,
): Cluster {
  const text = textOf(parts, kept);
  return {
    kept: { ...labels.get(kept), text: excerpt(text, 0, text.length) },
    ...(all > others.length ? { droppedInAll: all } : {}),
    dropped: others.map((other) => ({
      ...labels.get(other.document),
      kind: other.kind,
      ...measures(other),
      difference: compare(text, textOf(parts, other.document)),
    })),
  };
}

/** A line of `apart.jsonl`: two documents that both stay. */
export interface ApartPair {
  readonly reason: Distinction;
  readonly jaccard: number;
  readonly estimate: number;
  readonly first: Label;
  readonly second: Label;
  readonly difference: { readonly first: string; readonly second: string };
}

/** Puts two alike documents that both stay side by side. */
export function describeApart(
  pair: Apart,
  labels: Pick<LabelStore, "get">,
  parts: Pick<SignedParts, "read">,
): ApartPair {
  const { kept: first, dropped: second } = compare(textOf(parts, pair.of), textOf(parts, pair.document));
  return {
    reason: pair.reason,
    ...measures(pair),
    first: labels.get(pair.of),
    second: labels.get(pair.document),
    difference: { first, second },
  };
}

function measures(pair: Apart | Duplicate): { jaccard: number; estimate: number } {
  const round = (share: number): number => Math.round(1000 * share) / 1000;
  return { jaccard: round(pair.jaccard), estimate: round(pair.estimate) };
}

function textOf(parts: Pick<SignedParts, "read">, document: number): string {
  return documentTexts(parts.read(document)).join("\n");
}

function compare(kept: string, dropped: string): { kept: string; dropped: string } {
  const shorter = Math.min(kept.length, dropped.length);
  let from = 0;
  while (from < shorter && kept[from] === dropped[from]) from++;
  let tail = 0;
  while (tail < shorter - from && kept.at(-1 - tail) === dropped.at(-1 - tail)) tail++;
  const start = Math.max(0, from - CONTEXT);
  return {
    kept: excerpt(kept, start, kept.length - tail),
    dropped: excerpt(dropped, start, dropped.length - tail),
  };
}

function excerpt(text: string, start: number, end: number): string {
  return end - start <= SHOWN ? text.slice(start, end) : `${text.slice(start, start + SHOWN)} …`;
}
