// The files to import: those given, and those in folders and zip files; what their names, and the names of their folders, tell.
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { asFileError, exists, isFolder, MANIFEST_FILE, UserError } from "../core/index.ts";
import {
  type CorpusFileKind,
  isCompanion,
  isCorpusLanguage,
  parseCategory,
  parseCorpusFileName,
} from "./corpus-files.ts";
import { type InputContent, type InputPlace, openContent, packingOf, zipEntries } from "./input-content.ts";
import { detectFormat, formatOfName, type InputFormat, stemOf } from "./input-format.ts";
import { findMembers, isMergedFiles } from "./json-members.ts";

/** What is said about all files; the rest is read off names and contents. */
export interface InputOptions extends Partial<CorpusFileKind> {
  /** Default: by name and content. */
  readonly format?: InputFormat;
  /** A label of the WHATWG Encoding Standard. Default: by content. */
  readonly encoding?: string;
  /** What a file is to be called in errors and in the corpus. Default: its path. */
  readonly nameOf?: (path: string) => string;
  /** Files whose format nobody can tell are told of, and the rest is found, instead of ending with an error. Default false. */
  readonly keepGoing?: boolean;
}

/** A file to import. `kind` is absent where each record tells it. */
export interface InputFile {
  readonly content: Omit<InputContent, "head">;
  readonly format: InputFormat;
  readonly hint: Omit<CorpusFileKind, "kind" | "language"> &
    Partial<Pick<CorpusFileKind, "kind" | "language">>;
}

/** What was found. */
export interface FoundInputs {
  readonly files: readonly InputFile[];
  /** Files of folders that hold no data, by reason. */
  readonly skipped: Readonly<Record<string, readonly string[]>>;
  /** Files that were given, or look like data, and are of no format that is known; none unless `keepGoing` let them pass. */
  readonly unknown: readonly { readonly file: string; readonly entry?: string; readonly error: UserError }[];
}

/** Names of files that tell about data and are none. */
const ABOUT_DATA = /^(?:readme|licen[cs]e|copying|notice|authors|changelog|contributing)\b/iu;

/** Category and language of formats that belong to one data set. */
const FORMAT_KINDS: Readonly<Partial<Record<InputFormat, { category: string; language?: string }>>> = {
  // Questions and answers from health web pages of the NIH, all in English.
  medquad: { category: "medicalWeb", language: "en" },
  // Each unit names its languages.
  tmx: { category: "translation" },
};

/**
 * The files among `inputs`: files as given, folders with their sub-folders (but not those of a corpus that Apollo made), zip
 * files entry by entry; in alphabetical order. `UserError` when nothing is found, or category and language cannot be told.
 */
export async function findInputs(inputs: readonly string[], given: InputOptions = {}): Promise<FoundInputs> {
  const options = checkOptions(given);
  const files: InputFile[] = [];
  const skipped: Record<string, string[]> = {};
  const unknown: { file: string; entry?: string; error: UserError }[] = [];
  for (const input of inputs) {
    if (!(await exists(input))) throw asFileError({ code: "ENOENT" }, input);
    const before = files.length + unknown.length;
    const folder = await isFolder(input);
    for (const file of folder ? await listFiles(input, skipped) : [input]) {
      for (const place of await placesOf(file, folder, skipped, options))
        try {
          files.push(await describe(place, input, options));
        } catch (error) {
          if (!(options.keepGoing && error instanceof UserError && error.code === "unknown-format"))
            throw error;
          unknown.push({ ...place, error });
        }
    }
    if (files.length + unknown.length === before) {
      throw new UserError("empty-folder", "holds no file that can be imported", {
        file: input,
        remedy: "Expected .json, .jsonl, .csv, .parquet, .xml, .tmx, .txt or .md, packed or not.",
      });
    }
  }
  return { files, skipped, unknown };
}

function checkOptions(options: InputOptions): InputOptions {
  const { category, language } = options;
  if (language !== undefined && !isCorpusLanguage(language))
    throw new UserError("bad-language", `no language has the code "${language}"`, {
      remedy: "Expected a code of two letters (ISO 639-1), such as en or zh.",
    });
  return category === undefined ? options : { ...options, category: parseCategory(category) };
}

