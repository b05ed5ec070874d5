// Asking divided into tasks: the passages are dealt out in order, each task writes its answers to a ledger of its own, and all ledgers end up in
// one, so that no answer is paid for twice, whatever happens and however the next run is divided.
import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import {
  createJsonLinesWriter,
  exists,
  makeFolder,
  readJsonLines,
  type TaskCall,
  type TaskList,
  type TaskWork,
} from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { createAsk } from "./qa-ask.ts";
import { askInOrder } from "./qa-ask-in-order.ts";
import { createBudget } from "./qa-budget.ts";
import type { Exchange } from "./qa-exchange.ts";
import { type Passage, readPassages } from "./qa-passages.ts";
import type { QaOptions, QaPlan, QaSetting } from "./qa-plan.ts";
import type { QaPrompts } from "./qa-prompts.ts";
import { gatherLedgers, openLayered } from "./qa-task-ledgers.ts";
import { estimateTokens } from "./qa-tokens.ts";
import { fillFolder } from "./stage-folder.ts";
import { runStageTasks, type StageTasks, tasksFolder } from "./stage-tasks.ts";

/** Names of the folders in which tasks of asking, their passages and their ledgers live. */
export const QA_TASK_FOLDERS = ["qa", "passages", "ledgers"] as const;

/** The stage of the tasks. */
export const QA_STAGE = "corpus qa";

/** How replies are asked for and taken. JSON. */
type Sampling = Pick<
  QaSetting,
  "kinds" | "perPassage" | "attempts" | "maxTokens" | "temperature" | "topP" | "seed"
>;

/** What a task needs beside its part. JSON. */
interface QaCommon {
  readonly sampling: Sampling;
  readonly prompts: QaPrompts;
  readonly identity: unknown;
  readonly concurrency: number;
  /** What the model is opened by. */
  readonly openModel: unknown;
  /** Absolute path of the tokenizer that counts tokens, if any. */
  readonly tokenizer?: string;
  /** Where answers of earlier runs are. */
  readonly ledger: string;
  /** Where tasks keep theirs. */
  readonly ledgers: string;
}

/** A task's part. JSON. */
interface QaPart {
  readonly number: number;
  /** File of the passages. */
  readonly passages: string;
  readonly count: number;
}

/** What is being asked. */
export interface QaTaskRun {
  readonly folder: string;
  readonly out: string;
  /** What the corpus is. */
  readonly files: readonly unknown[];
  readonly plan: QaPlan;
  readonly setting: QaSetting;
  readonly concurrency: number;
  readonly ledger: string;
}

/** What tasks gave. */
export interface QaTaskOutcome {
  /** Answers that were asked for now. */
  readonly asked: number;
  /** What came of each passage, in order. */
  read(): AsyncGenerator<{ readonly passage: Passage; readonly outcome: Exchange }>;
}

/** Has tasks ask about all passages. */
export async function askInTasks(
  options: QaOptions & {
    readonly identity: unknown;
    readonly tasks: StageTasks & { readonly openModel: unknown };
  },
  { folder, out, files, plan, setting, concurrency, ledger }: QaTaskRun,
): Promise<QaTaskOutcome> {
  const { tasks, prompts, identity, tokenizer } = options;
  const ledgers = tasksFolder(out, "ledgers");
  await makeFolder(ledgers);
  // What an earlier run was answered, however it was divided.
  await gatherLedgers(ledgers, ledger);
  const parts = await dealPassages(folder, setting, plan.passages, tasksFolder(out, "passages"), tasks.count);
  const { kinds, perPassage, attempts, maxTokens, temperature, topP, seed } = setting;
  const common: QaCommon = {
    sampling: { kinds, perPassage, attempts, maxTokens, temperature, topP, seed },
    prompts,
    identity,
    concurrency,
    openModel: tasks.openModel,
    ...(tokenizer === undefined ? {} : { tokenizer: resolve(tokenizer.name) }),
    ledger: resolve(ledger),
    ledgers,
  };
  const list: TaskList = {
    folder: tasksFolder(out, "qa"),
    stage: QA_STAGE,
    common: { ...common, corpus: files },
    tasks: parts,
  };
  const { folders } = await runStageTasks(list, tasks);
  return {
    asked: await gatherLedgers(ledgers, ledger),
    async *read() {
      for (const [i, { passages }] of parts.entries()) {
        const outcomes = readJsonLines(join(folders[i]!, OUTCOMES_FILE));
        for await (const { value } of readJsonLines(passages)) {
          const { value: line } = await outcomes.next();
          yield { passage: value as Passage, outcome: (line as { value: unknown }).value as Exchange };
        }
      }
    },
  };
}

