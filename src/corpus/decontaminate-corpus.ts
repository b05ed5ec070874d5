// Decontaminate: documents that hold items of an exam are put aside with the evidence, for a person to judge.
import { join } from "node:path";
import {
  hashValue,
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  type TaskOptions,
  UserError,
} from "../core/index.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { sortCounts } from "./counts.ts";
import {
  createFinder,
  createPartDecontaminator,
  DECONTAMINATION_RULES,
  type DecontaminateSetting,
  type DecontaminationRule,
  type LeakCounts,
  type RuleCount,
} from "./decontaminate-part.ts";
import { DECONTAMINATE_TASK_FOLDERS, decontaminateInTasks } from "./decontaminate-tasks.ts";
import { readExamItems } from "./exam-suite.ts";
import { readVerdicts, type Verdict } from "./leak-verdicts.ts";
import { readDocuments } from "./read-documents.ts";
import { describeFiles, makeStageFolder, type StageFolder } from "./stage-folder.ts";
import { divideCorpus, removeTasks } from "./stage-tasks.ts";

/** How to decontaminate. */
export interface DecontaminateOptions {
  /** The rule by which documents are put aside. Default `"adaptive"`. */
  readonly rule?: DecontaminationRule;
  /** Count what each of the rules would flag, side by side. Default false. */
  readonly compare?: boolean;
  /** Divides the work; the result is the same to the byte. Default: this process does it. */
  readonly tasks?: TaskOptions;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** What was found. */
export interface DecontaminateResult {
  /** Documents looked at. */
  readonly documents: number;
  /** Documents that hold items, those a person has judged since among them. */
  readonly flagged: number;
  /** The same by the strongest rule that holds for each. */
  readonly byRule: Readonly<Record<string, number>>;
  readonly byLanguage: Readonly<Record<string, number>>;
  /** What a person decided on flagged documents: kept ones are back in the corpus, dropped ones are gone. */
  readonly reviewed: Readonly<Record<Verdict, number>>;
  /** Path of `flagged.jsonl`: `{document, item, source, rule, match}`, one line an item found in a document. */
  readonly evidence: string;
  /** With `compare`: each rule's counts. */
  readonly compared?: readonly RuleCount[];
}

const STAGE = "corpus decontaminate";

/**
 * Copies the corpus in `folder` to `out` without the documents that hold items of `suites` (files or folders in XMedBench's
 * format); those go to `out/quarantine`, itself a corpus, with the evidence in `out/flagged.jsonl`. Documents that were judged with
 * `reviewLeaks` are kept or go to `dropped.jsonl` instead. The same inputs give the same bytes; when `out` already holds them,
 * nothing is done.
 */
export async function decontaminateCorpus(
  folder: string,
  suites: readonly string[],
  out: string,
  options: DecontaminateOptions = {},
): Promise<DecontaminateResult> {
  const { rule = "adaptive", compare = false, progress = silentProgress, signal } = options;
  if (!DECONTAMINATION_RULES.includes(rule))
    throw new UserError("unknown-rule", `no rule "${rule}"`, {
      remedy: `Rules: ${DECONTAMINATION_RULES.join(", ")}`,
    });
  const files = await findCorpusFiles([folder]);
  const items = await readExamItems(suites);
  const verdicts = await readVerdicts(out);
  const tasks = options.tasks === undefined ? undefined : { ...options.tasks, progress, signal };
  const divided = tasks === undefined ? undefined : await divideCorpus(files, out, tasks);
  const recipe = {
    files: divided?.described ?? (await describeFiles(files)),
    items: hashValue(items),
    rule,
    compare,
    verdicts: [...verdicts.values()],
  };
  const evidence = join(out, "flagged.jsonl");
  const done = await matchingManifest(out, STAGE, recipe);
  if (done !== undefined) {
    if (tasks !== undefined) await removeTasks(out, DECONTAMINATE_TASK_FOLDERS);
    return pickResult(done.result as Report, evidence);
  }

  const setting: DecontaminateSetting = { rule, compare };
  const report = await makeStageFolder(out, STAGE, recipe, async (target): Promise<Report> => {
    const finder = createFinder(rule, items);
    const counts =
      tasks === undefined || divided === undefined
        ? await decontaminateHere(files, { ...setting, items, verdicts, finder }, target, progress, signal)
        : await decontaminateInTasks(
            divided,
            { ...setting, suites, items: recipe.items, verdicts },
            out,
            target.path,
            tasks,
          );
    const { documents, flagged, byRule, byLanguage, reviewed, compared } = counts;
    return {
      documents,
      flagged,
      byRule: sortCounts(byRule),
      byLanguage: sortCounts(byLanguage),
      reviewed,
      ...(compared === undefined
        ? {}
        : { compared: compared.map((one) => ({ ...one, byLanguage: sortCounts(one.byLanguage) })) }),
      items: items.length,
      unmatchableItems: finder.unmatchable,
    };
  });
  if (tasks !== undefined) await removeTasks(out, DECONTAMINATE_TASK_FOLDERS);
  return pickResult(report, evidence);
}

/** Looks through all files in this process. */
async function decontaminateHere(
  files: Awaited<ReturnType<typeof findCorpusFiles>>,
  setting: Parameters<typeof createPartDecontaminator>[0],
  target: StageFolder,
  progress: ProgressFactory,
  signal: AbortSignal | undefined,
): Promise<LeakCounts> {
  const part = createPartDecontaminator(setting, {
    clean: target.corpus(),
    quarantine: target.corpus("quarantine"),
    flagged: await target.lines("flagged.jsonl"),
    dropped: await target.lines("dropped.jsonl"),
  });
  const bar = progress("decontaminate", files.length, "files");
  for (const [f, { file, kind }] of files.entries())
    for await (const document of readDocuments(file, kind)) {
      signal?.throwIfAborted();
      await part.add(document);
      bar.update(f, `${part.counts.documents} documents`);
    }
  bar.finish();
  return part.counts;
}

/** The manifest says more than the result: how many items there were, and which are too short to look for. */
type Report = Omit<DecontaminateResult, "evidence"> & { items: number; unmatchableItems: number };

function pickResult(
  { items: _, unmatchableItems: __, ...result }: Report,
  evidence: string,
): DecontaminateResult {
  return { ...result, evidence };
}
