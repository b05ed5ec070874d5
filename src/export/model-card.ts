// A model card in the hub's format: YAML metadata with results, then what a reader must know, from what the run's own files
// say. What is not known is said to be unknown.
import { join } from "node:path";
import { MANIFEST_FILE, readJson, UserError, writeFileAtomic } from "../core/index.ts";
import { parameterCount, readModelConfig } from "../model/index.ts";
import { readTraining } from "./training-record.ts";

/** What the card is made from. */
export interface CardOptions {
  /** The file to write. Default: README.md in the checkpoint's folder. */
  readonly out?: string;
  readonly name: string;
  /** Run folders of `apollo bench run`. */
  readonly runs?: readonly string[];
  /** Corpus folders, in the order they were made. */
  readonly corpora?: readonly string[];
  /** The model that was trained on. */
  readonly base?: string | undefined;
  /** An SPDX name as the hub spells it. */
  readonly license?: string | undefined;
}

/** What was written. */
export interface CardResult {
  readonly out: string;
  readonly results: number;
  readonly languages: readonly string[];
  /** What a reader would look for and the files did not say. */
  readonly missing: readonly string[];
}

/** One source of one run. */
interface BenchResult {
  readonly source: string;
  readonly language: string;
  readonly metric: string;
  readonly accuracy: number;
  readonly interval: readonly [number, number] | undefined;
  readonly chance: number | undefined;
  readonly n: number;
  readonly mode: string;
  /** The model that was asked: often a quantised file of this checkpoint. */
  readonly measured: string;
  /** How far the letters given lie from those of the right answers: half the sum of differences of shares. */
  readonly letterBias: number | undefined;
}

/** From here on a reader should know that letters are given by habit. */
const NOTED_LETTER_BIAS = 0.2;

/** Writes a card for the checkpoint in `folder`; `UserError` when a run or a corpus is none. */
export async function exportCard(folder: string, options: CardOptions): Promise<CardResult> {
  const config = await readModelConfig(folder);
  const results = (await Promise.all((options.runs ?? []).map(readRun))).flat();
  const corpora = await Promise.all((options.corpora ?? []).map(readCorpus));
  const recipe = await readTraining(folder);
  const languages = [
    ...new Set([
      ...results.map(({ language }) => language),
      ...corpora.flatMap(({ languages }) => languages),
    ]),
  ]
    .filter((language) => /^[a-z]{2,3}$/u.test(language))
    .sort();
  const missing = [
    ...(results.length === 0 ? ["results"] : []),
    ...(corpora.length === 0 ? ["data"] : []),
    ...(recipe === undefined ? ["recipe"] : []),
    ...(options.license === undefined ? ["license"] : []),
  ];
  const parameters = parameterCount(config);
  const text = [
    metadata(options, languages, results),
    `# ${options.name}`,
    `A language model of ${count(parameters)} parameters (${config.architecture}, ${config.layers} layers, context ${count(config.contextLength)} tokens), ${options.base === undefined ? "its base is not recorded" : `made from ${options.base}`}. Written by [Apollo](https://arxiv.org/abs/2403.03640) in TypeScript.`,
    DISCLAIMER,
    "## Results",
    resultTable(results),
    "## Data",
    corpora.length === 0 ? NOT_RECORDED : corpora.map(({ text: lines }) => lines).join("\n\n"),
    "## Recipe",
    recipe === undefined ? NOT_RECORDED : `\`\`\`json\n${JSON.stringify(recipe, null, 2)}\n\`\`\``,
    "## Limits",
    limits(languages, results),
  ].join("\n\n");
  const out = options.out ?? join(folder, "README.md");
  await writeFileAtomic(out, `${text}\n`);
  return { out, results: results.length, languages, missing };
}

const NOT_RECORDED = "Not recorded in the files this card was made from.";

const DISCLAIMER = `> **Not a doctor.** Outputs can be wrong, outdated or harmful. This model has not been evaluated in clinical use and is no
> medical device. Do not use it to diagnose, to treat or to delay seeking care; in an emergency call your local emergency number.`;

/** JSON is YAML, so values are written as JSON: nothing in a name can break out of it. */
function metadata(
  options: CardOptions,
  languages: readonly string[],
  results: readonly BenchResult[],
): string {
  const fields: Record<string, unknown> = {
    ...(languages.length === 0 ? {} : { language: languages }),
    ...(options.license === undefined ? {} : { license: options.license }),
    ...(options.base === undefined ? {} : { base_model: options.base }),
    library_name: "transformers",
    pipeline_tag: "text-generation",
    tags: ["medical", "apollo"],
    ...(results.length === 0
      ? {}
      : { "model-index": [{ name: options.name, results: results.map(indexEntry) }] }),
  };
  return `---\n${Object.entries(fields)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join("\n")}\n---`;
}

function indexEntry({ source, language, metric, accuracy, interval, n, mode }: BenchResult): unknown {
  return {
    task: { type: "question-answering", name: "Multiple-choice medical questions" },
    dataset: { type: source, name: source, config: language, split: "test" },
    metrics: [
      {
        type: "accuracy",
        name: metric,
        value: accuracy,
        args: { n, mode, ...(interval === undefined ? {} : { interval_95: interval }) },
      },
    ],
  };
}

