// `apollo corpus ...`: from raw texts to packed rows.

import { corpusStats, decontaminateCorpus, dedupCorpus, packCorpus, traceRow } from "../corpus/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { type Command, defineCommand } from "./command.ts";
import { cleanCommand } from "./corpus-clean.ts";
import { corpusExportCommand } from "./corpus-export.ts";
import { corpusImportCommand } from "./corpus-import.ts";
import { listCounts, statsTable, traceLines } from "./corpus-tables.ts";

const dedup = defineCommand({
  name: "corpus dedup",
  summary: "keep one of each set of exact and near duplicates, and show what was merged",
  positionals: "CORPUS",
  options: {
    out: { type: "string", value: "DIR", required: true, help: "folder of the corpus without duplicates" },
    against: { type: "string", value: "DIR", help: "drop what this corpus holds already, too" },
    threshold: {
      type: "number",
      value: "X",
      default: 0.8,
      help: "share of common shingles (Jaccard), 0.7 to 1",
    },
  },
  examples: [
    "apollo corpus dedup corpus --out unique",
    "apollo corpus dedup new --against corpus --out added",
  ],
  async run({ options: { out, against, threshold }, positionals: [corpus = ""], io }) {
    const { apart, ...result } = await dedupCorpus(corpus, out, {
      ...(against === undefined ? {} : { against }),
      threshold,
      progress: io.progress,
      signal: io.signal,
    });
    io.print(`${result.kept} of ${result.documents} documents stay in ${out}`);
    io.print(`  exact duplicates dropped  ${result.exact}`);
    io.print(`  near duplicates dropped   ${result.near}`);
    io.print(`  alike, but kept for other ${listCounts(apart)}`);
    io.print(`  what was merged           ${result.clusters}`);
    return result;
  },
});

const decontaminate = defineCommand({
  name: "corpus decontaminate",
  summary: "put documents aside that hold items of an exam, with the evidence",
  positionals: "CORPUS",
  options: {
    against: {
      type: "string",
      value: "SUITE",
      required: true,
      multiple: true,
      help: "exam in XMedBench's format: a file or a folder",
    },
    out: { type: "string", value: "DIR", required: true, help: "folder of the clean corpus" },
  },
  examples: ["apollo corpus decontaminate corpus --against xmedbench/test.json --out clean"],
  async run({ options: { against, out }, positionals: [corpus = ""], io }) {
    const result = await decontaminateCorpus(corpus, against, out, {
      progress: io.progress,
      signal: io.signal,
    });
    io.print(
      `${result.flagged} of ${result.documents} documents hold exam items; they are in ${out}/quarantine`,
    );
    io.print(`  by rule      ${listCounts(result.byRule)}`);
    io.print(`  by language  ${listCounts(result.byLanguage)}`);
    io.print(`  evidence     ${result.evidence}`);
    return result;
  },
});

const stats = defineCommand({
  name: "corpus stats",
  summary: "documents, characters and tokens by category and language",
  positionals: "FOLDER",
  options: {
    tokenizer: {
      type: "string",
      value: "T",
      help: "count tokens of a corpus: a folder, tokenizer.json, *.tiktoken or *.gguf",
    },
  },
  examples: ["apollo corpus stats corpus --tokenizer models/base", "apollo corpus stats packed"],
  async run({ options, positionals: [folder = ""], io }) {
    const tokenizer = options.tokenizer === undefined ? undefined : await loadTokenizer(options.tokenizer);
    const result = await corpusStats(folder, {
      ...(tokenizer === undefined ? {} : { tokenizer }),
      progress: io.progress,
      signal: io.signal,
    });
    for (const line of statsTable(result)) io.print(line);
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
    length: { type: "number", value: "N", default: 4096, help: "positions in a row" },
    out: { type: "string", value: "DIR", required: true, help: "folder for the rows" },
    seed: { type: "number", value: "N", default: 42, help: "seed of the order" },
  },
  examples: ["apollo corpus pack corpus --tokenizer models/base --length 1024 --out packed"],
  async run({ options, positionals: [corpus = ""], io }) {
    const { length, out, seed } = options;
    const tokenizer = await loadTokenizer(options.tokenizer);
    const result = await packCorpus(corpus, {
      tokenizer,
      length,
      out,
      seed,
      progress: io.progress,
      signal: io.signal,
    });
    io.print(`${result.rows} rows of ${result.length} in ${out}`);
    io.print(`  ${result.tokens} tokens, ${result.labelTokens} of them learnt`);
    io.print(`  ${(100 * result.utilisation).toFixed(2)} % of the positions used`);
    return result;
  },
});

const trace = defineCommand({
  name: "corpus trace",
  summary: "show where each part of a packed row comes from, and every decision on it",
  positionals: "PACKED",
  options: { row: { type: "number", value: "N", required: true, help: "row, from 0" } },
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
  decontaminate,
  pack,
  stats,
  trace,
  corpusExportCommand,
];
