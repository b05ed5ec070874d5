// `apollo corpus qa`: questions with answers, and conversations, made from texts by a model.
import { UserError } from "../core/index.ts";
import {
  generateQa,
  listCounts,
  planQa,
  type QaKind,
  type QaOptions,
  type QaPlan,
  readQaPrompts,
} from "../corpus/index.ts";
import { modelIdentity, openModel } from "../flows/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { withBuckets } from "./bucket-folders.ts";
import { defineCommand, type OptionValues } from "./command.ts";
import { printEndpoints, readConcurrency } from "./model-options.ts";
import { readTaskOptions, TASK_OPTIONS } from "./task-options.ts";
import type { TaskModel } from "./task-stages.ts";

const OPTIONS = {
  model: {
    type: "string",
    value: "SPEC",
    help: "who answers: model.gguf, folder/, hf:..., http://host/v1#model; several servers as for bench run",
  },
  out: { type: "string", value: "DIR", help: "folder of the corpus of pairs, or s3://BUCKET/NAME" },
  kind: { type: "string", value: "K", default: "qa", help: "qa, dialogue (patient and doctor), or both" },
  prompts: {
    type: "string",
    value: "FILE",
    help: "other prompts (form: recipes/qa-prompts.yaml, or Apollo's own)",
  },
  language: {
    type: "string",
    value: "LANG",
    multiple: true,
    help: "only texts of this language (default: all)",
  },
  tokenizer: {
    type: "string",
    value: "T",
    help: "count tokens exactly: a folder, tokenizer.json, *.model, *.gguf (default: estimated)",
  },
  "passage-tokens": { type: "whole", value: "N", default: 512, help: "most tokens of a passage" },
  "per-passage": {
    type: "whole",
    value: "N",
    default: 1,
    help: "pairs, or conversations, for each passage",
  },
  attempts: {
    type: "whole",
    value: "N",
    default: 2,
    help: "replies to one prompt until one passes the checks",
  },
  "max-tokens": { type: "whole", value: "N", default: 768, help: "most tokens of a reply" },
  temperature: { type: "number", least: 0, value: "X", default: 0.7, help: "0 = always the likeliest word" },
  seed: { type: "whole", least: 0, value: "N", default: 42, help: "seed of all replies" },
  limit: { type: "whole", value: "N", help: "only the first N passages" },
  concurrency: {
    type: "whole",
    value: "N",
    help: "passages asked about at once; fewer when a server says so; default 32, for several servers 64 each",
  },
  "budget-tokens": { type: "whole", value: "N", help: "stop before more tokens than this are spent" },
  "budget-money": {
    type: "number",
    value: "X",
    help: "stop before more than this is spent, in the currency of the prices",
  },
  "price-prompt": { type: "number", least: 0, value: "X", help: "price of a million prompt tokens" },
  "price-completion": { type: "number", least: 0, value: "X", help: "price of a million answer tokens" },
  ledger: {
    type: "string",
    value: "FILE",
    help: "where answers are kept as they come (default: DIR.requests.jsonl)",
  },
  "dry-run": { type: "boolean", help: "only show passages, prompts, tokens and price; ask nothing" },
  ...TASK_OPTIONS,
} as const;

