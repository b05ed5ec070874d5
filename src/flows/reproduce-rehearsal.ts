// Stand-ins for what the hub holds, made from the shipped samples: a base model of no knowledge, a corpus in ApolloCorpus's folders
// and names, an exam in XMedBench's. A hub on this machine serves them under the published names, so that the chain is the same.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PAPER_COLUMNS } from "../bench/index.ts";
import { LANGUAGES, makeFolder, readJson, writeJson } from "../core/index.ts";
import { importCorpus } from "../corpus/index.ts";
import { HUB_SHORTCUTS, type LocalHub, type LocalRepository, startLocalHub } from "../hub/index.ts";
import { parseRecipe, writeUntrained } from "../train/index.ts";
import { END_TOKEN, SAMPLES } from "./quickstart-stages.ts";
import type { FamilyMember } from "./reproduce-family.ts";
import { learnTokenizer, type StageRun } from "./stages.ts";

/** What of a recipe a rehearsal changes: rows and batches of a size that a test can train on, and a rate at which the loss moves. */
export const REHEARSAL_SETTINGS: readonly string[] = [
  "batch=8",
  "accumulate=2",
  "learningRate=0.003",
  "pack.length=256",
  "checkpointEvery=10",
  "keepCheckpoints=1",
];

/** Shape of the stand-in for the base model. */
const SHAPE = { hiddenSize: 64, layers: 2, heads: 2 } as const;
const VOCABULARY_SIZE = 1024;
/** Positions: worked examples in scripts that the small vocabulary spells byte by byte are long. */
const CONTEXT_LENGTH = 4096;

/** Categories of question-answer pairs in `train/pretrain`, which the samples' guidelines are dealt out to. */
const PRETRAINING = ["medicalBook", "medicalGuideline", "medicalPaper", "medicalWeb", "medicalWiki"] as const;

/** A rehearsal's hub and what else the published material would bring. */
export interface Rehearsal {
  readonly hub: LocalHub;
  /** Prompts in the shape of the published ones. */
  readonly protocolFile: string;
}

/**
 * Makes the stand-ins in `folder` (what is there already is kept) and serves them: `baseId` as the base model, the corpus and the
 * exam under their own names. The same samples give the same bytes, and so the same commits.
 */
export async function startRehearsal(
  folder: string,
  member: FamilyMember,
  baseId: string,
  run: StageRun,
): Promise<Rehearsal> {
  const corpus = join(folder, "samples");
  const tokenizer = join(folder, "tokenizer");
  const base = join(folder, "base");
  await makeFolder(folder);
  await importCorpus([SAMPLES.corpus], corpus, run);
  await learnTokenizer(corpus, tokenizer, { size: VOCABULARY_SIZE, endToken: END_TOKEN, ...run });
  const recipe = parseRecipe({ model: { ...SHAPE, ...member.standIn }, batch: 1, learningRate: 1 }, base);
  await writeUntrained({
    recipe: { ...recipe, model: recipe.model! },
    tokenizerFolder: tokenizer,
    length: CONTEXT_LENGTH,
    out: base,
  });
  const protocolFile = join(folder, "prompts.json");
  await writeJson(protocolFile, PROMPTS);
  const exam = await examFiles();
  const hub = await startLocalHub([
    { type: "model", id: baseId, files: await folderFiles(base) },
    { ...repositoryOf("apollo-corpus"), files: await corpusFiles(exam) },
    { ...repositoryOf("xmedbench"), files: json(exam) },
  ]);
  return { hub, protocolFile };
}

/** Where `pull` looks and keeps what it brings, in a rehearsal: nothing of it mixes with the real hub's cache. */
export function rehearsalVariables({ hub }: Rehearsal, folder: string): Record<string, string> {
  return { HF_ENDPOINT: hub.endpoint, HF_HOME: join(folder, "cache") };
}

function repositoryOf(name: string): Pick<LocalRepository, "type" | "id"> {
  const { type, id } = HUB_SHORTCUTS[name]!;
  return { type, id };
}

