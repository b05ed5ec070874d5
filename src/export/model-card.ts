// A model card in the hub's format: YAML metadata with results, then what a reader must know, from what the run's own files
// say. What is not known is said to be unknown.
import { join } from "node:path";
import { writeFileAtomic } from "../core/index.ts";
import { parameterCount, readModelConfig } from "../model/index.ts";
import { type BenchResult, count, readCorpus, readRun } from "./card-evidence.ts";
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

function indexEntry({
  source,
  language,
  metric,
  accuracy,
  interval,
  n,
  of,
  suite,
  mode,
}: BenchResult): unknown {
  return {
    task: { type: "question-answering", name: "Multiple-choice medical questions" },
    dataset: {
      type: source,
      name: source,
      config: language,
      ...(suite === undefined ? {} : { args: { file: suite } }),
    },
    metrics: [
      {
        type: "accuracy",
        name: metric,
        value: accuracy,
        args: {
          n,
          ...(of === undefined ? {} : { of }),
          mode,
          ...(interval === undefined ? {} : { interval_95: interval }),
        },
      },
    ],
  };
}

function resultTable(results: readonly BenchResult[]): string {
  if (results.length === 0) return "Not measured.";
  const rows = results.map(
    ({ source, language, measured, mode, n, of, accuracy, interval, chance }) =>
      `| ${source} | ${language} | ${measured} | ${mode} | ${of === undefined || of === n ? count(n) : `${count(n)} of ${count(of)}`} | ${percent(accuracy)} | ${interval === undefined ? "" : `${percent(interval[0])} to ${percent(interval[1])}`} | ${chance === undefined ? "" : percent(chance)} |`,
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
  const partial = results.filter(({ n, of }) => of !== undefined && n < of);
  const biased = results.filter(({ letterBias }) => (letterBias ?? 0) >= NOTED_LETTER_BIAS);
  return [
    languages.length === 0
      ? "- Its languages are not recorded."
      : `- Measured or trained in ${languages.join(", ")}; elsewhere nothing is known.`,
    "- Exam questions test recall in a fixed form. They say little about advice to patients, dosing or dialogue.",
    ...(partial.length === 0
      ? []
      : [`- Asked a part of the questions alone, as the table says, in: ${sources(partial)}.`]),
    ...(below.length === 0 ? [] : [`- Worse than the commonest answer in: ${sources(below)}.`]),
    ...(level.length === 0 ? [] : [`- Not better than the commonest answer in: ${sources(level)}.`]),
    ...biased.map(
      ({ source, letterBias }) =>
        `- Gives letters by habit in ${source}: their shares differ from the right answers' by ${percent(letterBias!)}.`,
    ),
    "- Biases and errors of the training texts are in the model. It does not know what it does not know.",
  ].join("\n");
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
