// A suite: multiple-choice items in XMedBench's released JSON, checked and typed. What cannot be scored is refused with a
// counted reason; what is odd but usable is kept and counted as a note.
import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { hashBytes, hashValue, isFolder, readText, UserError } from "../core/index.ts";
import { itemLanguage } from "./item-language.ts";
import {
  configHash,
  isSuiteConfig,
  loadSuiteConfig,
  readConfigured,
  type SuiteConfig,
} from "./suite-config.ts";

/** One exam question. */
export interface Item {
  /** The item's own id, else `source/number` counted from 0 within the source: stable whatever else the suite holds. */
  readonly id: string;
  readonly source: string;
  /** An ISO 639-1 code such as `hi`. */
  readonly language: string;
  readonly question: string;
  /** A passage that the question is about; absent when empty. */
  readonly context?: string;
  /** Option texts as written, without their letters. */
  readonly options: readonly string[];
  /** The letters the options carry, `A`, `B`, ... */
  readonly letters: readonly string[];
  /** Indexes of the right options, ascending; more than one for multiple-answer items. */
  readonly gold: readonly number[];
  /** The part of the exam, where the file says it, e.g. `anatomy`. */
  readonly subject?: string;
  /** Question and options as the file has them, where spaces at their ends were removed above. */
  readonly written?: { readonly question: string; readonly options: string };
}

/** Why an item of the file is not in the suite. */
export type RefusalReason =
  | "not-an-object"
  | "doubled-id"
  | "no-question"
  | "bad-options"
  | "too-few-options"
  | "bad-answer"
  | "gold-outside-options";

/** What is odd about an item that is kept. */
export type ItemNote = "multiple-gold" | "empty-option" | "doubled-option";

/** One refused item: where it would have stood, and why it is not in the suite. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly source: string;
  readonly id: string;
}

/** A suite and an account of what was read. */
export interface Suite {
  readonly path: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  readonly items: readonly Item[];
  /** Items in the file, refused ones included. */
  readonly read: number;
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
  /** The refused items one by one, in the order of the file. */
  readonly refusals: readonly Refusal[];
  readonly notes: Readonly<Partial<Record<ItemNote, number>>>;
  /** How the suite is asked, where a configuration says it. */
  readonly config?: SuiteConfig;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/**
 * Reads a suite: a JSON list (or a JSONL file) of `{question, options: "(A) x\n(B) y", answer: "(A)", source, context?, language?, id?}`.
 * Items without a source take the file's name as theirs. A `.yaml` (`.toml`, `.ts`, ...) file describes a suite of another shape
 * (`SuiteConfig`); a folder holds several files that are one suite. `UserError` when the file is missing, cut, not such a list, or holds no usable item.
 */
export async function loadSuite(path: string): Promise<Suite> {
  if (await isFolder(path)) return loadFolder(path);
  if (isSuiteConfig(path)) {
    const config = await loadSuiteConfig(path);
    const hash = hashValue([configHash(config), hashBytes(await readText(config.file))]);
    return readSuite(path, config.name, hash, await readConfigured(config), config);
  }
  const text = await readText(path);
  return readSuite(path, basename(path, extname(path)), hashBytes(text), parseRecords(path, text));
}

/** The suite that a configured suite's worked examples come from: a suite of its own, or a JSONL file in the same shape. */
export async function loadExamples({ config }: Suite): Promise<Suite | undefined> {
  if (config?.shotsFrom === undefined) return undefined;
  const file = config.shotsFrom;
  if (!file.endsWith(".jsonl")) return loadSuite(file);
  const hash = hashValue([configHash(config), hashBytes(await readText(file))]);
  return readSuite(file, config.name, hash, await readConfigured({ ...config, file }));
}

async function readSuite(
  path: string,
  defaultSource: string,
  hash: string,
  records: readonly unknown[],
  config?: SuiteConfig,
): Promise<Suite> {
  const items: Item[] = [];
  const refused: Partial<Record<RefusalReason, number>> = {};
  const refusals: Refusal[] = [];
  const notes: Partial<Record<ItemNote, number>> = {};
  const counters = new Map<string, number>();
  const ids = new Set<string>();
  for (const record of records) {
    const place = placeOf(record, counters, defaultSource);
    const read = await readItem(record, place);
    const item = typeof read !== "string" && ids.has(read.id) ? "doubled-id" : read;
    if (typeof item === "string") {
      refused[item] = (refused[item] ?? 0) + 1;
      refusals.push({ reason: item, ...place });
      continue;
    }
    ids.add(item.id);
    items.push(item);
    for (const note of notesOf(item)) notes[note] = (notes[note] ?? 0) + 1;
  }
  if (items.length === 0) {
    const reasons = Object.entries(refused).map(([reason, count]) => `${reason}: ${count}`);
    throw new UserError(
      "empty-suite",
      records.length === 0 ? "the suite has no items" : `no usable item (${reasons.join(", ")})`,
      {
        file: path,
        remedy: 'Items look like {"question", "options": "(A) ...\\n(B) ...", "answer": "(A)", "source"}.',
      },
    );
  }
  const account = { read: records.length, refused, refusals, notes };
  return { path, hash, items, ...account, ...(config === undefined ? {} : { config }) };
}

/** The suites of a folder as one, in order of their names: XMedBench on the hub is a file a language. */
async function loadFolder(folder: string): Promise<Suite> {
  const names = (await readdir(folder)).filter((name) => /\.jsonl?$/u.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readText(join(folder, name))));
  const records = names.flatMap((file, i) => {
    const source = basename(file, extname(file));
    return parseRecords(join(folder, file), texts[i]!).map((record) =>
      isObject(record) && textField(record, "source") === "" ? { ...record, source } : record,
    );
  });
  return readSuite(folder, basename(folder), hashValue(texts.map(hashBytes)), records);
}

