// apollo train
import { availableParallelism } from "node:os";
import { UserError } from "../core/index.ts";
import { createTrainingExam } from "../flows/index.ts";
import {
  type EvaluationOptions,
  formatDuration,
  loadRecipe,
  planOnDevice,
  planTraining,
  type StepReport,
  servePage,
  TRAIN_DEVICES,
  type TrainDevice,
  train,
  trainWithTorch,
} from "../train/index.ts";
import { type Command, type CommandIo, defineCommand } from "./command.ts";
import { dryRun, dryRunOnDevice } from "./train-plan.ts";
import { chooseLauncher, printJob } from "./train-torch.ts";

const trainCommand = defineCommand({
  name: "train",
  summary: "train a model on packed rows, from scratch or from a checkpoint; resumes by itself",
  options: {
    recipe: {
      type: "string",
      value: "FILE",
      help: "what to train (recipes/*.yaml, or your own)",
      required: true,
    },
    data: { type: "string", value: "DIR", help: "packed rows (apollo corpus pack)" },
    out: {
      type: "string",
      value: "DIR",
      help: "folder of the run; the finished checkpoint lies in it",
    },
    set: { type: "string", value: "KEY=VALUE", help: "change a recipe value", multiple: true },
    engine: {
      type: "string",
      value: "NAME",
      default: "local",
      help: "who computes: local (this program), torch (PyTorch on this machine) or ray (PyTorch on a Ray cluster), as the recipe's torch part says",
    },
    address: {
      type: "string",
      value: "URL",
      help: "with --engine ray: the head's dashboard, http://HEAD:8265 (default: $RAY_API_SERVER_ADDRESS); token from $RAY_AUTH_TOKEN",
    },
    python: {
      type: "string",
      value: "FILE",
      help: "with --engine torch: the Python to start (default: $APOLLO_PYTHON, or python3)",
    },
    print: {
      type: "boolean",
      help: "with --engine torch or ray: show the files and commands of the run, and start nothing",
    },
    device: {
      type: "string",
      value: "NAME",
      default: "cpu",
      help: "what computes the steps: cpu, or webgpu or cuda (a GPU that keeps the state in its memory; the same numbers up to rounding)",
    },
    threads: {
      type: "whole",
      help: "CPU threads; the result is the same bit for bit for the same number (default: all cores)",
    },
    "dry-run": {
      type: "boolean",
      help: "say what the run would take (parameters, memory, steps, time), and refuse it where that does not fit; --data may be missing",
    },
    "eval-suite": {
      type: "string",
      value: "FILE",
      help: "exam to sit on the way (apollo bench, by letters); the best checkpoint is kept in DIR/best",
    },
    "eval-data": {
      type: "string",
      value: "DIR",
      help: "packed rows that are not trained on, to see the loss on",
    },
    "eval-every": {
      type: "whole",
      value: "N",
      help: "steps between evaluations (default: as between checkpoints)",
    },
    "eval-limit": { type: "whole", value: "N", help: "items per source of the exam (default: all)" },
    tensorboard: { type: "boolean", help: "write event files for TensorBoard too, in DIR/tensorboard" },
    watch: {
      type: "whole",
      least: 0,
      most: 65_535,
      value: "PORT",
      help: "serve the run's page, DIR/train.html, at http://127.0.0.1:PORT (0: any free port)",
    },
  },
  examples: [
    "apollo train --recipe recipes/tiny.yaml --data packed --out run",
    "apollo train --recipe recipes/tiny.yaml --data packed --out run --set steps=1000 --set model.hiddenSize=256",
    "apollo train --recipe recipes/apollo-0.5b.yaml --dry-run",
    "apollo train --recipe recipes/apollo-34b.yaml --data packed --out run --engine ray --address http://head:8265 --print",
    "apollo train --recipe recipes/lora.yaml --data packed --out run --eval-suite exam.json --eval-data held-out --watch 6006",
  ],
  async run({ options, io }) {
    const device = chooseDevice(options);
    const recipe = await loadRecipe(options.recipe, options.set);
    const threads = options.threads ?? availableParallelism();
    if (options["dry-run"]) {
      const planned = {
        recipe,
        data: options.data,
        heldOut: options["eval-data"],
        exam: options["eval-suite"] !== undefined,
        threads,
        signal: io.signal,
      };
      return device === "cpu"
        ? dryRun(await planTraining(planned), options.recipe, io)
        : dryRunOnDevice(await planOnDevice(device, planned), options.recipe, io);
    }
    const [data, out] = [given(options.data, "data"), given(options.out, "out")];
    const launcher = chooseLauncher(options, io);
    const remote = options.engine === "ray";
    if (options.print) {
      if (launcher === undefined)
        throw new UserError("bad-option", "--print shows what another engine is given", {
          remedy: "Add --engine torch; for the plan of a run of our own: --dry-run.",
        });
      return printJob(launcher, { recipe, data, out, remoteBase: remote }, io);
    }
    const server = options.watch === undefined ? undefined : await servePage(out, options.watch);
    if (server !== undefined) io.warn(`watch it at ${server.url}`);
    try {
      const common = {
        recipe,
        data,
        out,
        tensorboard: options.tensorboard,
        progress: io.progress,
        signal: io.signal,
        onStep: (step: StepReport) => printStep(step, io),
      };
      const evaluation = await readEvaluation(options, {
        out,
        base: recipe.base,
        every: recipe.checkpointEvery,
        threads,
        signal: io.signal,
      });
      if (launcher !== undefined && evaluation !== undefined)
        throw new UserError("bad-option", `--engine ${options.engine} does not evaluate on the way`, {
          remedy: "Leave out --eval-suite and --eval-data; bench its checkpoints afterwards.",
        });
      const result =
        launcher !== undefined
          ? await trainWithTorch({ ...common, launcher, remote })
          : await train({
              ...common,
              device,
              threads,
              evaluation,
              onEvaluation({ step, exam, held_out, best }) {
                const parts = [
                  ...(held_out === undefined ? [] : [`held-out loss ${held_out.loss.toFixed(4)}`]),
                  ...(exam === undefined ? [] : [`accuracy ${(100 * exam.accuracy).toFixed(1)} %`]),
                  ...(best ? ["the best so far"] : []),
                ];
                io.print(`after step ${step}: ${parts.join(", ")}`);
              },
            });
      io.print(
        `${result.checkpoint}: ${(result.parameters / 1e6).toFixed(2)}M parameters, ${result.steps} steps, loss ${result.loss.toFixed(4)}`,
      );
      return { checkpoint: result.checkpoint, steps: result.steps, loss: result.loss };
    } finally {
      await server?.close();
    }
  },
});

