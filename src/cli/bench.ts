// `apollo bench`: imports and audits suites, scores a model on one, grades answers, and compares two runs.
import { join } from "node:path";
import {
  BENCH_MODES,
  type BenchMode,
  type BenchResult,
  type ColumnsResult,
  compareRuns,
  createProtocols,
  type FindingCount,
  loadExamples,
  loadSuite,
  noiseThreshold,
  PROTOCOL_MEANINGS,
  runColumns,
} from "../bench/index.ts";
import { UserError } from "../core/index.ts";
import { type RecordedModel, recordAnswers, type Usage } from "../engine/index.ts";
import { MODEL_FORMS, modelIdentity, openModel, parseModelSpec, truncationNote } from "../flows/index.ts";
import { auditCommand } from "./bench-audit.ts";
import { gradeCommand } from "./bench-grade.ts";
import { importCommand } from "./bench-import.ts";
import { type MatrixCell, planMatrix, printMatrix } from "./bench-matrix.ts";
import { reportCommand } from "./bench-report.ts";
import { printRobustness } from "./bench-robustness.ts";
import { type Command, type CommandIo, defineCommand, type OptionValues } from "./command.ts";
import {
  MODEL_OPTIONS,
  PRICE_OPTION,
  printEndpoints,
  readConcurrency,
  readModelOptions,
  readPrice,
} from "./model-options.ts";
import { printTable } from "./table.ts";

/** Answers of servers in an unfinished run. */
const ANSWERS_FILE = "answers.jsonl";

const RUN_OPTIONS = {
  suite: {
    type: "string",
    value: "FILE",
    required: true,
    multiple: true,
    help: "suite in XMedBench's JSON, JSON Lines, or a .yaml that describes your own; may be repeated",
  },
  model: {
    type: "string",
    value: "SPEC",
    required: true,
    multiple: true,
    help: `${MODEL_FORMS}; may be repeated: each model on each suite, in RUN/MODEL/SUITE`,
  },
  out: {
    type: "string",
    value: "RUN",
    required: true,
    help: "run folder; an unfinished run in it is continued",
  },
  protocol: {
    type: "string",
    value: "NAME",
    multiple: true,
    help: `how items are asked and answers read: ${Object.keys(PROTOCOL_MEANINGS).join(", ")} or lm-eval:TASK; several stand side by side`,
  },
  "protocol-file": { type: "string", value: "FILE", help: "the published prompts, for --protocol apollo" },
  mode: {
    type: "string",
    value: BENCH_MODES.join("|"),
    multiple: true,
    help: "score the letters (default), score the option texts, or generate an answer; several to see where they disagree",
  },
  limit: { type: "whole", value: "N", help: "items per source, drawn by the seed; default all" },
  shots: {
    type: "whole",
    least: 0,
    value: "N",
    help: "worked examples before each question; default 3 for apollo and corrected, else 0",
  },
  "shots-from": {
    type: "string",
    value: "FILE",
    help: "suite that worked examples come from; default the suite itself",
  },
  seed: { type: "whole", least: 0, value: "N", default: 0, help: "decides drawn items and worked examples" },
  rotations: {
    type: "boolean",
    help: "where letters are scored: ask with the options in every cyclic order, for position bias and debiased accuracy",
  },
  seeds: {
    type: "whole",
    value: "N",
    default: 1,
    help: "repeat with other worked examples, to see how far they move the scores",
  },
  "chat-template": { type: "boolean", help: "ask through the model's chat template" },
  concurrency: {
    type: "whole",
    value: "N",
    help: "items that servers are asked about at once; fewer when they say so; default 32, for several servers 64 each",
  },
  ...MODEL_OPTIONS,
  ...PRICE_OPTION,
} as const;

const run = defineCommand({
  name: "bench run",
  summary: "score a model on a suite: accuracy with interval and baseline for each source",
  options: RUN_OPTIONS,
  examples: [
    "apollo bench run --suite samples/exam/taught.json --model model.gguf --out runs/taught",
    "apollo bench run --suite test.json --limit 50 --mode text --model model.gguf --out runs/text --json",
    "apollo bench run --suite test.json --shots-from dev.json --protocol apollo,corrected --protocol-file apollo-2024.json --seeds 5 --model model.gguf --out runs/both",
    "apollo bench run --suite test.json --protocol lm-eval --model model.gguf --out runs/lm-eval",
    "apollo bench run --suite mmlu.json --suite headqa.json --model base.gguf --model tuned.gguf --out runs",
    "apollo bench run --suite test.json --mode generate --model http://a:8000/v1,http://b:8000/v1#qwen --out runs/qwen",
  ],
  async run({ options, io }) {
    const [model = "", ...models] = options.model;
    const [suite = "", ...suites] = options.suite;
    if (models.length === 0 && suites.length === 0)
      return scoreOne(options, { model, suite, out: options.out }, io);
    const cells = planMatrix(options.model, options.suite, options.out);
    const results: MatrixCell[] = [];
    for (const [i, cell] of cells.entries()) {
      io.print(`${i + 1} of ${cells.length}: ${cell.modelName} on ${cell.suiteName}`);
      const { average } = await scoreOne(options, cell, io);
      io.print("");
      results.push({ model: cell.modelName, suite: cell.suiteName, run: cell.out, average });
    }
    printMatrix(io, results);
    io.print(`all of them on one page: apollo bench report ${options.out}`);
    return { run: options.out, cells: results };
  },
});

