// `apollo corpus clean`: puts a corpus's texts right, with a count for everything done.
import { UserError } from "../core/index.ts";
import { CLEAN_RULES, type CleanRule, cleanCorpus, type LengthBounds, listCounts } from "../corpus/index.ts";
import { withBuckets } from "./bucket-folders.ts";
import { defineCommand } from "./command.ts";
import { readTaskOptions, TASK_OPTIONS } from "./task-options.ts";

/** `apollo corpus clean`. */
export const cleanCommand = defineCommand({
  name: "corpus clean",
  summary: "put characters right, take out page frames and repeats, mask personal data, with counted reasons",
  positionals: "CORPUS",
  options: {
    out: {
      type: "string",
      value: "DIR",
      required: true,
      help: "folder of the cleaned corpus, or s3://BUCKET/NAME",
    },
    skip: {
      type: "string",
      value: "RULE",
      multiple: true,
      help: `leave out a rule: ${CLEAN_RULES.join(", ")}`,
    },
    length: {
      type: "string",
      value: "LANG=MIN..MAX",
      multiple: true,
      help: "characters of a text in a language (default: 100 to 2000000 in English, others by translation length)",
    },
    show: {
      type: "whole",
      least: 0,
      value: "N",
      default: 0,
      help: "print N examples of each reason, before and after",
    },
    ...TASK_OPTIONS,
  },
  examples: [
    "apollo corpus clean corpus --out cleaned",
    "apollo corpus clean corpus --skip common-lines --length zh=20..500000 --show 3 --out cleaned",
    "apollo corpus clean corpus --tasks 8 --out cleaned",
  ],
  async run({ options: { out, skip, length, show, ...options }, positionals: [corpus = ""], io }) {
    const result = await withBuckets({ inputs: [corpus], out }, io, ({ inputs: [folder = ""], ...to }) =>
      cleanCorpus(folder, to.out, {
        skip: skip as readonly CleanRule[],
        bounds: Object.fromEntries(length.map(readBounds)),
        examples: show,
        show({ reason, language, document, before, after }) {
          io.print(`${reason} (${language}, ${document})`);
          io.print(`  - ${oneLine(before)}`);
          if (after !== "") io.print(`  + ${oneLine(after)}`);
        },
        ...readTaskOptions(options, io, to.bucket),
        progress: io.progress,
        signal: io.signal,
      }),
    );
    io.print(
      `${result.kept} of ${result.documents} documents stay in ${out}, ${result.changed} of them changed`,
    );
    io.print(`  dropped  ${listCounts(result.dropped)}`);
    io.print(`  changes  ${listCounts(result.changes)}`);
    for (const [language, changes] of Object.entries(result.byLanguage))
      io.print(`    ${language}     ${listCounts(changes)}`);
    return result;
  },
});

function readBounds(text: string): [string, Partial<LengthBounds>] {
  const [, language, least, most] = /^([a-z]{2})=(\d*)\.\.(\d*)$/u.exec(text) ?? [];
  if (language === undefined)
    throw new UserError("bad-option", `--length must be like zh=30..500000, found "${text}"`);
  return [
    language,
    {
      ...(least === "" ? {} : { leastText: Number(least) }),
      ...(most === "" ? {} : { most: Number(most) }),
    },
  ];
}

/** Characters shown of an example. */
const SHOWN = 200;

function oneLine(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)} …` : line;
}
