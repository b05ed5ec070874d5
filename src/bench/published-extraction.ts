// How the published evaluation read answers, kept with its faults so that its numbers can be had: any capital from A to F in
// the first line counts when no bracketed letter stands there. Source: FreedomIntelligence/Apollo, src/evaluate/eval_gemma.py.

/** Which of the published rules found the answer. */
export type PublishedRule = "bracketed-letter" | "any-capital" | "yes-or-no";

const BRACKETED = /[（(]([A-Fa-f])[）)]/gu;
const CAPITAL = /([A-F])/gu;

/**
 * The most frequent bracketed letter of the first line with any character, the first of equals; else the most frequent capital A to F;
 * else `Yes.` is A and `No.` is B. `undefined` when nothing applies. Letters outside the options are given as found.
 */
export function readAsPublished(
  response: string,
): { readonly choice: string; readonly rule: PublishedRule } | undefined {
  const line = response.includes("\n")
    ? (response.split("\n").find((text) => text.length > 0) ?? response)
    : response;
  const bracketed = mostFrequent(line, BRACKETED);
  if (bracketed !== undefined) return { choice: bracketed, rule: "bracketed-letter" };
  const capital = mostFrequent(line, CAPITAL);
  if (capital !== undefined) return { choice: capital, rule: "any-capital" };
  if (line === "Yes.") return { choice: "A", rule: "yes-or-no" };
  if (line === "No.") return { choice: "B", rule: "yes-or-no" };
  return undefined;
}

function mostFrequent(line: string, pattern: RegExp): string | undefined {
  const counts = new Map<string, number>();
  for (const [, letter = ""] of line.matchAll(pattern)) {
    const upper = letter.toUpperCase();
    counts.set(upper, (counts.get(upper) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0];
}