/** The device that `--device` names; `UserError` for another word, or where nothing is computed by us. */
function chooseDevice(options: { readonly device: string; readonly engine: string }): TrainDevice {
  const device = TRAIN_DEVICES.find((name) => name === options.device);
  if (device === undefined)
    throw new UserError(
      "bad-option",
      `--device ${options.device}: expected one of ${TRAIN_DEVICES.join(", ")}`,
    );
  if (device === "cpu") return device;
  if (options.engine !== "local")
    throw new UserError("bad-option", `--device ${device} is of --engine local, found ${options.engine}`, {
      remedy: "Leave out --device: the recipe's torch part says what PyTorch computes on.",
    });
  return device;
}

/** A step as a line of JSON, and now and then as one for a person. */
function printStep({ peakShare, secondsLeft, steps, ...event }: StepReport, io: CommandIo): void {
  io.event(event);
  const every = Math.max(1, Math.round(steps / 20));
  if (event.step !== 1 && event.step % every !== 0 && event.step !== steps) return;
  io.print(
    [
      `step ${String(event.step).padStart(String(steps).length)}`,
      `loss ${event.loss.toFixed(4)}`,
      `learning rate ${event.learningRate.toExponential(2)}`,
      `${Math.round(event.tokensPerSecond)} tokens/s`,
      ...(peakShare === undefined ? [] : [`${(100 * peakShare).toFixed(0)} % of peak`]),
      ...(secondsLeft === undefined ? [] : [`${formatDuration(secondsLeft)} left`]),
    ].join("  "),
  );
}

/** An option that only a dry run can do without. */
function given(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new UserError("missing-option", `--${name} is missing`, { remedy: "See: apollo train --help" });
}

/** Evaluation as the options ask for it; `undefined` where they do not. */
async function readEvaluation(
  options: {
    readonly "eval-suite": string | undefined;
    readonly "eval-data": string | undefined;
    readonly "eval-every": number | undefined;
    readonly "eval-limit": number | undefined;
  },
  run: { out: string; base: string | undefined; every: number; threads: number; signal: AbortSignal },
): Promise<EvaluationOptions | undefined> {
  const { "eval-suite": suite, "eval-data": data, "eval-every": every = run.every } = options;
  if (suite === undefined && data === undefined) {
    if (options["eval-every"] === undefined) return undefined;
    throw new UserError("missing-option", "--eval-every needs something to evaluate on", {
      remedy: "Add --eval-suite FILE or --eval-data DIR.",
    });
  }
  const exam =
    suite === undefined
      ? undefined
      : await createTrainingExam({ suite, limit: options["eval-limit"], ...run });
  return { every, data, exam };
}

/** Commands of the train room. */
export const trainCommands: readonly Command[] = [trainCommand];
