// Stats: how much of each category there is in each language, as the table of the published corpus has it.
import { basename, join } from "node:path";
import {
  exists,
  MANIFEST_FILE,
  type Manifest,
  type ProgressFactory,
  readJson,
  readJsonLines,
  silentProgress,
  UserError,
} from "../core/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { type CorpusFileKind, findCorpusFiles, parseCorpusFileName } from "./corpus-files.ts";
import { count } from "./counts.ts";
import type { Curriculum } from "./curriculum.ts";
import { documentTexts } from "./document.ts";
import {
  DOCUMENTS_FILE,
  PACKED_FILE,
  type PackedDocument,
  type PackReport,
  sourceName,
} from "./packed-folder.ts";
import { readDocuments } from "./read-documents.ts";

/** How to count. */
export interface StatsOptions {
  /** Counts the tokens of a corpus; packed rows have theirs. */
  readonly tokenizer?: Tokenizer;
  /** The curriculum is wanted: what has none is refused before anything is counted. Default false. */
  readonly curriculum?: boolean;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** How much there is. */
export interface Amounts {
  readonly documents: number;
  /** Unicode characters (code points) of a corpus's texts; `undefined` for packed rows. */
  readonly characters: number | undefined;
  /**
   * Of a corpus: of its texts alone, `undefined` without a tokenizer. Of packed rows: as trained on, with prompts and ends, and
   * each document as often as its epochs say.
   */
  readonly tokens: number | undefined;
}

/** One cell of the table. */
export interface SourceStats extends Amounts {
  readonly category: string;
  readonly language: string;
}

/** The table and its sums. */
export interface CorpusStats extends Amounts {
  /** By category and language, both in alphabetical order. */
  readonly sources: readonly SourceStats[];
  /** Of packed rows: which sources come when. */
  readonly curriculum?: Curriculum;
}

const REMEDY = "Make packed rows with: apollo corpus pack CORPUS --tokenizer T --out DIR";

/** Counts what a corpus folder, or a folder of packed rows, holds. `UserError` when it is neither. */
export async function corpusStats(folder: string, options: StatsOptions = {}): Promise<CorpusStats> {
  const packed = (await exists(join(folder, PACKED_FILE))) ? await readReport(folder) : undefined;
  const curriculum = packed?.curriculum;
  if (options.curriculum && curriculum === undefined)
    throw new UserError("no-curriculum", "only packed rows have an order to draw", {
      file: folder,
      remedy: REMEDY,
    });
  const sources = await (packed === undefined
    ? corpusSources(folder, options)
    : packedSources(folder, packed.tokensBySource));
  return { ...sumUp(sources), ...(curriculum === undefined ? {} : { curriculum }) };
}

async function corpusSources(folder: string, options: StatsOptions): Promise<SourceStats[]> {
  const { tokenizer, progress = silentProgress, signal } = options;
  const files = await findCorpusFiles([folder]);
  const sources: SourceStats[] = [];
  const bar = progress("count", files.length, "files");
  for (const [f, { file, kind }] of files.entries()) {
    let documents = 0;
    let characters = 0;
    let tokens = 0;
    for await (const document of readDocuments(file, kind)) {
      signal?.throwIfAborted();
      documents++;
      for (const text of documentTexts(document)) {
        characters += countCharacters(text);
        if (tokenizer !== undefined) tokens += tokenizer.encode(text).length;
      }
      bar.update(f, `${documents} documents of ${basename(file)}`);
    }
    const { category, language } = kind;
    sources.push({
      category,
      language,
      documents,
      characters,
      tokens: tokenizer === undefined ? undefined : tokens,
    });
  }
  bar.finish();
  return sources;
}

async function readReport(folder: string): Promise<Pick<PackReport, "tokensBySource" | "curriculum">> {
  const file = join(folder, MANIFEST_FILE);
  const { result } = (await readJson(file)) as Manifest;
  const { tokensBySource, curriculum } = (result ?? {}) as Partial<PackReport>;
  if (tokensBySource === undefined)
    throw new UserError("bad-packed-rows", "says nothing about tokens by source", { file, remedy: REMEDY });
  return { tokensBySource, ...(curriculum === undefined ? {} : { curriculum }) };
}

async function packedSources(folder: string, tokens: PackReport["tokensBySource"]): Promise<SourceStats[]> {
  const documents: Record<string, number> = {};
  const kinds = new Map<string, CorpusFileKind>();
  for await (const { value } of readJsonLines(join(folder, DOCUMENTS_FILE))) {
    const kind = parseCorpusFileName((value as PackedDocument).file)!;
    const source = sourceName(kind);
    count(documents, source);
    kinds.set(source, kind);
  }
  return [...kinds].map(([source, { category, language }]) => ({
    category,
    language,
    documents: documents[source]!,
    characters: undefined,
    tokens: tokens[source] ?? 0,
  }));
}

/** Joins files of one category and language (texts and pairs), sorts, and adds up. */
function sumUp(parts: readonly SourceStats[]): CorpusStats {
  const sources = new Map<string, SourceStats>();
  for (const part of parts) {
    const known = sources.get(sourceName(part));
    sources.set(sourceName(part), known === undefined ? part : { ...known, ...add(known, part) });
  }
  const none: Amounts = { documents: 0, characters: 0, tokens: 0 };
  const sorted = [...sources.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, source]) => source);
  return { ...sorted.reduce(add, none), sources: sorted };
}

function add(a: Amounts, b: Amounts): Amounts {
  const sum = (x: number | undefined, y: number | undefined): number | undefined =>
    x === undefined || y === undefined ? undefined : x + y;
  return {
    documents: a.documents + b.documents,
    characters: sum(a.characters, b.characters),
    tokens: sum(a.tokens, b.tokens),
  };
}

function countCharacters(text: string): number {
  let pairs = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) pairs++;
  return text.length - pairs;
}
