// Decontamination divided into tasks: each looks through its part for all items.
import { join, resolve } from "node:path";
import type { TaskCall } from "../core/index.ts";
import {
  addLeakCounts,
  createFinder,
  createPartDecontaminator,
  type DecontaminateSetting,
  type LeakCounts,
} from "./decontaminate-part.ts";
import { readExamItems } from "./exam-suite.ts";
import { joinCorpora, joinLists } from "./join-parts.ts";
import type { VerdictLine } from "./leak-verdicts.ts";
import { fillFolder } from "./stage-folder.ts";
import { type CorpusPart, checkUnchanged, type DividedCorpus, readPart, runOnParts } from "./stage-tasks.ts";

/** Names of the folders in which tasks of decontamination live. */
export const DECONTAMINATE_TASK_FOLDERS = ["index", "decontaminate"] as const;

/** The stage of the tasks. */
export const DECONTAMINATE_PART_STAGE = "corpus decontaminate";

/** What a task needs beside its part. JSON. */
interface DecontaminateCommon extends DecontaminateSetting {
  /** Absolute paths. */
  readonly suites: readonly string[];
  /** Hash of the items that are in them. */
  readonly items: string;
  readonly verdicts: readonly (readonly [document: string, line: VerdictLine])[];
}

/** Looks through a divided corpus; the folder `target` is being made for `out`. */
export async function decontaminateInTasks(
  corpus: DividedCorpus,
  setting: DecontaminateSetting & {
    readonly suites: readonly string[];
    readonly items: string;
    readonly verdicts: ReadonlyMap<string, VerdictLine>;
  },
  target: string,
): Promise<LeakCounts> {
  const { rule, compare, suites, items, verdicts } = setting;
  const common: DecontaminateCommon = {
    rule,
    compare,
    suites: suites.map((suite) => resolve(suite)),
    items,
    verdicts: [...verdicts],
  };
  const { folders, results } = await runOnParts<LeakCounts>(
    corpus,
    "decontaminate",
    DECONTAMINATE_PART_STAGE,
    common,
    common.suites,
  );
  await joinCorpora(folders, target);
  await joinCorpora(
    folders.map((folder) => join(folder, QUARANTINE)),
    join(target, QUARANTINE),
  );
  for (const name of ["flagged.jsonl", "dropped.jsonl"]) await joinLists(folders, name, target);
  return addLeakCounts(results);
}

const QUARANTINE = "quarantine";

/** Looks through a part. */
export async function decontaminateTask({
  common,
  task,
  at,
  folder,
  progress,
  signal,
}: TaskCall): Promise<LeakCounts> {
  const { rule, compare, suites, items: expected, verdicts } = common as DecontaminateCommon;
  const parts = task as readonly CorpusPart[];
  const items = await readExamItems(await Promise.all(suites.map((suite) => at(suite))));
  checkUnchanged(items, expected, "the exam", suites.join(", "));
  const bar = progress("decontaminate", parts.length, "parts");
  return fillFolder(folder, async (target) => {
    const part = createPartDecontaminator(
      { rule, compare, items, verdicts: new Map(verdicts), finder: createFinder(rule, items) },
      {
        clean: target.corpus(),
        quarantine: target.corpus(QUARANTINE),
        flagged: await target.lines("flagged.jsonl"),
        dropped: await target.lines("dropped.jsonl"),
      },
    );
    for (const [i, own] of parts.entries()) {
      for await (const document of readPart(own, at)) {
        signal?.throwIfAborted();
        await part.add(document);
      }
      bar.update(i + 1);
    }
    bar.finish();
    return part.counts;
  });
}
