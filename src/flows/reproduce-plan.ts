// What a reproduction would take on this machine: bytes, tokens, memory, hours and disk, before the first byte is fetched. Nothing is
// refused; what does not fit is said.
import { statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { loadPublishedPrompts, PAPER_COLUMNS } from "../bench/index.ts";
import { makeFolder, silentProgress, UserError } from "../core/index.ts";
import { type PullOptions, planPull, pull } from "../hub/index.ts";
import { loadRecipe, planTraining, type Recipe, type TrainingPlan } from "../train/index.ts";
import { type ReproduceOptions, settingsOf } from "./reproduce.ts";
import { CORPUS_BYTES, EXAM_BYTES, type FamilyMember, findMember, recipePath } from "./reproduce-family.ts";
import { baseId, pullsOf } from "./reproduce-pull.ts";
import { rehearsalVariables, startRehearsal } from "./reproduce-rehearsal.ts";

/** One repository. */
export interface PlannedPull {
  readonly what: "base" | "corpus" | "exam";
  readonly repository: string;
  readonly bytes: number;
  /** Not on this machine yet. */
  readonly toCome: number;
  /** From the hub's list, or about, because the hub was not asked. */
  readonly known: "hub" | "about";
}

/** What it would take. */
export interface ReproducePlan {
  readonly name: string;
  readonly scale: "full" | "tiny";
  readonly base: string;
  readonly pulls: readonly PlannedPull[];
  /** Bytes to fetch. */
  readonly download: number;
  /** Tokens that training will see, epochs counted. */
  readonly tokens: number;
  /** What training takes (`apollo train --dry-run`); absent when the base's configuration could not be had. */
  readonly training?: TrainingPlan;
  /** On this machine, by stage; fetching depends on the line and is not in it. */
  readonly hours: Readonly<Partial<Record<"corpus" | "train" | "bench", number>>>;
  /** Bytes by kind, on top of what is there. */
  readonly disk: Readonly<Record<"download" | "corpus" | "packed" | "checkpoints" | "gguf", number>>;
  readonly diskFree: number;
  readonly threads: number;
  /** What does not fit, and what would. */
  readonly problems: readonly string[];
}

const FLOAT_BYTES = 4;
const HALF_BYTES = 2;
/** A cautious share of the measured rate of matrix products that llama.cpp's forward pass reaches. */
const FORWARD_SHARE = 0.4;
/** Bytes of corpus a second and core through all stages: ten gigabytes in two core-hours. */
const CORPUS_RATE = 1e10 / 7200;
/** A corpus stage writes its texts and a ledger; a packed token has five columns. */
const [STAGE_BYTES, PACKED_BYTES] = [1.4, 5.5];
/** Tokens of an exam prompt with three worked examples, without any, and of an answer. */
const [SHOT_TOKENS, PLAIN_TOKENS, ANSWER_TOKENS] = [1000, 200, 64];
/** Bytes a second that weights are read at where tokens are generated one by one; ordinary memory. */
const MEMORY_BANDWIDTH = 15e9;
/** Bytes of corpus for a token of a rehearsal's small vocabulary, and items of its exam in a column. */
const [REHEARSAL_TOKEN_BYTES, REHEARSAL_ITEMS] = [2, 27];
const LONG_HOURS = 24 * 30;
const GIGABYTE = 1e9;

/** Plans; the hub is asked for sizes when it can be, and `config.json` of the base is fetched. Errors as `reproduce`. */
export async function planReproduction(options: ReproduceOptions): Promise<ReproducePlan> {
  const member = findMember(options.name);
  const { out, scale = "full", progress = silentProgress, warn = () => {} } = options;
  const recipe = await loadRecipe(recipePath(member), settingsOf(options));
  if (options.protocolFile !== undefined) await loadPublishedPrompts(options.protocolFile);
  const standIn = join(out, "stand-in");
  const rehearsal =
    scale === "tiny" ? await startRehearsal(standIn, member, baseId(recipe), { progress }) : undefined;
  try {
    const hub: PullOptions = {
      // A plan is asked for now: a hub that does not answer is done without.
      retry: { attempts: 1, wait: 100, longestWait: 1000 },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(rehearsal === undefined ? {} : { variables: rehearsalVariables(rehearsal, standIn) }),
    };
    const pulls = await planPulls(member, recipe, hub, warn);
    const corpus = pulls.find(({ what }) => what === "corpus")!.bytes;
    const expected = scale === "full" ? recipe.pack?.expectedTokens : undefined;
    const tokens = expected ?? Math.round(corpus / REHEARSAL_TOKEN_BYTES);
    const planned: Recipe = {
      ...recipe,
      pack: { length: 4096, seed: recipe.seed, ...recipe.pack, expectedTokens: tokens },
    };
    const threads = options.threads ?? Math.min(8, availableParallelism());
    const training = await planFromConfig(planned, threads, hub, warn);
    return await assemble(options, { member, recipe: planned, pulls, tokens, training, threads });
  } finally {
    await rehearsal?.hub.close();
  }
}

async function planPulls(
  member: FamilyMember,
  recipe: Recipe,
  hub: PullOptions,
  warn: (line: string) => void,
): Promise<PlannedPull[]> {
  const about = { base: member.baseBytes, corpus: CORPUS_BYTES, exam: EXAM_BYTES };
  const wanted = pullsOf(recipe);
  const plans: PlannedPull[] = [];
  for (const what of ["base", "corpus", "exam"] as const) {
    const { spec, files } = wanted[what];
    try {
      const { bytes, toCome } = await planPull(spec, { ...hub, ...files });
      plans.push({ what, repository: spec, bytes, toCome, known: "hub" });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      warn(`${spec}: ${error.message}; its size is an estimate`);
      plans.push({ what, repository: spec, bytes: about[what], toCome: about[what], known: "about" });
    }
  }
  return plans;
}

/** Training's own plan; `undefined`, with a warning, when the base's `config.json` is neither here nor to be had. */
async function planFromConfig(
  recipe: Recipe,
  threads: number,
  hub: PullOptions,
  warn: (line: string) => void,
): Promise<TrainingPlan | undefined> {
  try {
    const { folder } = await pull(baseId(recipe), { ...hub, include: ["config.json"] });
    return await planTraining({ recipe: { ...recipe, base: folder }, threads });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warn(`${error.message}: what training takes is not known`);
    return undefined;
  }
}

async function assemble(
  options: ReproduceOptions,
  known: {
    readonly member: FamilyMember;
    readonly recipe: Recipe;
    readonly pulls: readonly PlannedPull[];
    readonly tokens: number;
    readonly training: TrainingPlan | undefined;
    readonly threads: number;
  },
): Promise<ReproducePlan> {
  const { member, recipe, pulls, tokens, training, threads } = known;
  const { name, out, scale = "full" } = options;
  const corpus = pulls.find(({ what }) => what === "corpus")!.bytes;
  // Published in half precision.
  const parameters = training?.parameters ?? member.baseBytes / HALF_BYTES;
  const download = pulls.reduce((sum, { toCome }) => sum + toCome, 0);
  const hours = {
    corpus: corpus / CORPUS_RATE / threads / 3600,
    ...(training === undefined
      ? {}
      : {
          train: training.seconds / 3600,
          bench: benchSeconds(options, parameters, training.matmulRate * FORWARD_SHARE) / 3600,
        }),
  };
  const disk = {
    download,
    corpus: corpus * STAGE_BYTES * (options.clean === true ? 4 : 3),
    packed: tokens * PACKED_BYTES,
    // Weights and two moments, in every checkpoint that is kept and in the result.
    checkpoints: 3 * FLOAT_BYTES * parameters * (recipe.keepCheckpoints + 1),
    gguf: 2 * HALF_BYTES * parameters,
  };
  await makeFolder(out);
  const { bavail, bsize } = await statfs(out);
  const plan = { hours, disk, diskFree: bavail * bsize, ...(training === undefined ? {} : { training }) };
  return {
    name,
    scale,
    base: baseId(recipe),
    pulls,
    download,
    tokens,
    threads,
    ...plan,
    problems: problemsOf(plan),
  };
}

function benchSeconds(
  { protocolFile, limit, scale }: ReproduceOptions,
  parameters: number,
  rate: number,
): number {
  const most = limit ?? (scale === "tiny" ? REHEARSAL_ITEMS : Number.POSITIVE_INFINITY);
  const items = PAPER_COLUMNS.reduce((sum, column) => sum + Math.min(column.items, most), 0);
  const read = (tokens: number): number => (2 * parameters * tokens) / rate;
  const write = (tokens: number): number =>
    tokens * Math.max(read(1), (HALF_BYTES * parameters) / MEMORY_BANDWIDTH);
  const generated = protocolFile === undefined && scale !== "tiny" ? 1 : 2;
  // The trained model by each protocol and by letters, its base by letters alone.
  return items * (generated * (read(SHOT_TOKENS) + write(ANSWER_TOKENS)) + 2 * read(PLAIN_TOKENS));
}

function problemsOf({
  training,
  hours,
  disk,
  diskFree,
}: Pick<ReproducePlan, "training" | "hours" | "disk" | "diskFree">): string[] {
  const sum = (parts: Readonly<Record<string, number>>): number =>
    Object.values(parts).reduce((total, part) => total + part, 0);
  const gigabytes = (bytes: number): string =>
    `${(bytes / GIGABYTE).toFixed(bytes < 10 * GIGABYTE ? 1 : 0)} GB`;
  const problems: string[] = [];
  if (training !== undefined && !training.fits) {
    const [other] = training.alternatives;
    const settings = [
      ...(other?.settings ?? []),
      ...(other === undefined || other.length === training.length ? [] : [`pack.length=${other.length}`]),
    ];
    problems.push(
      `Memory: training takes ${gigabytes(training.memory.total)}, ${gigabytes(training.available)} are free here. ${
        other === undefined
          ? "Nothing that a setting changes makes it fit."
          : `${gigabytes(other.memory.total)} with ${settings.map((setting) => `--set ${setting}`).join(" ")}.`
      }`,
    );
  }
  if (sum(disk) > diskFree) {
    problems.push(
      `Disk: ${gigabytes(sum(disk))} are needed, ${gigabytes(diskFree)} are free. HF_HOME and --out may be on other disks; --set keepCheckpoints=1 keeps less.`,
    );
  }
  if (sum(hours) > LONG_HOURS) {
    problems.push(
      `Time: about ${Math.round(sum(hours) / 24)} days of this machine. --set steps=N trains on a part, --limit N asks a part of the exam; a machine with accelerators does all of it.`,
    );
  }
  return problems;
}
