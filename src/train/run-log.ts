// `train.jsonl`: what a run says about itself while it goes on, a line a step and a line an evaluation. Where a killed run goes on
// from a checkpoint, lines behind that are dropped and come again, the same but for times.
import { join } from "node:path";
import { exists, openAppendLog, readJsonLines, writeFileAtomic } from "../core/index.ts";
import type { LogEntry } from "./checkpoint.ts";
import type { LossBySource } from "./loss-by-source.ts";

/** Name of the log in a run's folder. */
export const RUN_LOG = "train.jsonl";

/** First line: which run it is. */
interface RunHeader {
  readonly run_key: string;
  readonly steps: number;
}

/** A line of a step. */
export interface StepEntry extends LogEntry {
  /** Absent where the log was lost and made again from a checkpoint. */
  readonly tokens_per_second?: number;
  /** Arithmetic done beside that of plain matrix products in the same time. */
  readonly peak_share?: number;
  readonly time?: string;
  /** Loss by source. */
  readonly sources?: LossBySource;
}

/** Accuracy on one source of an exam. */
export interface ExamSource {
  readonly source: string;
  readonly language: string;
  readonly n: number;
  readonly accuracy: number;
  readonly interval: readonly [number, number];
}

/** An exam that a checkpoint sat. */
export interface ExamResult {
  /** Which exam: results of others are not compared with it. */
  readonly id: string;
  /** Mean over sources. */
  readonly accuracy: number;
  readonly sources: readonly ExamSource[];
}

/** Loss on rows that are not trained on. */
export interface HeldOutLoss {
  readonly id: string;
  readonly loss: number;
  readonly tokens: number;
  readonly sources: LossBySource;
}

/** A line of an evaluation after `step` steps. */
export interface EvaluationEntry {
  readonly step: number;
  readonly exam?: ExamResult;
  readonly held_out?: HeldOutLoss;
  /** Nothing before was better. */
  readonly best: boolean;
  readonly time: string;
}

/** The log of a run. */
export interface RunLog {
  readonly steps: readonly StepEntry[];
  readonly evaluations: readonly EvaluationEntry[];
  addStep(entry: StepEntry): Promise<void>;
  addEvaluation(entry: EvaluationEntry): Promise<void>;
  close(): Promise<void>;
}

/** The key of the run whose log lies in `out`; `undefined` when there is none, or it was cut off before its first line ended. */
export async function runLogKey(out: string): Promise<string | undefined> {
  const path = join(out, RUN_LOG);
  if (!(await exists(path))) return undefined;
  try {
    for await (const { value } of readJsonLines(path)) return (value as RunHeader).run_key;
  } catch {
    // A torn first line says nothing.
  }
  return undefined;
}

/** Opens the log of a run that goes on after the steps in `history`, which a checkpoint holds and which count. */
export async function openRunLog(
  out: string,
  header: { readonly key: string; readonly steps: number },
  history: readonly LogEntry[],
): Promise<RunLog> {
  const path = join(out, RUN_LOG);
  const written = await openAppendLog<unknown>(path, (line) => JSON.parse(line));
  await written.close();
  const known = new Map<number, StepEntry>();
  const evaluations: EvaluationEntry[] = [];
  const last = history.length;
  for (const entry of written.done as (StepEntry | EvaluationEntry | RunHeader)[]) {
    if ("run_key" in entry) continue;
    if ("loss" in entry) known.set(entry.step, entry);
    else if (entry.step <= last) evaluations.push(entry);
  }
  const steps: StepEntry[] = history.map((entry) => known.get(entry.step) ?? entry);
  const lines: unknown[] = [{ run_key: header.key, steps: header.steps } satisfies RunHeader];
  let next = 0;
  for (const step of steps) {
    while (evaluations[next] !== undefined && evaluations[next]!.step < step.step)
      lines.push(evaluations[next++]);
    lines.push(step);
  }
  lines.push(...evaluations.slice(next));
  await writeFileAtomic(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const log = await openAppendLog<unknown>(path, () => undefined);
  return {
    steps,
    evaluations,
    async addStep(entry) {
      steps.push(entry);
      await log.append([entry]);
    },
    async addEvaluation(entry) {
      evaluations.push(entry);
      await log.append([entry]);
    },
    close: () => log.close(),
  };
}
