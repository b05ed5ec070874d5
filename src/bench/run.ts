// A benchmark run: a suite, a model and a folder that holds the evidence. It can be killed at any moment; the same call goes
// on where it stopped and ends in the same samples and results.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  APOLLO_VERSION,
  exists,
  hashValue,
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
import { type FindingCount, findingCounts, itemFlags } from "./audit-report.ts";
import { inspectLog, inspectLogName } from "./inspect-log.ts";
import { lmEvalResults } from "./lm-eval-results.ts";
import { createShotPicker, planItems } from "./plan.ts";
import type { BenchMode } from "./prompts.ts";
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
  /** Default `letter`. */
  readonly mode?: BenchMode;
  /** Items per source, drawn by the seed; default: all. */
  readonly limit?: number | undefined;
  /** Worked examples per prompt; default 0. */
  readonly shots?: number;
  /** Where worked examples come from; default: the suite itself, the item left out. */
  readonly shotSuite?: Suite | undefined;
  /** Default 0. */
  readonly seed?: number;
  /** Mode `letter`: every item once for each cyclic shift of its options, for position bias and debiased accuracy. Default false. */
  readonly rotations?: boolean;
  /** What tells this model from another of the same name, e.g. a hash of its file; recorded, and checked on resume. */
  readonly modelIdentity?: unknown;
  /** Items per call to the model; does not change results. Default 16. */
  readonly batch?: number;
  /** Told what the audit says about the scored sources, before the first item is scored. */
  readonly onAudit?: (findings: readonly FindingCount[]) => void;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** Scores a suite with a model into a run folder and summarises it. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { suite, model, out } = options;
  const mode = options.mode ?? "letter";
  const seed = options.seed ?? 0;
  const shots = options.shots ?? 0;
  const rotations = options.rotations ?? false;
  if (rotations && mode !== "letter") {
    throw new UserError("bad-option", `options are rotated in mode letter only, found mode ${mode}`, {
      remedy: "Leave out --rotations, or take --mode letter.",
    });
  }
  const plan = planItems(suite.items, { mode, limit: options.limit, seed });
  const inputs: RunInputs = {
    apollo: APOLLO_VERSION,
    suite: suite.hash,
    model: model.id,
    modelIdentity: options.modelIdentity ?? null,
    mode,
    limit: options.limit ?? null,
    shots,
    shotSuite: shots === 0 ? null : (options.shotSuite ?? suite).hash,
    seed,
    rotations,
  };
  const audited = await auditSuite(suite, { against: shots === 0 ? undefined : options.shotSuite });
  const audit = findingCounts(audited, new Set(plan.items.map((item) => item.source)));
  options.onAudit?.(audit);
  const record = await startRun(out, {
    key: hashValue(inputs),
    inputs,
    suite: { path: suite.path, read: suite.read, refused: suite.refused, notes: suite.notes },
    audit,
    items: plan.items.length,
    skipped: plan.skipped,
    started: new Date().toISOString(),
  });
  const samples = await scorePlan(plan.items, { ...options, mode, shots, seed });
  // The baseline is that of all items the mode can score, not of the drawn ones.
  const sources = summarise(samples, planItems(suite.items, { mode, seed }).items, mode);
  const offTopic = audited.findings.filter((finding) => finding.code === "off-topic");
  const unsound = new Set(offTopic.flatMap((finding) => finding.ids));
  const robust = robustness(samples, suite.items, unsound);
  const context = {
    record,
    sources,
    robustness: robust,
    samples,
    items: plan.items,
    flags: itemFlags(audited),
  };
  const finished: RunRecord = { ...record, finished: record.finished ?? new Date().toISOString() };
  await writeJson(join(out, "results.json"), lmEvalResults(context));
  await writeJson(join(out, "inspect", inspectLogName(record)), inspectLog({ ...context, record: finished }));
  await writeFileAtomic(join(out, "report.html"), renderReport(context));
  await writeJson(join(out, RUN_FILE), finished);
  return { run: out, sources, average: averageAccuracy(sources), robustness: robust };
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
    await mkdir(out, { recursive: true });
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
  items: Suite["items"],
  options: BenchOptions & { readonly mode: BenchMode; readonly shots: number; readonly seed: number },
): Promise<Sample[]> {
  const { mode, shots, seed, signal } = options;
  const ids = items.map((item) => item.id);
  const log = await openSampleLog(join(options.out, SAMPLES_FILE), ids);
  const samples = [...log.done];
  const pool = (options.shotSuite ?? options.suite).items;
  const pickShots = createShotPicker(pool, { count: shots, seed, mode });
  const progress = (options.progress ?? silentProgress)(`bench ${options.model.id}`, items.length, "items");
  const batch = options.batch ?? 16;
  let right = samples.filter((sample) => sample.correct).length;
  try {
    while (samples.length < items.length) {
      signal?.throwIfAborted();
      const next = items.slice(samples.length, samples.length + batch);
      const answered = await answerItems(next, {
        model: options.model,
        mode,
        pickShots,
        rotations: options.rotations ?? false,
        signal,
      });
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