type Files = Readonly<Record<string, unknown>>;
type ExamItem = Readonly<Record<"question" | "options" | "answer", string>>;

/** The samples' exam over the paper's nine columns: `test/en.json` with three sources, and so on. */
async function examFiles(): Promise<Files> {
  const items = (await readJson(SAMPLES.taught)) as { source: string }[];
  const files: Record<string, unknown> = {};
  for (const language of LANGUAGES) {
    const sources = PAPER_COLUMNS.filter((column) => column.language === language);
    files[`test/${language}.json`] = items
      .filter(({ source }) => source.endsWith(`-${language}`))
      .map((item, i) => ({ ...item, source: sources[i % sources.length]!.source }));
  }
  return files;
}

/** The samples' texts in the published folders, a leaked exam question among them; text files and halves of a check that nobody reads. */
async function corpusFiles(exam: Files): Promise<Record<string, string>> {
  const files: Record<string, unknown> = { "README.md": "stand-in" };
  const others = (await readJson(SAMPLES.heldOut)) as (ExamItem & { source: string })[];
  for (const language of LANGUAGES) {
    const pairs = async (name: string): Promise<unknown[]> =>
      (await readJson(join(SAMPLES.corpus, name))) as unknown[];
    const guidelines = await pairs(`medicalGuideline_${language}_qa.json`);
    for (const [i, category] of PRETRAINING.entries())
      files[`train/pretrain/${category}_${language}_qa.json`] = guidelines.filter(
        (_, j) => j % PRETRAINING.length === i,
      );
    files[`train/pretrain/medicalWiki_${language}_text.json`] = await pairs(
      `medicalWiki_${language}_text.json`,
    );
    const patients = await pairs(`medicalPatient_${language}.json`);
    files[`train/sft/medicalPatient_${language}.json`] = patients.filter((_, j) => j % 2 === 0);
    files[`train/sft/general_${language}.json`] = patients.filter((_, j) => j % 2 === 1);
    const [leaked] = exam[`test/${language}.json`] as ExamItem[];
    const asked = others.filter(({ source }) => source.endsWith(`-${language}`)).slice(0, 5);
    files[`train/sft/medicalExam_${language}.json`] = [leaked!, ...asked].map(examPair);
    files[`train/sft/medicalExam_${language}_dup.json`] = [examPair(leaked!)];
  }
  files["train/sft/math_en.json"] = sums((a, b) => [`What is ${a} plus ${b}?`, `${a} + ${b} = ${a + b}`]);
  files["train/sft/code_en.json"] = sums((a, b) => [
    `Write JavaScript that adds ${a} and ${b}.`,
    `const sum = ${a} + ${b};`,
  ]);
  return json(files);
}

/** An exam question in the form of the published exam files. */
function examPair({ question, options, answer }: ExamItem): [string, string] {
  return [`Question: ${question}\nOptions:\n${options}`, `The correct answer is ${answer}.`];
}

function sums(pair: (a: number, b: number) => [string, string]): [string, string][] {
  return Array.from({ length: 20 }, (_, i) => pair(i + 2, 3 * i + 1));
}

function json(files: Files): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, value]) => [path, JSON.stringify(value)]));
}

async function folderFiles(folder: string): Promise<Record<string, Uint8Array>> {
  // What a published base model does not have.
  const own = new Set(["manifest.json", "trainer_state.json", "optimizer.safetensors"]);
  const names = (await readdir(folder)).filter((name) => !own.has(name)).sort();
  const bytes = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return Object.fromEntries(names.map((name, i) => [name, bytes[i]!]));
}

/** Prompts of our own in the published file's shape: one pair a language. */
const PROMPTS = {
  gemma: Object.fromEntries(
    LANGUAGES.flatMap((language) => {
      const ask = "User:Choose the right answer.\nQuestion: {question}\nOptions:\n{options}\nAssistant:";
      return [
        [`question_prompt_${language}_choice`, ask],
        [`question_prompt_${language}_choice_shot`, `${ask}The correct answer is {answer}.<eos>\n`],
      ];
    }),
  ),
  source_to_prompt: {},
};
