// The alpha sweep: one suite, three models, a grid of alphas. Each alpha is a bench run folder of its own, byte for byte what
// `bench run` writes for that proxy model; the logits of the three are computed once and serve all alphas.
import { join } from "node:path";
import { type BenchMode, runBench, type Suite } from "../bench/index.ts";
import {
  type ProgressFactory,
  silentProgress,
  UserError,
  writeFileAtomic,
  writeJson,
} from "../core/index.ts";
import type { LanguageModel, LogitModel, ScoreRequest } from "../engine/index.ts";
import { type AlphaScore, createAlphaGrid, createProxyModel } from "../proxy/index.ts";
import { type DivergenceLog, openDivergenceLog, requestKey } from "./divergence-log.ts";
import { createSpeedSample, type ProxySpeed } from "./proxy-speed.ts";
import { renderSweepReport } from "./proxy-sweep-report.ts";
import { compareWithZero, type SweepRow, summarise } from "./proxy-sweep-rows.ts";

/** What a sweep consists of. */
export interface ProxySweepOptions {
  readonly base: LogitModel;
  readonly expert: LogitModel;
  readonly anti: LogitModel;
  readonly suite: Suite;
  /** Distinct; 0 is what the others are compared with. */
  readonly alphas: readonly number[];
  /** The sweep's folder; what an interrupted sweep left in it is kept. */
  readonly out: string;
  /** The offset moves the base's so many likeliest tokens alone; default all. */
  readonly topK?: number;
  /** Default `letter`. */
  readonly mode?: Exclude<BenchMode, "generate">;
  /** Items per source, drawn by the seed; default: all. */
  readonly limit?: number | undefined;
  /** Default 0. */
  readonly seed?: number;
  /** What tells the three models from others of their names; recorded, and checked on resume. */
  readonly identities?: { readonly base: unknown; readonly expert: unknown; readonly anti: unknown };
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** What a sweep measured. */
export interface SweepResult {
  readonly rows: readonly SweepRow[];
  /** The page with the chart. */
  readonly report: string;
  /** The pass of this call; items that were already scored are not in it. */
  readonly pass: { readonly requests: number; readonly positions: number; readonly seconds: number };
  /**
   * Items a second of the base by itself and of the trio at one alpha, over a few of this call's items; absent when all were
   * there. Kept in `speed.json`, apart from what must come out the same every time.
   */
  readonly speed?: ProxySpeed;
}

/** The run folder of one alpha. */
export function sweepRunFolder(out: string, alpha: number): string {
  return join(out, `alpha-${alpha}`);
}

/** Runs or continues a sweep. */
export async function sweepProxy(options: ProxySweepOptions): Promise<SweepResult> {
  const { base, expert, anti, suite, out } = options;
  const mode = options.mode ?? "letter";
  const alphas = checkAlphas(options.alphas);
  const pass = { requests: 0, positions: 0, seconds: 0 };
  const steering = options.topK === undefined ? {} : { topK: options.topK };
  const sample = createSpeedSample();
  const grid = createAlphaGrid({ base, expert, anti, alphas, ...steering });
  const measure = sharePass(sample.watch(grid), alphas.length, pass);
  const trio = createProxyModel({ base, expert, anti, alpha: 1, ...steering });
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const progress = slowestOf(alphas.length, options.progress ?? silentProgress);

  const runs = await Promise.allSettled(
    alphas.map(async (alpha, index) => {
      try {
        const folder = sweepRunFolder(out, alpha);
        const log = await openDivergenceLog(join(folder, "divergence.jsonl"));
        try {
          const model = alphaModel(trio.withAlpha(alpha), alpha, log, async (request) => {
            signal.throwIfAborted();
            return (await measure(request))[index]!;
          });
          const result = await runBench({
            suite,
            model,
            out: folder,
            mode,
            limit: options.limit,
            seed: options.seed ?? 0,
            modelIdentity:
              options.identities === undefined ? null : { ...options.identities, alpha, ...steering },
            progress: progress(index),
            signal,
          });
          return await summarise(alpha, result, suite, mode, model, log);
        } finally {
          await log.close();
        }
      } catch (error) {
        // One run that cannot go on ends the others, each at a whole sample.
        failed.abort(error);
        throw error;
      }
    }),
  );
  options.signal?.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
  const rows = compareWithZero(runs.flatMap((run) => (run.status === "fulfilled" ? run.value : [])));
  const report = join(out, "report.html");
  const names = { base: base.id, expert: expert.id, anti: anti.id };
  await writeFileAtomic(
    report,
    renderSweepReport({
      rows,
      alphas,
      mode,
      suite: suite.path,
      names,
      candidatesOnly: base.truncation !== undefined,
    }),
  );
  await writeJson(join(out, "sweep.json"), { ...names, mode, suite: suite.hash, alphas, ...steering, rows });
  const speed = await sample.measure(base, trio);
  if (speed === undefined) return { rows, report, pass };
  await writeJson(join(out, "speed.json"), speed);
  return { rows, report, pass, speed };
}

function checkAlphas(alphas: readonly number[]): readonly number[] {
  const remedy = "Give distinct numbers, for example 0,0.5,1.";
  if (alphas.length === 0) throw new UserError("bad-alpha", "no alpha is given", { remedy });
  const wrong = alphas.find((alpha, i) => !Number.isFinite(alpha) || alphas.indexOf(alpha) !== i);
  if (wrong === undefined) return alphas;
  const what = Number.isFinite(wrong) ? `alpha ${wrong} is given twice` : `alpha is ${wrong}`;
  throw new UserError("bad-alpha", what, { remedy });
}

type Measure = (request: ScoreRequest) => Promise<AlphaScore[]>;

/** All alphas ask for the same requests at nearly the same time: the first one causes the work, the last one ends the memory. */
function sharePass(
  grid: Measure,
  takers: number,
  pass: { requests: number; positions: number; seconds: number },
): Measure {
  const shared = new Map<string, { readonly answer: Promise<AlphaScore[]>; taken: number }>();
  let began: number | undefined;
  const work = async (request: ScoreRequest): Promise<AlphaScore[]> => {
    began ??= performance.now();
    const scores = await grid(request);
    pass.seconds = (performance.now() - began) / 1000;
    pass.requests++;
    pass.positions += scores[0]?.positions ?? 0;
    return scores;
  };
  return (request) => {
    const key = requestKey(request);
    const entry = shared.get(key) ?? { answer: work(request), taken: 0 };
    entry.taken++;
    if (entry.taken < takers) shared.set(key, entry);
    else shared.delete(key);
    return entry.answer;
  };
}

/** The model that a bench run of one alpha sees: it scores from the shared pass and keeps the divergence. */
function alphaModel(
  trio: LanguageModel,
  alpha: number,
  log: DivergenceLog,
  measure: (request: ScoreRequest) => Promise<AlphaScore>,
): LanguageModel {
  return {
    ...trio,
    async score(requests) {
      const measured: AlphaScore[] = [];
      try {
        for (const request of requests) measured.push(await measure(request));
      } catch (error) {
        // The base alone may have room for what the small models have not; a proxy model at alpha 0 is the base.
        if (alpha === 0 && error instanceof UserError) return trio.score(requests);
        throw error;
      }
      await log.append(
        measured.map(({ klSum, positions }, i) => ({ request: requestKey(requests[i]!), klSum, positions })),
      );
      return measured.map(({ scores }) => [...scores]);
    },
  };
}

/** Progress of runs in step, shown as one: that of the run that is furthest behind. */
function slowestOf(runs: number, progress: ProgressFactory): (run: number) => ProgressFactory {
  const done = new Array<number>(runs).fill(0);
  let bar: ReturnType<ProgressFactory> | undefined;
  let open = runs;
  return (run) => (_label, total, unit) => {
    bar ??= progress(`proxy sweep, ${runs} alphas`, total, unit);
    return {
      update(items) {
        done[run] = items;
        bar?.update(Math.min(...done));
      },
      finish() {
        done[run] = total;
        if (--open === 0) bar?.finish();
      },
    };
  };
}
