// Tells a text's encoding by its first bytes, and turns other encodings into UTF-8 block by block.
import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { UserError } from "../core/index.ts";

/** How many bytes are looked at, from the first one that is not ASCII. */
const SAMPLE_BYTES = 1 << 16;

/** True when `head` says enough about the encoding: it holds a sample's worth behind its first byte that is not ASCII. */
export function isEnoughToTell(head: Buffer): boolean {
  const first = head.findIndex((byte) => byte >= 0x80 || byte === 0);
  return first >= 0 && head.length - first >= SAMPLE_BYTES;
}

/**
 * The encoding of a text that begins with `head`, as a label of the WHATWG Encoding Standard: by its byte order mark, the zero
 * bytes of UTF-16, and the byte pairs of GB18030. Other encodings cannot be told from their bytes; they count as UTF-8, and the
 * first byte that is none is an error.
 */
export function detectEncoding(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  if (head.length >= 2 && head[0] !== 0 && head[1] === 0) return "utf-16le";
  if (head.length >= 2 && head[0] === 0 && head[1] !== 0) return "utf-16be";
  // A character may be cut at the end of the sample.
  for (let cut = 0; cut < 4; cut++) if (isUtf8(head.subarray(0, head.length - cut))) return "utf-8";
  return looksLikeGb18030(head) ? "gb18030" : "utf-8";
}

/** Smallest share of byte pairs that must be everyday characters; broken UTF-8 read as GB18030 has few. */
const COMMON_SHARE = 0.8;

/** True when nearly all bytes that are not ASCII pair up to punctuation and the 3,755 everyday characters of GB 2312. */
function looksLikeGb18030(head: Buffer): boolean {
  let pairs = 0;
  let common = 0;
  for (let i = 0; i + 1 < head.length; i++) {
    const lead = head[i]!;
    if (lead < 0x80) continue;
    const trail = head[++i]!;
    pairs++;
    const everyday = (lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3);
    if (everyday && trail >= 0xa1) common++;
  }
  return pairs > 0 && common >= COMMON_SHARE * pairs;
}

/** The decoder for a label; `UserError` for an unknown one. */
function createDecoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw new UserError("bad-option", `--encoding knows no "${encoding}"`, {
      remedy: "Expected a name such as utf-8, utf-16le, utf-16be, gb18030, big5, shift_jis or windows-1252.",
      cause: error,
    });
  }
}

/**
 * The same text in UTF-8. `open` gives the blocks from the start each time: when a byte is invalid, they are read again up to
 * it, so that the error (`bad-encoding`) names that very byte.
 */
export async function* decodeBlocks(
  open: () => AsyncIterable<Buffer>,
  encoding: string,
  file: string,
): AsyncGenerator<Buffer> {
  const decoder = createDecoder(encoding);
  let base = 0;
  try {
    for await (const block of open()) {
      const text = decoder.decode(block, { stream: true });
      base += block.length;
      if (text !== "") yield Buffer.from(text, "utf8");
    }
    const rest = decoder.decode();
    if (rest !== "") yield Buffer.from(rest, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ENCODING_INVALID_ENCODED_DATA") throw error;
    const at = await firstBadByte(open, encoding, base);
    yield await lastGoodPart(open, encoding, base, at);
    throw new UserError("bad-encoding", `found bytes that are not ${encoding}`, {
      file,
      at: `byte ${at}`,
      remedy: "Name the right encoding with --encoding, or convert the file to UTF-8.",
      cause: error,
    });
  }
}

/** The byte at which decoding fails, which is in the block that begins at `badBlock` or where the text ends. */
function firstBadByte(
  open: () => AsyncIterable<Buffer>,
  encoding: string,
  badBlock: number,
): Promise<number> {
  return walk(open, encoding, badBlock, Number.POSITIVE_INFINITY);
}

/** What stands between the beginning of the block at `from` and the bad byte: records that are whole must not be lost with it. */
async function lastGoodPart(
  open: () => AsyncIterable<Buffer>,
  encoding: string,
  from: number,
  bad: number,
): Promise<Buffer> {
  const decoder = createDecoder(encoding);
  let at = 0;
  for await (const block of open()) {
    const text = decoder.decode(block.subarray(0, bad - at), { stream: true });
    if (at === from) return Buffer.from(text, "utf8");
    at += block.length;
  }
  // The text ends within a character: all whole ones were given.
  return Buffer.alloc(0);
}

/** The byte of the original text at which its UTF-8 has `offset` bytes: errors in records are found in UTF-8. */
export async function originalByte(
  open: () => AsyncIterable<Buffer>,
  encoding: string,
  offset: number,
): Promise<number> {
  const decoder = createDecoder(encoding);
  let at = 0;
  let decoded = 0;
  try {
    for await (const block of open()) {
      decoded += Buffer.byteLength(decoder.decode(block, { stream: true }));
      if (decoded > offset) break;
      at += block.length;
    }
  } catch {
    // The block has a bad byte; the place wanted stands before it.
  }
  return walk(open, encoding, at, offset);
}

/** Decodes whole blocks up to byte `from`, then byte by byte until `offset` bytes of UTF-8 are there, a byte is invalid, or the end. */
async function walk(
  open: () => AsyncIterable<Buffer>,
  encoding: string,
  from: number,
  offset: number,
): Promise<number> {
  const decoder = createDecoder(encoding);
  let at = 0;
  let decoded = 0;
  try {
    for await (const block of open()) {
      const step = at < from ? block.length : 1;
      for (let i = 0; i < block.length; i += step, at += step) {
        if (decoded >= offset) return at;
        decoded += Buffer.byteLength(decoder.decode(block.subarray(i, i + step), { stream: true }));
      }
    }
  } catch {
    return at;
  }
  return at;
}
