// The first sheet of an Excel workbook (.xlsx: XML files in a zip) as rows of texts. Formulas give their stored values; dates and
// styles are not interpreted.
import { strFromU8, type Unzipped, unzipSync } from "fflate";
import { SaxesParser } from "saxes";
import { type CsvRow, UserError } from "../core/index.ts";

/** A row of any table: its fields, and where it stands for people. */
export type TableRow = Pick<CsvRow, "fields" | "line">;

/** Rows of the first sheet, empty ones left out; `line` is the row's number in the sheet. `UserError` for what is no workbook. */
export function parseXlsx(bytes: Uint8Array, file: string): TableRow[] {
  try {
    const parts = unzipSync(bytes, {
      filter: ({ name }) => name.startsWith("xl/") && /\.(xml|rels)$/u.test(name),
    });
    const shared = parts["xl/sharedStrings.xml"];
    return readSheet(
      partText(parts, firstSheet(parts)),
      shared === undefined ? [] : readStrings(strFromU8(shared)),
    );
  } catch (error) {
    throw new UserError(
      "bad-xlsx",
      `is no readable Excel workbook (${(error as Error).message.split("\n")[0]})`,
      {
        file,
        remedy: "The file may be cut off: fetch it again, or save the sheet as CSV.",
        cause: error,
      },
    );
  }
}

function partText(parts: Unzipped, name: string): string {
  const part = parts[name];
  if (part === undefined) throw new Error(`${name} is missing`);
  return strFromU8(part);
}

/** Path of the first sheet, as the workbook orders them. */
function firstSheet(parts: Unzipped): string {
  let id = "";
  parse(partText(parts, "xl/workbook.xml"), {
    open: (name, attributes) => {
      if (name === "sheet" && id === "") id = attributes["r:id"] ?? "";
    },
  });
  let target = "";
  parse(partText(parts, "xl/_rels/workbook.xml.rels"), {
    open: (name, attributes) => {
      if (name === "Relationship" && attributes.Id === id) target = attributes.Target ?? "";
    },
  });
  return target.startsWith("/") ? target.slice(1) : `xl/${target}`;
}

/** The texts that cells name by number; phonetic guides (`rPh`) are no part of them. */
function readStrings(xml: string): string[] {
  const strings: string[] = [];
  let [text, inText, phonetic] = ["", false, 0];
  parse(xml, {
    open: (name) => {
      if (name === "si") text = "";
      if (name === "rPh") phonetic++;
      inText = name === "t" && phonetic === 0;
    },
    text: (piece) => {
      if (inText) text += piece;
    },
    close: (name) => {
      inText = false;
      if (name === "rPh") phonetic--;
      if (name === "si") strings.push(unescaped(text));
    },
  });
  return strings;
}

function readSheet(xml: string, strings: readonly string[]): TableRow[] {
  const rows: TableRow[] = [];
  let fields: string[] = [];
  let [line, column, type, value, inValue] = [0, 0, "", "", false];
  parse(xml, {
    open: (name, attributes) => {
      if (name === "row") {
        // Both numbers may be left out: the next one is meant.
        line = Number(attributes.r ?? line + 1);
        fields = [];
      } else if (name === "c") {
        column = attributes.r === undefined ? fields.length : columnOf(attributes.r);
        type = attributes.t ?? "n";
        value = "";
      }
      inValue = name === "v" || name === "t";
    },
    text: (piece) => {
      if (inValue) value += piece;
    },
    close: (name) => {
      inValue = false;
      if (name === "c") {
        while (fields.length < column) fields.push("");
        fields[column] = type === "s" ? (strings[Number(value)] ?? "") : unescaped(value);
      } else if (name === "row" && fields.some((field) => field !== "")) {
        rows.push({ fields, line });
      }
    },
  });
  return rows;
}

/** From 0: `C7` is column 2. */
function columnOf(reference: string): number {
  let column = 0;
  for (const letter of /^[A-Z]+/u.exec(reference)?.[0] ?? "A")
    column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** Excel writes characters that XML cannot hold, carriage returns among them, as `_x000D_`. */
function unescaped(text: string): string {
  return text
    .replace(/_x([0-9A-Fa-f]{4})_/gu, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll("\r\n", "\n");
}

interface Handlers {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (piece: string) => void;
  readonly close?: (name: string) => void;
}

function parse(xml: string, { open, text, close }: Handlers): void {
  const parser = new SaxesParser();
  // Some writers put every name into a namespace prefix of their own.
  const local = (name: string): string => name.replace(/^.*:/u, "");
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => open(local(tag.name), tag.attributes as Record<string, string>));
  if (text !== undefined) parser.on("text", text);
  if (close !== undefined) parser.on("closetag", (tag) => close(local(tag.name)));
  parser.write(xml).close();
}
