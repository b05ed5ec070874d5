// `apollo corpus decontaminate`: exam items out of the training data, and a person's word on what was found.
import { isBucketUrl } from "../cluster/index.ts";
import { UserError } from "../core/index.ts";
import {
  DECONTAMINATION_RULES,
  type DecontaminationRule,
  decontaminateCorpus,
  type FlaggedDocument,
  listCounts,
  type ReviewAnswer,
  type RuleCount,
  reviewLeaks,
} from "../corpus/index.ts";
import { createAsker } from "./ask.ts";
import { withBuckets } from "./bucket-folders.ts";
import { type CommandIo, defineCommand } from "./command.ts";
import { printTable } from "./table.ts";
import { readTaskOptions, TASK_OPTIONS } from "./task-options.ts";

/** `apollo corpus decontaminate`. */
export const decontaminateCommand = defineCommand({
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
    out: {
      type: "string",
      value: "DIR",
      required: true,
      help: "folder of the clean corpus, or s3://BUCKET/NAME",
    },
    rule: {
      type: "string",
      value: "RULE",
      default: "adaptive",
      help: `what counts as a leak: ${DECONTAMINATION_RULES.join(", ")}`,
    },
    compare: { type: "boolean", help: "count what each rule would flag, side by side" },
    review: { type: "boolean", help: "walk through what was flagged and decide: keep, drop, next, quit" },
    ...TASK_OPTIONS,
  },
  examples: [
    "apollo corpus decontaminate corpus --against xmedbench/test.json --out clean",
    "apollo corpus decontaminate corpus --against xmedbench/test.json --out clean --review",
  ],
  async run({
    options: { against, out, rule, compare, review, ...options },
    positionals: [corpus = ""],
    io,
  }) {
    if (review && isBucketUrl(out))
      throw new UserError("bad-option", "--review wants the evidence in a folder of this machine", {
        file: out,
        remedy: "Choose another --out, and copy it to the bucket when the review is done.",
      });
    const run = () =>
      withBuckets({ inputs: [corpus, ...against], out }, io, ({ inputs: [folder = "", ...suites], ...to }) =>
        decontaminateCorpus(folder, suites, to.out, {
          rule: rule as DecontaminationRule,
          compare,
          ...readTaskOptions(options, io, to.bucket),
          progress: io.progress,
          signal: io.signal,
        }),
      );
    let result = await run();
    if (review) {
      const asker = createAsker();
      const say = io.json ? io.warn : io.print;
      try {
        const ended = await reviewLeaks(out, against, async (flagged) => {
          for (const line of describe(flagged)) say(line);
          return askVerdict(asker.ask, say);
        });
        say(`${ended.keep} kept, ${ended.drop} dropped, ${ended.left} left; decisions in ${ended.file}`);
      } finally {
        asker.close();
      }
      result = await run();
    }
    const { keep, drop } = result.reviewed;
    io.print(
      `${result.flagged} of ${result.documents} documents hold exam items; they are in ${out}/quarantine`,
    );
    io.print(`  by rule      ${listCounts(result.byRule)}`);
    io.print(`  by language  ${listCounts(result.byLanguage)}`);
    if (keep + drop > 0) io.print(`  reviewed     ${keep} kept as false alarms, ${drop} dropped as leaks`);
    io.print(`  evidence     ${result.evidence}`);
    if (result.compared !== undefined) printRules(io, result.compared);
    return result;
  },
});

/** What a person reads before deciding. */
function describe({ document, number, of, leaks }: FlaggedDocument): string[] {
  const lines = [
    "",
    `${number} of ${of}: ${document.category} ${document.language}, document ${document.id}`,
  ];
  for (const { item, rule, match, excerpt } of leaks)
    lines.push(
      `  ${rule}, item ${item.id} of ${item.source}`,
      `    exam      ${oneLine([item.question, ...item.options].join(" | "))}`,
      `    match     ${oneLine(match)}`,
      `    document  ${oneLine(excerpt)}`,
    );
  return lines;
}

const ANSWERS: Readonly<Record<string, ReviewAnswer>> = {
  k: "keep",
  d: "drop",
  n: "next",
  q: "quit",
  "": "next",
};

async function askVerdict(
  ask: (question: string) => Promise<string | undefined>,
  say: (line: string) => void,
): Promise<ReviewAnswer> {
  for (;;) {
    const line = await ask("[k]eep (false alarm), [d]rop (leak), [n]ext, [q]uit: ");
    if (line === undefined) return "quit";
    const word = line.trim().toLowerCase();
    const answer = ANSWERS[word] ?? Object.values(ANSWERS).find((name) => name === word);
    if (answer !== undefined) return answer;
    say(`"${word}" is none of k, d, n, q`);
  }
}

function printRules(io: CommandIo, rules: readonly RuleCount[]): void {
  const languages = [...new Set(rules.flatMap(({ byLanguage }) => Object.keys(byLanguage)))].sort();
  io.print();
  printTable(
    io,
    ["rule", "flagged", "no other does", "items it cannot find", ...languages],
    rules.map((rule) => [
      rule.rule,
      String(rule.flagged),
      String(rule.alone),
      String(rule.unmatchableItems),
      ...languages.map((language) => String(rule.byLanguage[language] ?? 0)),
    ]),
  );
}

/** Characters shown of a text. */
const SHOWN = 500;

function oneLine(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)} …` : line;
}
