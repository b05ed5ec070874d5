// apollo reproduce
import pc from "picocolors";
import { UserError } from "../core/index.ts";
import { FAMILY, type ReproduceResult, reproduce } from "../flows/index.ts";
import { type CommandIo, defineCommand } from "./command.ts";
import { printTable } from "./table.ts";

const SCALES = ["full", "tiny"] as const;

/** `apollo reproduce`. */
export const reproduceCommand = defineCommand({
  name: "reproduce",
  summary:
    "make a published model again: pull, corpus, train, export, bench, and its row beside the published one",
  positionals: "NAME",
  options: {
    out: {
      type: "string",
      value: "DIR",
      help: "folder of all artifacts (default: runs/NAME); a stopped run goes on there",
    },
    scale: {
      type: "string",
      value: SCALES.join("|"),
      default: "full",
      help: "tiny: rehearse the same chain on stand-ins, without the network, in a minute",
    },
    "protocol-file": {
      type: "string",
      value: "FILE",
      help: "the published prompts (src/bench/README.md); without them only other ways of asking are run",
    },
    clean: {
      type: "boolean",
      help: "put texts right first (apollo corpus clean), which the published run did not",
    },
    limit: { type: "number", value: "N", help: "exam items per source; default all" },
    threads: { type: "number", help: "CPU threads (default: all cores, at most 8)" },
    set: { type: "string", value: "KEY=VALUE", multiple: true, help: "change a value of the recipe" },
  },
  examples: [
    "apollo reproduce apollo-0.5b --scale tiny",
    "apollo reproduce apollo-0.5b --protocol-file apollo-2024.json --out runs/apollo-0.5b",
    `names: ${FAMILY.join(", ")}`,
  ],
  async run({ options, positionals: [name = ""], io }) {
    const scale = SCALES.find((known) => known === options.scale);
    if (scale === undefined) {
      throw new UserError(
        "bad-option",
        `--scale must be one of ${SCALES.join(", ")}, found "${options.scale}"`,
        {
          remedy: "See: apollo reproduce --help",
        },
      );
    }
    const common = {
      name,
      out: options.out ?? `runs/${name.toLowerCase()}${scale === "tiny" ? "-tiny" : ""}`,
      scale,
      protocolFile: options["protocol-file"],
      clean: options.clean,
      limit: options.limit,
      settings: options.set,
      threads: options.threads,
      progress: io.progress,
      signal: io.signal,
      warn: io.warn,
    };
    const result = await reproduce({
      ...common,
      onStage: (stage, what) => io.print(`${pc.bold(pc.cyan(stage.padEnd(7)))} ${what}`),
    });
    printResult(result, io);
    return result;
  },
});

function printResult({ rows, gain, caveats, seconds, report, model }: ReproduceResult, io: CommandIo): void {
  for (const { model: published, protocol, sources, average } of rows) {
    io.print();
    io.print(pc.bold(`${protocol}, beside the published ${published}`));
    printTable(
      io,
      ["source", "n", "ours", "published", "difference", "95 % interval", "p", "p (Holm)"],
      [
        ...sources.map((source) => [
          source.source,
          String(source.n),
          percent(source.accuracy),
          percent(source.published),
          points(source.difference),
          source.interval.map(points).join(" to "),
          source.pValue.toPrecision(2),
          source.adjustedPValue.toPrecision(2),
        ]),
        ...(average === undefined
          ? []
          : [
              [
                "average",
                "",
                percent(average.accuracy),
                percent(average.published),
                points(average.difference),
                average.interval.map(points).join(" to "),
                average.pValue.toPrecision(2),
                "",
              ],
            ]),
      ],
    );
  }
  io.print();
  io.print(`Trained against its base, by letters: ${points(gain.average)} points on average.`);
  for (const line of caveats) io.print(`- ${line}`);
  io.print(`${seconds.toFixed(0)} s. Report: ${report}   Model: ${model}`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function points(share: number): string {
  return `${share >= 0 ? "+" : "-"}${(100 * Math.abs(share)).toFixed(1)}`;
}
