// The benchmark with its faults mended: worked examples from items that are not scored, the item's own language, items that
// an audit found fault with left out and counted, answers read strictly and robustly side by side.
import { hashBytes } from "../core/index.ts";
import { FINDING_CODES, type FindingCode } from "./audit-finding.ts";
import type { Item } from "./item.ts";
import { bySource, itemKey } from "./item-text.ts";
import { answerLead, type BenchMode } from "./prompts.ts";
import {
  type LeftOut,
  type Protocol,
  plainProtocol,
  type Selection,
  type SelectionInput,
} from "./protocol.ts";

/** Faults that make an item's score mean nothing, count twice, or known before: such items are left out. */
const REMOVED_FAULTS: readonly FindingCode[] = [
  "off-topic",
  "dev-inside-test",
  "conflicting-gold",
  "multiple-gold",
  "empty-option",
  "doubled-option",
  "missing-context",
  "language-mismatch",
  "duplicate",
];

/** Items of each source kept for worked examples when no other suite is given; at most a quarter of the source. */
const POOL_SIZE = 16;

/** The corrected protocol in one of the three modes. */
export function correctedProtocol(mode: BenchMode): Protocol {
  return {
    ...plainProtocol(mode),
    name: "corrected",
    settings: { removed: REMOVED_FAULTS, pool: POOL_SIZE },
    shots: 3,
    unconditional: mode !== "generate",
    select: selectSound,
    ...(mode === "generate" ? { readStrictly } : {}),
  };
}

function selectSound(input: SelectionInput): Selection {
  const { suite, shotSuite, faults } = input;
  const leftOut: Partial<Record<LeftOut, number>> = {};
  const leave = (reason: LeftOut): void => {
    leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  };
  const codes = FINDING_CODES.filter((code) => REMOVED_FAULTS.includes(code));
  const unsound = new Set<string>();
  const sound = suite.items.filter((item) => {
    const fault = codes.find((code) => faults.get(code)?.has(item.id));
    if (fault === undefined) return true;
    leave(`audit: ${fault}`);
    if (fault !== "dev-inside-test" && fault !== "duplicate") unsound.add(itemKey(item));
    return false;
  });
  if (shotSuite !== undefined) {
    // What is wrong in the suite is wrong in its copy: a development set is often a part of the test set.
    const pool = shotSuite.items.filter((item) => item.gold.length === 1 && !unsound.has(itemKey(item)));
    return { items: sound, pool, leftOut };
  }
  const pool = new Set(keptForExamples(sound));
  const items = sound.filter((item) => {
    if (pool.has(item)) leave("kept-for-examples");
    return !pool.has(item);
  });
  return { items, pool: [...pool], leftOut };
}

/** The same items for every seed and model, so that runs stay comparable: those whose text has the lowest hashes. */
function keptForExamples(items: readonly Item[]): Item[] {
  return [...bySource(items).values()].flatMap((list) => {
    const hash = new Map(list.map((item) => [item, hashBytes(itemKey(item))]));
    const ordered = [...list].sort((a, b) => (hash.get(a)! < hash.get(b)! ? -1 : 1));
    return ordered.slice(0, Math.min(POOL_SIZE, Math.floor(list.length / 4)));
  });
}

/**
 * Reads only what the worked examples show: the first line begins with their words and a letter ("The correct answer is
 * option B"), or is a letter alone. `undefined` for anything else.
 */
export function readStrictly(response: string, item: Item): string | undefined {
  const line = response
    .split("\n")
    .map((text) => text.trim())
    .find((text) => text !== "");
  if (line === undefined) return undefined;
  const lead = answerLead(item);
  const answer = line.startsWith(lead)
    ? /^\s*[（([]?([A-Z])(?![\p{L}\p{N}])/u.exec(line.slice(lead.length))
    : /^[（([]?([A-Z])[）)\]]?[.。]?$/u.exec(line);
  const letter = answer?.[1];
  return letter !== undefined && item.letters.includes(letter) ? letter : undefined;
}
