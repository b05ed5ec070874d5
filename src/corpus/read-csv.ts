// Tables as text: the header names the columns, every other row is a record under those names.
import { type CsvRow, createCsvScanner } from "../core/index.ts";
import type { Content } from "./document.ts";
import { contentProblem, LARGEST_RECORD, type Problem, type RawRecord, tooLarge } from "./raw-record.ts";
import { type Columns, EXPECTED_FIELDS, hasShape } from "./record-shapes.ts";

/** Yields the rows of a table as objects. `head` tells what separates fields: a comma, a semicolon or a tab. */
export async function* readCsv(
  blocks: AsyncIterable<Buffer>,
  head: string,
  { columns = {}, kind }: { readonly columns?: Columns; readonly kind?: Content["kind"] },
): AsyncGenerator<RawRecord> {
  const scanner = createCsvScanner(delimiterOf(head));
  let names: readonly string[] | undefined;
  let position = 0;
  const toRecord = (row: CsvRow): RawRecord | undefined => {
    const { fields, start, end, line, badByte } = row;
    if (names === undefined) {
      names = fields.map((field) => field.trim());
      if (hasShape(names, columns, kind)) return undefined;
      const message = `found the columns ${names.slice(0, 12).join(", ")}`;
      return {
        start,
        end,
        problem: { reason: "bad-columns", message, remedy: EXPECTED_FIELDS, fatal: true },
      };
    }
    if (badByte !== undefined) return { start, end, problem: badEncoding(line, badByte) };
    if (fields.length !== names.length) {
      const message = `found ${fields.length} fields in line ${line}, expected ${names.length} (${names.join(", ")})`;
      const remedy = "Put fields with commas, quotes or line breaks in quotes.";
      return { start, end, problem: { reason: "bad-csv", message, remedy } };
    }
    return { start, end, value: Object.fromEntries(names.map((name, i) => [name, fields[i]!])) };
  };
  try {
    for await (const block of blocks) {
      for (const row of scanner.scan(block)) {
        const record = toRecord(row);
        if (record !== undefined) yield record;
        if (record !== undefined && "problem" in record && record.problem.fatal) return;
      }
      position += block.length;
      if (scanner.pendingBytes > LARGEST_RECORD) {
        const start = position - scanner.pendingBytes;
        yield { start, end: position, problem: { ...tooLarge(scanner.pendingBytes, start), fatal: true } };
        return;
      }
    }
  } catch (error) {
    const problem = contentProblem(error);
    if (problem === undefined) throw error;
    yield { start: position, end: position, problem };
    return;
  }
  const { openQuote } = scanner;
  if (openQuote !== undefined) {
    const start = position - scanner.pendingBytes;
    const problem: Problem = {
      reason: "bad-csv",
      message: "the file ends within a quoted field, expected its closing quote",
      remedy: "The file may be cut off, or a quote before it is missing.",
      at: openQuote,
      fatal: true,
    };
    yield { start, end: position, problem };
    return;
  }
  for (const row of scanner.finish()) {
    const record = toRecord(row);
    if (record !== undefined) yield record;
  }
  if (names === undefined) {
    const problem: Problem = {
      reason: "bad-columns",
      message: "the table is empty, expected a header that names its columns",
      remedy: EXPECTED_FIELDS,
      fatal: true,
    };
    yield { start: 0, end: position, problem };
  }
}

function badEncoding(line: number, at: number): Problem {
  return {
    reason: "bad-encoding",
    message: `found bytes that are not UTF-8 in line ${line}`,
    remedy: "Name the file's encoding with --encoding (windows-1252 from older spreadsheets), or convert it.",
    at,
  };
}

/** The separator that occurs most in the first line, outside quotes. */
function delimiterOf(head: string): string {
  const line = head.slice(0, head.search(/[\r\n]|$/u)).replace(/"[^"]*"/gu, "");
  const counts = [",", ";", "\t"].map((separator) => [line.split(separator).length, separator] as const);
  return counts.reduce((a, b) => (b[0] > a[0] ? b : a))[1];
}
