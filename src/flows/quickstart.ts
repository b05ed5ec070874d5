// The whole house on the shipped samples: corpus -> train -> export -> bench -> proxy, ready to serve. Every stage leaves its
// artifact and manifest, so a run that was stopped goes on where it was, and a finished one is only read again.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type BenchResult, loadSuite, runBench } from "../bench/index.ts";
import {
  hashFile,
  LANGUAGES,
  type Language,
  type ProgressFactory,
  silentProgress,
  writeFileAtomic,
} from "../core/index.ts";
import { decontaminateCorpus, importCorpus, packCorpus } from "../corpus/index.ts";
import type { LogitModel } from "../engine/index.ts";
import { openGguf } from "../engine/index.ts";
import { createProxyModel } from "../proxy/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { loadRecipe, readLosses, type StepReport, train, writeUntrained } from "../train/index.ts";
import { renderQuickstartReport } from "./quickstart-report.ts";
import {
  END_TOKEN,
  LARGER,
  layout,
  MIXTURE,
  RECIPE,
  ROW_LENGTH,
  SAMPLES,
  VOCABULARY_SIZE,
} from "./quickstart-stages.ts";
import { afresh, exportOnce, learnTokenizer, type StageRun, using } from "./stages.ts";

/** Options of `quickstart`. */
export interface QuickstartOptions {
  /** Folder of all artifacts. */
  readonly out: string;
  /** CPU threads. Default: all cores, at most 8. */
  readonly threads?: number;
  /** Changes to the recipe, `key=value`; for tests. */
  readonly settings?: readonly string[];
  /** Exam items for each language; default all. For tests. */
  readonly limit?: number;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
  /** Told when a stage begins. */
  readonly onStage?: (stage: string, what: string) => void;
  readonly onStep?: (step: StepReport) => void;
}

/** One row of the final table; accuracies from 0 to 1, `n` items each. */
export interface LanguageRow {
  readonly language: Language;
  readonly taughtBefore: number;
  readonly taughtAfter: number;
  readonly heldOutBefore: number;
  readonly heldOutAfter: number;
  /** The untrained larger model on the taught facts, lifted by the trained small one. */
  readonly proxy: number;
  readonly n: number;
}

/** What the quickstart measured. */
export interface QuickstartResult {
  readonly seconds: number;
  readonly languages: readonly LanguageRow[];
  readonly report: string;
  /** The exported model, ready to serve. */
  readonly model: string;
}

/** Runs the quickstart; see the README. */
export async function quickstart(options: QuickstartOptions): Promise<QuickstartResult> {
  const began = performance.now();
  const { out, progress = silentProgress, signal, onStage } = options;
  const at = layout(out);
  const threads = options.threads ?? Math.min(8, availableParallelism());
  const run = { progress, ...(signal === undefined ? {} : { signal }) };
  const stage = (name: string, what: string): void => {
    signal?.throwIfAborted();
    onStage?.(name, what);
  };

  stage(
    "corpus",
    "import the samples, drop duplicates, decontaminate against the held-out exam, learn a vocabulary, pack",
  );
  const recipe = await loadRecipe(RECIPE, options.settings);
  await prepareCorpus(at, run);

  stage("train", "a small model from random weights, one pass over the packed rows");
  const trained = await afresh(at.model, "run-exists", () =>
    train({
      recipe,
      data: at.packed,
      out: at.model,
      threads,
      ...run,
      ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
    }),
  );

  stage("export", "Hugging Face folders to GGUF");
  const model = recipe.model!;
  const shape = { tokenizerFolder: join(at.packed, "tokenizer"), length: ROW_LENGTH };
  await writeUntrained({ recipe: { ...recipe, model }, ...shape, out: at.untrained });
  await writeUntrained({
    recipe: { ...recipe, model: { ...model, ...LARGER }, seed: recipe.seed + 1 },
    ...shape,
    out: at.larger,
  });
  await exportOnce(at.model, "f16", at.gguf("trained-f16"), run);
  await exportOnce(at.model, "q8_0", at.gguf("trained-q8_0"), run);
  await exportOnce(at.untrained, "f16", at.gguf("untrained-f16"), run);
  await exportOnce(at.larger, "f16", at.gguf("larger-untrained-f16"), run);

  stage("bench", "the sample exam before and after training");
  // Models this small are fastest on one thread: more would spend their time waiting for each other.
  const open = (name: string): Promise<LogitModel> => openGguf(at.gguf(name), { threads: 1 });
  const identities = await Promise.all(
    (["untrained-f16", "trained-f16", "larger-untrained-f16"] as const).map((name) =>
      hashFile(at.gguf(name)),
    ),
  );
  const score = async (name: string, suitePath: string, model: LogitModel): Promise<BenchResult> => {
    const suite = await loadSuite(suitePath);
    const out = at.bench(name);
    return afresh(out, "run-mismatch", () =>
      runBench({
        suite,
        model,
        out,
        mode: "text",
        limit: options.limit,
        modelIdentity: identities,
        ...run,
      }),
    );
  };
  const before = await using(await open("untrained-f16"), async (untrained) => ({
    taught: await score("taught-before", SAMPLES.taught, untrained),
    heldOut: await score("held-out-before", SAMPLES.heldOut, untrained),
  }));
  const after = await using(await open("trained-f16"), async (tuned) => ({
    taught: await score("taught-after", SAMPLES.taught, tuned),
    heldOut: await score("held-out-after", SAMPLES.heldOut, tuned),
  }));

  stage("proxy", "the trained model lends what it knows to an untrained larger one");
  const members = await Promise.all(["larger-untrained-f16", "trained-f16", "untrained-f16"].map(open));
  const [base, expert, anti] = members as [LogitModel, LogitModel, LogitModel];
  const proxy = await using(createProxyModel({ base, expert, anti, alpha: 1 }), (trio) =>
    score("taught-proxy", SAMPLES.taught, trio),
  );

  const languages = LANGUAGES.map((language) => ({
    language,
    taughtBefore: accuracy(before.taught, language),
    taughtAfter: accuracy(after.taught, language),
    heldOutBefore: accuracy(before.heldOut, language),
    heldOutAfter: accuracy(after.heldOut, language),
    proxy: accuracy(proxy, language),
    n: after.taught.sources.find((source) => source.language === language)?.n ?? 0,
  }));
  const seconds = (performance.now() - began) / 1000;
  await writeFileAtomic(
    at.report,
    renderQuickstartReport({
      before,
      after,
      proxy,
      languages,
      trained,
      recipe,
      losses: await readLosses(at.model),
    }),
  );
  return { seconds, languages, report: at.report, model: at.gguf("trained-q8_0") };
}

async function prepareCorpus(at: ReturnType<typeof layout>, run: StageRun): Promise<void> {
  await importCorpus([SAMPLES.corpus], at.corpus, run);
  await decontaminateCorpus(at.corpus, [SAMPLES.heldOut], at.clean, run);
  await learnTokenizer(at.clean, at.tokenizer, { size: VOCABULARY_SIZE, endToken: END_TOKEN, ...run });
  const tokenizer = await loadTokenizer(at.tokenizer);
  await packCorpus(at.clean, { tokenizer, length: ROW_LENGTH, out: at.packed, mixture: MIXTURE, ...run });
}

function accuracy(result: BenchResult, language: Language): number {
  return result.sources.find((source) => source.language === language)?.accuracy ?? 0;
}
