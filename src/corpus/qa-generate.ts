// Questions with answers, and conversations, from the texts of a corpus: passages, requests, checks; pairs in Apollo's own files, with where each
// comes from.
import {
  matchingManifest,
  type ProgressFactory,
  silentProgress,
  type TaskOptions,
  UserError,
} from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { createAsk } from "./qa-ask.ts";
import { askInOrder } from "./qa-ask-in-order.ts";
import { costOf, createBudget } from "./qa-budget.ts";
import { openRequestLedger } from "./qa-ledger.ts";
import { readPassages } from "./qa-passages.ts";
import { checkQaOptions, describeQa, planQa, type QaOptions, type QaSetting } from "./qa-plan.ts";
import { createTally, type QaResult } from "./qa-tally.ts";
import { askInTasks, QA_TASK_FOLDERS } from "./qa-tasks.ts";
import { describeFiles, makeStageFolder, refuseToReplace } from "./stage-folder.ts";
import { removeTasks } from "./stage-tasks.ts";

/** How to generate. */
export interface GenerateQaOptions extends QaOptions {
  /** What tells the model from others of its name: recorded, and part of every request's key. */
  readonly identity: unknown;
  /** Where answers are kept as they come. Default: `OUT.requests.jsonl`, beside the folder. */
  readonly ledger?: string | undefined;
  /** Passages asked about at once. Default 32; a server may want fewer and gets fewer. */
  readonly concurrency?: number | undefined;
  /** Divides the asking; `openModel` is what the tasks open the model by (JSON). Default: this process asks. */
  readonly tasks?: (TaskOptions & { readonly openModel: unknown }) | undefined;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
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
  refuseToReplace(out, [folder]);
  if (!(Number.isInteger(concurrency) && concurrency >= 1))
    throw new UserError("bad-option", `concurrency must be a whole number from 1, found ${concurrency}`);
  const files = await findCorpusFiles([folder]);
  const recipe = { files: await describeFiles(files), identity, ...describeQa(options, setting) };
  const done = (await matchingManifest(out, STAGE, recipe))?.result as QaResult | undefined;
  if (options.tasks !== undefined && (options.tokens !== undefined || options.money !== undefined))
    throw new UserError(
      "bad-option",
      "a budget is kept by a single process: leave out the tasks, or the budget",
    );
  const whole = done?.stopped === undefined && Object.keys(done?.unanswered ?? {}).length === 0;
  if (done !== undefined && whole) return { ...priced(done, price), asked: 0, ledger: ledgerPath };
  const plan = await planQa(folder, options);

  if (options.tasks !== undefined) {
    const tasks = { ...options.tasks, progress, signal: options.signal };
    const run = { folder, out, files: recipe.files, plan, setting, concurrency, ledger: ledgerPath };
    const { asked, read } = await askInTasks({ ...options, tasks }, run);
    const result = await makeStageFolder(out, STAGE, recipe, async (target) => {
      const tally = await createTally(target, model.id, options.prompts, plan);
      for await (const { passage, outcome } of read()) await tally.add(passage, outcome);
      return tally.result(undefined);
    });
    await removeTasks(out, QA_TASK_FOLDERS);
    return { ...priced(result, price), asked, ledger: ledgerPath };
  }

  const ledger = await openRequestLedger(ledgerPath);
  // Ends what is under way when one request cannot be answered at all.
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  let asked = 0;
  const { maxTokens, temperature, topP, countTokens } = setting;
  const sampling = { maxTokens, temperature, topP, countTokens };
  const ask = createAsk({ model, identity, ledger, ...sampling, onAsked: () => asked++, signal });
  try {
    const result = await makeStageFolder(out, STAGE, recipe, async (target) => {
      const tally = await createTally(target, model.id, options.prompts, plan);
      const budget = createBudget(options);
      const bar = progress("ask", plan.passages, "passages");
      const passages = readPassages(folder, setting.passages);
      const { prompts } = options;
      const stopped = await askInOrder(
        passages,
        { ...setting, prompts, ask, concurrency, budget, signal, stop },
        async (passage, outcome) => {
          await tally.add(passage, outcome);
          bar.update(tally.passages, `${tally.pairs} kept`);
        },
      );
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
