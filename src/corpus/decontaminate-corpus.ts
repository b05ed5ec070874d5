// Decontaminate: documents that hold items of an exam are put aside with the evidence, for a person to judge.
import { join } from "node:path";
import {
  hashValue,
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
import { makeOnce, refuseToReplace, type StageFolder } from "./stage-folder.ts";
import { describeCorpus, removeTasks } from "./stage-tasks.ts";

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
  refuseToReplace(out, [folder, ...suites]);
  const files = await findCorpusFiles([folder]);
  const items = await readExamItems(suites);
  const verdicts = await readVerdicts(out);
  const { described, divided } = await describeCorpus(files, out, options);
  const recipe = {
    files: described,
    items: hashValue(items),
    rule,
    compare,
    verdicts: [...verdicts.values()],
  };
  const setting: DecontaminateSetting = { rule, compare };
  const report = await makeOnce(out, STAGE, recipe, async (target): Promise<Report> => {
    const finder = createFinder(rule, items);
    const counts =
      divided === undefined
        ? await decontaminateHere(files, { ...setting, items, verdicts, finder }, target, progress, signal)
        : await decontaminateInTasks(
            divided,
            { ...setting, suites, items: recipe.items, verdicts },
            target.path,
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
  if (divided !== undefined) await removeTasks(out, DECONTAMINATE_TASK_FOLDERS);
  const { items: _, unmatchableItems: __, ...result } = report;
  return { ...result, evidence: join(out, "flagged.jsonl") };
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
