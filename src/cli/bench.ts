// `apollo bench`: imports and audits suites, scores a model on one, and compares two runs.
import {
  BENCH_MODES,
  type BenchMode,
  compareRuns,
  type FindingCount,
  loadSuite,
  noiseThreshold,
  runBench,
} from "../bench/index.ts";
import { UserError } from "../core/index.ts";
import { modelIdentity, openModel } from "../flows/index.ts";
import { auditCommand } from "./bench-audit.ts";
import { importCommand } from "./bench-import.ts";
import { printRobustness } from "./bench-robustness.ts";
import { type Command, defineCommand } from "./command.ts";
import { printTable } from "./table.ts";

const run = defineCommand({
  name: "bench run",
  summary: "score a model on a suite: accuracy with interval and baseline for each source",
  options: {
    suite: {
      type: "string",
      value: "FILE",
      required: true,
      help: "suite in XMedBench's JSON, or JSON Lines",
    },
    model: {
      type: "string",
      value: "SPEC",
      required: true,
      help: "file.gguf, folder/, hf:owner/name[:file], http://host/v1#model or proxy:BASE+EXPERT-ANTI@ALPHA",
    },
    out: {
      type: "string",
      value: "RUN",
      required: true,
      help: "run folder; an unfinished run in it is continued",
    },
    mode: {
      type: "string",
      value: BENCH_MODES.join("|"),
      default: "letter",
      help: "score the letters, score the option texts, or generate an answer",
    },
    limit: { type: "number", value: "N", help: "items per source, drawn by the seed; default all" },
    shots: { type: "number", value: "N", default: 0, help: "worked examples before each question" },
    "shots-from": {
      type: "string",
      value: "FILE",
      help: "suite that worked examples come from; default the suite itself",
    },
    seed: { type: "number", value: "N", default: 0, help: "decides drawn items and worked examples" },
    rotations: {
      type: "boolean",
      help: "mode letter: ask with the options in every cyclic order, for position bias and debiased accuracy",
    },
  },
  examples: [
    "apollo bench run --suite samples/exam/taught.json --model model.gguf --out runs/taught",
    "apollo bench run --suite test.json --limit 50 --mode text --model model.gguf --out runs/text --json",
  ],
  async run({ options, io }) {
    const mode = readMode(options.mode);
    const suite = await loadSuite(options.suite);
    const shotSuite =
      options["shots-from"] === undefined ? undefined : await loadSuite(options["shots-from"]);
    for (const [reason, count] of Object.entries(suite.refused)) io.warn(`${count} items refused: ${reason}`);
    const limit = options.limit === undefined ? undefined : atLeast("limit", options.limit, 1);
    const shots = atLeast("shots", options.shots, 0);
    const identity = await modelIdentity(options.model);
    const model = await openModel(options.model, { progress: io.progress });
    try {
      const result = await runBench({
        suite,
        model,
        out: options.out,
        mode,
        limit,
        shots,
        shotSuite,
        seed: options.seed,
        rotations: options.rotations,
        modelIdentity: identity,
        onAudit: (findings) => {
          if (findings.length > 0)
            io.warn(`the audit of the suite has ${findings.length} findings: ${auditWords(findings)}`);
        },
        progress: io.progress,
        signal: io.signal,
      });
      const rows = result.sources.map((source) => [
        source.source,
        source.language,
        String(source.n),
        percent(source.accuracy),
        `${percent(source.interval[0])} - ${percent(source.interval[1])}`,
        percent(source.majority),
        String(source.noAnswer),
      ]);
      printTable(io, ["source", "language", "n", "accuracy", "95 % interval", "majority", "no answer"], rows);
      printRobustness(io, result.robustness);
      io.print(
        `average ${percent(result.average)} (plain mean over sources); report: ${options.out}/report.html`,
      );
      const smallest = Math.min(...result.sources.map((source) => source.n));
      io.print(
        `With n = ${smallest}, differences between models under ${percent(noiseThreshold(smallest))} are noise.`,
      );
      return result;
    } finally {
      await model.close();
    }
  },
});

const compare = defineCommand({
  name: "bench compare",
  summary: "compare two runs item by item: is the difference real?",
  positionals: "RUN_A RUN_B",
  options: {
    seed: { type: "number", value: "N", default: 0, help: "of the bootstrap" },
    flips: { type: "boolean", help: "list the items that one run alone answered rightly" },
  },
  examples: [
    "apollo bench compare runs/base runs/tuned",
    "apollo bench compare runs/base runs/tuned --flips",
  ],
  async run({ options, positionals, io }) {
    const [first = "", second = ""] = positionals;
    const comparison = await compareRuns(first, second, { seed: options.seed });
    const rows = comparison.sources.map((source) => [
      source.source,
      String(source.n),
      points(source.difference),
      `${points(source.interval[0])} to ${points(source.interval[1])}`,
      source.pValue.toPrecision(2),
      source.adjustedPValue.toPrecision(2),
      percent(noiseThreshold(source.n)),
    ]);
    printTable(io, ["source", "n", "B - A", "95 % interval", "p", "p (Holm)", "noise under"], rows);
    io.print(
      `average ${points(comparison.average)}; ${comparison.flips.length} items answered rightly by one alone, ${comparison.unmatched} in one run only`,
    );
    if (options.flips) {
      const flips = comparison.flips.map(({ id, language, gold, first, second, right }) => [
        id,
        language,
        gold,
        first ?? "none",
        second ?? "none",
        right === "first" ? "A" : "B",
      ]);
      printTable(io, ["item", "language", "answer", "A", "B", "right"], flips);
    }
    io.print("Noise: 1.96 x sqrt(0.3 / n), with 30 % of items answered differently. p: McNemar, exact.");
    return comparison;
  },
});

/** The commands of the bench room. */
export const benchCommands: readonly Command[] = [importCommand, auditCommand, run, compare];

function readMode(text: string): BenchMode {
  const mode = BENCH_MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw new UserError("bad-option", `--mode must be one of ${BENCH_MODES.join(", ")}, found "${text}"`, {
    remedy: "See: apollo bench run --help",
  });
}

/** The gravest findings in one line; the report has all. */
function auditWords(findings: readonly FindingCount[]): string {
  const shown = findings.slice(0, 3).map(({ code, source, count }) => `${count} ${code} in ${source}`);
  return shown.join(", ") + (findings.length > shown.length ? ", ... (see the report)" : "");
}

function atLeast(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new UserError("bad-option", `--${name} must be a whole number of at least ${least}, found ${value}`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function points(share: number): string {
  return `${share >= 0 ? "+" : "-"}${(100 * Math.abs(share)).toFixed(1)}`;
}
