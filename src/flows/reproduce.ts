// A published model made again: pull -> corpus -> train -> export -> bench -> compare, from its recipe to its row beside the
// published one. Every stage leaves its artifact and manifest, so a run that was killed goes on where it was.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  BOARD_LANGUAGES,
  type Comparison,
  compareRuns,
  compareWithPublished,
  loadPublishedPrompts,
  loadSuite,
  PAPER_COLUMNS,
  type PublishedComparison,
  pickItems,
  reportName,
} from "../bench/index.ts";
import { type ProgressFactory, silentProgress, writeFileAtomic, writeJson } from "../core/index.ts";
import { cleanCorpus, decontaminateCorpus, dedupCorpus, importCorpus, packCorpus } from "../corpus/index.ts";
import { exportCard } from "../export/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { loadRecipe, type Recipe, readLosses, type StepReport, train } from "../train/index.ts";
import { benchBase, benchTrained } from "./reproduce-bench.ts";
import { readChain } from "./reproduce-chain.ts";
import { type FamilyMember, findMember, recipePath } from "./reproduce-family.ts";
import { baseId, type Pulled, pullPinned } from "./reproduce-pull.ts";
import { REHEARSAL_SETTINGS, rehearsalVariables, startRehearsal } from "./reproduce-rehearsal.ts";
import { renderReproduceReport } from "./reproduce-report.ts";
import { type Caveat, tellCaveat } from "./reproduce-words.ts";
import { afresh, exportOnce, type StageRun } from "./stages.ts";

/** Options of `reproduce`. */
export interface ReproduceOptions {
  /** `apollo-0.5b` to `apollo-7b`. */
  readonly name: string;
  /** Folder of all artifacts. */
  readonly out: string;
  /** `"tiny"`: the same chain on stand-ins for weights, corpus and exam. Default `"full"`. */
  readonly scale?: "full" | "tiny";
  /** The published prompts; without them the published protocol is not run, which the result says. A rehearsal has its own. */
  readonly protocolFile?: string | undefined;
  /** Put texts right before duplicates are looked for (`apollo corpus clean`), which the published run did not. Default false. */
  readonly clean?: boolean;
  /** Exam items for each source; default all. */
  readonly limit?: number | undefined;
  /** Changes to the recipe, `key=value`. */
  readonly settings?: readonly string[];
  /** CPU threads. Default: all cores, at most 8. */
  readonly threads?: number | undefined;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
  readonly warn?: (line: string) => void;
  /** Told when a stage begins. */
  readonly onStage?: (stage: string, what: string) => void;
  readonly onStep?: (step: StepReport) => void;
}

/** One way of asking, beside the published row. */
export interface ReproducedRow extends PublishedComparison {
  readonly protocol: string;
  /** The run's own page, relative to the report. */
  readonly report: string;
}

/** What came out. */
export interface ReproduceResult {
  readonly seconds: number;
  readonly name: string;
  readonly scale: "full" | "tiny";
  /** The first is the one to look at: `apollo` when it was run. */
  readonly rows: readonly ReproducedRow[];
  /** The trained model against its base, item by item, by letters. */
  readonly gain: Pick<Comparison, "sources" | "average">;
  readonly loss: number;
  readonly steps: number;
  /** What a reader must know before comparing. */
  readonly caveats: readonly string[];
  readonly report: string;
  /** Checkpoint folder. */
  readonly checkpoint: string;
  readonly model: string;
}

/** Paths inside a reproduction's folder. */
function layout(out: string) {
  return {
    standIn: join(out, "stand-in"),
    corpus: join(out, "corpus", "imported"),
    cleaned: join(out, "corpus", "cleaned"),
    unique: join(out, "corpus", "unique"),
    decontaminated: join(out, "corpus", "clean"),
    packed: join(out, "packed"),
    model: join(out, "model"),
    gguf: (name: string) => join(out, "gguf", `${name}.gguf`),
    bench: join(out, "bench", "reproduced"),
    baseBench: join(out, "bench", "base"),
    chain: join(out, "chain.json"),
    report: join(out, "report.html"),
  };
}

/** What is changed in the recipe. */
export function settingsOf({ scale, settings = [] }: ReproduceOptions): readonly string[] {
  return [...(scale === "tiny" ? REHEARSAL_SETTINGS : []), ...settings];
}

/** The folders of `layout` that hold a manifest, in the order of the chain. */
const MADE = ({ name }: FamilyMember, clean: boolean): readonly string[] => [
  "corpus/imported",
  ...(clean ? ["corpus/cleaned"] : []),
  "corpus/unique",
  "corpus/clean",
  "packed",
  "model",
  `gguf/${name}.gguf.export`,
  "gguf/base.gguf.export",
];

