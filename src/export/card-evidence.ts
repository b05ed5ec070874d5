// What a model card tells, from the files that tell it: results of bench runs, counts of corpus stages.
import { basename, join } from "node:path";
import { MANIFEST_FILE, readJson, UserError } from "../core/index.ts";

/** One source of one run. */
export interface BenchResult {
  readonly source: string;
  readonly language: string;
  readonly metric: string;
  readonly accuracy: number;
  readonly interval: readonly [number, number] | undefined;
  readonly chance: number | undefined;
  readonly n: number;
  /** Questions of the exam, of which `n` were asked; absent in runs of other programs that do not say. */
  readonly of: number | undefined;
  /** The file that the questions come from. */
  readonly suite: string | undefined;
  readonly mode: string;
  /** The model that was asked: often a quantised file of this checkpoint. */
  readonly measured: string;
  /** How far the letters given lie from those of the right answers: half the sum of differences of shares. */
  readonly letterBias: number | undefined;
}

/** What a corpus folder says of itself. */
export interface CorpusStage {
  readonly text: string;
  readonly languages: readonly string[];
}

/** The sources of a bench run's folder; `UserError` when it is none. */
export async function readRun(folder: string): Promise<BenchResult[]> {
  const path = join(folder, "results.json");
  const file = (await readJson(path)) as {
    results?: Record<string, Record<string, unknown>>;
    model_name?: string;
    configs?: Record<
      string,
      { tag?: string; dataset_path?: string; metadata?: { mode?: string; protocol?: string | null } }
    >;
    "n-samples"?: Record<string, { original?: number }>;
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
    const { tag, dataset_path: suite, metadata: { mode: way = "", protocol } = {} } = file!.configs![source]!;
    const original = file?.["n-samples"]?.[source]?.original;
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
      language: String(tag ?? row.language ?? ""),
      metric,
      mode,
      accuracy: row[`${metric},none`] as number,
      interval: Array.isArray(interval) ? (interval as unknown as [number, number]) : undefined,
      chance: typeof chance === "number" ? chance : undefined,
      n: Number(row.sample_len),
      of: original,
      suite: suite === undefined ? undefined : basename(suite),
      measured: file?.model_name ?? "not recorded",
      letterBias: typeof bias === "number" ? bias : undefined,
    };
  });
}

/** A stage of the corpus, its counts as Markdown; `UserError` when the folder is none. */
export async function readCorpus(folder: string): Promise<CorpusStage> {
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

/** A number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString("en");
}
