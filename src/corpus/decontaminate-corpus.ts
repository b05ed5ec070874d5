// Decontaminate: documents that hold items of an exam are put aside with the evidence, for a person to judge.
import { join } from "node:path";
import {
  hashValue,
  type JsonLinesWriter,
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  UserError,
} from "../core/index.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import { type Document, documentTexts } from "./document.ts";
import { type ExamItem, readExamItems } from "./exam-suite.ts";
import { createFixedLengthFinder } from "./fixed-length-rules.ts";
import { createLeakFinder, LEAK_RULES, type Leak, type LeakFinder } from "./leak-rules.ts";
import { judge, readVerdicts, type Verdict } from "./leak-verdicts.ts";
import { readDocuments } from "./read-documents.ts";
import { describeFiles, makeStageFolder } from "./stage-folder.ts";
import type { CorpusWriter } from "./write-corpus.ts";

/** The rules to choose from: ours, and two that others use. */
export const DECONTAMINATION_RULES = ["adaptive", "published-64", "ngram-13"] as const;
export type DecontaminationRule = (typeof DECONTAMINATION_RULES)[number];

/** How to decontaminate. */
export interface DecontaminateOptions {
  /** The rule by which documents are put aside. Default `"adaptive"`. */
  readonly rule?: DecontaminationRule;
  /** Count what each of the rules would flag, side by side. Default false. */
  readonly compare?: boolean;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** What a rule would flag. */
export interface RuleCount {
  readonly rule: DecontaminationRule;
  readonly flagged: number;
  /** Flagged by this rule and by no other. */
  readonly alone: number;
  readonly byLanguage: Readonly<Record<string, number>>;
  /** Items that the rule cannot find anywhere, because they are shorter than what it looks for. */
  readonly unmatchableItems: number;
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
  const recipe = {
    files: await describeFiles(files),
    items: hashValue(items),
    rule,
    compare,
    verdicts: [...verdicts.values()],
  };
  const evidence = join(out, "flagged.jsonl");
  const done = await matchingManifest(out, STAGE, recipe);
  if (done !== undefined) return pickResult(done.result as Report, evidence);

  const report = await makeStageFolder(out, STAGE, recipe, async (target): Promise<Report> => {
    const finder = createFinder(rule, items);
    const tally = compare ? createComparison(items, rule, finder) : undefined;
    const clean = target.corpus();
    const quarantine = target.corpus("quarantine");
    const lines = await target.lines("flagged.jsonl");
    const dropped = await target.lines("dropped.jsonl");
    const bar = progress("decontaminate", files.length, "files");
    const byRule: Record<string, number> = {};
    const byLanguage: Record<string, number> = {};
    const reviewed = { keep: 0, drop: 0 };
    let documents = 0;
    let flagged = 0;
    for (const [f, { file, kind }] of files.entries()) {
      for await (const document of readDocuments(file, kind)) {
        signal?.throwIfAborted();
        documents++;
        const texts = documentTexts(document);
        const leaks = finder.find(texts);
        tally?.add(document.language, texts, leaks.length > 0);
        const verdict = leaks.length === 0 ? undefined : judge(verdicts.get(document.id), leaks);
        await place(document, leaks, verdict, { clean, quarantine, dropped });
        if (leaks.length > 0) {
          flagged++;
          count(byLanguage, document.language);
          count(byRule, strongest(leaks));
          if (verdict !== undefined) reviewed[verdict]++;
        }
        for (const { item, rule, match } of leaks)
          await lines.write({ document: document.id, item: item.id, source: item.source, rule, match });
        bar.update(f, `${documents} documents`);
      }
    }
    bar.finish();
    return {
      documents,
      flagged,
      byRule: sortCounts(byRule),
      byLanguage: sortCounts(byLanguage),
      reviewed,
      ...(tally === undefined ? {} : { compared: tally.counts() }),
      items: items.length,
      unmatchableItems: finder.unmatchable,
    };
  });
  return pickResult(report, evidence);
}

/** The manifest says more than the result: how many items there were, and which are too short to look for. */
type Report = Omit<DecontaminateResult, "evidence"> & { items: number; unmatchableItems: number };

function pickResult(
  { items: _, unmatchableItems: __, ...result }: Report,
  evidence: string,
): DecontaminateResult {
  return { ...result, evidence };
}

function createFinder(rule: DecontaminationRule, items: readonly ExamItem[]): LeakFinder {
  return rule === "adaptive" ? createLeakFinder(items) : createFixedLengthFinder(items, rule);
}

/** Counts what each rule flags; the rule in use has found its leaks already. */
function createComparison(items: readonly ExamItem[], used: DecontaminationRule, usedFinder: LeakFinder) {
  const rules = DECONTAMINATION_RULES.map((rule) => ({
    rule,
    finder: rule === used ? usedFinder : createFinder(rule, items),
    flagged: 0,
    alone: 0,
    byLanguage: {} as Record<string, number>,
  }));
  return {
    add(language: string, texts: readonly string[], found: boolean): void {
      const hits = rules.filter(({ rule, finder }) =>
        rule === used ? found : finder.find(texts).length > 0,
      );
      for (const hit of hits) {
        hit.flagged++;
        if (hits.length === 1) hit.alone++;
        count(hit.byLanguage, language);
      }
    },
    counts: (): RuleCount[] =>
      rules.map(({ rule, finder, flagged, alone, byLanguage }) => ({
        rule,
        flagged,
        alone,
        byLanguage: sortCounts(byLanguage),
        unmatchableItems: finder.unmatchable,
      })),
  };
}

async function place(
  document: Document,
  leaks: readonly Leak[],
  verdict: Verdict | undefined,
  { clean, quarantine, dropped }: { clean: CorpusWriter; quarantine: CorpusWriter; dropped: JsonLinesWriter },
): Promise<void> {
  const step = "decontaminate";
  const found = leaks.map(({ item, rule }) => `${rule} ${item.source} ${item.id}`).join("; ");
  if (verdict === "drop") {
    await dropped.write({ document: document.id, origin: document.origin, reason: `reviewed: ${found}` });
    return;
  }
  const kept = leaks.length === 0 || verdict === "keep";
  const reason = leaks.length === 0 ? undefined : kept ? `reviewed, no leak: ${found}` : found;
  const decision = {
    step,
    decision: kept ? ("keep" as const) : ("quarantine" as const),
    ...(reason === undefined ? {} : { reason }),
  };
  await (kept ? clean : quarantine).write({ ...document, decisions: [...document.decisions, decision] });
}

function strongest(leaks: readonly Leak[]): string {
  return LEAK_RULES.find((rule) => leaks.some((leak) => leak.rule === rule)) ?? leaks[0]!.rule;
}
