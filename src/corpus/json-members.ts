// The members of one big JSON object whose values are the contents of corpus files, as Apollo merges its own into `mixTrain.json`:
// {"medicalBook_en_qa": [...], ...}. Only their places are found; each is then read as a file of its own.
import { parseCorpusFileName } from "./corpus-files.ts";

/** A member: its name, and the bytes of its value. */
export interface JsonMember {
  readonly name: string;
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
}

/** True for a beginning whose first member is called as a corpus file is and holds a list. */
export function isMergedFiles(head: string): boolean {
  const name = /^\s*\{\s*"([^"\\]+)"\s*:\s*\[/u.exec(head)?.[1];
  return name !== undefined && parseCorpusFileName(name) !== undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * The members of the object in `blocks`, by brackets and quotes alone. Where the object ends early or is broken, what is left goes to the
 * member that was open, whose reader then tells the place.
 */
export async function findMembers(blocks: AsyncIterable<Buffer>): Promise<JsonMember[]> {
  const members: JsonMember[] = [];
  let base = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** Bytes of the name that is being read. */
  let name: Buffer[] | undefined;
  let named = "";
  /** Where the open value begins: behind its colon. */
  let start: number | undefined;
  const close = (end: number): void => {
    if (start !== undefined) members.push({ name: named, start, end });
    start = undefined;
  };
  for await (const block of blocks) {
    for (let i = 0; i < block.length; i++) {
      if (inString) {
        const from = i;
        // Most bytes lie in strings: their ends are looked for, not gone through.
        if (escaped) {
          escaped = false;
          i++;
        }
        const quote = block.indexOf(QUOTE, i);
        const end = quote < 0 ? block.length : quote;
        let slashes = end;
        while (slashes > i && block[slashes - 1] === BACKSLASH) slashes--;
        const odd = ((end - slashes) & 1) === 1;
        if (quote < 0) escaped = odd;
        else if (!odd) inString = false;
        const stop = quote < 0 ? block.length : quote + 1;
        name?.push(Buffer.from(block.subarray(from, stop)));
        if (!inString && name !== undefined) {
          named = JSON.parse(`"${Buffer.concat(name).toString("utf8")}`) as string;
          name = undefined;
        }
        i = stop - 1;
        continue;
      }
      const byte = block[i]!;
      if (byte === QUOTE) {
        inString = true;
        if (depth === 1 && start === undefined) name = [];
      } else if (byte === 0x5b || byte === 0x7b) {
        depth++;
      } else if (byte === 0x5d || byte === 0x7d) {
        if (--depth === 0) close(base + i);
      } else if (depth === 1 && byte === COLON && start === undefined) {
        start = base + i + 1;
      } else if (depth === 1 && byte === COMMA) {
        close(base + i);
      }
    }
    base += block.length;
  }
  close(base);
  return members;
}
