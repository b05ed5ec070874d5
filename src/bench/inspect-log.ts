// The run as an inspect_ai EvalLog (version 2), so that `inspect view --log-dir RUN/inspect` opens it.
import { hashBytes } from "../core/index.ts";
import type { Item } from "./item.ts";
import type { RunContext, RunRecord } from "./run-record.ts";
import type { Sample } from "./sample.ts";
import { averageAccuracy, averageStandardError } from "./summary.ts";

const TASK = "xmedbench";

/** The log's file name: inspect lists `.json` logs only when their name begins with a time stamp. */
export function inspectLogName(record: RunRecord): string {
  return `${time(record.started).replace(/[:+]/gu, "-")}_${TASK}_${record.key.slice(0, 12)}.json`;
}

/**
 * The log as one object. The order of its keys matters: inspect's header reader streams them and stops at `samples`;
 * keys without a value must be absent.
 */
export function inspectLog({ record, sources, samples, items, ask }: RunContext): unknown {
  const { inputs } = record;
  const metric = (name: string, value: number, group?: string) => [
    name,
    { name, value, params: {}, ...(group === undefined ? {} : { group }) },
  ];
  const model = `apollo/${inputs.model}`;
  return {
    version: 2,
    status: "success",
    eval: {
      eval_id: record.key.slice(0, 22),
      run_id: hashBytes(`run ${record.key}`).slice(0, 22),
      created: time(record.started),
      task: TASK,
      task_id: record.key.slice(0, 12),
      task_version: 1,
      task_attribs: {},
      task_args: {
        mode: inputs.mode,
        ...(inputs.protocol === undefined ? {} : { protocol: inputs.protocol.name }),
        shots: inputs.shots,
        seed: inputs.seed,
      },
      task_args_passed: {},
      dataset: { name: record.suite.path, samples: items.length, sample_ids: items.map((item) => item.id) },
      model,
      model_generate_config: {},
      model_args: {},
      config: inputs.limit === null ? {} : { limit: items.length },
      packages: { apollo: inputs.apollo },
    },
    plan: { name: "plan", steps: [{ solver: `bench ${inputs.mode}`, params: {} }], config: {} },
    results: {
      total_samples: samples.length,
      completed_samples: samples.length,
      scores: [
        {
          name: "choice",
          scorer: "choice",
          params: {},
          metrics: Object.fromEntries([
            metric("accuracy", averageAccuracy(sources)),
            metric("stderr", averageStandardError(sources)),
            ...sources.map((source) => metric(source.source, source.accuracy, "source")),
          ]),
        },
      ],
    },
    stats: {
      started_at: time(record.started),
      completed_at: time(record.finished ?? record.started),
      model_usage: {},
      role_usage: {},
    },
    invalidated: false,
    tags: [],
    metadata: { skipped: record.skipped },
    samples: samples.map((sample, i) => inspectSample(sample, items[i]!, ask(items[i]!), model)),
  };
}

function inspectSample(sample: Sample, item: Item, input: string, model: string): unknown {
  const answer = sample.choice ?? "";
  const completion = sample.mode === "generate" && "response" in sample ? sample.response : answer;
  const message = { role: "assistant", content: completion, source: "generate" };
  return {
    id: sample.id,
    epoch: 1,
    input,
    choices: item.options,
    target: sample.gold,
    messages: [{ role: "user", content: input }, message],
    output: { model, choices: [{ message, stop_reason: "stop" }], completion },
    scores: {
      choice: {
        value: sample.correct ? "C" : sample.choice === null ? "N" : "I",
        answer,
        history: [],
        metadata: { ...("options" in sample ? { options: sample.options } : {}) },
      },
    },
    metadata: { source: sample.source, language: sample.language, shots: sample.shots },
    store: {},
    events: [],
    model_usage: {},
    role_usage: {},
    attachments: {},
  };
}

/** ISO 8601 with an offset and whole seconds, as inspect writes it. */
function time(iso: string): string {
  return iso.replace(/(\.\d+)?Z$/u, "+00:00");
}
