// The records of a JSON file in any of the shapes that data sets come in: a list, an object of records, or one a line.
import { UserError } from "../core/index.ts";

/**
 * The records of a file's text: of a list its entries, of JSON Lines the lines, of one object what `ofObject` takes from it
 * (by default the object is the only record). `UserError` for text that is not JSON, with the line, or holds no records.
 */
export function parseJsonRecords(
  text: string,
  file: string,
  ofObject: (value: object) => unknown[] | undefined = (value) => [value],
): unknown[] {
  const lines = text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : [{ line, number: i + 1 }]));
  if (lines.length > 1 && /^\s*\{.*\}\s*$/u.test(lines[0]!.line)) {
    return lines.map(({ line, number }) => parse(line, file, `line ${number}`));
  }
  const value = parse(text, file);
  const isObject = value !== null && typeof value === "object";
  const records = Array.isArray(value) ? value : isObject ? ofObject(value) : undefined;
  if (records !== undefined) return records;
  throw new UserError("bad-format", "holds no list of records", { file });
}

/**
 * The same JSON text with a `#` before keys that are whole numbers: JavaScript would sort those, and the order of the file be lost.
 * (A quote within a string has a backslash before it, so that the pattern finds keys only.)
 */
export function withOrderedKeys(text: string): string {
  return text.replace(/(?<!\\)"(\d+)"(?=\s*:)/gu, '"#$1"');
}

function parse(text: string, file: string, at?: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError("bad-json", `not valid JSON (${(error as Error).message})`, {
      file,
      at,
      remedy: "The file may be cut off: fetch it again.",
      cause: error,
    });
  }
}
