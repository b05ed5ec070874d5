// Reads exam items in XMedBench's format: {question, options: "(A) x\n(B) y", answer: "(A)", source}.
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { isFolder, MANIFEST_FILE, readJsonLines, UserError } from "../core/index.ts";
import { readJsonArray } from "./json-array.ts";

/** One item of an exam. */
export interface ExamItem {
  /** Its own id, else the suite's name and its number from 0: `test:17`. */
  readonly id: string;
  /** The exam it is from: its `source`, else the suite's name. */
  readonly source: string;
  readonly question: string;
  /** Texts of the options, without letters. */
  readonly options: readonly string[];
  /** Texts of the right options. */
  readonly gold: readonly string[];
}

const schema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  source: z.string().optional(),
  question: z.string(),
  options: z.union([z.string(), z.array(z.string())]),
  answer: z.string(),
});

/** Reads the items of suite files (JSON arrays or JSONL) and of folders of them; `UserError` for anything else, or nothing. */
export async function readExamItems(suites: readonly string[]): Promise<ExamItem[]> {
  const items: ExamItem[] = [];
  for (const suite of suites) {
    const before = items.length;
    for (const file of await suiteFiles(suite)) {
      const name = basename(file).replace(/\.jsonl?$/u, "");
      let number = 0;
      for await (const { value } of file.endsWith(".jsonl") ? readJsonLines(file) : readJsonArray(file))
        items.push(readItem(value, file, name, number++));
    }
    if (items.length === before) throw new UserError("empty-suite", "holds no exam items", { file: suite });
  }
  return items;
}

async function suiteFiles(suite: string): Promise<string[]> {
  if (!(await isFolder(suite))) return [suite];
  const names = (await readdir(suite)).filter(
    (name) => /\.jsonl?$/u.test(name) && !name.endsWith(MANIFEST_FILE),
  );
  return names.sort().map((name) => join(suite, name));
}

function readItem(value: unknown, file: string, suite: string, number: number): ExamItem {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError("bad-item", issue?.message ?? "not an exam item", {
      file,
      at: `item ${number}${issue?.path.length ? `, ${issue.path.join(".")}` : ""}`,
      remedy: "Expected question, options and answer, as XMedBench has them.",
    });
  }
  const { id, source, question, options, answer } = parsed.data;
  const lettered = typeof options === "string" ? splitOptions(options) : options.map(splitLetter);
  const right: readonly string[] = answer.match(/[A-Z]/gu) ?? [];
  return {
    id: id === undefined ? `${suite}:${number}` : String(id),
    source: source ?? suite,
    question,
    options: lettered.map(([, text]) => text),
    gold: lettered.filter(([letter], i) => right.includes(letter ?? letterOf(i))).map(([, text]) => text),
  };
}

type Option = readonly [letter: string | undefined, text: string];

/** An option is a line that begins with a letter in brackets, and the lines after it. */
function splitOptions(text: string): Option[] {
  return text
    .split(/\n(?=\s*[(（][A-Z][)）])/u)
    .map(splitLetter)
    .filter(([, option]) => option !== "");
}

function splitLetter(option: string): Option {
  const match = /^\s*[(（]([A-Z])[)）][.、]?\s*/u.exec(option);
  return match === null ? [undefined, option.trim()] : [match[1], option.slice(match[0].length).trim()];
}

function letterOf(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}
