// What a person decided on flagged documents. The decisions stand beside the folder of the decontaminated corpus, not in it: that folder is
// made anew when the corpus or the exam changes, and nobody should have to judge twice.
import { basename, dirname, join, resolve } from "node:path";
import { exists, openAppendLog, UserError } from "../core/index.ts";
import type { Leak } from "./leak-rules.ts";

/** `"keep"`: a false alarm, the document goes back; `"drop"`: a leak, it goes for good. */
export type Verdict = "keep" | "drop";

/** A line of the review file. */
export interface VerdictLine {
  readonly document: string;
  /** The items that were found in it when it was judged, as `source id`. */
  readonly items: readonly string[];
  readonly verdict: Verdict;
}

/** Where the decisions for the corpus in `out` stand. */
export function reviewPath(out: string): string {
  const folder = resolve(out);
  return join(dirname(folder), `${basename(folder)}.review.jsonl`);
}

/** Decisions by document; the last one holds. */
export async function readVerdicts(out: string): Promise<Map<string, VerdictLine>> {
  if (!(await exists(reviewPath(out)))) return new Map();
  const log = await openVerdicts(out);
  await log.close();
  return new Map(log.done.map((line) => [line.document, line]));
}

/** Opens the decisions to add more; `UserError` with the line for one that cannot be read. */
export function openVerdicts(out: string) {
  const file = reviewPath(out);
  return openAppendLog<VerdictLine>(file, (text, number) => {
    try {
      const line = JSON.parse(text) as VerdictLine;
      if (
        typeof line.document === "string" &&
        Array.isArray(line.items) &&
        /^(?:keep|drop)$/u.test(line.verdict)
      )
        return line;
    } catch {
      // Not JSON: said below.
    }
    throw new UserError("bad-review", "not a decision {document, items, verdict}", {
      file,
      at: `line ${number}`,
      remedy: "Remove the line, and decide again.",
    });
  });
}

/** The name of a leak's item in decisions. */
export function itemName({ item: { source, id } }: Pick<Leak, "item">): string {
  return `${source} ${id}`;
}

/** The decision on a document, if it covers what is found in it now: a new leak in a document that was kept is to be judged again. */
export function judge(line: VerdictLine | undefined, leaks: readonly Leak[]): Verdict | undefined {
  if (line === undefined) return undefined;
  const known = new Set(line.items);
  return line.verdict === "drop" || leaks.every((leak) => known.has(itemName(leak)))
    ? line.verdict
    : undefined;
}
