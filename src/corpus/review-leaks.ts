// Walks a person through the documents in quarantine: the document around each match, the exam item beside it, and a decision.
import { join } from "node:path";
import { asFileError, exists, readJsonLines } from "../core/index.ts";
import { type Document, documentTexts } from "./document.ts";
import { type ExamItem, readExamItems } from "./exam-suite.ts";
import { itemName, openVerdicts, reviewPath, type Verdict } from "./leak-verdicts.ts";
import { readCorpus } from "./read-documents.ts";

/** A document to judge. */
export interface FlaggedDocument {
  readonly document: Document;
  /** Its number among those not judged yet, from 1, and how many there are. */
  readonly number: number;
  readonly of: number;
  readonly leaks: readonly FlaggedLeak[];
}

/** An item found in it. */
export interface FlaggedLeak {
  readonly item: ExamItem;
  readonly rule: string;
  readonly match: string;
  /** The document from a little before the match to a little after it; the whole match is in it when it is not long. */
  readonly excerpt: string;
}

/** What to do with a document: decide, look at the next one first, or stop. */
export type ReviewAnswer = Verdict | "next" | "quit";

/** How a review ended. */
export interface ReviewResult {
  readonly keep: number;
  readonly drop: number;
  /** Documents still to judge. */
  readonly left: number;
  /** Where the decisions stand. */
  readonly file: string;
}

/** Characters shown on each side of a match. */
const AROUND = 120;

/**
 * Asks for a decision on each document in `out/quarantine` that has none. Each is written down at once; a review that was stopped, or killed,
 * goes on where it was. `decontaminateCorpus` applies them when it is run again. `UserError` when `out` is no decontaminated corpus.
 */
export async function reviewLeaks(
  out: string,
  suites: readonly string[],
  ask: (flagged: FlaggedDocument) => Promise<ReviewAnswer>,
): Promise<ReviewResult> {
  const evidence = join(out, "flagged.jsonl");
  if (!(await exists(evidence)))
    throw asFileError(
      { code: "ENOENT" },
      evidence,
      "Make it with: apollo corpus decontaminate CORPUS --against SUITE",
    );
  const items = new Map((await readExamItems(suites)).map((item) => [itemName({ item }), item]));
  const log = await openVerdicts(out);
  try {
    const judged = new Set(log.done.map(({ document }) => document));
    const leaks = new Map<string, Omit<FlaggedLeak, "excerpt">[]>();
    for await (const { value } of readJsonLines(evidence)) {
      const { document, item: id, source, rule, match } = value as Record<string, string>;
      const item = items.get(`${source} ${id}`);
      if (item === undefined) continue;
      const known = leaks.get(document!);
      const leak = { item, rule: rule!, match: match! };
      if (known === undefined) leaks.set(document!, [leak]);
      else known.push(leak);
    }
    const result = { keep: 0, drop: 0 };
    const open: Document[] = [];
    if (await exists(join(out, "quarantine")))
      for await (const document of readCorpus(join(out, "quarantine")))
        if (!judged.has(document.id) && leaks.has(document.id)) open.push(document);
    for (const [i, document] of open.entries()) {
      const text = documentTexts(document).join("\n");
      const found = leaks
        .get(document.id)!
        .map((leak) => ({ ...leak, excerpt: excerptOf(text, leak.match) }));
      const answer = await ask({ document, number: i + 1, of: open.length, leaks: found });
      if (answer === "quit") break;
      if (answer === "next") continue;
      await log.append([{ document: document.id, items: found.map(itemName), verdict: answer }]);
      result[answer]++;
    }
    return { ...result, left: open.length - result.keep - result.drop, file: reviewPath(out) };
  } finally {
    await log.close();
  }
}

/** The match is NFKC, the text perhaps not: then the text's beginning is shown. */
function excerptOf(text: string, match: string): string {
  const at = Math.max(0, text.normalize("NFKC").indexOf(match));
  const from = Math.max(0, at - AROUND);
  const to = at + match.length + AROUND;
  const normal = text.normalize("NFKC");
  return `${from > 0 ? "… " : ""}${normal.slice(from, to)}${to < normal.length ? " …" : ""}`;
}
