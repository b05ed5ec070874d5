// apollo train --dry-run: the plan of a run in words.
import { UserError } from "../core/index.ts";
import { type DevicePlan, formatDuration, type PlanAlternative, type TrainingPlan } from "../train/index.ts";
import type { CommandIo } from "./command.ts";

type Printer = Pick<CommandIo, "print">;

/** Prints a plan; `UserError` for one that does not fit, with what would. */
export function dryRun(plan: TrainingPlan, recipe: string, io: Printer): TrainingPlan {
  printPlan(plan, io);
  refusePlan(plan, recipe);
  return plan;
}

/** Prints the plan of a run on a GPU; `UserError` for one that cannot be. */
export function dryRunOnDevice(plan: DevicePlan, recipe: string, io: Printer): DevicePlan {
  printDevicePlan(plan, io);
  refuseDevicePlan(plan, recipe);
  return plan;
}

function printPlan(plan: TrainingPlan, io: Printer): void {
  const { memory } = plan;
  const line = printSize(plan, io);
  line("memory", `${gibibytes(memory.total)} at most, ${gibibytes(plan.available)} are free`);
  for (const kind of [
    "weights",
    "packed",
    "gradients",
    "optimizer",
    "activations",
    "runtime",
    "evaluation",
  ] as const)
    if (kind !== "packed" || memory[kind] > 0) line("", `${gibibytes(memory[kind]).padStart(10)} ${kind}`);
  if (memory.mapped > 0)
    line("", `${gibibytes(memory.mapped).padStart(10)} more are read from weights' files when there is room`);
  line("time", timeWords(plan));
  line(
    "",
    plan.measured
      ? `at ${gigaflops(plan.stepRate)}, measured on two layers of this width; products alone reach ${gigaflops(plan.matmulRate)}`
      : `at ${gigaflops(plan.stepRate)}, 70 % of what products reach here: a slice of the model is too large to be tried`,
  );
  if (plan.quicker !== undefined) line("", `quicker with ${alternativeWords(plan.quicker, plan.length)}`);
}

function printDevicePlan(plan: DevicePlan, io: Printer): void {
  const { memory, device, missing } = plan;
  const line = printSize(plan, io);
  line(
    "on the GPU",
    `${gibibytes(memory.total)} at most; how much a GPU has cannot be asked through ${device}`,
  );
  for (const kind of ["frozen", "weights", "gradients", "optimizer", "activations"] as const)
    line("", `${gibibytes(memory[kind]).padStart(10)} ${kind}`);
  const holds =
    plan.holdsLargest === undefined
      ? "not tried"
      : plan.holdsLargest
        ? "which the GPU here takes"
        : "too much for the GPU here";
  line("", `${gibibytes(memory.largest.bytes)} in one tensor (${memory.largest.name}), ${holds}`);
  line("memory", `${gibibytes(plan.processMemory)} at most beside it, ${gibibytes(plan.available)} are free`);
  if (plan.seconds !== undefined && plan.tokensPerSecond !== undefined && plan.stepRate !== undefined) {
    line("time", timeWords({ seconds: plan.seconds, tokensPerSecond: plan.tokensPerSecond }));
    line("", `at ${gigaflops(plan.stepRate)}, measured on the GPU on two layers of this width`);
  } else line("time", `not known: ${missing ?? "a slice of the model is too large to be tried"}`);
}

/** Prints what a run is; gives the printer of further lines. */
function printSize(plan: TrainingPlan | DevicePlan, io: Printer): (name: string, value: string) => void {
  const line = (name: string, value: string): void => io.print(`${name.padEnd(14)}${value}`);
  line(
    "parameters",
    `${millions(plan.parameters)}, of which ${millions(plan.trainedParameters)} are trained`,
  );
  if (plan.trainedParameters !== plan.parameters)
    line("", "(adapters beside the model's own, which stay as they are)");
  line("rows", `${plan.rows} of ${plan.length}`);
  line("steps", `${plan.steps}, ${millions(plan.tokens)} tokens`);
  return line;
}

function timeWords({ seconds, tokensPerSecond }: Pick<TrainingPlan, "seconds" | "tokensPerSecond">): string {
  return `${formatDuration(seconds)}, ${tokensPerSecond.toFixed(tokensPerSecond < 10 ? 2 : 0)} tokens/s`;
}

function refusePlan(plan: TrainingPlan, recipe: string): void {
  if (plan.fits) return;
  const found = plan.alternatives.map((alternative) => alternativeWords(alternative, plan.length));
  throw new UserError(
    "does-not-fit",
    `would take ${gibibytes(plan.memory.total)} of memory, ${gibibytes(plan.available)} are free`,
    {
      file: recipe,
      remedy:
        found.length === 0
          ? "Nothing that is tried here would fit: take a smaller model or a larger machine."
          : `What would fit: ${found.join("; ")}.`,
    },
  );
}

function refuseDevicePlan(plan: DevicePlan, recipe: string): void {
  if (plan.fits) return;
  const { largest } = plan.memory;
  const [found, remedy] =
    plan.holdsLargest === false
      ? [
          `would need ${gibibytes(largest.bytes)} in one tensor (${largest.name}), which the GPU here does not take`,
          "Take a smaller model, or --device cpu.",
        ]
      : [
          `would take ${gibibytes(plan.processMemory)} of memory beside the GPU's, ${gibibytes(plan.available)} are free`,
          "Take a smaller model or a larger machine.",
        ];
  throw new UserError("does-not-fit", found, { file: recipe, remedy });
}

function alternativeWords({ settings, length, memory }: PlanAlternative, planned: number): string {
  const parts = settings.map((setting) => `--set ${setting}`);
  if (length !== planned) parts.push(`rows of ${length} (apollo corpus pack --length ${length})`);
  return `${parts.join(" ")} (${gibibytes(memory.total)})`;
}

function millions(value: number): string {
  return value >= 1e9 ? `${(value / 1e9).toFixed(2)} billion` : `${(value / 1e6).toFixed(2)} million`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}

function gigaflops(rate: number): string {
  return `${(rate / 1e9).toFixed(1)} GFLOP/s`;
}
