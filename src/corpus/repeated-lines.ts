// Lines that say nothing new: those that many documents of a file share, and those that a document has had before.
import type { ChangeNote } from "./clean-change.ts";
import { countVisible, englishCharacters } from "./text-amount.ts";

/** Headings ("Symptoms") are shared for good reasons: only lines that say as much as this many characters of English are counted. */
const SENTENCE = 24;
/** The same for a paragraph that a text has had before. */
const PARAGRAPH = 48;
/** A choice of an exam: several items offer the same. */
const OPTION = /^\s*[(（]?[A-Ha-h][)）.、．]/u;

/** What each UTF-16 unit is to a line's key: 0 = nothing (punctuation, space), 1 = a letter or mark, 2 = a digit. */
let kinds: Uint8Array | undefined;

function kindTable(): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (let unit = 0; unit < 0x10000; unit++) {
    const character = String.fromCharCode(unit);
    // Halves of surrogate pairs count as letters: most of what lies beyond the first plane is.
    if (/[\p{L}\p{M}\p{Cs}]/u.test(character)) table[unit] = 1;
    else if (/\p{N}/u.test(character)) table[unit] = 2;
  }
  return table;
}

/** What makes two lines the same: their letters and digits in one case, as a hash of 53 bits. */
function lineKey(line: string): number {
  kinds ??= kindTable();
  const text = line.toLowerCase();
  let [a, b] = [0x811c9dc5, 0x1b873593];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (kinds[unit] === 0) continue;
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
    b ^= b >>> 15;
  }
  return (a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff);
}

/** True when a line says enough to be held against others. */
function isSentence(line: string): boolean {
  return line.length >= SENTENCE / 3 && englishCharacters(line) >= SENTENCE && !OPTION.test(line);
}

/** The keys of the lines of a document that say enough, each once. */
export function sentenceKeys(texts: readonly string[]): Set<number> {
  const own = new Set<number>();
  for (const text of texts) {
    // The only line of a turn is the turn: "Drink enough." is an answer, however often it is given.
    if (!text.includes("\n")) continue;
    for (const line of text.split("\n")) if (isSentence(line)) own.add(lineKey(line));
  }
  return own;
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
export function commonKey(line: string): number | undefined {
  return isSentence(line) ? lineKey(line) : undefined;
}

/**
 * Takes out paragraphs and lines that the text has had before. Lines inside ``` fences and lines that are no prose stay; so does a repeated
 * line with a figure ("500 mg twice a day" under another heading is another statement), unless it stands right under its twin.
 */
export function dropRepeats(text: string, note: ChangeNote): string {
  if (!text.includes("\n")) return text;
  const paragraphs = new Set<number>();
  const lines = new Set<number>();
  const kept: string[] = [];
  let fenced = false;
  let before = 0;
  let changed = false;
  for (const paragraph of text.split(/\n{2,}/u)) {
    const whole = !fenced && !paragraph.includes("```") && englishCharacters(paragraph) >= PARAGRAPH;
    if (whole) {
      const key = lineKey(paragraph);
      if (paragraphs.has(key)) {
        note("repeated-paragraph", paragraph, "");
        changed = true;
        continue;
      }
      paragraphs.add(key);
    }
    const rest: string[] = [];
    for (const line of paragraph.split("\n")) {
      const fence = line.trimStart().startsWith("```");
      if (fence) fenced = !fenced;
      const own = lineKey(line);
      if (!fence && !fenced && isSentence(line) && isProse(line)) {
        if (lines.has(own) && (own === before || !/\p{Nd}/u.test(line))) {
          note("repeated-line", line, "");
          changed = true;
          continue;
        }
        lines.add(own);
      }
      before = own;
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
  kinds ??= kindTable();
  let letters = 0;
  for (let i = 0; i < line.length; i++) if (kinds[line.charCodeAt(i)] === 1) letters++;
  return letters >= 0.75 * countVisible(line);
}

function joinLines(lines: readonly string[]): string {
  return lines
    .join("\n")
    .replace(/\n{3,}/gu, "\n\n")
    .trim();
}
