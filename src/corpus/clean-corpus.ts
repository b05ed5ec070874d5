// Clean: characters put right, frames of pages and repetitions taken out, personal data masked, what is too short or in another language dropped.
import { join } from "node:path";
import { type ProgressFactory, silentProgress, type TaskOptions, UserError } from "../core/index.ts";
import { CLEAN_RULES, type CleanRule } from "./clean-change.ts";
import type { LengthBounds } from "./clean-document.ts";
import {
  type CleanCounts,
  type CleanSetting,
  cleanDocuments,
  countLines,
  countsLines,
  createCleanCounts,
} from "./clean-part.ts";
import { CLEAN_TASK_FOLDERS, cleanInTasks } from "./clean-tasks.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import { createLineCounter } from "./line-counter.ts";
import { readDocuments } from "./read-documents.ts";
import { makeOnce, makeStageFolder, refuseToReplace, type StageFolder } from "./stage-folder.ts";
import { describeCorpus, removeTasks } from "./stage-tasks.ts";

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
  /** Divides the work; the result is the same to the byte. Default: this process does it. */
  readonly tasks?: TaskOptions;
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
  const { skip = [], bounds = {}, examples = 0 } = options;
  for (const rule of skip)
    if (!CLEAN_RULES.includes(rule))
      throw new UserError("unknown-rule", `no rule "${rule}"`, {
        remedy: `Rules: ${CLEAN_RULES.join(", ")}`,
      });
  refuseToReplace(out, [folder]);
  if (options.tasks !== undefined && examples > 0)
    throw new UserError(
      "bad-option",
      "examples are shown by a single process: leave out the tasks, or the examples",
    );
  const rules = CLEAN_RULES.filter((rule) => !skip.includes(rule));
  const setting: CleanSetting = { rules, bounds };
  const files = await findCorpusFiles([folder]);
  const { described, divided } = await describeCorpus(files, out, options);
  const make = examples > 0 ? makeStageFolder : makeOnce;
  const result = await make(out, STAGE, { files: described, rules, bounds }, async (target) =>
    toResult(
      divided === undefined
        ? await cleanHere(files, setting, target, options)
        : await cleanInTasks(divided, setting, target.path),
    ),
  );
  if (divided !== undefined) await removeTasks(out, CLEAN_TASK_FOLDERS);
  return result;
}

/** Cleans file by file in this process. */
async function cleanHere(
  files: Awaited<ReturnType<typeof findCorpusFiles>>,
  setting: CleanSetting,
  target: StageFolder,
  { show, examples = 0, progress = silentProgress, signal }: CleanOptions,
): Promise<CleanCounts> {
  const writer = target.corpus();
  const dropped = await target.lines("dropped.jsonl");
  const commonLines = await target.lines("common-lines.jsonl");
  const counts = createCleanCounts();
  const shown: Record<string, number> = {};
  const bar = progress("clean", 2 * files.length, "files");
  for (const [f, { file, kind }] of files.entries()) {
    const { category, language } = kind;
    const counter = createLineCounter(join(target.path, "lines.scratch"));
    if (countsLines(kind, setting)) await countLines(readDocuments(file, kind), counter, signal);
    const common = counter.common();
    bar.update(2 * f + 1, `${counts.documents} documents`);
    const met = await cleanDocuments(readDocuments(file, kind), kind, common, setting, {
      writer,
      dropped,
      counts,
      signal,
      tell(reason, document, before, after) {
        if (show === undefined || (shown[reason] ?? 0) >= examples) return;
        count(shown, reason);
        show({ reason, language, document: document.id, before, after });
      },
    });
    for (const [key, line] of met)
      await commonLines.write({ category, language, line, documents: common.get(key) });
    bar.update(2 * f + 2, `${counts.documents} documents`);
  }
  bar.finish();
  return counts;
}

function toResult({ documents, changed, dropped, changes, byLanguage }: CleanCounts): CleanResult {
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
}
