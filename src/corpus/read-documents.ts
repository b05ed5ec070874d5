// Reads the documents of a corpus file as a stream: Apollo's JSON arrays, or the same elements one a line. When a ledger
// stands beside the file, ids, origins and decisions come from it.
import { exists, readJsonLines, UserError } from "../core/index.ts";
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
export interface CorpusElement {
  readonly origin: Origin;
  readonly read: ContentOrReason;
}

/** Yields every element of a file, also those that hold no document. */
export async function* readElements(file: string, kind: CorpusFileKind): AsyncGenerator<CorpusElement> {
  const elements: AsyncIterable<JsonElement> = file.endsWith(".jsonl")
    ? readJsonLines(file)
    : readJsonArray(file);
  for await (const { value, start, end } of elements)
    yield { origin: { file, start, end }, read: readContent(value, kind.kind) };
}

/** A document and where it stands in the corpus; its own `origin` is the file that it was imported from. */
export interface PlacedDocument {
  readonly document: Document;
  readonly place: Origin;
}

/** Yields the documents of a file that an earlier step wrote, or of a clean file in Apollo's format. */
export async function* readDocuments(file: string, kind: CorpusFileKind): AsyncGenerator<Document> {
  for await (const { document } of readPlacedDocuments(file, kind)) yield document;
}

/** The same with their places in this file. */
export async function* readPlacedDocuments(
  file: string,
  kind: CorpusFileKind,
): AsyncGenerator<PlacedDocument> {
  const ledger = (await exists(ledgerPath(file))) ? readJsonLines(ledgerPath(file)) : undefined;
  for await (const { origin, read } of readElements(file, kind)) {
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
