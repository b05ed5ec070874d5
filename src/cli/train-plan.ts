// apollo train --dry-run: the plan of a run in words.
import { UserError } from "../core/index.ts";
import { formatDuration, type PlanAlternative, type TrainingPlan } from "../train/index.ts";
import type { CommandIo } from "./command.ts";

/** Prints a plan. */
export function printPlan(plan: TrainingPlan, io: Pick<CommandIo, "print">): void {
  const { memory } = plan;
  const line = (name: string, value: string): void => io.print(`${name.padEnd(14)}${value}`);
  line(
    "parameters",
    `${millions(plan.parameters)}, of which ${millions(plan.trainedParameters)} are trained`,
  );
  if (plan.trainedParameters !== plan.parameters)
    line("", "(adapters beside the model's own, which stay as they are)");
  line("rows", `${plan.rows} of ${plan.length}`);
  line("steps", `${plan.steps}, ${millions(plan.tokens)} tokens`);
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
  line(
    "time",
    `${formatDuration(plan.seconds)}, ${plan.tokensPerSecond.toFixed(plan.tokensPerSecond < 10 ? 2 : 0)} tokens/s`,
  );
  line(
    "",
    plan.measured
      ? `at ${gigaflops(plan.stepRate)}, measured on two layers of this width; products alone reach ${gigaflops(plan.matmulRate)}`
      : `at ${gigaflops(plan.stepRate)}, 70 % of what products reach here: a slice of the model is too large to be tried`,
  );
}

/** `UserError` for a plan that does not fit, with what would. */
export function refusePlan(plan: TrainingPlan, recipe: string): void {
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