/** `apollo corpus qa`. */
export const qaCommand = defineCommand({
  name: "corpus qa",
  summary: "make question-answer pairs and patient-doctor conversations from texts, checked against them",
  positionals: "CORPUS",
  options: OPTIONS,
  examples: [
    "apollo corpus qa corpus --dry-run --price-prompt 0.15 --price-completion 0.6",
    "apollo corpus qa corpus --model http://127.0.0.1:8000/v1#qwen --kind both --budget-tokens 5000000 --out pairs",
    "apollo corpus qa corpus --model model.gguf --language hi --limit 20 --out trial",
  ],
  async run({ options, positionals: [corpus = ""], io }) {
    const asked = await readOptions(options);
    if (options["dry-run"]) {
      const plan = await withBuckets({ inputs: [corpus] }, io, ({ inputs: [folder = ""] }) =>
        planQa(folder, asked),
      );
      for (const line of planLines(plan)) io.print(line);
      return plan;
    }
    const { model: spec, out, ledger, concurrency } = options;
    for (const [name, value] of Object.entries({ model: spec, out }))
      if (value === undefined)
        throw new UserError(
          "missing-option",
          `--${name} is missing (${OPTIONS[name as "model" | "out"].help})`,
          {
            remedy: "See: apollo corpus qa --help; with --dry-run nothing is asked.",
          },
        );
    const identity = await modelIdentity(spec!);
    const priced = asked.price === undefined ? {} : { price: asked.price };
    const model = await openModel(spec!, {
      ...priced,
      onEndpoint: io.warn,
      progress: io.progress,
    });
    try {
      const result = await withBuckets(
        { inputs: [corpus], out: out!, beside: [".requests.jsonl"] },
        io,
        ({ inputs: [folder = ""], ...to }) => {
          const { tasks } = readTaskOptions(options, io, to.bucket);
          return generateQa(folder, to.out, model, {
            ...asked,
            identity,
            concurrency: readConcurrency(concurrency, model, undefined),
            ledger,
            ...(tasks === undefined
              ? {}
              : { tasks: { ...tasks, openModel: { spec: spec!, ...priced } satisfies TaskModel } }),
            progress: io.progress,
            signal: io.signal,
          });
        },
      );
      io.print(
        `${result.pairs} pairs and ${result.dialogues} conversations from ${result.passages} passages in ${out}`,
      );
      io.print(`  by language  ${listCounts(result.byLanguage)}`);
      io.print(`  left out     ${listCounts(result.skipped)}`);
      io.print(`  rejected     ${listCounts(result.rejected)} (${out}/rejected.jsonl)`);
      io.print(
        `  answers      ${result.requests}, ${result.asked} of them asked for now, all kept in ${result.ledger}`,
      );
      const price = result.cost === undefined ? "" : `, price ${result.cost.toFixed(4)}`;
      io.print(`  tokens       ${result.promptTokens} read, ${result.completionTokens} written${price}`);
      if (result.stopped !== undefined)
        io.warn(
          `stopped by --${result.stopped}: ${result.left} passages left; a larger one goes on from here`,
        );
      if (Object.keys(result.unanswered).length > 0) {
        io.warn(`no answer: ${listCounts(result.unanswered)}; the same command asks for them again`);
        process.exitCode = 2;
      }
      return { ...result, ...printEndpoints(io, model) };
    } finally {
      await model.close();
    }
  },
});

async function readOptions(options: OptionValues<typeof OPTIONS>): Promise<QaOptions> {
  const { kind, prompts, language, tokenizer: tokenizerFile, attempts, temperature, seed, limit } = options;
  const KINDS: Readonly<Record<string, readonly QaKind[]>> = {
    qa: ["qa"],
    dialogue: ["dialogue"],
    both: ["qa", "dialogue"],
  };
  const kinds = KINDS[kind];
  if (kinds === undefined)
    throw new UserError("bad-option", `--kind must be qa, dialogue or both, found "${kind}"`);
  const [prompt, completion] = [options["price-prompt"], options["price-completion"]];
  if ((prompt === undefined) !== (completion === undefined))
    throw new UserError("bad-option", "--price-prompt and --price-completion belong together");
  const tokenizer = tokenizerFile === undefined ? undefined : await loadTokenizer(tokenizerFile);
  return {
    prompts: await readQaPrompts(prompts),
    kinds,
    languages: language,
    passageTokens: options["passage-tokens"],
    perPassage: options["per-passage"],
    attempts,
    maxTokens: options["max-tokens"],
    temperature,
    seed,
    limit,
    tokens: options["budget-tokens"],
    money: options["budget-money"],
    ...(prompt === undefined || completion === undefined ? {} : { price: { prompt, completion } }),
    ...(tokenizer === undefined
      ? {}
      : { tokenizer: { name: tokenizerFile!, count: (text) => tokenizer.encode(text).length } }),
  };
}

function planLines({
  passages,
  passageTokens,
  byLanguage,
  skipped,
  requests,
  likely,
  most,
  examples,
}: QaPlan): string[] {
  const price = (cost: number | undefined): string =>
    cost === undefined ? "" : `, price ${cost.toFixed(4)}`;
  return [
    ...examples.flatMap(({ language, role, prompt }) => [`--- ${role}, ${language}`, prompt, ""]),
    `${passages} passages, ${passageTokens} tokens`,
    `  by language  ${listCounts(byLanguage)}`,
    `  left out     ${listCounts(skipped)}`,
    `  requests     ${requests}, more where a reply does not pass`,
    `  likely       ${likely.promptTokens} tokens read, ${likely.completionTokens} written${price(likely.cost)}`,
    `  at most      ${most.promptTokens} tokens read, ${most.completionTokens} written${price(most.cost)}`,
  ];
}
