// `apollo bench grade`: grades answers that were produced elsewhere.
import { GRADE_PROTOCOLS, gradeAnswers } from "../bench/index.ts";
import { defineCommand } from "./command.ts";
import { printTable } from "./table.ts";

export const gradeCommand = defineCommand({
  name: "bench grade",
  summary: "grade answers produced elsewhere: lines with source, question, options, answer and response",
  positionals: "ANSWERS",
  options: {
    protocol: {
      type: "string",
      value: GRADE_PROTOCOLS.join("|"),
      default: "corrected",
      help: "how answers are read: as published, robustly (corrected, generate), or only in the form asked for",
    },
  },
  examples: ["apollo bench grade answers.jsonl --protocol apollo --json"],
  async run({ options, positionals, io }) {
    const graded = await gradeAnswers(positionals[0] ?? "", options.protocol);
    const rows = graded.sources.map(({ source, n, correct, noAnswer, accuracy }) => [
      source,
      String(n),
      String(correct),
      String(noAnswer),
      `${(100 * accuracy).toFixed(1)} %`,
    ]);
    printTable(io, ["source", "n", "correct", "no answer", "accuracy"], rows);
    return graded;
  },
});
