// `apollo bench run`: models on suites.
import { join } from "node:path";
import {
  BENCH_MODES,
  type BenchMode,
  createProtocols,
  loadExamples,
  loadSuite,
  PROTOCOL_MEANINGS,
  pickItems,
  runColumns,
  type Suite,
} from "../bench/index.ts";
import { UserError } from "../core/index.ts";
import { type RecordedModel, recordAnswers } from "../engine/index.ts";
import { MODEL_FORMS, modelIdentity, openModel, parseModelSpec, truncationNote } from "../flows/index.ts";
import { type MatrixCell, planMatrix, printMatrix } from "./bench-matrix.ts";
import { auditWords, printResult, printUsage } from "./bench-run-words.ts";
import { type CommandIo, defineCommand, type OptionValues } from "./command.ts";
import {
  MODEL_OPTIONS,
  PRICE_OPTION,
  printEndpoints,
  readConcurrency,
  readModelOptions,
  readPrice,
} from "./model-options.ts";

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
  sources: { type: "string", value: "NAME", multiple: true, help: "only these sources of the suites" },
  languages: { type: "string", value: "CODE", multiple: true, help: "only items in these languages" },
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
  fast: {
    type: "boolean",
    help: "flash attention for a local model: a fifth faster, but last digits may depend on what else is scored",
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

/** The command. */
export const runCommand = defineCommand({
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
    const [sources, languages] = [separated(options.sources), separated(options.languages)];
    const suites = new Map<string, Suite>();
    for (const path of options.suite)
      suites.set(path, pickItems(await loadSuite(path), { sources, languages }));
    const [model = ""] = options.model;
    const [[, suite] = []] = suites;
    if (options.model.length === 1 && options.suite.length === 1)
      return scoreOne(options, { model, suite: suite!, out: options.out }, io);
    const cells = planMatrix(options.model, options.suite, options.out);
    const results: MatrixCell[] = [];
    for (const [i, cell] of cells.entries()) {
      io.print(`${i + 1} of ${cells.length}: ${cell.modelName} on ${cell.suiteName}`);
      const { average } = await scoreOne(options, { ...cell, suite: suites.get(cell.suite)! }, io);
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
  cell: { readonly model: string; readonly suite: Suite; readonly out: string },
  io: CommandIo,
) {
  const modes = separated(options.mode).map(readMode);
  const { suite } = cell;
  const shotsFrom = options["shots-from"];
  const shotSuite = shotsFrom === undefined ? await loadExamples(suite) : await loadSuite(shotsFrom);
  for (const [reason, count] of Object.entries(suite.refused)) io.warn(`${count} items refused: ${reason}`);
  const { limit, shots, seeds } = options;
  const { kind } = parseModelSpec(cell.model);
  const remote = kind === "remote" || kind === "endpoints";
  if (remote && options.fast) io.warn("--fast says nothing to a server: how it computes is its own affair");
  const file = await modelIdentity(cell.model);
  // Scores of the two kinds must not meet in one run.
  const identity = options.fast && !remote ? { file, attention: "flash" } : file;
  const model = await openModel(cell.model, {
    ...readModelOptions(options),
    ...readPrice(options.price),
    exact: !options.fast,
    onEndpoint: io.warn,
    progress: io.progress,
  });
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
    printResult(io, result);
    const usage = model.usage?.();
    if (usage !== undefined) printUsage(io, usage);
    const note = truncationNote(model);
    if (note !== undefined) io.warn(note);
    return { ...result, ...(usage === undefined ? {} : { usage }), ...printEndpoints(io, model) };
  } finally {
    await (recorded ?? model).close();
  }
}

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
