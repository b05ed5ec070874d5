// Looking for exam items in documents, all of a corpus or some of them: what is done by the whole stage on one machine, and by each of its tasks.
import type { JsonLinesWriter } from "../core/index.ts";
import { count } from "./counts.ts";
import { type Document, documentTexts } from "./document.ts";
import type { ExamItem } from "./exam-suite.ts";
import { createFixedLengthFinder } from "./fixed-length-rules.ts";
import { createLeakFinder, LEAK_RULES, type Leak, type LeakFinder } from "./leak-rules.ts";
import { judge, type Verdict, type VerdictLine } from "./leak-verdicts.ts";
import type { CorpusWriter } from "./write-corpus.ts";

/** The rules to choose from: ours, and two that others use. */
export const DECONTAMINATION_RULES = ["adaptive", "published-64", "ngram-13"] as const;
/** One of them. */
export type DecontaminationRule = (typeof DECONTAMINATION_RULES)[number];

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

/** By what documents are judged. JSON. */
export interface DecontaminateSetting {
  readonly rule: DecontaminationRule;
  readonly compare: boolean;
}

/** What was found so far. JSON. */
export interface LeakCounts {
  documents: number;
  flagged: number;
  readonly byRule: Record<string, number>;
  readonly byLanguage: Record<string, number>;
  readonly reviewed: Record<Verdict, number>;
  readonly compared?: readonly RuleCount[];
}

/** Where documents and evidence go. */
export interface LeakTarget {
  readonly clean: CorpusWriter;
  readonly quarantine: CorpusWriter;
  readonly flagged: JsonLinesWriter;
  readonly dropped: JsonLinesWriter;
}

/** Looks through documents one by one. */
export interface PartDecontaminator {
  add(document: Document): Promise<void>;
  readonly counts: LeakCounts;
}

/** Begins to look for `items` with `finder`, the one of the setting's rule. */
export function createPartDecontaminator(
  {
    rule,
    compare,
    items,
    verdicts,
    finder,
  }: DecontaminateSetting & {
    readonly items: readonly ExamItem[];
    readonly verdicts: ReadonlyMap<string, VerdictLine>;
    readonly finder: LeakFinder;
  },
  target: LeakTarget,
): PartDecontaminator {
  const tally = compare ? createComparison(items, rule, finder) : undefined;
  const counts = { documents: 0, flagged: 0, byRule: {}, byLanguage: {}, reviewed: { keep: 0, drop: 0 } };
  return {
    get counts() {
      return tally === undefined ? counts : { ...counts, compared: tally.counts() };
    },
    async add(document) {
      counts.documents++;
      const texts = documentTexts(document);
      const leaks = finder.find(texts);
      tally?.add(document.language, texts, leaks.length > 0);
      const verdict = leaks.length === 0 ? undefined : judge(verdicts.get(document.id), leaks);
      await place(document, leaks, verdict, target);
      if (leaks.length > 0) {
        counts.flagged++;
        count(counts.byLanguage, document.language);
        count(counts.byRule, strongest(leaks));
        if (verdict !== undefined) counts.reviewed[verdict]++;
      }
      for (const { item, rule: found, match } of leaks)
        await target.flagged.write({
          document: document.id,
          item: item.id,
          source: item.source,
          rule: found,
          match,
        });
    },
  };
}

/** Joins what was found in parts of a corpus; there is at least one. */
export function addLeakCounts(parts: readonly LeakCounts[]): LeakCounts {
  const sum = (pick: (part: LeakCounts) => number): number =>
    parts.reduce((all, part) => all + pick(part), 0);
  const join = (pick: (part: LeakCounts) => Readonly<Record<string, number>>): Record<string, number> => {
    const all: Record<string, number> = {};
    for (const part of parts) for (const [name, n] of Object.entries(pick(part))) count(all, name, n);
    return all;
  };
  const compared = parts[0]?.compared?.map((first, r) => ({
    ...first,
    flagged: sum((part) => part.compared![r]!.flagged),
    alone: sum((part) => part.compared![r]!.alone),
    byLanguage: join((part) => part.compared![r]!.byLanguage),
  }));
  return {
    documents: sum((part) => part.documents),
    flagged: sum((part) => part.flagged),
    byRule: join((part) => part.byRule),
    byLanguage: join((part) => part.byLanguage),
    reviewed: { keep: sum((part) => part.reviewed.keep), drop: sum((part) => part.reviewed.drop) },
    ...(compared === undefined ? {} : { compared }),
  };
}

/** Prepares a rule to look for `items`. */
export function createFinder(rule: DecontaminationRule, items: readonly ExamItem[]): LeakFinder {
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
        byLanguage,
        unmatchableItems: finder.unmatchable,
      })),
  };
}

async function place(
  document: Document,
  leaks: readonly Leak[],
  verdict: Verdict | undefined,
  { clean, quarantine, dropped }: LeakTarget,
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
