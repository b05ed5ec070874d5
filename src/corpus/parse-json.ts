// Parses the bytes of one JSON value and says what is wrong with them, to the byte.
import { firstInvalidByte } from "../core/index.ts";
import type { RawRecord } from "./raw-record.ts";

const ENCODING_REMEDY =
  "Expected UTF-8 throughout: convert the file, or name its encoding with --encoding (gb18030, windows-1252, ...).";
const JSON_REMEDY =
  "The file may be cut off or edited by hand: mend it there, or go on without it with --keep-going.";

/** The value in `bytes`, which stand at `start` of their file. */
export function parseJson(bytes: Buffer, start: number): RawRecord {
  const end = start + bytes.length;
  const invalid = firstInvalidByte(bytes);
  if (invalid !== undefined) {
    const at = start + invalid;
    const problem = {
      reason: "bad-encoding" as const,
      message: `found byte 0x${bytes[invalid]!.toString(16).padStart(2, "0")} where UTF-8 has no such byte`,
      remedy: ENCODING_REMEDY,
      at,
    };
    return { start, end, problem };
  }
  const text = bytes.toString("utf8");
  const surrogate = loneSurrogate(text);
  if (surrogate >= 0) {
    const problem = {
      reason: "lone-surrogate" as const,
      message: `found the escape ${text.slice(surrogate, surrogate + 6)}, half of a character; expected both halves`,
      remedy:
        "The text was cut within a character: remove the escape, or go on without it with --keep-going.",
      at: start + Buffer.byteLength(text.slice(0, surrogate)),
    };
    return { start, end, problem };
  }
  try {
    return { start, end, value: JSON.parse(text) };
  } catch (error) {
    const message = `not valid JSON (${(error as Error).message})`;
    return { start, end, problem: { reason: "bad-json", message, remedy: JSON_REMEDY } };
  }
}

/** Index of an escaped surrogate without its other half, or -1. Raw bytes cannot hold one: UTF-8 has no such bytes. */
function loneSurrogate(text: string): number {
  if (!text.includes("\\ud") && !text.includes("\\uD")) return -1;
  let high = -1;
  for (const { 0: found, index } of text.matchAll(/\\(?:u[0-9a-fA-F]{4}|.)/gsu)) {
    const unit = found.length === 6 ? Number.parseInt(found.slice(2), 16) : 0;
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    if (high >= 0) {
      if (!isLow || index !== high + 6) return high;
      high = -1;
    } else if (isLow) {
      return index;
    } else if (unit >= 0xd800 && unit <= 0xdbff) {
      high = index;
    }
  }
  return high;
}
