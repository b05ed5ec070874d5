// A benchmark run: a suite, a model and a folder that holds the evidence. It can be killed at any moment; the same call goes
// on where it stopped and ends in the same samples and results.
import { join } from "node:path";
import {
  APOLLO_VERSION,
  exists,
  hashValue,
  makeFolder,
  type ProgressFactory,
  readJson,
  silentProgress,
  UserError,
  writeFileAtomic,
  writeJson,
} from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { answerItems } from "./answer-items.ts";
import { auditSuite } from "./audit.ts";
import type { Audit, FindingCode } from "./audit-finding.ts";
import { type FindingCount, findingCounts, itemFlags } from "./audit-report.ts";
import { inOrder } from "./in-order.ts";
import { inspectLog, inspectLogName } from "./inspect-log.ts";
import type { Item } from "./item.ts";
import { lmEvalResults } from "./lm-eval-results.ts";
import { createShotPicker, planItems, type ShotPicker } from "./plan.ts";
import type { BenchMode } from "./prompts.ts";
import { type Protocol, plainProtocol } from "./protocol.ts";
import { renderReport } from "./report.ts";
import { robustness } from "./robustness.ts";
import { RUN_FILE, type RunInputs, type RunRecord, SAMPLES_FILE } from "./run-record.ts";
import { isScored, type Sample } from "./sample.ts";
import { openSampleLog } from "./sample-log.ts";
import type { Suite } from "./suite.ts";
import { averageAccuracy, type BenchResult, summarise } from "./summary.ts";

/** What a run consists of. */
export interface BenchOptions {
  readonly suite: Suite;
  readonly model: LanguageModel;
  /** The run folder; an unfinished run of the same inputs in it is continued. */
  readonly out: string;
  /** Our own prompts in one of the three modes. Default `letter`. */
  readonly mode?: BenchMode;
  /** Another way to ask and read, instead of `mode`. */
  readonly protocol?: Protocol;
  /** Ask through the model's chat template. Default false. */
  readonly chatTemplate?: boolean;
  /** Items per source, drawn by the seed; default: all. */
  readonly limit?: number | undefined;
  /** Worked examples per prompt; default: the protocol's number, 0 for the plain modes. */
  readonly shots?: number | undefined;
  /** Where worked examples come from; default: the suite itself, the item left out. */
  readonly shotSuite?: Suite | undefined;
  /** Decides the drawn items and worked examples. Default 0. */
  readonly seed?: number;
  /** Where letters are scored: every item once for each cyclic shift of its options, for position bias and debiased accuracy. Default false. */
  readonly rotations?: boolean | undefined;
  /** Draws the worked examples in place of `seed`. */
  readonly shotSeed?: number | undefined;
  /** What tells this model from another of the same name, e.g. a hash of its file; recorded, and checked on resume. */
  readonly modelIdentity?: unknown;
  /** Items given to the model at once; does not change results. Default 16. */
  readonly batch?: number;
  /** Items asked about side by side instead, each kept when its turn comes: for servers. Does not change results either. */
  readonly concurrency?: number | undefined;
  /** Told what the audit says about the scored sources, before the first item is scored. */
  readonly onAudit?: (findings: readonly FindingCount[]) => void;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** Scores a suite with a model into a run folder and summarises it. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { suite, model, out } = options;
  const protocol = options.protocol ?? plainProtocol(options.mode ?? "letter");
  const { mode } = protocol;
  const seed = options.seed ?? 0;
  const rotations = options.rotations === true && (mode === "letter" || protocol.itemMode !== undefined);
  const shots = options.shots ?? protocol.shots;
  if (options.chatTemplate === true) checkChatTemplate(model, protocol);
  const against = shots === 0 || protocol.examplesFromSuite === true ? undefined : options.shotSuite;
  const found = await auditSuite(suite, { against });
  const selection = protocol.select?.({ suite, shotSuite: against, faults: faultyItems(found) }) ?? {
    items: suite.items,
    pool: (against ?? suite).items,
    leftOut: {},
  };
  const plan = planItems(selection.items, { mode, limit: options.limit, seed, whole: suite.items });
  if (plan.items.length === 0)
    throw nothingToScore(suite, protocol, { ...selection.leftOut, ...plan.skipped });
  const inputs: RunInputs = {
    apollo: APOLLO_VERSION,
    suite: suite.hash,
    model: model.id,
    modelIdentity: options.modelIdentity ?? null,
    mode,
    ...(protocol.settings === undefined && !protocol.unconditional
      ? {}
      : {
          protocol: { name: protocol.name, settings: protocol.settings ?? null },
          ...(mode === "generate" ? {} : { choiceRule: protocol.choiceRule }),
        }),
    ...(options.chatTemplate === true ? { chatTemplate: true } : {}),
    limit: options.limit ?? null,
    shots,
    shotSuite: shots === 0 ? null : (against ?? suite).hash,
    seed,
    ...(options.shotSeed === undefined ? {} : { shotSeed: options.shotSeed }),
    ...(rotations ? { rotations } : {}),
  };
  const audit = findingCounts(found, new Set(plan.items.map((item) => item.source)));
  options.onAudit?.(audit);
  const record = await startRun(out, {
    key: hashValue(inputs),
    inputs,
    suite: { path: suite.path, read: suite.read, refused: suite.refused, notes: suite.notes },
    audit,
    items: plan.items.length,
    skipped: { ...selection.leftOut, ...plan.skipped },
    started: new Date().toISOString(),
  });
  const pickShots = createShotPicker(selection.pool, {
    count: shots,
    seed: options.shotSeed ?? seed,
    protocol,
  });
  const samples = await scorePlan(plan.items, { ...options, protocol, pickShots, rotations });
  // The baseline is that of all items that could be scored, not of the drawn ones.
  const sources = summarise(samples, planItems(selection.items, { mode, seed }).items);
  const ask = (item: Item): string => protocol.prompt(item, []);
  const context = {
    record,
    sources,
    robustness: robustness(samples, suite.items, faultyItems(found).get("off-topic")),
    samples,
    items: plan.items,
    suiteItems: suite.items,
    flags: itemFlags(found),
    ask,
  };
  const finished: RunRecord = { ...record, finished: record.finished ?? new Date().toISOString() };
  await writeJson(join(out, "results.json"), lmEvalResults(context));
  await writeJson(join(out, "inspect", inspectLogName(record)), inspectLog({ ...context, record: finished }));
  await writeFileAtomic(join(out, "report.html"), renderReport(context));
  await writeJson(join(out, RUN_FILE), finished);
  return { run: out, sources, average: averageAccuracy(sources), robustness: context.robustness };
}

