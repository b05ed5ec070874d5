// Decontaminate: documents that hold items of an exam are put aside with the evidence, for a person to judge.
import { join } from "node:path";
import {
  createAtomicFolder,
  createJsonLinesWriter,
  hashFile,
  hashValue,
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  writeManifest,
} from "../core/index.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import type { Document } from "./document.ts";
import { readExamItems } from "./exam-suite.ts";
import { createLeakFinder, LEAK_RULES, type Leak } from "./leak-rules.ts";
import { readDocuments } from "./read-documents.ts";
import { type CorpusWriter, createCorpusWriter } from "./write-corpus.ts";

/** How to decontaminate. */
export interface DecontaminateOptions {
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** What was found. */
export interface DecontaminateResult {
  /** Documents looked at. */
  readonly documents: number;
  /** Documents put aside. */
  readonly flagged: number;
  /** The same by the strongest rule that holds for each. */
  readonly byRule: Readonly<Record<string, number>>;
  readonly byLanguage: Readonly<Record<string, number>>;
  /** Path of `flagged.jsonl`: `{document, item, source, rule, match}`, one line an item found in a document. */
  readonly evidence: string;
}

const STAGE = "corpus decontaminate";

/**
 * Copies the corpus in `folder` to `out` without the documents that hold items of `suites` (files or folders in XMedBench's
 * format); those go to `out/quarantine`, itself a corpus, with the evidence in `out/flagged.jsonl`. The same inputs give the
 * same bytes; when `out` already holds them, nothing is done.
 */
export async function decontaminateCorpus(
  folder: string,
  suites: readonly string[],
  out: string,
  options: DecontaminateOptions = {},
): Promise<DecontaminateResult> {
  const { progress = silentProgress, signal } = options;
  const files = await findCorpusFiles([folder]);
  const items = await readExamItems(suites);
  const recipe = {
    files: await Promise.all(files.map(async ({ file, kind }) => ({ kind, sha256: await hashFile(file) }))),
    items: hashValue(items),
  };
  const evidence = join(out, "flagged.jsonl");
  const done = await matchingManifest(out, STAGE, recipe);
  if (done !== undefined) {
    // The manifest says more than the result: how many items there were, and which are too short to look for.
    const { documents, flagged, byRule, byLanguage } = done.result as Omit<DecontaminateResult, "evidence">;
    return { documents, flagged, byRule, byLanguage, evidence };
  }

  const finder = createLeakFinder(items);
  const target = await createAtomicFolder(out);
  const clean = createCorpusWriter(target.path);
  const quarantine = createCorpusWriter(join(target.path, "quarantine"));
  const lines = await createJsonLinesWriter(join(target.path, "flagged.jsonl"));
  const bar = progress("decontaminate", files.length, "files");
  try {
    const byRule: Record<string, number> = {};
    const byLanguage: Record<string, number> = {};
    let documents = 0;
    let flagged = 0;
    for (const [f, { file, kind }] of files.entries()) {
      for await (const document of readDocuments(file, kind)) {
        signal?.throwIfAborted();
        documents++;
        const leaks = finder.find(document.kind === "text" ? [document.text] : document.turns);
        await keep(document, leaks, clean, quarantine);
        if (leaks.length > 0) {
          flagged++;
          count(byLanguage, document.language);
          count(byRule, strongest(leaks));
        }
        for (const { item, rule, match } of leaks)
          await lines.write({ document: document.id, item: item.id, source: item.source, rule, match });
        bar.update(f, `${documents} documents`);
      }
    }
    bar.finish();
    const result = { documents, flagged, byRule: sortCounts(byRule), byLanguage: sortCounts(byLanguage) };
    await clean.commit();
    await quarantine.commit();
    await lines.commit();
    await writeManifest(target.path, STAGE, recipe, {
      ...result,
      items: items.length,
      unmatchableItems: finder.unmatchable,
    });
    await target.commit();
    return { ...result, evidence };
  } catch (error) {
    await clean.abort();
    await quarantine.abort();
    await lines.abort();
    await target.abort();
    throw error;
  }
}

async function keep(
  document: Document,
  leaks: readonly Leak[],
  clean: CorpusWriter,
  quarantine: CorpusWriter,
): Promise<void> {
  const step = "decontaminate";
  if (leaks.length === 0) {
    const decisions = [...document.decisions, { step, decision: "keep" as const }];
    await clean.write({ ...document, decisions });
  } else {
    const reason = leaks.map(({ item, rule }) => `${rule} ${item.source} ${item.id}`).join("; ");
    const decisions = [...document.decisions, { step, decision: "quarantine" as const, reason }];
    await quarantine.write({ ...document, decisions });
  }
}

function strongest(leaks: readonly Leak[]): string {
  return LEAK_RULES.find((rule) => leaks.some((leak) => leak.rule === rule))!;
}
