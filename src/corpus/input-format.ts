// Which format an input has, by its name and how it begins.
import { UserError } from "../core/index.ts";
import type { InputContent } from "./input-content.ts";

/** Formats that can be imported. */
export const INPUT_FORMATS = [
  "json",
  "jsonl",
  "csv",
  "parquet",
  "medquad",
  "tmx",
  "text",
  "markdown",
] as const;
/** One of them. */
export type InputFormat = (typeof INPUT_FORMATS)[number];

const EXTENSIONS: Readonly<Record<string, InputFormat>> = {
  json: "json",
  jsonl: "jsonl",
  ndjson: "jsonl",
  csv: "csv",
  tsv: "csv",
  parquet: "parquet",
  tmx: "tmx",
  xml: "medquad",
  txt: "text",
  text: "text",
  md: "markdown",
  markdown: "markdown",
};

/** The end of a name that tells its format, and the packing around it. */
const NAME_END = new RegExp(`\\.(${Object.keys(EXTENSIONS).join("|")})(?:\\.(?:gz|zst))?$`, "iu");

/** The format that a name promises; `undefined` for other names. */
export function formatOfName(name: string): InputFormat | undefined {
  const extension = NAME_END.exec(name)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : EXTENSIONS[extension];
}

/** A name without what tells format and packing. */
export function stemOf(name: string): string {
  return name.replace(/\.zip$/iu, "").replace(NAME_END, "");
}

/** The format of an input; what it begins with counts more than its name. `UserError` when neither tells. */
export function detectFormat({ name, head }: InputContent): InputFormat {
  const named = formatOfName(name);
  if (head.startsWith("PAR1")) return "parquet";
  const start = head.trimStart();
  if (
    /^<(?:\?xml|!|[a-z])/iu.test(start) &&
    (named === undefined || named === "medquad" || named === "tmx")
  ) {
    if (/<tmx[\s>]/u.test(start)) return "tmx";
    if (/<qapairs[\s>/]/iu.test(start)) return "medquad";
    throw new UserError("unknown-format", "is XML, but neither TMX nor MedQuAD", {
      file: name,
      remedy: `Name its format with --format (${INPUT_FORMATS.join(", ")}), or convert it.`,
    });
  }
  const json = start.startsWith("[") || start.startsWith("{");
  if (named === "json" || named === "jsonl" || (named === undefined && json))
    return hasValueALine(start, named === "jsonl") ? "jsonl" : "json";
  if (named !== undefined) return named;
  throw new UserError("unknown-format", "neither name nor content tells the format", {
    file: name,
    remedy: `Name it with --format: ${INPUT_FORMATS.join(", ")}.`,
  });
}

/**
 * True when the first line is a whole JSON value by itself. An array of one line is read as one array, unless the name says
 * that values stand one a line or another value follows.
 */
function hasValueALine(start: string, namedLines: boolean): boolean {
  const end = start.indexOf("\n");
  const line = end < 0 ? start : start.slice(0, end);
  if (!start.startsWith("[")) return namedLines || start.startsWith("{");
  if (!isJson(line)) return namedLines && line.trim() !== "[" && end >= 0;
  return namedLines || (end >= 0 && /^\s*[[{"]/u.test(start.slice(end)));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
