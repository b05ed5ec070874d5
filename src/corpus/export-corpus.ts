// Export: a corpus in the formats that others read: Apollo's own files as they were published, `messages` as JSON Lines, Parquet.
import { join } from "node:path";
import { type AtomicFile, createAtomicFile, type ProgressFactory, silentProgress } from "../core/index.ts";
import { type CorpusFileKind, corpusFileName, findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import type { Document } from "./document.ts";
import { finishParquet } from "./export-parquet.ts";
import { readDocuments } from "./read-documents.ts";
import { describeFiles, makeOnce, refuseToReplace } from "./stage-folder.ts";

/** Formats that a corpus can be exported to. */
export const EXPORT_FORMATS = ["apollo", "messages", "parquet"] as const;
/** One of them. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How to export. */
export interface ExportOptions {
  readonly format: ExportFormat;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface ExportResult {
  readonly format: ExportFormat;
  readonly documents: number;
  /** Documents in each file. */
  readonly files: Readonly<Record<string, number>>;
}

const STAGE = "corpus export";

/**
 * Exports every document of the corpus folder `corpus` to the folder `out`, file by file, in the corpus's order:
 *
 * - `apollo`: `{category}_{language}_{text|qa}.json` and `{category}_{language}.json`, one array, two spaces deep, no line break at
 *   the end: byte for byte what Apollo published, as far as import dropped nothing.
 * - `messages`: `.jsonl`, a line `{"messages": [{"role": "user", "content": ...}, ...]}` each, or `{"text": ...}` for texts.
 * - `parquet`: columns `id`, `category`, `language`, and `messages` (a list of role and content) or `text`; Zstandard.
 *
 * The same corpus gives the same bytes. `UserError` when the folder holds no corpus or a broken one. Memory: one document.
 */
export async function exportCorpus(
  corpus: string,
  out: string,
  { format, progress = silentProgress, signal }: ExportOptions,
): Promise<ExportResult> {
  const files = await findCorpusFiles([corpus]);
  refuseToReplace(out, [corpus]);
  return makeOnce(out, STAGE, { format, files: await describeFiles(files) }, async (folder) => {
    const open = new Map<string, ExportFile>();
    const bar = progress("export", files.length, "files");
    const written: Record<string, number> = {};
    try {
      for (const [i, { file, kind }] of files.entries()) {
        for await (const document of readDocuments(file, kind)) {
          signal?.throwIfAborted();
          const name = exportName(kind, format);
          const target = open.get(name) ?? (await openExportFile(join(folder.path, name), format));
          open.set(name, target);
          await target.write(document);
          count(written, name);
        }
        bar.update(i + 1);
      }
      for (const target of open.values()) await target.commit();
    } catch (error) {
      for (const target of open.values()) await target.abort();
      throw error;
    }
    bar.finish();
    const documents = Object.values(written).reduce((a, b) => a + b, 0);
    return { format, documents, files: sortCounts(written) };
  });
}

function exportName(kind: CorpusFileKind, format: ExportFormat): string {
  const name = corpusFileName(kind);
  if (format === "apollo") return name;
  return name.replace(/\.json$/u, format === "messages" ? ".jsonl" : ".parquet");
}

interface ExportFile {
  write(document: Document): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Written at once. */
const BLOCK_CHARACTERS = 1 << 18;

async function openExportFile(path: string, format: ExportFormat): Promise<ExportFile> {
  // DuckDB writes the Parquet file from lines that are removed then.
  const linesPath = format === "parquet" ? `${path}.jsonl` : path;
  const file: AtomicFile = await createAtomicFile(linesPath);
  let block: string[] = [];
  let size = 0;
  let documents = 0;
  let longest = 0;
  let kind: Document["kind"] = "qa";
  const flush = async (): Promise<void> => {
    await file.write(block.join(""));
    block = [];
    size = 0;
  };
  return {
    async write(document) {
      kind = document.kind;
      const line =
        format === "apollo"
          ? `${documents === 0 ? "[\n  " : ",\n  "}${publishedElement(document)}`
          : `${JSON.stringify(exportRecord(document, format))}\n`;
      documents++;
      longest = Math.max(longest, line.length);
      block.push(line);
      size += line.length;
      if (size >= BLOCK_CHARACTERS) await flush();
    },
    async commit() {
      if (format === "apollo") block.push("\n]");
      await flush();
      await file.commit();
      // A UTF-16 unit takes at most three bytes.
      if (format === "parquet") await finishParquet(linesPath, path, { kind, longestLine: 3 * longest });
    },
    abort: () => file.abort(),
  };
}

/** An element as `json.dump(..., indent=2, ensure_ascii=False)` writes it within a list. */
function publishedElement(document: Document): string {
  const value = document.kind === "text" ? document.text : document.turns;
  return JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
}

function exportRecord(document: Document, format: ExportFormat): object {
  const { id, category, language } = document;
  const content =
    document.kind === "text"
      ? { text: document.text }
      : {
          messages: document.turns.map((turn, i) => ({
            role: i % 2 === 0 ? "user" : "assistant",
            content: turn,
          })),
        };
  return format === "parquet" ? { id, category, language, ...content } : content;
}