function checkChatTemplate(model: LanguageModel, protocol: Protocol): void {
  if (protocol.mode === "generate" || "formatChat" in model) return;
  throw new UserError(
    "no-chat-template",
    `${model.id} does not show its chat template, so none can be scored with`,
    {
      remedy: "Score a local model, or let the server answer with --mode generate.",
    },
  );
}

function faultyItems({ findings }: Audit): Map<FindingCode, Set<string>> {
  const faults = new Map<FindingCode, Set<string>>();
  for (const { code, ids } of findings) faults.set(code, new Set([...(faults.get(code) ?? []), ...ids]));
  return faults;
}

function nothingToScore(suite: Suite, protocol: Protocol, leftOut: RunRecord["skipped"]): UserError {
  const reasons = Object.entries(leftOut).map(([reason, count]) => `${reason}: ${count}`);
  return new UserError("nothing-to-score", `no item is left for ${protocol.name} (${reasons.join(", ")})`, {
    file: suite.path,
    remedy: "Take another --protocol or --suite.",
  });
}

async function startRun(out: string, fresh: RunRecord): Promise<RunRecord> {
  const path = join(out, RUN_FILE);
  if (!(await exists(path))) {
    if (await exists(join(out, SAMPLES_FILE))) {
      throw new UserError("run-mismatch", "holds samples but no run.json", {
        file: out,
        remedy: "Give another folder with --out.",
      });
    }
    await makeFolder(out);
    await writeJson(path, fresh);
    return fresh;
  }
  const found = (await readJson(path)) as RunRecord;
  // The audit follows from the inputs; taken anew, a record written before there were audits serves as well.
  if (found?.key === fresh.key) return { ...found, audit: fresh.audit };
  const differing = Object.keys(fresh.inputs).filter(
    (name) =>
      hashValue(found?.inputs?.[name as keyof RunInputs] ?? null) !==
      hashValue(fresh.inputs[name as keyof RunInputs] ?? null),
  );
  throw new UserError(
    "run-mismatch",
    `holds a run with other inputs (${differing.join(", ") || "unreadable"})`,
    {
      file: out,
      remedy: "Give another folder with --out, or repeat that run's options to continue it.",
    },
  );
}

async function scorePlan(
  items: readonly Item[],
  options: BenchOptions & { readonly protocol: Protocol; readonly pickShots: ShotPicker },
): Promise<Sample[]> {
  const { model, protocol, pickShots, rotations = false, chatTemplate, signal } = options;
  const ids = items.map((item) => item.id);
  const log = await openSampleLog(join(options.out, SAMPLES_FILE), ids);
  const samples = [...log.done];
  const alone = new Map<string, number>();
  const asking = { model, protocol, pickShots, rotations, chatTemplate, alone, signal };
  const progress = (options.progress ?? silentProgress)(`bench ${options.model.id}`, items.length, "items");
  const batch = options.batch ?? 16;
  // Scores are asked for in batches. Generated answers are written side by side, and each is kept as soon as it has its turn.
  const { concurrency } = options;
  const [size, width] =
    protocol.mode === "generate" || concurrency !== undefined ? [1, concurrency ?? batch] : [batch, 1];
  let right = samples.filter((sample) => sample.correct).length;
  try {
    const ask = async (part: readonly Item[]): Promise<Sample[]> => {
      signal?.throwIfAborted();
      return answerItems(part, asking);
    };
    for await (const answered of inOrder(parts(items.slice(samples.length), size), width, ask)) {
      await log.append(answered);
      samples.push(...answered);
      right += answered.filter((sample) => sample.correct).length;
      const counted = samples.filter(isScored).length;
      progress.update(samples.length, counted === 0 ? "" : `${((100 * right) / counted).toFixed(1)} % right`);
    }
  } finally {
    await log.close();
    progress.finish();
  }
  return samples;
}

function* parts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
