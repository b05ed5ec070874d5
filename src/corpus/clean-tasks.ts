// Cleaning divided into tasks, twice: the lines of each part are counted, the counts merged; then each part is cleaned with the common lines of
// the whole file.
import { join } from "node:path";
import { createJsonLinesWriter, readJson, type TaskCall, writeJson } from "../core/index.ts";
import {
  addCleanCounts,
  type CleanCounts,
  type CleanSetting,
  cleanDocuments,
  countLines,
  countsLines,
  createCleanCounts,
} from "./clean-part.ts";
import { joinCorpora, joinLists } from "./join-parts.ts";
import { commonLines, createLineCounter } from "./line-counter.ts";
import { fillFolder } from "./stage-folder.ts";
import { type CorpusPart, type DividedCorpus, readPart, runOnParts, tasksFolder } from "./stage-tasks.ts";

/** Names of the folders in which tasks of cleaning live. */
export const CLEAN_TASK_FOLDERS = ["index", "count", "clean"] as const;

/** The stages of the two kinds of tasks. */
export const CLEAN_COUNT_STAGE = "corpus clean count";
export const CLEAN_PART_STAGE = "corpus clean";

interface CountCommon {
  readonly setting: CleanSetting;
}

interface CleanCommon extends CountCommon {
  /** The common lines of each file by its number, `[key, documents]`. */
  readonly common: string;
}

/** The common lines that a task took out, in the order in which it met them. */
interface MetLines {
  readonly number: number;
  readonly lines: readonly (readonly [key: number, line: string])[];
}

interface CleanedPart {
  readonly counts: CleanCounts;
  readonly met: readonly MetLines[];
}

type CommonByFile = Readonly<Record<string, readonly (readonly [key: number, documents: number])[]>>;

/** Cleans a divided corpus into the folder `target`, which is being made for `out`; gives what was done. */
export async function cleanInTasks(
  corpus: DividedCorpus,
  setting: CleanSetting,
  target: string,
): Promise<CleanCounts> {
  const { parts } = corpus;
  const counted = await runOnParts<readonly number[]>(corpus, "count", CLEAN_COUNT_STAGE, {
    setting,
  } satisfies CountCommon);
  const runs = new Map<number, { paths: string[]; documents: number }>();
  for (const [t, own] of parts.entries())
    for (const [i, { number }] of own.entries()) {
      const file = runs.get(number) ?? { paths: [], documents: 0 };
      runs.set(number, file);
      if (!countsLines(own[i]!.kind, setting)) continue;
      file.paths.push(runPath(counted.folders[t]!, i));
      file.documents += counted.results[t]![i]!;
    }
  const common: Record<string, [number, number][]> = {};
  for (const [number, { paths, documents }] of runs) common[number] = [...commonLines(paths, documents)];
  const commonPath = join(tasksFolder(corpus.out, "count"), "common.json");
  await writeJson(commonPath, common);

  const cleaned = await runOnParts<CleanedPart>(
    corpus,
    "clean",
    CLEAN_PART_STAGE,
    { setting, common: commonPath } satisfies CleanCommon,
    [commonPath],
  );
  await joinCorpora(cleaned.folders, target);
  await joinLists(cleaned.folders, "dropped.jsonl", target);
  await writeCommonLines(parts, cleaned.results, common, target);
  const counts = createCleanCounts();
  for (const part of cleaned.results) addCleanCounts(counts, part.counts);
  return counts;
}

/** The list of common lines as one pass over the files writes it: by file, each line where it was met first. */
async function writeCommonLines(
  parts: DividedCorpus["parts"],
  results: readonly CleanedPart[],
  common: CommonByFile,
  target: string,
): Promise<void> {
  const kinds = new Map(parts.flat().map(({ number, kind }) => [number, kind]));
  const met = new Map<number, Map<number, string>>();
  for (const { number, lines } of results.flatMap((result) => result.met)) {
    const file = met.get(number) ?? new Map<number, string>();
    met.set(number, file);
    for (const [key, line] of lines) if (!file.has(key)) file.set(key, line);
  }
  const list = await createJsonLinesWriter(join(target, "common-lines.jsonl"));
  for (const [number, lines] of met) {
    const { category, language } = kinds.get(number)!;
    const documents = new Map(common[number]);
    for (const [key, line] of lines)
      await list.write({ category, language, line, documents: documents.get(key) });
  }
  await list.commit();
}

function runPath(folder: string, part: number): string {
  return join(folder, `lines-${part}`);
}

/** Counts the lines of each part; gives the number of documents of each. */
export async function cleanCountTask({
  common,
  task,
  at,
  folder,
  progress,
  signal,
}: TaskCall): Promise<number[]> {
  const { setting } = common as CountCommon;
  const parts = task as readonly CorpusPart[];
  const bar = progress("count lines", parts.length, "parts");
  const documents: number[] = [];
  for (const [i, part] of parts.entries()) {
    const counter = createLineCounter(join(folder, "scratch"));
    if (countsLines(part.kind, setting)) {
      await countLines(readPart(part, at), counter, signal);
      counter.write(runPath(folder, i));
    }
    documents.push(counter.documents);
    bar.update(i + 1);
  }
  bar.finish();
  return documents;
}

/** Cleans each part. */
export async function cleanTask({
  common,
  task,
  at,
  folder,
  progress,
  signal,
}: TaskCall): Promise<CleanedPart> {
  const { setting, common: commonPath } = common as CleanCommon;
  const parts = task as readonly CorpusPart[];
  const lines = (await readJson(await at(commonPath))) as CommonByFile;
  const bar = progress("clean", parts.length, "parts");
  return fillFolder(folder, async (target) => {
    const counts = createCleanCounts();
    const met: MetLines[] = [];
    const sinks = { writer: target.corpus(), dropped: await target.lines("dropped.jsonl"), counts, signal };
    for (const [i, part] of parts.entries()) {
      const own = new Map(lines[part.number]);
      const taken = await cleanDocuments(readPart(part, at), part.kind, own, setting, sinks);
      if (taken.size > 0) met.push({ number: part.number, lines: [...taken] });
      bar.update(i + 1);
    }
    bar.finish();
    return { counts, met };
  });
}
