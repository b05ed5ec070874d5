// Clean: characters put right, frames of pages and repetitions taken out, personal data masked, what is too short or in another language dropped.
import { resolve } from "node:path";
import { matchingManifest, type ProgressFactory, silentProgress, UserError } from "../core/index.ts";
import { type ChangeNote, CLEAN_RULES, type CleanRule, isCodeCategory } from "./clean-change.ts";
import { type Cleaned, createCleaner, type LengthBounds, lengthBounds } from "./clean-document.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import { type Content, documentTexts } from "./document.ts";
import { readDocuments } from "./read-documents.ts";
import { commonKey, createLineCounter } from "./repeated-lines.ts";
import { describeFiles, makeStageFolder } from "./stage-folder.ts";

/** How to clean. */
export interface CleanOptions {
  /** Rules that are not applied. Default: none, all are. */
  readonly skip?: readonly CleanRule[];
  /** Bounds of lengths by language, over the default ones. */
  readonly bounds?: Readonly<Record<string, Partial<LengthBounds>>>;
  /** Called with up to `examples` changes of each reason; they are shown, never stored: they hold what was masked. */
  readonly show?: (example: CleanExample) => void;
  /** Examples of each reason. Default 0. With examples the work is done again even when `out` holds its result. */
  readonly examples?: number;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** A change, or a document dropped, for a person to look at. */
export interface CleanExample {
  readonly reason: string;
  readonly language: string;
  readonly document: string;
  readonly before: string;
  /** "" when it went. */
  readonly after: string;
}

/** What was done. */
export interface CleanResult {
  /** Documents looked at. */
  readonly documents: number;
  readonly kept: number;
  /** Kept documents that are not as they were. */
  readonly changed: number;
  /** Documents dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Changes in documents that stay, by reason: lines, turns, masks; texts for characters and white space. */
  readonly changes: Readonly<Record<string, number>>;
  /** The same changes by language. */
  readonly byLanguage: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const STAGE = "corpus clean";

/**
 * Copies the corpus in `folder` to `out`, cleaned. Ids stay, so that a document can be traced; what was done stands in each ledger line, dropped
 * documents in `dropped.jsonl`, lines that many documents share in `common-lines.jsonl`. Reads twice, memory does not grow with the corpus. The same
 * inputs give the same bytes; when `out` already holds them, nothing is done. `UserError` for unknown rules or an `out` that is read.
 */
export async function cleanCorpus(
  folder: string,
  out: string,
  options: CleanOptions = {},
): Promise<CleanResult> {
  const { skip = [], bounds = {}, show, examples = 0, progress = silentProgress, signal } = options;
  for (const rule of skip)
    if (!CLEAN_RULES.includes(rule))
      throw new UserError("unknown-rule", `no rule "${rule}"`, {
        remedy: `Rules: ${CLEAN_RULES.join(", ")}`,
      });
  if (resolve(folder) === resolve(out))
    throw new UserError("same-folder", "is read and would be replaced", {
      file: out,
      remedy: "Choose another folder for --out.",
    });
  const rules = new Set(CLEAN_RULES.filter((rule) => !skip.includes(rule)));
  const files = await findCorpusFiles([folder]);
  const recipe = { files: await describeFiles(files), rules: [...rules], bounds };
  const done = examples > 0 ? undefined : await matchingManifest(out, STAGE, recipe);
  if (done !== undefined) return done.result as CleanResult;

  return makeStageFolder(out, STAGE, recipe, async (target) => {
    const writer = target.corpus();
    const droppedLines = await target.lines("dropped.jsonl");
    const commonLines = await target.lines("common-lines.jsonl");
    const dropped: Record<string, number> = {};
    const changes: Record<string, number> = {};
    const byLanguage: Record<string, Record<string, number>> = {};
    const shown: Record<string, number> = {};
    let [documents, changed] = [0, 0];
    const bar = progress("clean", 2 * files.length, "files");
    for (const [f, { file, kind }] of files.entries()) {
      const { language } = kind;
      const counter = createLineCounter();
      if (rules.has("common-lines") && !isCodeCategory(kind.category))
        for await (const document of readDocuments(file, kind)) {
          signal?.throwIfAborted();
          counter.add(answersOf(document));
        }
      const common = counter.common();
      /** Common lines as they stood where they were met first, by key. */
      const met = new Map<number, string>();
      bar.update(2 * f + 1, `${documents} documents`);
      const clean = createCleaner(kind, {
        rules,
        bounds: { ...lengthBounds(language), ...bounds[language] },
        common,
      });
      for await (const document of readDocuments(file, kind)) {
        signal?.throwIfAborted();
        documents++;
        const { id, origin, decisions } = document;
        const example = (reason: string, before: string, after: string): void => {
          if (reason === "common-line") met.set(commonKey(before)!, met.get(commonKey(before)!) ?? before);
          if (show === undefined || (shown[reason] ?? 0) >= examples) return;
          count(shown, reason);
          show({ reason, language, document: id, before, after });
        };
        const cleaned = clean(document, example satisfies ChangeNote);
        if ("reason" in cleaned) {
          count(dropped, cleaned.reason);
          example(cleaned.reason, documentTexts(document).join("\n"), "");
          await droppedLines.write({ document: id, origin, reason: cleaned.reason });
          continue;
        }
        const done = Object.entries(cleaned.changes);
        if (done.length > 0) changed++;
        for (const [reason, n] of done) {
          count(changes, reason, n);
          byLanguage[language] ??= {};
          count(byLanguage[language], reason, n);
        }
        await writer.write({ ...document, ...cleaned.content, decisions: [...decisions, decide(cleaned)] });
      }
      for (const [key, line] of met)
        await commonLines.write({ category: kind.category, language, line, documents: common.get(key) });
      bar.update(2 * f + 2, `${documents} documents`);
    }
    bar.finish();
    const gone = Object.values(dropped).reduce((sum, n) => sum + n, 0);
    return {
      documents,
      kept: documents - gone,
      changed,
      dropped: sortCounts(dropped),
      changes: sortCounts(changes),
      byLanguage: Object.fromEntries(
        Object.entries(byLanguage).map(([code, counts]) => [code, sortCounts(counts)]),
      ),
    };
  });
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
