// Names of corpus files, as ApolloCorpus has them: `{category}_{language}_{text|qa}.json` for pretraining,
// `{category}_{language}.json` for instructions; and the names of its published samples, `Medical_Book_en_sampled.json`.
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { asFileError, exists, isFolder, MANIFEST_FILE, UserError } from "../core/index.ts";
import type { Content, Stage } from "./document.ts";

/** What a file's name says about its documents. */
export interface CorpusFileKind {
  readonly category: string;
  readonly language: string;
  readonly kind: Content["kind"];
  readonly stage: Stage;
}

/** Categories that the published corpus keeps among its pretraining files; sampled names do not say. */
const PRETRAINING_CATEGORIES = new Set([
  "medicalBook",
  "medicalGuideline",
  "medicalPaper",
  "medicalWeb",
  "medicalWiki",
]);

/** Ends of files that stand beside corpus files and are none. */
const COMPANIONS = [
  MANIFEST_FILE,
  ".ledger.jsonl",
  "dropped.jsonl",
  "clusters.jsonl",
  "common-lines.jsonl",
  "apart.jsonl",
  "flagged.jsonl",
  "generated.jsonl",
  "rejected.jsonl",
  ".requests.jsonl",
  ".review.jsonl",
];

/** True for the name of a file that stands beside corpus files and is none. */
export function isCompanion(name: string): boolean {
  return COMPANIONS.some((end) => name.endsWith(end));
}

const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });

/** True for the languages that names of corpus files can tell: those with a code of two letters. */
export function isCorpusLanguage(code: string): boolean {
  return /^[a-z]{2}$/u.test(code) && languageNames.of(code) !== undefined;
}

/** A category as names of corpus files have it: `Medical_Book` is `medicalBook`. `UserError` when no file can be called so. */
export function parseCategory(name: string): string {
  const category = camelCase(name);
  if (/^[\p{L}\p{N}][\p{L}\p{M}\p{N}.+-]*$/u.test(category)) return category;
  throw new UserError("bad-category", `a category "${name}" cannot be part of a file's name`, {
    remedy: "Expected letters, digits, hyphens and dots, such as medicalBook.",
  });
}

/** Reads a file's name; `undefined` when it follows none of the patterns. A part between language and kind is ignored. */
export function parseCorpusFileName(path: string): CorpusFileKind | undefined {
  const stem = basename(path).replace(/\.jsonl?$/u, "");
  const match = /^(.+)_(?!qa(?:_|$))([a-z]{2})(?:_[A-Za-z0-9]+)*?(?:_(text|qa))?(_sampled)?$/u.exec(stem);
  const [, name, language, kind, sampled] = match ?? [];
  if (name === undefined || language === undefined || !isCorpusLanguage(language)) return undefined;
  const category = camelCase(name);
  const pretraining = kind !== undefined || (sampled !== undefined && PRETRAINING_CATEGORIES.has(category));
  return {
    category,
    language,
    kind: kind === "text" ? "text" : "qa",
    stage: pretraining ? "pretrain" : "sft",
  };
}

/** The name of the file that holds such documents. */
export function corpusFileName({ category, language, kind, stage }: CorpusFileKind): string {
  return stage === "sft" ? `${category}_${language}.json` : `${category}_${language}_${kind}.json`;
}

/** The ledger beside a corpus file. */
export function ledgerPath(file: string): string {
  return file.replace(/\.jsonl?$/u, ".ledger.jsonl");
}

/**
 * The corpus files among `inputs` with what they hold: files as given, folders by name, not their sub-folders. `UserError` when
 * a name does not tell what is in it, or nothing is found.
 */
export async function findCorpusFiles(
  inputs: readonly string[],
): Promise<{ readonly file: string; readonly kind: CorpusFileKind }[]> {
  const found: { file: string; kind: CorpusFileKind }[] = [];
  for (const input of inputs) {
    const before = found.length;
    for (const file of await listFiles(input)) {
      const kind = parseCorpusFileName(file);
      if (kind === undefined) throw unknownName(file);
      found.push({ file, kind });
    }
    if (found.length === before) {
      throw new UserError("empty-folder", "holds no corpus file (*.json, *.jsonl)", {
        file: input,
        remedy: "Expected files such as medicalBook_en_qa.json.",
      });
    }
  }
  return found;
}

async function listFiles(input: string): Promise<string[]> {
  if (!(await isFolder(input))) {
    if (!(await exists(input))) throw asFileError({ code: "ENOENT" }, input);
    return [input];
  }
  const names = await readdir(input);
  return names
    .filter((name) => /\.jsonl?$/u.test(name) && !isCompanion(name))
    .sort()
    .map((name) => join(input, name));
}

function unknownName(file: string): UserError {
  return new UserError("unknown-file-name", "the name does not tell category and language", {
    file,
    remedy:
      "Expected {category}_{language}_{text|qa}.json or {category}_{language}.json; `apollo corpus import` brings other files in.",
  });
}

/** `Medical_Book` -> `medicalBook`; `medicalBook` stays. */
function camelCase(name: string): string {
  const [first = "", ...rest] = name.split("_").filter((part) => part !== "");
  const parts = [`${first.charAt(0).toLowerCase()}${first.slice(1)}`];
  for (const part of rest) parts.push(`${part.charAt(0).toUpperCase()}${part.slice(1)}`);
  return parts.join("");
}
