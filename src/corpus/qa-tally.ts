// What passages gave, written and counted in their order.
import { count, sortCounts } from "./counts.ts";
import type { Document } from "./document.ts";
import type { Spent } from "./qa-budget.ts";
import type { Exchange, Generated } from "./qa-exchange.ts";
import type { Passage } from "./qa-passages.ts";
import type { QaPlan } from "./qa-plan.ts";
import type { QaPrompts } from "./qa-prompts.ts";
import type { StageFolder } from "./stage-folder.ts";

/** What was made. */
export interface QaResult {
  readonly passages: number;
  /** Passages that nothing was asked about, because the budget ended before. */
  readonly left: number;
  /** Texts and passages that were left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Pairs of question and answer. */
  readonly pairs: number;
  readonly dialogues: number;
  /** Passages that gave nothing. */
  readonly barren: number;
  readonly byLanguage: Readonly<Record<string, number>>;
  /** Replies that were not taken, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Requests that got no answer, by reason; they are asked again when the command is. */
  readonly unanswered: Readonly<Record<string, number>>;
  /** Answers that this corpus took, those of earlier runs among them. */
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Their price, where prices are given. */
  readonly cost?: number;
  /** Why it stopped early. */
  readonly stopped?: "budget-tokens" | "budget-money";
  readonly model: string;
  readonly prompts: { readonly id: string; readonly version: string };
}

/** Writes what passages give and counts it. */
export async function createTally(target: StageFolder, model: string, prompts: QaPrompts, plan: QaPlan) {
  const corpus = target.corpus();
  const generatedLines = await target.lines("generated.jsonl");
  const rejectedLines = await target.lines("rejected.jsonl");
  const kept = { qa: 0, dialogue: 0 };
  const byLanguage: Record<string, number> = {};
  const rejected: Record<string, number> = {};
  const unanswered: Record<string, number> = {};
  const spent = { promptTokens: 0, completionTokens: 0 };
  let [passages, barren, requests] = [0, 0, 0];
  return {
    get passages() {
      return passages;
    },
    get pairs() {
      return kept.qa + kept.dialogue;
    },
    async add(passage: Passage, outcome: Exchange): Promise<void> {
      passages++;
      requests += outcome.requests;
      spent.promptTokens += outcome.spent.promptTokens;
      spent.completionTokens += outcome.spent.completionTokens;
      if (outcome.generated.length === 0) barren++;
      const { document, id, from, to } = passage;
      const place = { passage: id, document: document.id, from, to };
      for (const generated of outcome.generated) {
        kept[generated.kind]++;
        count(byLanguage, document.language);
        await corpus.write(pairDocument(passage, generated, model, prompts));
        await generatedLines.write({
          id: generated.id,
          kind: generated.kind,
          language: document.language,
          ...place,
          origin: document.origin,
          model,
          prompts: { id: prompts.id, version: prompts.version },
          requests: generated.requests,
        });
      }
      for (const one of outcome.rejected) {
        if (one.text !== undefined) count(rejected, one.reason);
        await rejectedLines.write({ ...one, language: document.language, ...place });
      }
      for (const code of outcome.unanswered) count(unanswered, code);
    },
    result: (stopped: QaResult["stopped"]): QaResult => ({
      passages,
      left: plan.passages - passages,
      skipped: plan.skipped,
      pairs: kept.qa,
      dialogues: kept.dialogue,
      barren,
      byLanguage: sortCounts(byLanguage),
      rejected: sortCounts(rejected),
      unanswered: sortCounts(unanswered),
      requests,
      ...(spent satisfies Spent),
      ...(stopped === undefined ? {} : { stopped }),
      model,
      prompts: { id: prompts.id, version: prompts.version },
    }),
  };
}

/** Conversations are what Apollo keeps as instructions of this category. */
const DIALOGUE_CATEGORY = "medicalPatient";

function pairDocument(
  { document, id: passage, from, to }: Passage,
  { id, kind, turns }: Generated,
  model: string,
  prompts: QaPrompts,
): Document {
  const made = `${kind} by ${model} with ${prompts.id} ${prompts.version} from characters ${from}-${to} of ${document.id} (passage ${passage})`;
  return {
    kind: "qa",
    turns,
    id,
    category: kind === "dialogue" ? DIALOGUE_CATEGORY : document.category,
    language: document.language,
    stage: kind === "dialogue" ? "sft" : "pretrain",
    origin: document.origin,
    decisions: [...document.decisions, { step: "qa", decision: "keep", reason: made }],
  };
}
