// `apollo bench compare`: two runs item by item.
import { compareRuns, noiseThreshold } from "../bench/index.ts";
import { defineCommand } from "./command.ts";
import { percent, points, printTable } from "./table.ts";

/** The command. */
export const compareCommand = defineCommand({
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
