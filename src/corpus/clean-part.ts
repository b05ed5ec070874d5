// Cleaning of documents of one file, all or some of them: what is done by the whole stage on one machine, and by each of its tasks on many.
import type { JsonLinesWriter } from "../core/index.ts";
import { type ChangeNote, type CleanRule, isCodeCategory } from "./clean-change.ts";
import { type Cleaned, createCleaner, type LengthBounds, lengthBounds } from "./clean-document.ts";
import type { CorpusFileKind } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import { type Content, type Document, documentTexts } from "./document.ts";
import { loadLanguageDetector } from "./language-detector.ts";
import type { LineCounter } from "./line-counter.ts";
import { commonKey } from "./repeated-lines.ts";
import type { CorpusWriter } from "./write-corpus.ts";

/** What is applied. JSON. */
export interface CleanSetting {
  readonly rules: readonly CleanRule[];
  /** Bounds of lengths by language, over the default ones. */
  readonly bounds: Readonly<Record<string, Partial<LengthBounds>>>;
}

/** What was done so far. JSON. */
export interface CleanCounts {
  documents: number;
  changed: number;
  readonly dropped: Record<string, number>;
  readonly changes: Record<string, number>;
  readonly byLanguage: Record<string, Record<string, number>>;
}

/** Where cleaned documents go, and who is told. */
export interface CleanTarget {
  readonly writer: CorpusWriter;
  readonly dropped: JsonLinesWriter;
  readonly counts: CleanCounts;
  /** Called with every change, and every document dropped. */
  readonly tell?: (reason: string, document: Document, before: string, after: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Nothing done yet. */
export function createCleanCounts(): CleanCounts {
  return { documents: 0, changed: 0, dropped: {}, changes: {}, byLanguage: {} };
}

/** Adds what was done to later documents. */
export function addCleanCounts(sum: CleanCounts, part: CleanCounts): void {
  sum.documents += part.documents;
  sum.changed += part.changed;
  for (const [reason, n] of Object.entries(part.dropped)) count(sum.dropped, reason, n);
  for (const [reason, n] of Object.entries(part.changes)) count(sum.changes, reason, n);
  for (const [language, changes] of Object.entries(part.byLanguage)) {
    sum.byLanguage[language] ??= {};
    for (const [reason, n] of Object.entries(changes)) count(sum.byLanguage[language], reason, n);
  }
}

/** True for files whose common lines are looked for. */
export function countsLines(kind: CorpusFileKind, { rules }: CleanSetting): boolean {
  return rules.includes("common-lines") && !isCodeCategory(kind.category);
}

/** Counts the lines of documents of a file. */
export async function countLines(
  documents: AsyncIterable<Document>,
  counter: LineCounter,
  signal: AbortSignal | undefined,
): Promise<void> {
  for await (const document of documents) {
    signal?.throwIfAborted();
    counter.add(answersOf(document));
  }
}

/** Cleans documents of a file; gives the common lines that were taken out, as they stood where they were met first, by key. */
export async function cleanDocuments(
  documents: AsyncIterable<Document>,
  kind: CorpusFileKind,
  common: ReadonlyMap<number, number>,
  { rules, bounds }: CleanSetting,
  { writer, dropped, counts, tell, signal }: CleanTarget,
): Promise<Map<number, string>> {
  const { language } = kind;
  const met = new Map<number, string>();
  if (rules.includes("language")) await loadLanguageDetector();
  const clean = createCleaner(kind, {
    rules: new Set(rules),
    bounds: { ...lengthBounds(language), ...bounds[language] },
    common,
  });
  for await (const document of documents) {
    signal?.throwIfAborted();
    counts.documents++;
    const { id, origin, decisions } = document;
    const note: ChangeNote = (reason, before, after) => {
      if (reason === "common-line") met.set(commonKey(before)!, met.get(commonKey(before)!) ?? before);
      tell?.(reason, document, before, after);
    };
    const cleaned = clean(document, note);
    if ("reason" in cleaned) {
      count(counts.dropped, cleaned.reason);
      tell?.(cleaned.reason, document, documentTexts(document).join("\n"), "");
      await dropped.write({ document: id, origin, reason: cleaned.reason });
      continue;
    }
    const done = Object.entries(cleaned.changes);
    if (done.length > 0) counts.changed++;
    for (const [reason, n] of done) {
      count(counts.changes, reason, n);
      counts.byLanguage[language] ??= {};
      count(counts.byLanguage[language], reason, n);
    }
    await writer.write({ ...document, ...cleaned.content, decisions: [...decisions, decide(cleaned)] });
  }
  return met;
}

/** The texts in which lines of a page's frame may stand. */
function answersOf(content: Content): readonly string[] {
  return content.kind === "text" ? [content.text] : content.turns.filter((_, t) => t % 2 === 1);
}

/** The ledger's word on a document that stays. */
function decide({ changes }: Cleaned): { step: string; decision: "keep"; reason?: string } {
  const reason = Object.entries(sortCounts(changes))
    .map(([name, n]) => `${name} ${n}`)
    .join("; ");
  return { step: "clean", decision: "keep", ...(reason === "" ? {} : { reason }) };
}
