// Plans of `apollo plan` in words.
import { UserError } from "../core/index.ts";
import type { CorpusPlan } from "../corpus/index.ts";
import type { ClusterOption, ClusterPlan } from "../train/index.ts";
import type { CommandIo } from "./command.ts";
import { printTable } from "./table.ts";

type Out = Pick<CommandIo, "print">;

const KINDS = [
  "weights",
  "gradients",
  "optimizer",
  "activations",
  "logits",
  "communication",
  "runtime",
] as const;

/** Prints the plan of a training run. */
export function printClusterPlan(plan: ClusterPlan, io: CommandIo): void {
  const { cluster, disk, chosen } = plan;
  const line = labelled(io);
  line(
    "parameters",
    `${billions(plan.parameters)}, of which ${billions(plan.trainedParameters)} are trained`,
  );
  line(
    "work",
    `${plan.steps.toLocaleString("en")} steps of ${plan.batch} rows of ${plan.length}: ${billions(plan.tokens)} tokens`,
  );
  line(
    "cluster",
    `${cluster.nodes} x ${cluster.gpusPerNode} x ${cluster.gpu}, ${gigabytes(cluster.memory)} each`,
  );
  io.print("");
  io.print("Memory of one GPU, GB (10^9 bytes), with the most rows at once that fit, else one");
  const priced = plan.options.some(({ cost }) => cost !== undefined);
  printTable(
    io,
    [
      "way",
      "rows",
      ...KINDS.map((kind) => (kind === "communication" ? "network" : kind)),
      "total",
      "tokens/s",
      "hours",
      ...(priced ? ["cost"] : []),
    ],
    plan.options.map((option) => [
      `${option === chosen || same(option, chosen) ? "*" : " "} ${wayWords(option)}`,
      `${option.rows}x${option.accumulate}`,
      ...KINDS.map((kind) => gb(option.memory[kind])),
      `${gb(option.memory.total)}${option.tight ? " ~" : option.fits ? "" : " !"}`,
      option.fits ? range(option.tokensPerSecond, 0) : "",
      option.fits ? range(option.hours, 1) : "",
      ...(priced ? [option.fits && option.cost !== undefined ? range(option.cost, 0) : ""] : []),
    ]),
  );
  io.print(
    "* the plan; ! does not fit; ~ fits with less than 8 % to spare; rows: at once on a GPU x times before a step",
  );
  io.print("");
  if (chosen !== undefined) {
    line("plan", wayWords(chosen));
    line("time", `${range(chosen.hours, 1)} hours, ${range(chosen.tokensPerSecond, 0)} tokens/s`);
    if (chosen.cost !== undefined) line("cost", range(chosen.cost, 0));
    line(
      "network",
      `${gigabytes(chosen.traffic.perGpu)} sent by each GPU in a step${chosen.traffic.perNode > 0 ? `, ${gigabytes(chosen.traffic.perNode)} out of each node` : ""}`,
    );
  }
  line(
    "disk",
    `${gigabytes(disk.total)}: base ${gigabytes(disk.base)}, rows ${gigabytes(disk.rows)}, checkpoints ${gigabytes(disk.checkpoints)} (${gigabytes(disk.checkpoint)} each, optimizer in it), result ${gigabytes(disk.result)}`,
  );
  io.print("");
  io.print("Assumed:");
  for (const assumption of plan.assumptions) io.print(`  ${assumption}`);
}