/** Scores a model on a suite; an unfinished run of it goes on. */
async function scoreOne(
  options: OptionValues<typeof RUN_OPTIONS>,
  cell: { readonly model: string; readonly suite: string; readonly out: string },
  io: CommandIo,
) {
  const modes = separated(options.mode).map(readMode);
  const suite = await loadSuite(cell.suite);
  const shotsFrom = options["shots-from"];
  const shotSuite = shotsFrom === undefined ? await loadExamples(suite) : await loadSuite(shotsFrom);
  for (const [reason, count] of Object.entries(suite.refused)) io.warn(`${count} items refused: ${reason}`);
  const { limit, shots, seeds } = options;
  const identity = await modelIdentity(cell.model);
  const model = await openModel(cell.model, {
    ...readModelOptions(options),
    ...readPrice(options.price),
    onEndpoint: io.warn,
    progress: io.progress,
  });
  const { kind } = parseModelSpec(cell.model);
  const remote = kind === "remote" || kind === "endpoints";
  let recorded: RecordedModel | undefined;
  try {
    // What a server has answered is kept at once, also where an item before it has not had its turn yet.
    if (remote) recorded = await recordAnswers(model, join(cell.out, ANSWERS_FILE), identity);
    const concurrency = readConcurrency(options.concurrency, model, remote ? 32 : undefined);
    const result = await runColumns({
      suite,
      model: recorded ?? model,
      ...(remote ? { concurrency } : {}),
      out: cell.out,
      protocols: await createProtocols(separated(options.protocol), {
        modes,
        protocolFile: options["protocol-file"],
        model,
        suite,
      }),
      chatTemplate: options["chat-template"],
      limit,
      shots,
      shotSuite,
      seed: options.seed,
      rotations: options.rotations,
      seeds,
      modelIdentity: identity,
      onAudit: (findings) => {
        if (findings.length > 0)
          io.warn(`the audit of the suite has ${findings.length} findings: ${auditWords(findings)}`);
      },
      progress: io.progress,
      signal: io.signal,
    });
    await recorded?.discard();
    printSources(io, result);
    if ("columns" in result) printColumns(io, result);
    else printRobustness(io, result.robustness);
    const usage = model.usage?.();
    if (usage !== undefined) printUsage(io, usage);
    const note = truncationNote(model);
    if (note !== undefined) io.warn(note);
    return { ...result, ...(usage === undefined ? {} : { usage }), ...printEndpoints(io, model) };
  } finally {
    await (recorded ?? model).close();
  }
}

/** What this call asked of the model; what a killed run had done before is not in it. */
function printUsage(io: CommandIo, { promptTokens, completionTokens, reusedTokens, cost }: Usage): void {
  const count = (tokens: number): string => tokens.toLocaleString("en");
  io.print(
    `The model read ${count(promptTokens)} tokens (${count(reusedTokens)} of them from its cache) and wrote ${count(completionTokens)}${cost === undefined ? "" : `; cost ${cost.toFixed(4)}`}.`,
  );
}

function printSources(io: CommandIo, result: BenchResult | ColumnsResult): void {
  const columns = "columns" in result;
  const strictly = result.sources.some((source) => source.strict !== undefined);
  const rows = result.sources.map((source) => [
    source.source,
    source.language,
    ...("protocol" in source ? [`${source.protocol} ${source.mode} ${source.seed}`] : []),
    String(source.n),
    percent(source.accuracy),
    `${percent(source.interval[0])} - ${percent(source.interval[1])}`,
    percent(source.majority),
    String(source.noAnswer),
    ...(strictly ? [source.strict === undefined ? "" : percent(source.strict.accuracy)] : []),
  ]);
  printTable(
    io,
    [
      "source",
      "language",
      ...(columns ? ["protocol"] : []),
      "n",
      "accuracy",
      "95 % interval",
      "majority",
      "no answer",
      ...(strictly ? ["strictly"] : []),
    ],
    rows,
  );
  io.print(
    `average ${percent(result.average)} (plain mean over sources${columns ? " of the first protocol" : ""}); report: ${result.run}/report.html`,
  );
  const smallest = Math.min(...result.sources.map((source) => source.n));
  io.print(
    `With n = ${smallest}, differences between models under ${percent(noiseThreshold(smallest))} are noise.`,
  );
}

function printColumns(io: CommandIo, { spread, agreement }: ColumnsResult): void {
  if (spread.length > 0) {
    io.print("");
    const rows = spread.map((row) => [
      row.source,
      row.protocol,
      String(row.seeds),
      percent(row.mean),
      percent(row.min),
      percent(row.max),
      percent(row.standardDeviation),
    ]);
    printTable(io, ["source", "protocol", "seeds", "mean", "min", "max", "SD"], rows);
  }
  if (agreement.length === 0) return;
  io.print("");
  const rows = agreement.map((row) => [
    row.source,
    `${row.first} / ${row.second}`,
    String(row.n),
    percent(row.same / row.n),
    String(row.onlyFirstRight),
    String(row.onlySecondRight),
    `${row.firstNoAnswer} / ${row.secondNoAnswer}`,
  ]);
  printTable(
    io,
    ["source", "ways", "n", "same choice", "first alone right", "second alone", "no answer"],
    rows,
  );
}

const compare = defineCommand({
  name: "bench compare",
  summary: "compare two runs item by item: is the difference real?",
  positionals: "RUN_A RUN_B",
  options: {
    seed: { type: "whole", least: 0, value: "N", default: 0, help: "of the bootstrap" },
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
export const benchCommands: readonly Command[] = [
  importCommand,
  auditCommand,
  run,
  gradeCommand,
  compare,
  reportCommand,
];

/** Repeated options may also be written with commas. */
function separated(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(",")).map((value) => value.trim());
}

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

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function points(share: number): string {
  return `${share >= 0 ? "+" : "-"}${(100 * Math.abs(share)).toFixed(1)}`;
}
