// Questions with answers, and conversations, from the texts of a corpus: passages, requests, checks; pairs in Apollo's own files, with where each
// comes from.
import { resolve } from "node:path";
import { matchingManifest, type ProgressFactory, silentProgress, UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count, sortCounts } from "./counts.ts";
import type { Document } from "./document.ts";
import { createAsk } from "./qa-ask.ts";
import { costOf, createBudget, type Spent } from "./qa-budget.ts";
import { type Exchange, estimateExchange, exchange, type Generated } from "./qa-exchange.ts";
import { openRequestLedger } from "./qa-ledger.ts";
import { type Passage, readPassages } from "./qa-passages.ts";
import {
  checkQaOptions,
  describeQa,
  planQa,
  type QaOptions,
  type QaPlan,
  type QaSetting,
} from "./qa-plan.ts";
import type { QaPrompts } from "./qa-prompts.ts";
import { describeFiles, makeStageFolder, type StageFolder } from "./stage-folder.ts";

/** How to generate. */
export interface GenerateQaOptions extends QaOptions {
  /** What tells the model from others of its name: recorded, and part of every request's key. */
  readonly identity: unknown;
  /** Where answers are kept as they come. Default: `OUT.requests.jsonl`, beside the folder. */
  readonly ledger?: string | undefined;
  /** Passages asked about at once. Default 32; a server may want fewer and gets fewer. */
  readonly concurrency?: number | undefined;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

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

/** The same, with what this run did itself. */
export interface QaRun extends QaResult {
  /** Answers that were asked for now; the others were there. */
  readonly asked: number;
  readonly ledger: string;
}

const STAGE = "corpus qa";
const DEFAULT_CONCURRENCY = 32;

/**
 * Makes the corpus `out` of pairs from the running texts in `folder`: questions and answers in `{category}_{language}_qa.json`, conversations in
 * `medicalPatient_{language}.json`, where each pair comes from in `generated.jsonl`, what was not taken and why in `rejected.jsonl`. Answers are
 * written to a ledger before they are used: after any end the same command goes on, asks for nothing twice, and given the same answers ends in
 * the same bytes. `UserError` when there is nothing to ask about, the budget does not do for one passage, or the server is gone.
 */
export async function generateQa(
  folder: string,
  out: string,
  model: LanguageModel,
  options: GenerateQaOptions,
): Promise<QaRun> {
  const { identity, concurrency = DEFAULT_CONCURRENCY, progress = silentProgress, price } = options;
  const ledgerPath = options.ledger ?? `${out.replace(/\/+$/u, "")}.requests.jsonl`;
  const setting = checkQaOptions(options);
  if (resolve(folder) === resolve(out))
    throw new UserError("same-folder", "is read and would be replaced", {
      file: out,
      remedy: "Choose another folder for --out.",
    });
  if (!(Number.isInteger(concurrency) && concurrency >= 1))
    throw new UserError("bad-option", `concurrency must be a whole number from 1, found ${concurrency}`);
  const files = await findCorpusFiles([folder]);
  const recipe = { files: await describeFiles(files), identity, ...describeQa(options, setting) };
  const done = (await matchingManifest(out, STAGE, recipe))?.result as QaResult | undefined;
  const whole = done?.stopped === undefined && Object.keys(done?.unanswered ?? {}).length === 0;
  if (done !== undefined && whole) return { ...priced(done, price), asked: 0, ledger: ledgerPath };
  const plan = await planQa(folder, options);

  const ledger = await openRequestLedger(ledgerPath);
  // Ends what is under way when one request cannot be answered at all.
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  let asked = 0;
  const ask = createAsk({
    model,
    identity,
    ledger,
    maxTokens: setting.maxTokens,
    temperature: setting.temperature,
    topP: setting.topP,
    countTokens: setting.countTokens,
    onAsked: () => asked++,
    signal,
  });
  try {
    const result = await makeStageFolder(out, STAGE, recipe, async (target) => {
      const tally = await createTally(target, model.id, options.prompts, plan);
      const budget = createBudget(options);
      const bar = progress("ask", plan.passages, "passages");
      const running: { readonly passage: Passage; readonly outcome: Promise<Exchange> }[] = [];
      const takeFirst = async (): Promise<void> => {
        const { passage, outcome } = running.shift()!;
        await tally.add(passage, await outcome);
        bar.update(tally.passages, `${tally.pairs} kept`);
      };
      let stopped: QaResult["stopped"];
      let failure: unknown;
      try {
        for await (const passage of readPassages(folder, setting.passages)) {
          const own = { ...setting, prompts: options.prompts.languages[passage.document.language]!, ask };
          const place = await budget.admit(estimateExchange(passage, own).most);
          signal.throwIfAborted();
          if (typeof place === "string") {
            stopped = place;
            break;
          }
          const outcome = exchange(passage, own).then(
            (result) => {
              place.settle(result.spent);
              return result;
            },
            (error: unknown) => {
              failure ??= error;
              stop.abort(error);
              place.settle({ promptTokens: 0, completionTokens: 0 });
              throw error;
            },
          );
          // It is thrown where the passage's turn is.
          outcome.catch(() => undefined);
          running.push({ passage, outcome });
          if (running.length >= concurrency) await takeFirst();
        }
        while (running.length > 0) await takeFirst();
      } catch (error) {
        stop.abort(error);
        await Promise.allSettled(running.map(({ outcome }) => outcome));
        throw failure ?? error;
      }
      bar.finish();
      if (tally.passages === 0 && stopped !== undefined)
        throw new UserError("budget-too-small", "a single passage may take more than the budget", {
          remedy: "Raise the budget, or lower --passage-tokens, --max-tokens or --attempts.",
        });
      return tally.result(stopped);
    });
    return { ...priced(result, price), asked, ledger: ledgerPath };
  } finally {
    await ledger.close();
  }
}

function priced(result: QaResult, price: QaSetting["price"]): QaResult {
  return price === undefined ? result : { ...result, cost: costOf(result, price) };
}

/** Writes what passages give and counts it. */
async function createTally(target: StageFolder, model: string, prompts: QaPrompts, plan: QaPlan) {
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