function resultTable(results: readonly BenchResult[]): string {
  if (results.length === 0) return "Not measured.";
  const rows = results.map(
    ({ source, language, measured, mode, n, accuracy, interval, chance }) =>
      `| ${source} | ${language} | ${measured} | ${mode} | ${n} | ${percent(accuracy)} | ${interval === undefined ? "" : `${percent(interval[0])} to ${percent(interval[1])}`} | ${chance === undefined ? "" : percent(chance)} |`,
  );
  return [
    "Accuracy with its 95 % interval (Wilson), and of what file or server: a quantised one does not answer quite as this checkpoint. The",
    "last column is what always choosing the commonest answer gives: an interval that holds it says nothing about knowledge.",
    "",
    "| exam | language | measured | scored by | questions | accuracy | 95 % interval | commonest answer |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function limits(languages: readonly string[], results: readonly BenchResult[]): string {
  const sources = (list: readonly BenchResult[]): string => list.map(({ source }) => source).join(", ");
  const [below, level]: [BenchResult[], BenchResult[]] = [[], []];
  for (const result of results) {
    const { interval, chance } = result;
    if (interval === undefined || chance === undefined || interval[0] > chance) continue;
    (interval[1] < chance ? below : level).push(result);
  }
  const biased = results.filter(({ letterBias }) => (letterBias ?? 0) >= NOTED_LETTER_BIAS);
  return [
    languages.length === 0
      ? "- Its languages are not recorded."
      : `- Measured or trained in ${languages.join(", ")}; elsewhere nothing is known.`,
    "- Exam questions test recall in a fixed form. They say little about advice to patients, dosing or dialogue.",
    ...(below.length === 0 ? [] : [`- Worse than the commonest answer in: ${sources(below)}.`]),
    ...(level.length === 0 ? [] : [`- Not better than the commonest answer in: ${sources(level)}.`]),
    ...biased.map(
      ({ source, letterBias }) =>
        `- Gives letters by habit in ${source}: their shares differ from the right answers' by ${percent(letterBias!)}.`,
    ),
    "- Biases and errors of the training texts are in the model. It does not know what it does not know.",
  ].join("\n");
}

async function readRun(folder: string): Promise<BenchResult[]> {
  const path = join(folder, "results.json");
  const file = (await readJson(path)) as {
    results?: Record<string, Record<string, unknown>>;
    model_name?: string;
    configs?: Record<string, { tag?: string; metadata?: { mode?: string; protocol?: string | null } }>;
  } | null;
  const sources = Object.keys(file?.configs ?? {});
  if (sources.length === 0) {
    throw new UserError("bad-run", "holds no results of a bench run", {
      file: path,
      remedy: "Give a folder that apollo bench run has written.",
    });
  }
  return sources.map((source) => {
    const row = file?.results?.[source] ?? {};
    const { mode: way = "", protocol } = file?.configs?.[source]?.metadata ?? {};
    const mode = protocol ? `${protocol} (${way})` : way;
    const metric = ["exact_match", "acc_bytes", "acc"].find(
      (name) => typeof row[`${name},none`] === "number",
    );
    if (metric === undefined) throw new UserError("bad-run", "has no accuracy", { file: path, at: source });
    const interval = row["wilson_95,none"];
    const chance = row["majority,none"];
    const bias = row["position_bias,none"];
    return {
      source,
      language: String(file?.configs?.[source]?.tag ?? row.language ?? ""),
      metric,
      mode,
      accuracy: row[`${metric},none`] as number,
      interval: Array.isArray(interval) ? (interval as unknown as [number, number]) : undefined,
      chance: typeof chance === "number" ? chance : undefined,
      n: Number(row.sample_len),
      measured: file?.model_name ?? "not recorded",
      letterBias: typeof bias === "number" ? bias : undefined,
    };
  });
}

async function readCorpus(folder: string): Promise<{ text: string; languages: string[] }> {
  const path = join(folder, MANIFEST_FILE);
  const manifest = (await readJson(path)) as {
    stage?: string;
    key?: string;
    result?: Record<string, unknown>;
  } | null;
  if (typeof manifest?.stage !== "string" || typeof manifest.result !== "object") {
    throw new UserError("bad-corpus", "is no manifest of a corpus", {
      file: path,
      remedy: "Give a folder that apollo corpus has written.",
    });
  }
  const { stage, key, result } = manifest;
  const byLanguage = result.byLanguage;
  const languages = typeof byLanguage === "object" && byLanguage !== null ? Object.keys(byLanguage) : [];
  const lines = Object.entries(result)
    .filter(
      ([, value]) =>
        typeof value === "number" || (typeof value === "object" && value !== null && !Array.isArray(value)),
    )
    .map(
      ([name, value]) =>
        `- ${name}: ${typeof value === "number" ? count(value) : inner(value as Record<string, unknown>)}`,
    );
  return { text: [`\`apollo ${stage}\` (key ${key?.slice(0, 12)})`, "", ...lines].join("\n"), languages };
}

function inner(value: Record<string, unknown>): string {
  const parts = Object.entries(value).map(
    ([name, part]) => `${name} ${typeof part === "number" ? count(part) : JSON.stringify(part)}`,
  );
  return parts.join(", ") || "none";
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