/** Runs the whole chain, or what of it is not done yet; see the README. */
export async function reproduce(options: ReproduceOptions): Promise<ReproduceResult> {
  const began = performance.now();
  const member = findMember(options.name);
  const { out, scale = "full", progress = silentProgress, signal } = options;
  const at = layout(out);
  const run: StageRun = { progress, ...(signal === undefined ? {} : { signal }) };
  const tiny = scale === "tiny";
  const recipe = await loadRecipe(recipePath(member), settingsOf(options));
  const threads = options.threads ?? Math.min(8, availableParallelism());
  const stage = (name: string, what: string): void => {
    signal?.throwIfAborted();
    options.onStage?.(name, what);
  };

  // Read here already: a mistake in it should not be found after days of training.
  if (options.protocolFile !== undefined) await loadPublishedPrompts(options.protocolFile);

  stage("pull", `${baseId(recipe)}, apollo-corpus, xmedbench${tiny ? ": stand-ins of this machine" : ""}`);
  const rehearsal = tiny ? await startRehearsal(at.standIn, member, baseId(recipe), run) : undefined;
  let pulled: Pulled;
  try {
    pulled = await pullPinned(recipe, out, {
      ...run,
      ...(rehearsal === undefined ? {} : { variables: rehearsalVariables(rehearsal, at.standIn) }),
      ...(options.warn === undefined ? {} : { warn: options.warn }),
    });
  } finally {
    await rehearsal?.hub.close();
  }
  const protocolFile = options.protocolFile ?? rehearsal?.protocolFile;

  stage(
    "corpus",
    "import, drop duplicates, decontaminate against the exam, pack with the published priorities",
  );
  await importCorpus(pulled.corpusFiles, at.corpus, run);
  if (options.clean === true) await cleanCorpus(at.corpus, at.cleaned, run);
  await dedupCorpus(options.clean === true ? at.cleaned : at.corpus, at.unique, run);
  await decontaminateCorpus(at.unique, [pulled.exam], at.decontaminated, run);
  const { length = 4096, seed = 42, mixture } = recipe.pack ?? {};
  await packCorpus(at.decontaminated, {
    tokenizer: await loadTokenizer(pulled.base),
    length,
    seed,
    ...(mixture === undefined ? {} : { mixture }),
    out: at.packed,
    ...run,
  });

  stage("train", `${baseId(recipe)} on the packed rows`);
  // A rehearsal begins anew when its settings changed; days of training, or hours of exam, are left for a person to remove.
  const renew = tiny ? afresh : <T>(_folder: string, _code: string, work: () => Promise<T>) => work();
  const trained = await renew(at.model, "run-exists", () =>
    train({
      recipe: { ...recipe, base: pulled.base },
      data: at.packed,
      out: at.model,
      threads,
      ...run,
      ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
    }),
  );

  stage("export", "the base and the trained model to GGUF");
  const [base, model] = [at.gguf("base"), at.gguf(member.name)];
  await exportOnce(pulled.base, "f16", base, run, { commit: pulled.pins.base.commit });
  await exportOnce(at.model, "f16", model, run);

  stage("bench", "the exam in the paper's nine columns");
  const suite = pickItems(await loadSuite(pulled.exam), {
    sources: PAPER_COLUMNS.map(({ source }) => source),
  });
  const bench = { suite, protocolFile, limit: options.limit, threads: tiny ? 1 : threads, renew, run };
  const columns = await benchTrained(model, at.bench, bench);
  await benchBase(base, at.baseBench, bench);

  stage("compare", `beside the published row of ${member.row.model}`);
  const rows = columns.columns.map(({ name, protocol }) => ({
    protocol,
    ...compareWithPublished(
      columns.sources.filter((source) => source.protocol === protocol),
      member.row,
    ),
    report: `bench/reproduced/${name}/report.html`,
  }));
  const gain = await compareRuns(at.baseBench, join(at.bench, "letters"));
  const known = caveatsOf(member, recipe, { tiny, protocolFile, limit: options.limit });
  const caveats = known.map((caveat) => tellCaveat(caveat, "en"));
  const chain = await readChain(out, {
    member,
    recipe,
    scale,
    pulled,
    made: MADE(member, options.clean === true),
    columns,
    caveats,
  });
  await writeJson(at.chain, chain);
  await exportCard(trained.checkpoint, {
    name: `${member.row.model}, ${tiny ? "rehearsed" : "reproduced"}`,
    runs: columns.columns.map(({ name }) => join(at.bench, name)),
    corpora: [at.corpus, ...(options.clean === true ? [at.cleaned] : []), at.unique, at.decontaminated],
    base: pulled.pins.base.repository,
  });
  const result: ReproduceResult = {
    seconds: (performance.now() - began) / 1000,
    name: member.name,
    scale,
    rows,
    gain: { sources: gain.sources, average: gain.average },
    loss: trained.loss,
    steps: trained.steps,
    caveats,
    report: at.report,
    checkpoint: at.model,
    model,
  };
  const losses = await readLosses(at.model);
  const parts = { member, chain, losses, sources: columns.sources, caveats: known };
  for (const { code } of BOARD_LANGUAGES) {
    const page = renderReproduceReport(result, parts, code);
    await writeFileAtomic(join(out, reportName(code)), page);
  }
  return result;
}

function caveatsOf(
  { row }: FamilyMember,
  recipe: Recipe,
  run: {
    readonly tiny: boolean;
    readonly protocolFile: string | undefined;
    readonly limit: number | undefined;
  },
): Caveat[] {
  return [
    ...(run.tiny ? [{ code: "rehearsal" as const, values: { model: row.model } }] : []),
    ...(run.protocolFile === undefined ? [{ code: "no-published-prompts" as const }] : []),
    ...(run.limit === undefined ? [] : [{ code: "limit" as const, values: { n: run.limit } }]),
    ...(recipe.protocol === "corrected" ? [{ code: "corrected-trainer" as const }] : []),
    { code: "no-intervals" },
    { code: "decontaminated" },
  ];
}
