// Comma-separated values as RFC 4180 has them: fields in quotes may hold commas, line breaks and doubled quotes.
import { UserError } from "../core/index.ts";

/** One row and the line it begins in, from 1. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** Splits text into rows; empty lines are left out. `UserError` when a quote is never closed. */
export function parseCsv(text: string, file: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let line = 1;
  let rowLine = 1;
  let at = text.startsWith("\ufeff") ? 1 : 0;
  const endRow = (): void => {
    if (fields.length > 1 || fields[0] !== "") rows.push({ fields, line: rowLine });
    fields = [];
    rowLine = line;
  };
  while (at < text.length) {
    let field: string;
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === undefined) {
        throw new UserError("bad-csv", "a quoted field is never closed", {
          file,
          at: `line ${line}`,
          remedy: "The file may be cut off: fetch it again.",
        });
      }
      field = text.slice(at + 1, end).replaceAll('""', '"');
      line += text.slice(at, end).split("\n").length - 1;
      at = end + 1;
    } else {
      field = "";
    }
    const rest = /[^,\r\n]*/uy;
    rest.lastIndex = at;
    const plain = rest.exec(text)![0];
    fields.push(field + plain);
    at += plain.length;
    if (text[at] === ",") {
      at++;
      if (at === text.length) fields.push("");
      continue;
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    line++;
    endRow();
  }
  if (fields.length > 0) endRow();
  return rows;
}

/** Index of the quote that ends a field: the first that is not doubled. */
function closingQuote(text: string, from: number): number | undefined {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return undefined;
}