/** Writes the passages of each task to a file; contiguous, about equally many each. */
async function dealPassages(
  folder: string,
  setting: QaSetting,
  total: number,
  out: string,
  count: number,
): Promise<QaPart[]> {
  const parts: QaPart[] = [];
  const tasks = Math.min(count, total);
  const passages = readPassages(folder, setting.passages);
  for (let number = 0; number < tasks; number++) {
    const path = join(out, `passages-${String(number).padStart(5, "0")}.jsonl`);
    const end = Math.round(((number + 1) * total) / tasks);
    const own = end - Math.round((number * total) / tasks);
    const lines = await createJsonLinesWriter(path);
    while (lines.count < own) {
      const { value, done } = await passages.next();
      if (done) throw new Error(`${folder} changed while it was read`);
      // The text that it is cut from stays where it is.
      await lines.write({ ...value, document: { ...value.document, text: "" } });
    }
    await lines.commit();
    parts.push({ number, passages: path, count: own });
  }
  return parts;
}

const OUTCOMES_FILE = "outcomes.jsonl";

/** The work of a task; `openModel` opens the model that `common.openModel` says. */
export function createQaTask(openModel: (how: unknown, call: TaskCall) => Promise<LanguageModel>): TaskWork {
  return async (call) => {
    const { common, task, folder, progress } = call;
    const {
      sampling,
      prompts,
      identity,
      concurrency,
      ledger: earlier,
      ledgers,
      tokenizer,
      ...rest
    } = common as QaCommon;
    const { number, passages, count } = task as QaPart;
    const own = `${String(number).padStart(5, "0")}.`;
    const others = (await readdir(ledgers))
      .filter((name) => name.startsWith(own))
      .map((name) => join(ledgers, name));
    if (await exists(earlier)) others.unshift(earlier);
    // A twin of this task may be writing its own.
    const ledger = await openLayered(join(ledgers, `${own}${hostname()}.${process.pid}.jsonl`), others);
    const loaded = tokenizer === undefined ? undefined : await loadTokenizer(tokenizer);
    const countTokens = loaded === undefined ? estimateTokens : (text: string) => loaded.encode(text).length;
    const model = await openModel(rest.openModel, call);
    const stop = new AbortController();
    const signal = call.signal === undefined ? stop.signal : AbortSignal.any([call.signal, stop.signal]);
    let asked = 0;
    const ask = createAsk({
      model,
      identity,
      ledger,
      ...sampling,
      countTokens,
      onAsked: () => asked++,
      signal,
    });
    const bar = progress("ask", count, "passages");
    let taken = 0;
    try {
      return await fillFolder(folder, async (target) => {
        const outcomes = await target.lines(OUTCOMES_FILE);
        const options = {
          ...sampling,
          countTokens,
          prompts,
          ask,
          concurrency,
          budget: createBudget({}),
          signal,
          stop,
        };
        await askInOrder(readDealt(passages), options, async (_, outcome) => {
          await outcomes.write(outcome);
          bar.update(++taken);
        });
        bar.finish();
        return { passages: taken, asked };
      });
    } finally {
      await ledger.close();
      await model.close();
    }
  };
}

async function* readDealt(path: string): AsyncGenerator<Passage> {
  for await (const { value } of readJsonLines(path)) yield value as Passage;
}