/** Only the items of `sources`, as a suite of its own. `UserError` when none of them is in it. */
export function pickSources(suite: Suite, sources: readonly string[]): Suite {
  const items = suite.items.filter(({ source }) => sources.includes(source));
  if (items.length === 0) {
    const found = [...new Set(suite.items.map(({ source }) => source))];
    throw new UserError("empty-suite", `holds none of ${sources.join(", ")}`, {
      file: suite.path,
      remedy: `It holds ${found.join(", ")}.`,
    });
  }
  return { ...suite, items, hash: hashValue([suite.hash, [...sources].sort()]) };
}

/** One record as an item of no suite, or why it is none. */
export function itemOf(record: unknown, defaultSource: string): Promise<Item | RefusalReason> {
  return readItem(record, placeOf(record, new Map(), defaultSource));
}

/** What is odd about an item. */
export function notesOf(item: Item): ItemNote[] {
  const notes: ItemNote[] = [];
  const texts = item.options.map((option) => optionText(option).toLowerCase());
  if (item.gold.length > 1) notes.push("multiple-gold");
  if (texts.includes("")) notes.push("empty-option");
  if (new Set(texts).size < texts.length) notes.push("doubled-option");
  return notes;
}

/** An option's text without the full stops that XMedBench's release appended to it. */
export function optionText(option: string): string {
  return option.replace(/\s*\.+\s*$/u, "").trim();
}

function parseRecords(path: string, text: string): unknown[] {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  const lines = trimmed.startsWith("{")
    ? trimmed.split("\n").filter((line) => line.trim() !== "")
    : [trimmed];
  const values = lines.map((line, i): unknown => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw new UserError("bad-json", `not valid JSON (${(error as Error).message})`, {
        file: path,
        ...(lines.length > 1 ? { at: `non-empty line ${i + 1}` } : {}),
        remedy: "The file may be cut off: fetch or write it again.",
        cause: error,
      });
    }
  });
  if (trimmed.startsWith("{")) return values;
  if (!Array.isArray(values[0])) {
    throw new UserError("bad-suite", `a list of items was expected, found ${typeof values[0]}`, {
      file: path,
      remedy: "A suite is a JSON list, or one JSON object a line.",
    });
  }
  return values[0];
}

/** The source and id of a record. Counted before anything is refused, so that ids do not move when a later version accepts more. */
function placeOf(
  record: unknown,
  counters: Map<string, number>,
  defaultSource: string,
): { readonly source: string; readonly id: string } {
  const source = textField(record, "source") || defaultSource;
  const number = counters.get(source) ?? 0;
  if (isObject(record)) counters.set(source, number + 1);
  return { source, id: textField(record, "id") || `${source}/${number}` };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function textField(record: unknown, name: string): string {
  const value = isObject(record) ? record[name] : undefined;
  return typeof value === "string" ? value.trim() : "";
}

async function readItem(
  record: unknown,
  place: { readonly source: string; readonly id: string },
): Promise<Item | RefusalReason> {
  if (!isObject(record)) return "not-an-object";
  const text = (name: string): string => textField(record, name);
  const question = text("question");
  if (question === "") return "no-question";
  const parsed = parseOptions(record.options);
  if (parsed === undefined) return "bad-options";
  if (parsed.length < 2) return "too-few-options";
  const letters = [...LETTERS.slice(0, parsed.length)];
  const answer = text("answer").match(/^\(?([A-Z]+)\)?$/u)?.[1];
  if (answer === undefined) return "bad-answer";
  const gold = [...new Set(answer)].map((letter) => letters.indexOf(letter)).sort((a, b) => a - b);
  if (gold[0]! < 0) return "gold-outside-options";
  const context = text("context");
  const subject = text("subject");
  const language = await itemLanguage({
    source: place.source,
    language: text("language"),
    text: `${question} ${parsed.join(" ")}`,
  });
  return {
    ...place,
    language,
    question,
    ...(context === "" ? {} : { context }),
    options: parsed,
    letters,
    gold,
    ...(subject === "" ? {} : { subject }),
    ...writtenOtherwise(record, question, parsed),
  };
}

/** Options as XMedBench writes them. */
export function writtenOptions(options: readonly string[]): string {
  return options.map((option, i) => `(${LETTERS[i]}) ${option}`).join("\n");
}

function writtenOtherwise(
  record: Record<string, unknown>,
  question: string,
  options: readonly string[],
): Pick<Item, "written"> {
  const written = { question: String(record.question), options: record.options };
  if (typeof written.options !== "string") return {};
  const same = written.question === question && written.options === writtenOptions(options);
  return same ? {} : { written: { question: written.question, options: written.options } };
}

/** Splits `"(A) x\n(B) y"` at letters that follow in order at a line's start; a list of texts is taken as it is. */
export function parseOptions(value: unknown): string[] | undefined {
  if (Array.isArray(value)) {
    if (value.length > LETTERS.length || !value.every((option) => typeof option === "string"))
      return undefined;
    return value.map((option: string) => option.replace(/^\s*\([A-Z]\)/u, "").trim());
  }
  if (typeof value !== "string") return undefined;
  const texts: string[] = [];
  for (const line of value.trim().split("\n")) {
    const next = `(${LETTERS[texts.length]})`;
    if (texts.length < LETTERS.length && line.trimStart().startsWith(next)) {
      texts.push(line.trimStart().slice(next.length).trim());
    } else if (texts.length === 0) {
      return undefined;
    } else {
      texts[texts.length - 1] = `${texts[texts.length - 1]}\n${line}`.trim();
    }
  }
  return texts;
}
