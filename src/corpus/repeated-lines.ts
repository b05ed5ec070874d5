// Lines that say nothing new: those that many documents of a file share, and those that a document has had before.
import type { ChangeNote } from "./clean-change.ts";
import { countVisible, englishCharacters } from "./text-amount.ts";

/** In how many documents of a file a line stands; memory is bounded. */
export interface LineCounter {
  /** The texts of one document: a line counts once. */
  add(texts: readonly string[]): void;
  /** The lines that stand in many documents, by their keys, and in how many. */
  common(): ReadonlyMap<string, number>;
}

/** Headings ("Symptoms") are shared for good reasons: only lines that say as much as this many characters of English are counted. */
const SENTENCE = 24;
/** A line is the file's, not the document's, from this many documents and this share of them on. */
const COMMON_DOCUMENTS = 10;
const COMMON_SHARE = 0.02;
/** Different lines held at once, about 100 MB. */
const HELD = 1 << 20;
/** The same for a paragraph that a text has had before. */
const PARAGRAPH = 48;
/** A choice of an exam: several items offer the same. */
const OPTION = /^\s*[(（]?[A-Ha-h][)）.、．]/u;

/** What makes two lines the same: letters and digits in one case. */
export function lineKey(line: string): string {
  return line
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim()
    .toLowerCase();
}

/** True when a line says enough to be held against others. */
function isSentence(line: string): boolean {
  return line.length >= SENTENCE / 3 && englishCharacters(line) >= SENTENCE && !OPTION.test(line);
}

/**
 * A counter for the documents of one file. Past `held` different lines the rarest are forgotten (lossy counting, Manku and Motwani 2002):
 * a count may then fall short by as many lines as were forgotten at a time, never exceed.
 */
export function createLineCounter(held = HELD): LineCounter {
  let counts = new Map<string, number>();
  let documents = 0;
  let floor = 0;
  return {
    add(texts) {
      documents++;
      const own = new Set<string>();
      for (const text of texts) {
        // The only line of a turn is the turn: "Drink enough." is an answer, however often it is given.
        if (!text.includes("\n")) continue;
        for (const line of text.split("\n")) if (isSentence(line)) own.add(lineKey(line));
      }
      for (const key of own) counts.set(key, (counts.get(key) ?? 0) + 1);
      while (counts.size > held) {
        floor++;
        counts = new Map([...counts].filter(([, n]) => n > floor));
      }
    },
    common() {
      const least = Math.max(COMMON_DOCUMENTS, COMMON_SHARE * documents);
      return new Map([...counts].filter(([, n]) => n >= least));
    },
  };
}

/** Takes out the lines that are `unwanted`; `gone` is told of each. The only line of a turn stays. */
export function dropLines(
  text: string,
  unwanted: (line: string) => boolean,
  gone: (line: string) => void,
): string {
  if (!text.includes("\n")) return text;
  const kept: string[] = [];
  let changed = false;
  for (const line of text.split("\n")) {
    if (line.trim() !== "" && unwanted(line)) {
      gone(line);
      changed = true;
    } else kept.push(line);
  }
  return changed ? joinLines(kept) : text;
}

/** Keys of a line for a look-up among common ones; `undefined` for a line too short to be one. */
export function commonKey(line: string): string | undefined {
  return isSentence(line) ? lineKey(line) : undefined;
}

/**
 * Takes out paragraphs and lines that the text has had before. Lines inside ``` fences and lines that are no prose stay; so does a repeated
 * line with a figure ("500 mg twice a day" under another heading is another statement), unless it stands right under its twin.
 */
export function dropRepeats(text: string, note: ChangeNote): string {
  if (!text.includes("\n")) return text;
  const paragraphs = new Set<string>();
  const lines = new Set<string>();
  const kept: string[] = [];
  let fenced = false;
  let before = "";
  let changed = false;
  for (const paragraph of text.split(/\n{2,}/u)) {
    const key = lineKey(paragraph);
    const whole = !fenced && !paragraph.includes("```") && englishCharacters(paragraph) >= PARAGRAPH;
    if (whole && paragraphs.has(key)) {
      note("repeated-paragraph", paragraph, "");
      changed = true;
      continue;
    }
    if (whole) paragraphs.add(key);
    const rest: string[] = [];
    for (const line of paragraph.split("\n")) {
      const fence = line.trimStart().startsWith("```");
      if (fence) fenced = !fenced;
      if (!fence && !fenced && isSentence(line) && isProse(line)) {
        const own = lineKey(line);
        if (lines.has(own) && (own === before || !/\p{Nd}/u.test(own))) {
          note("repeated-line", line, "");
          changed = true;
          continue;
        }
        lines.add(own);
      }
      before = lineKey(line);
      rest.push(line);
    }
    if (rest.length > 0) kept.push(rest.join("\n"));
  }
  return changed ? joinLines([kept.join("\n\n")]) : text;
}

/** Mostly letters: not a table row, a rule of dashes or code. */
function isProse(line: string): boolean {
  // A line of code ends like one.
  if (/[;{}]$/u.test(line)) return false;
  const letters = line.match(/[\p{L}\p{M}]/gu)?.length ?? 0;
  return letters >= 0.75 * countVisible(line);
}

function joinLines(lines: readonly string[]): string {
  return lines
    .join("\n")
    .replace(/\n{3,}/gu, "\n\n")
    .trim();
}