async function describe(place: InputPlace, input: string, options: InputOptions): Promise<InputFile> {
  const opened = await openContent(place, options.encoding);
  const format = options.format ?? detectFormat(opened);
  // Thousands of beginnings would fill the memory.
  const { head: _, ...content } = opened;
  const named = namedKind(content.name, input);
  const known = FORMAT_KINDS[format];
  const category = options.category ?? named?.category ?? known?.category;
  const language = options.language ?? named?.language ?? known?.language;
  if (category === undefined || (language === undefined && format !== "tmx")) throw unknownName(content.name);
  const isText = format === "text" || format === "markdown";
  const kind = options.kind ?? (isText ? "text" : named?.kind);
  // A text file can only be written as a pretraining file.
  const stage = kind === "text" ? "pretrain" : (options.stage ?? named?.stage ?? "pretrain");
  const hint = {
    category,
    stage,
    ...(language === undefined ? {} : { language }),
    ...(kind === undefined ? {} : { kind }),
  };
  const name = options.nameOf?.(content.name) ?? content.name;
  return { content: { ...content, name }, format, hint };
}

/** What a file's name tells, or else the name of the nearest folder above it, up to the input. */
function namedKind(name: string, input: string): CorpusFileKind | undefined {
  for (let path = name; ; path = dirname(path)) {
    const kind = parseCorpusFileName(stemOf(path));
    if (kind !== undefined || path === input || dirname(path) === path) return kind;
  }
}

/** A file as it is, the entries of a zip file, or the members of an object that corpus files were merged into. */
async function placesOf(
  file: string,
  found: boolean,
  skipped: Record<string, string[]>,
  options: InputOptions,
): Promise<InputPlace[]> {
  const packing = await packingOf(file);
  if (packing === "none" && formatOfName(file) === "json") {
    const { head, blocks, plain } = await openContent({ file }, options.encoding);
    if (plain && isMergedFiles(head))
      return (await findMembers(blocks())).map(({ name, ...range }) => ({ file, entry: name, range }));
  }
  if (packing !== "zip") return [{ file }];
  const places: InputPlace[] = [];
  for (const entry of (await zipEntries(file)).sort()) {
    const reason = options.format === undefined ? whyNoData(entry) : undefined;
    if (reason === undefined) places.push({ file, entry });
    else skip(skipped, reason, `${file}/${entry}`);
  }
  if (places.length === 0 && !found) {
    throw new UserError("empty-folder", "the zip file holds nothing that can be imported", {
      file,
      remedy: "Expected entries such as medicalBook_en_qa.json or all.en-fr.tmx.",
    });
  }
  return places;
}

async function listFiles(folder: string, skipped: Record<string, string[]>): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  // A corpus of ours has its quarantine in a sub-folder.
  const ours = entries.some((entry) => entry.name === MANIFEST_FILE);
  const files: string[] = [];
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, name);
    if (name.startsWith(".") || isCompanion(name)) continue;
    if (await isFolder(path)) {
      if (!ours) files.push(...(await listFiles(path, skipped)));
      continue;
    }
    const reason = /\.zip$/iu.test(name) ? undefined : whyNoData(name);
    if (reason === undefined) files.push(path);
    else skip(skipped, reason, path);
  }
  return files;
}

/** Why a file of a folder is left alone; `undefined` when it is not. */
function whyNoData(name: string): string | undefined {
  if (ABOUT_DATA.test(basename(name))) return "about-the-data";
  return formatOfName(name) === undefined ? "unknown-format" : undefined;
}

function skip(skipped: Record<string, string[]>, reason: string, file: string): void {
  skipped[reason] ??= [];
  skipped[reason].push(file);
}

function unknownName(file: string): UserError {
  return new UserError("unknown-file-name", "the name does not tell category and language", {
    file,
    remedy:
      "Name it, or its folder, {category}_{language}_{text|qa} or {category}_{language}, or give --category and --language.",
  });
}
