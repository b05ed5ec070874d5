// apollo train
import { availableParallelism } from "node:os";
import { formatDuration, loadRecipe, train } from "../train/index.ts";
import { type Command, defineCommand } from "./command.ts";

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
    data: { type: "string", value: "DIR", help: "packed rows (apollo corpus pack)", required: true },
    out: {
      type: "string",
      value: "DIR",
      help: "folder of the run; the finished checkpoint lies in it",
      required: true,
    },
    set: { type: "string", value: "KEY=VALUE", help: "change a recipe value", multiple: true },
    threads: {
      type: "number",
      help: "CPU threads; the result is the same bit for bit for the same number (default: all cores)",
    },
  },
  examples: [
    "apollo train --recipe recipes/tiny.yaml --data packed --out run",
    "apollo train --recipe recipes/tiny.yaml --data packed --out run --set steps=1000 --set model.hiddenSize=256",
  ],
  async run({ options, io }) {
    const recipe = await loadRecipe(options.recipe, options.set);
    const result = await train({
      recipe,
      data: options.data,
      out: options.out,
      threads: options.threads ?? availableParallelism(),
      progress: io.progress,
      signal: io.signal,
      onStep(step) {
        const { steps, peakShare, secondsLeft, ...event } = step;
        io.event(event);
        const every = Math.max(1, Math.round(steps / 20));
        if (step.step === 1 || step.step % every === 0 || step.step === steps) {
          io.print(
            `step ${String(step.step).padStart(String(steps).length)}  loss ${step.loss.toFixed(4)}  ` +
              `learning rate ${step.learningRate.toExponential(2)}  ${Math.round(step.tokensPerSecond)} tokens/s  ` +
              `${(100 * peakShare).toFixed(0)} % of peak${secondsLeft === undefined ? "" : `  ${formatDuration(secondsLeft)} left`}`,
          );
        }
      },
    });
    io.print(
      `${result.checkpoint}: ${(result.parameters / 1e6).toFixed(2)}M parameters, ${result.steps} steps, loss ${result.loss.toFixed(4)}`,
    );
    return { checkpoint: result.checkpoint, steps: result.steps, loss: result.loss };
  },
});

/** Commands of the train room. */
export const trainCommands: readonly Command[] = [trainCommand];
