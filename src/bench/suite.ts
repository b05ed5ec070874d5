// A suite: multiple-choice items in XMedBench's released JSON, checked and typed. What cannot be scored is refused with a
// counted reason; what is odd but usable is kept and counted as a note.
import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { hashBytes, hashValue, isFolder, readText, UserError } from "../core/index.ts";
import {
  type Item,
  type ItemNote,
  isObject,
  notesOf,
  placeOf,
  type RefusalReason,
  readItem,
  textField,
} from "./item.ts";
import {
  configHash,
  isSuiteConfig,
  loadSuiteConfig,
  readConfigured,
  type SuiteConfig,
} from "./suite-config.ts";

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
  if (names.length === 0)
    throw new UserError("empty-suite", "holds no suite file (*.json, *.jsonl)", {
      file: folder,
      remedy: "Name a suite's file, or the folder that its files are in.",
    });
  const texts = await Promise.all(names.map((name) => readText(join(folder, name))));
  const records = names.flatMap((file, i) => {
    const source = basename(file, extname(file));
    return parseRecords(join(folder, file), texts[i]!).map((record) =>
      isObject(record) && textField(record, "source") === "" ? { ...record, source } : record,
    );
  });
  return readSuite(folder, basename(folder), hashValue(texts.map(hashBytes)), records);
}

/** Which items of a suite are wanted: all where nothing is named. */
export interface Selection {
  readonly sources?: readonly string[];
  readonly languages?: readonly string[];
}

/** Only the items of some sources and languages, as a suite of its own. `UserError` for a name that the suite knows nothing of, and when none is left. */
export function pickItems(suite: Suite, { sources = [], languages = [] }: Selection): Suite {
  if (sources.length === 0 && languages.length === 0) return suite;
  const refuse = (what: string, found: readonly string[]): never => {
    throw new UserError("empty-suite", `holds no item of ${what}`, {
      file: suite.path,
      remedy: `It holds ${[...new Set(found)].join(", ")}.`,
    });
  };
  const known = {
    sources: suite.items.map(({ source }) => source),
    languages: suite.items.map(({ language }) => language),
  };
  for (const name of sources) if (!known.sources.includes(name)) refuse(`the source ${name}`, known.sources);
  for (const name of languages)
    if (!known.languages.includes(name)) refuse(`the language ${name}`, known.languages);
  const items = suite.items.filter(
    ({ source, language }) =>
      (sources.length === 0 || sources.includes(source)) &&
      (languages.length === 0 || languages.includes(language)),
  );
  if (items.length === 0) refuse(`${sources.join(", ")} in ${languages.join(", ")}`, known.sources);
  return { ...suite, items, hash: hashValue([suite.hash, [...sources].sort(), [...languages].sort()]) };
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
