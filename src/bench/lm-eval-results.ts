// results.json in lm-evaluation-harness's result schema, so that tools made for it read our runs.
import { canonicalJson, hashBytes, hashValue } from "../core/index.ts";
import type { Item } from "./item.ts";
import type { Robustness } from "./robustness.ts";
import type { RunContext } from "./run-record.ts";
import { isScored, type Sample } from "./sample.ts";
import { binaryStandardError } from "./statistics.ts";
import { averageAccuracy, averageStandardError, type SourceResult } from "./summary.ts";

/** Version of a task's definition here; raised when prompts or scoring change. */
const TASK_VERSION = 1;
const GROUP = "xmedbench";

/**
 * The results as one object. Metrics: in scoring modes those of lm-eval and `acc_tokens`; in mode `generate`
 * `exact_match`, and `exact_match_strict` where answers are read twice. Holds no times: equal runs have equal bytes
 * (`date` is SOURCE_DATE_EPOCH or 0; the times are in run.json).
 */
export function lmEvalResults({
  record,
  sources,
  robustness,
  samples,
  items,
  suiteItems,
}: RunContext): unknown {
  const { inputs } = record;
  const each = <T>(value: (source: SourceResult) => T): Record<string, T> =>
    Object.fromEntries(sources.map((source) => [source.source, value(source)]));
  const primary = primaryMetric(inputs);
  const metricNames = sources[0] === undefined ? [] : Object.keys(metrics(sources[0], primary));
  const modelName = inputs.model;
  return {
    results: {
      ...each((source) => ({
        name: source.source,
        alias: source.source,
        sample_len: source.n,
        ...Object.fromEntries(
          Object.entries(metrics(source, primary)).flatMap(([name, [value, error]]) => [
            [`${name},none`, value],
            [`${name}_stderr,none`, error],
          ]),
        ),
        "wilson_95,none": source.interval,
        "majority,none": source.majority,
        "no_answer,none": source.noAnswer,
        ...(source.strict === undefined ? {} : { "no_answer_strict,none": source.strict.noAnswer }),
        ...(source.tooLong === undefined ? {} : { "too_long,none": source.tooLong }),
        ...robustnessMetrics(robustness, source.source),
      })),
      [GROUP]: groupResult(sources, primary),
    },
    groups: { [GROUP]: groupResult(sources, primary) },
    group_subtasks: { [GROUP]: sources.map((source) => source.source) },
    configs: each((source) => ({
      task: source.source,
      // The language stands here: in the rows above the harness has numbers only.
      tag: source.language,
      dataset_path: record.suite.path,
      test_split: "test",
      description: "",
      target_delimiter: inputs.mode === "letter" ? " " : "",
      fewshot_delimiter: "\n\n",
      num_fewshot: inputs.shots,
      metric_list: metricNames.map((metric) => ({ metric, aggregation: "mean", higher_is_better: true })),
      output_type: inputs.mode === "generate" ? "generate_until" : "multiple_choice",
      repeats: 1,
      should_decontaminate: false,
      metadata: { version: TASK_VERSION, mode: inputs.mode, protocol: inputs.protocol?.name ?? null },
    })),
    versions: each(() => TASK_VERSION),
    "n-shot": each(() => inputs.shots),
    higher_is_better: each(() => Object.fromEntries(metricNames.map((metric) => [metric, true]))),
    "n-samples": each((source) => ({
      original: suiteItems.filter((item) => item.source === source.source).length,
      effective: source.n,
    })),
    config: {
      model: "apollo",
      model_args: { id: inputs.model, identity: canonicalJson(inputs.modelIdentity) },
      batch_size: null,
      batch_sizes: [],
      device: null,
      use_cache: null,
      limit: inputs.limit,
      bootstrap_iters: 0,
      gen_kwargs: inputs.mode === "generate" ? { temperature: 0 } : {},
      random_seed: inputs.seed,
      fewshot_seed: inputs.seed,
    },
    git_hash: null,
    date: Number(process.env.SOURCE_DATE_EPOCH ?? 0),
    apollo_version: inputs.apollo,
    task_hashes: each((source) => taskHash(samples, items, source.source)),
    model_source: "apollo",
    model_name: modelName,
    model_name_sanitized: modelName.replace(/["<>:/\\|?*[\]]+/gu, "__"),
    system_instruction: null,
    system_instruction_sha: null,
    fewshot_as_multiturn: false,
    chat_template: null,
    chat_template_sha: null,
    total_evaluation_time_seconds: "not recorded here: see run.json",
    // Ours, whole: what readers of lm-evaluation-harness's schema leave alone and `readRun` reads back.
    apollo: { sources, average: averageAccuracy(sources), robustness },
  };
}

function robustnessMetrics({ sources }: Robustness, name: string): Record<string, number> {
  const { calibration, position, rotations } = sources.find(({ source }) => source === name) ?? {};
  return {
    ...(calibration === undefined
      ? {}
      : {
          "ece,none": calibration.ece,
          "brier,none": calibration.brier,
          "multiclass_brier,none": calibration.multiclassBrier,
          ...Object.fromEntries(
            calibration.selective
              .filter(({ coverage }) => coverage < 1)
              .map(({ coverage, accuracy }) => [`acc_at_${100 * coverage}_coverage,none`, accuracy]),
          ),
        }),
    ...(position === undefined
      ? {}
      : {
          "position_bias,none": position.distance,
          "recall_deviation,none": position.recallDeviation,
        }),
    ...(rotations === undefined
      ? {}
      : {
          "rotated_acc,none": rotations.accuracy,
          "debiased_acc,none": rotations.debiased,
          "prior_free_acc,none": rotations.priorFree,
          "always_right,none": rotations.always,
          "unstable,none": rotations.unstable,
        }),
  };
}

/** What the run's accuracy is called: that of the rule of choice, or of the generated answers. */
function primaryMetric({ mode, choiceRule }: RunContext["record"]["inputs"]): string {
  if (mode === "generate") return "exact_match";
  return choiceRule ?? (mode === "text" ? "acc_bytes" : "acc");
}

function metrics(source: SourceResult, primary: string): Record<string, [number, number]> {
  const withError = (accuracy: number): [number, number] => [
    accuracy,
    binaryStandardError(Math.round(accuracy * source.n), source.n),
  ];
  return {
    [primary]: [source.accuracy, source.standardError],
    ...Object.fromEntries(
      Object.entries(source.accuracies ?? {})
        .filter(([rule]) => rule !== primary)
        .map(([rule, accuracy]) => [rule, withError(accuracy)]),
    ),
    ...(source.strict === undefined ? {} : { exact_match_strict: withError(source.strict.accuracy) }),
  };
}

function groupResult(sources: readonly SourceResult[], metric: string): Record<string, unknown> {
  return {
    name: GROUP,
    alias: GROUP,
    sample_len: sources.reduce((sum, source) => sum + source.n, 0),
    [`${metric},none`]: averageAccuracy(sources),
    [`${metric}_stderr,none`]: averageStandardError(sources),
  };
}

/** Changes when an item, its order or what counts as right changes. */
function taskHash(samples: readonly Sample[], items: readonly Item[], source: string): string {
  const hashes = samples.flatMap((sample, i) =>
    sample.source === source && isScored(sample) ? [hashValue(items[i])] : [],
  );
  return hashBytes(hashes.join(""));
}
