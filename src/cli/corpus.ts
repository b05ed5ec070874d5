// `apollo corpus ...`: from raw texts to packed rows.

import { dedupCorpus, listCounts, packCorpus, readMixture, traceRow } from "../corpus/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { withBuckets } from "./bucket-folders.ts";
import { type Command, defineCommand } from "./command.ts";
import { cleanCommand } from "./corpus-clean.ts";
import { decontaminateCommand } from "./corpus-decontaminate.ts";
import { corpusExportCommand } from "./corpus-export.ts";
import { corpusImportCommand } from "./corpus-import.ts";
import { qaCommand } from "./corpus-qa.ts";
import { statsCommand } from "./corpus-stats.ts";
import { traceLines } from "./corpus-tables.ts";
import { readTaskOptions, TASK_OPTIONS } from "./task-options.ts";

const dedup = defineCommand({
  name: "corpus dedup",
  summary: "keep one of each set of exact and near duplicates, and show what was merged",
  positionals: "CORPUS",
  options: {
    out: {
      type: "string",
      value: "DIR",
      required: true,
      help: "folder of the corpus without duplicates, or s3://BUCKET/NAME",
    },
    against: { type: "string", value: "DIR", help: "drop what this corpus holds already, too" },
    threshold: {
      type: "number",
      least: 0.7,
      most: 1,
      value: "X",
      default: 0.8,
      help: "share of common shingles (Jaccard), 0.7 to 1",
    },
    ...TASK_OPTIONS,
  },
  examples: [
    "apollo corpus dedup corpus --out unique",
    "apollo corpus dedup new --against corpus --out added",
  ],
  async run({ options: { out, against, threshold, ...options }, positionals: [corpus = ""], io }) {
    const inputs = against === undefined ? [corpus] : [corpus, against];
    const { apart, ...result } = await withBuckets(
      { inputs, out },
      io,
      ({ inputs: [folder = "", known], ...to }) =>
        dedupCorpus(folder, to.out, {
          ...(known === undefined ? {} : { against: known }),
          threshold,
          ...readTaskOptions(options, io, to.bucket),
          progress: io.progress,
          signal: io.signal,
        }),
    );
    io.print(`${result.kept} of ${result.documents} documents stay in ${out}`);
    io.print(`  exact duplicates dropped  ${result.exact}`);
    io.print(`  near duplicates dropped   ${result.near}`);
    io.print(`  alike, but kept for other ${listCounts(apart)}`);
    io.print(`  what was merged           ${result.clusters}`);
    return result;
  },
});

const pack = defineCommand({
  name: "corpus pack",
  summary: "tokenise a corpus and fill rows of equal length, ready to train on",
  positionals: "CORPUS",
  options: {
    tokenizer: {
      type: "string",
      value: "T",
      required: true,
      help: "tokenizer: a folder, tokenizer.json, *.model, *.tiktoken or *.gguf",
    },
    length: { type: "whole", least: 8, value: "N", default: 4096, help: "positions in a row" },
    out: { type: "string", value: "DIR", required: true, help: "folder for the rows, or s3://BUCKET/NAME" },
    seed: { type: "whole", least: 0, value: "N", default: 42, help: "seed of the order" },
    mixture: {
      type: "string",
      value: "SOURCE=P/E",
      multiple: true,
      help: "priority and epochs of a category (or category_language), over the published 16/1 and 2/2; or a JSON file",
    },
    window: {
      type: "whole",
      value: "N",
      help: "texts to choose from when a row is filled (default: 16 to 256)",
    },
    ...TASK_OPTIONS,
  },
  examples: [
    "apollo corpus pack corpus --tokenizer models/base --length 1024 --out packed",
    "apollo corpus pack corpus --tokenizer models/base --mixture general=4/1 --mixture medicalBook_zh=8/2 --out packed",
  ],
  async run({ options, positionals: [corpus = ""], io }) {
    const { length, out, seed } = options;
    const tokenizer = await loadTokenizer(options.tokenizer);
    const mixture = await readMixture(options.mixture);
    const result = await withBuckets({ inputs: [corpus], out }, io, ({ inputs: [folder = ""], ...to }) =>
      packCorpus(folder, {
        tokenizer,
        length,
        out: to.out,
        seed,
        mixture,
        ...(options.window === undefined ? {} : { window: options.window }),
        ...readTaskOptions(options, io, to.bucket),
        tokenizerPath: options.tokenizer,
        progress: io.progress,
        signal: io.signal,
      }),
    );
    io.print(`${result.documents} documents in ${result.rows} rows of ${result.length} in ${out}`);
    io.print(`  ${result.tokens} tokens, ${result.labelTokens} of them learnt`);
    io.print(`  ${(100 * result.utilisation).toFixed(2)} % of the positions used`);
    io.print(`  cut  ${listCounts(result.cut)}`);
    return result;
  },
});

const trace = defineCommand({
  name: "corpus trace",
  summary: "show where each part of a packed row comes from, and every decision on it",
  positionals: "PACKED",
  options: { row: { type: "whole", least: 0, value: "N", required: true, help: "row, from 0" } },
  examples: ["apollo corpus trace packed --row 12"],
  async run({ options: { row }, positionals: [packed = ""], io }) {
    const result = await traceRow(packed, row);
    for (const line of traceLines(result)) io.print(line);
    return result;
  },
});

/** The corpus room's commands. */
export const corpusCommands: readonly Command[] = [
  corpusImportCommand,
  cleanCommand,
  dedup,
  decontaminateCommand,
  qaCommand,
  pack,
  statsCommand,
  trace,
  corpusExportCommand,
];