/** Prints the plan of a corpus. */
export function printCorpusPlan(plan: CorpusPlan, io: CommandIo): void {
  const line = labelled(io);
  const whole = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 0 });
  line(
    "corpus",
    `${gigabytes(plan.bytes)}, about ${whole(plan.documents)} documents, ${billions(plan.tokens)} tokens`,
  );
  io.print("");
  const nodes = plan.totals.map((total) => `${total.nodes} node${total.nodes === 1 ? "" : "s"}, h`);
  printTable(
    io,
    ["stage", "tasks", "core-hours", "reads", "writes", "memory a task", ...nodes],
    [
      ...plan.stages.map(({ stage, tasks, coreHours, readBytes, writtenBytes, memory, times }) => [
        stage,
        whole(tasks),
        whole(coreHours),
        gigabytes(readBytes),
        gigabytes(writtenBytes),
        gigabytes(memory),
        ...times.map(
          ({ hours, bound }) =>
            `${hours.toFixed(1)}${bound === "cores" ? " " : bound === "storage" ? "s" : "*"}`,
        ),
      ]),
      [
        "together",
        "",
        whole(plan.stages.reduce((sum, { coreHours }) => sum + coreHours, 0)),
        "",
        "",
        "",
        ...plan.totals.map(({ hours }) => `${hours.toFixed(1)} `),
      ],
    ],
  );
  io.print("s: waits for the storage; *: for what one process joins alone; else for cores");
  io.print("");
  const { shuffleBytes, partitions, partitionBytes, groupMemory } = plan.dedup;
  line(
    "dedup",
    `${gigabytes(shuffleBytes)} of keys meet in ${whole(partitions)} partitions of ${gigabytes(partitionBytes)}; grouping holds ${gigabytes(groupMemory)}`,
  );
  line("disk", `${gigabytes(plan.diskBytes)} for the results of all stages and dedup's scratch`);
  for (const limit of plan.limits) line("limit", limit);
  io.print("");
  io.print("Assumed:");
  for (const assumption of plan.assumptions) io.print(`  ${assumption}`);
}

/** `UserError` for a plan that does not fit, with what would. */
export function refuseClusterPlan(plan: ClusterPlan, recipe: string): void {
  if (plan.chosen !== undefined) return;
  const least = [...plan.options].sort((a, b) => a.memory.total - b.memory.total)[0]!;
  throw new UserError(
    "does-not-fit",
    `takes ${gigabytes(least.memory.total)} of a GPU at least (${wayWords(least)}), ${plan.cluster.gpu} has ${gigabytes(plan.cluster.memory)}`,
    {
      file: recipe,
      remedy:
        plan.alternatives.length === 0
          ? "Nothing that is tried here would fit: take a smaller model or larger GPUs."
          : `What would fit: ${plan.alternatives.join("; ")}.`,
    },
  );
}

const PARTS = { full: "", lora: "LoRA, ", qlora: "QLoRA, " } as const;
const SHARDINGS = {
  ddp: "DDP",
  "zero-1": "ZeRO-1",
  "zero-2": "ZeRO-2",
  "zero-3": "ZeRO-3 / FSDP2",
} as const;

function wayWords({ part, sharding, checkpointing, chunkedLoss }: ClusterOption): string {
  return `${PARTS[part]}${SHARDINGS[sharding]}${checkpointing ? ", checkpointing" : ""}${chunkedLoss ? ", chunked loss" : ""}`;
}

/** The chosen way is the same object here, an equal one after a journey through JSON. */
function same(option: ClusterOption, chosen: ClusterOption | undefined): boolean {
  return chosen !== undefined && wayWords(option) === wayWords(chosen) && option.rows === chosen.rows;
}

/** Prints lines with a label in front. */
function labelled(io: Out): (name: string, value: string) => void {
  return (name, value) => io.print(`${name.padEnd(12)}${value}`);
}

/** Bytes as decimal gigabytes or terabytes. */
function gigabytes(bytes: number): string {
  if (bytes >= 1e15) return `${(bytes / 1e15).toFixed(1)} PB`;
  if (bytes >= 1e12) return `${(bytes / 1e12).toFixed(1)} TB`;
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function gb(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

function range([low, high]: readonly [number, number], digits: number): string {
  const text = (value: number): string =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${text(low)} - ${text(high)}`;
}

function billions(value: number): string {
  return value >= 1e9 ? `${(value / 1e9).toFixed(2)} billion` : `${(value / 1e6).toFixed(2)} million`;
}
