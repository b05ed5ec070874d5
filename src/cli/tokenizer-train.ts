// `apollo tokenizer train`: a vocabulary for new languages.
import { UserError } from "../core/index.ts";
import { type Fertility, trainTokenizer } from "../corpus/index.ts";
import { loadTokenizer, type PreTokenizer } from "../tokenizer/index.ts";
import { defineCommand } from "./command.ts";
import { printTable } from "./table.ts";

const PRE_TOKENIZERS: readonly PreTokenizer[] = ["qwen2", "llama-bpe", "gpt-2", "smollm"];

/** `apollo tokenizer train`. */
export const trainTokenizerCommand = defineCommand({
  name: "tokenizer train",
  summary: "learn a byte-level BPE vocabulary from texts, and what it costs to write each language",
  positionals: "CORPUS_OR_FILES...",
  options: {
    size: {
      type: "whole",
      value: "N",
      required: true,
      help: "tokens in all, 256 bytes and special ones among them",
    },
    out: { type: "string", value: "DIR", required: true, help: "folder for tokenizer.json" },
    compare: { type: "string", value: "T", help: "measure this tokenizer on the same texts" },
    special: {
      type: "string",
      value: "TEXT",
      multiple: true,
      help: "a control token; the first ends a text (default <|endoftext|>)",
    },
    split: {
      type: "string",
      value: "NAME",
      default: "qwen2",
      help: `how texts are cut first: ${PRE_TOKENIZERS.join(", ")}`,
    },
    language: { type: "string", value: "CODE", help: "language of plain text files" },
  },
  examples: [
    "apollo tokenizer train corpus --size 32000 --out tokenizer --compare models/base",
    "apollo tokenizer train notes.txt --language sw --size 8000 --out tokenizer",
  ],
  async run({ options: { size, out, compare, special, split, language }, positionals, io }) {
    const preTokenizer = PRE_TOKENIZERS.find((name) => name === split);
    if (preTokenizer === undefined)
      throw new UserError(
        "bad-option",
        `--split must be one of ${PRE_TOKENIZERS.join(", ")}, found "${split}"`,
      );
    const other = compare === undefined ? undefined : await loadTokenizer(compare);
    const result = await trainTokenizer(positionals, {
      size,
      out,
      preTokenizer,
      ...(special.length === 0 ? {} : { specialTokens: special }),
      ...(language === undefined ? {} : { language }),
      ...(other === undefined ? {} : { compare: other }),
      progress: io.progress,
      signal: io.signal,
    });
    io.print(
      `${result.vocabularySize} tokens in ${out}, learnt from ${result.documents - result.heldOut} documents`,
    );
    if (result.forgotten > 0)
      io.print(`  ${result.forgotten} occurrences of rare pieces did not fit the memory`);
    io.print(`  measured on ${result.heldOut > 0 ? `${result.heldOut} others` : "the same"}`);
    io.print();
    const heads = ["language", "documents", "tokens a", "", "bytes a token"];
    const others = ["the other", "bytes a token"];
    printTable(
      io,
      compare === undefined ? heads : [...heads, ...others],
      result.languages.map((row) => fertilityRow(row)),
    );
    return result;
  },
});

function fertilityRow({
  language,
  documents,
  unit,
  tokensPerUnit,
  bytesPerToken,
  other,
}: Fertility): string[] {
  const figures = (amounts: { tokensPerUnit: number; bytesPerToken: number }): string[] => [
    amounts.tokensPerUnit.toFixed(2),
    amounts.bytesPerToken.toFixed(2),
  ];
  return [
    language,
    String(documents),
    unit,
    ...figures({ tokensPerUnit, bytesPerToken }),
    ...(other === undefined ? [] : figures(other)),
  ];
}
