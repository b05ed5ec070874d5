// Plain text and Markdown as documents of a sensible size: whole files where they are short, else cut where a reader would cut.
import { firstInvalidByte } from "../core/index.ts";
import { contentProblem, type Problem, type RawRecord } from "./raw-record.ts";

/** Longer texts are cut: about two thousand tokens of English, a few times that in other scripts. */
const LONGEST_TEXT = 8000;
/** A Markdown heading begins a new document once the one before is this long; shorter sections stay together. */
const SECTION_LENGTH = LONGEST_TEXT / 4;

/** A line without its break. */
interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Yields a text's documents: up to 8,000 characters, cut before a heading (Markdown), at a blank line, at a line's end, at a
 * sentence's end, or between words, whichever comes first in this list. Nothing but white space at the cuts is left out.
 */
export async function* readText(
  blocks: AsyncIterable<Buffer>,
  { markdown }: { readonly markdown: boolean },
): AsyncGenerator<RawRecord> {
  let lines: Line[] = [];
  let length = 0;
  let inFence = false;
  const take = function* (count: number): Generator<RawRecord> {
    const taken = lines.slice(0, count);
    lines = lines.slice(count);
    length = lines.reduce((sum, line) => sum + line.text.length + 1, 0);
    const inked = taken.filter((line) => line.text.trim() !== "");
    const [first, last] = [inked[0], inked.at(-1)];
    if (first === undefined || last === undefined) return;
    const text = taken.map((line) => line.text).join("\n");
    yield { start: first.start, end: last.end, value: text.trim() };
  };
  try {
    for await (const line of readLines(blocks)) {
      if ("problem" in line) {
        yield* take(lines.length);
        yield line;
        continue;
      }
      const fence = markdown && /^\s*(?:```|~~~)/u.test(line.text);
      const heading = markdown && !inFence && /^#{1,6}\s/u.test(line.text);
      if (fence) inFence = !inFence;
      if (heading && length >= SECTION_LENGTH) yield* take(lines.length);
      // A heading stays with the first part of what it heads.
      for (const part of cutLine(line, LONGEST_TEXT - length)) {
        while (lines.length > 0 && length + part.text.length > LONGEST_TEXT) yield* take(cutPlace(lines));
        lines.push(part);
        length += part.text.length + 1;
      }
    }
  } catch (error) {
    const problem = contentProblem(error);
    if (problem === undefined) throw error;
    yield* take(lines.length);
    const at = problem.at ?? lines.at(-1)?.end ?? 0;
    yield { start: at, end: at, problem };
    return;
  }
  yield* take(lines.length);
}

/** How many lines to take: up to the last blank line, if it is not too near the beginning; else all. */
function cutPlace(lines: readonly Line[]): number {
  const blank = lines.findLastIndex((line) => line.text.trim() === "");
  const before = lines.slice(0, blank).reduce((sum, line) => sum + line.text.length, 0);
  return blank > 0 && before >= LONGEST_TEXT / 2 ? blank : lines.length;
}

/** A line that is too long by itself, in parts, the first one as long as there is room: at the last end of a sentence, else at the last space, else anywhere. */
function cutLine(line: Line, room: number): Line[] {
  const parts: Line[] = [];
  let { text, start } = line;
  let most = room < LONGEST_TEXT / 2 ? LONGEST_TEXT : room;
  while (text.length > most) {
    const window = text.slice(0, most);
    const sentence = [...window.matchAll(/[.!?](?=\s)|[。！？।؟]/gu)].at(-1);
    const space = window.lastIndexOf(" ");
    let cut = sentence === undefined || sentence.index < most / 2 ? space : sentence.index + 1;
    if (cut < most / 2) cut = most;
    // Not within a character.
    if (/[\uDC00-\uDFFF]/u.test(text.charAt(cut))) cut--;
    const part = text.slice(0, cut);
    const bytes = Buffer.byteLength(part);
    parts.push({ text: part, start, end: start + bytes });
    text = text.slice(cut);
    start += bytes;
    most = LONGEST_TEXT;
  }
  parts.push({ text, start, end: line.end });
  return parts;
}

/** Lines with their places; one that is not UTF-8 is a problem, as is none at all when a line has no end in sight. */
async function* readLines(
  blocks: AsyncIterable<Buffer>,
): AsyncGenerator<Line | (RawRecord & { problem: Problem })> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let start = 0;
  const toLine = (bytes: Buffer): Line | (RawRecord & { problem: Problem }) => {
    const from = start;
    start += bytes.length + 1;
    const invalid = firstInvalidByte(bytes);
    const end = from + bytes.length;
    if (invalid !== undefined) {
      const problem: Problem = {
        reason: "bad-encoding",
        message: `found byte 0x${bytes[invalid]!.toString(16).padStart(2, "0")} where UTF-8 has no such byte`,
        remedy: "Name the file's encoding with --encoding, or convert it to UTF-8.",
        at: from + invalid,
      };
      return { start: from, end, problem };
    }
    const text = bytes.toString("utf8").replace(/\r$/u, "");
    // A byte order mark.
    if (from === 0 && text.startsWith("\uFEFF")) return { text: text.slice(1), start: 3, end };
    return { text, start: from, end };
  };
  for await (const block of blocks) {
    let i = 0;
    for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, i)) {
      yield toLine(
        pending.length === 0 ? block.subarray(i, at) : Buffer.concat([...pending, block.subarray(i, at)]),
      );
      pending = [];
      pendingBytes = 0;
      i = at + 1;
    }
    if (i < block.length) {
      pending.push(block.subarray(i));
      pendingBytes += block.length - i;
    }
    // A text without line breaks: taken in pieces, so that memory stays flat.
    if (pendingBytes >= LONGEST_LINE) {
      const bytes = Buffer.concat(pending);
      const cut = characterEnd(bytes);
      yield toLine(bytes.subarray(0, cut));
      // No line break was here.
      start--;
      pending = [bytes.subarray(cut)];
      pendingBytes = bytes.length - cut;
    }
  }
  if (pendingBytes > 0) yield toLine(Buffer.concat(pending));
}

/** Longer lines are read in pieces. */
const LONGEST_LINE = 1 << 22;

/** The end of the last whole character. */
function characterEnd(bytes: Buffer): number {
  let end = bytes.length - 1;
  while (end > 0 && end > bytes.length - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return end;
}
