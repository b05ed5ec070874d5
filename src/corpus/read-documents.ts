// Reads the documents of a corpus file as a stream: Apollo's JSON arrays, or the same elements one a line. When a ledger
// stands beside the file, ids, origins and decisions come from it.
import { exists, type JsonLinesPart, readJsonLines, UserError } from "../core/index.ts";
import { type CorpusFileKind, findCorpusFiles, ledgerPath } from "./corpus-files.ts";
import {
  type ContentOrReason,
  type Decision,
  type Document,
  documentId,
  type Origin,
  readContent,
} from "./document.ts";
import { type JsonElement, readJsonArray } from "./json-array.ts";

/** A line of a ledger. */
export interface LedgerEntry {
  readonly id: string;
  readonly origin: Origin;
  readonly language: string;
  readonly decisions: readonly Decision[];
}

/** An element of a corpus file: a document, or the reason why it is none. */
interface CorpusElement {
  readonly origin: Origin;
  readonly read: ContentOrReason;
}

/** A stretch of a corpus file, from the beginning of an element to the end of one. JSON. */
export interface FilePart {
  readonly from: number;
  /** The byte after the last element; absent: the file's end. */
  readonly to?: number;
  /** In JSON Lines, the number of the first line, from 1. */
  readonly line?: number;
  /** Where in the ledger the lines of its documents stand; absent where there is no ledger. */
  readonly ledger?: JsonLinesPart;
}

/** Yields every element of a file, or of a part of it, also those that hold no document. `path`: where it stands, if not under its name. */
async function* readElements(
  file: string,
  kind: CorpusFileKind,
  part?: FilePart,
  path = file,
): AsyncGenerator<CorpusElement> {
  const elements: AsyncIterable<JsonElement> = file.endsWith(".jsonl")
    ? readJsonLines(path, part && { from: part.from, to: part.to, line: part.line ?? 1 })
    : readJsonArray(path, part);
  for await (const { value, start, end } of elements)
    yield { origin: { file, start, end }, read: readContent(value, kind.kind) };
}

/** A document and where it stands in the corpus; its own `origin` is the file that it was imported from. */
export interface PlacedDocument {
  readonly document: Document;
  readonly place: Origin;
}

/** Yields the documents of a file that an earlier step wrote, or of a clean file in Apollo's format. */
export async function* readDocuments(
  file: string,
  kind: CorpusFileKind,
  part?: FilePart,
  path = file,
): AsyncGenerator<Document> {
  for await (const { document } of readPlacedDocuments(file, kind, part, path)) yield document;
}

/** The same with their places in this file. */
export async function* readPlacedDocuments(
  file: string,
  kind: CorpusFileKind,
  part?: FilePart,
  path = file,
): AsyncGenerator<PlacedDocument> {
  const hasLedger = part === undefined ? await exists(ledgerPath(path)) : part.ledger !== undefined;
  const ledger = hasLedger ? readJsonLines(ledgerPath(path), part?.ledger) : undefined;
  for await (const { origin, read } of readElements(file, kind, part, path)) {
    if (!("content" in read)) {
      throw new UserError("bad-document", `holds no document: ${read.reason}`, {
        file,
        at: `byte ${origin.start}`,
        remedy: "Bring it through `apollo corpus import` first, which drops and counts such elements.",
      });
    }
    const line = await ledger?.next();
    if (line?.done) throw ledgerTooShort(file, origin);
    const entry = line?.value.value as LedgerEntry | undefined;
    const { category, language, stage } = kind;
    const document: Document = {
      ...read.content,
      id: entry?.id ?? documentId(read.content),
      category,
      language,
      stage,
      origin: entry?.origin ?? origin,
      decisions: entry?.decisions ?? [],
    };
    yield { document, place: origin };
  }
}

function ledgerTooShort(file: string, origin: Origin): UserError {
  return new UserError("ledger-mismatch", "the ledger has fewer lines than the file has documents", {
    file: ledgerPath(file),
    at: `document at byte ${origin.start}`,
    remedy: "Remove the ledger if the file was edited, or import again.",
  });
}

/** Yields every document of a corpus folder, file by file. */
export async function* readCorpus(folder: string): AsyncGenerator<Document> {
  for (const { file, kind } of await findCorpusFiles([folder])) yield* readDocuments(file, kind);
}
