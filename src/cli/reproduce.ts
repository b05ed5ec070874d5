// apollo reproduce
import pc from "picocolors";
import { UserError } from "../core/index.ts";
import {
  FAMILY,
  planReproduction,
  type ReproducePlan,
  type ReproduceResult,
  reproduce,
} from "../flows/index.ts";
import { type CommandIo, defineCommand } from "./command.ts";
import { percent, points, printTable } from "./table.ts";

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
    "dry-run": {
      type: "boolean",
      help: "say what it would take here: bytes, tokens, memory, hours, disk; fetches a configuration at most",
    },
    clean: {
      type: "boolean",
      help: "put texts right first (apollo corpus clean), which the published run did not",
    },
    limit: { type: "whole", value: "N", help: "exam items per source; default all" },
    threads: { type: "whole", help: "CPU threads (default: all cores, at most 8)" },
    set: { type: "string", value: "KEY=VALUE", multiple: true, help: "change a value of the recipe" },
  },
  examples: [
    "apollo reproduce apollo-0.5b --scale tiny",
    "apollo reproduce apollo-7b --dry-run",
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
    if (options["dry-run"]) {
      const plan = await planReproduction(common);
      printPlan(plan, io);
      return plan;
    }
    const result = await reproduce({
      ...common,
      onStage: (stage, what) => io.print(`${pc.bold(pc.cyan(stage.padEnd(7)))} ${what}`),
    });
    printResult(result, io);
    return result;
  },
});

function printPlan(plan: ReproducePlan, io: CommandIo): void {
  const { base, pulls, tokens, training, hours, disk, diskFree, threads, problems } = plan;
  const all = (parts: Readonly<Record<string, number>>): number =>
    Object.values(parts).reduce((total, part) => total + part, 0);
  const list = (parts: Readonly<Record<string, number>>, text: (part: number) => string): string =>
    Object.entries(parts)
      .map(([name, part]) => `${name} ${text(part)}`)
      .join(", ");
  printTable(
    io,
    ["pull", "repository", "size", "to fetch", "known from"],
    pulls.map(({ what, repository, bytes, toCome, known }) => [
      what,
      repository,
      size(bytes),
      size(toCome),
      known === "hub" ? "the hub" : "an estimate",
    ]),
  );
  io.print();
  io.print(`model    ${base}${training === undefined ? "" : `, ${count(training.parameters)} parameters`}`);
  io.print(
    `tokens   ${count(tokens)}${training === undefined ? "" : ` in ${count(training.rows)} rows of ${training.length}, ${count(training.steps)} steps`}`,
  );
  if (training !== undefined) {
    const { total, ...kinds } = training.memory;
    io.print(`memory   ${size(total)} (${list(kinds, size)}); ${size(training.available)} free`);
  }
  io.print(`disk     ${size(all(disk))} (${list(disk, size)}); ${size(diskFree)} free`);
  const machine = `${threads} threads${training === undefined ? "" : `, ${(training.matmulRate / 1e9).toFixed(0)} GFLOP/s measured`}`;
  const whole = training === undefined ? "not known" : duration(all(hours));
  io.print(`time     ${whole} without fetching (${list(hours, duration)}), ${machine}`);
  for (const line of problems) io.warn(line);
  if (problems.length === 0 && training !== undefined) io.print("It fits this machine.");
}

function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function duration(hours: number): string {
  if (hours >= 48) return `${count(Math.round(hours / 24))} days`;
  if (hours >= 1) return `${hours.toFixed(1)} h`;
  return hours * 60 >= 1 ? `${Math.round(hours * 60)} min` : `${Math.ceil(hours * 3600)} s`;
}

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
