// From what the processes say to what a run shows: progress, `train.jsonl`, the page and event files, as with our own engine.
import { type ProgressFactory, silentProgress } from "../../core/index.ts";
import type { LogEntry } from "../checkpoint.ts";
import { openRunMonitor, type RunMonitor } from "../run-monitor.ts";
import type { StepReport } from "../train.ts";
import type { TorchEvent } from "./follow.ts";

/** Takes the events of a run, one after the other. */
export interface RunFollower {
  /** Steps that count: those behind a checkpoint from which the processes went on are dropped. */
  readonly log: readonly LogEntry[];
  /** What an earlier call was told already: it counts, and is not shown again. */
  remember(event: TorchEvent): void;
  take(event: TorchEvent): Promise<void>;
  close(state: "stopped" | "finished"): Promise<void>;
}

/** Follows the run with this key in `out`; a step is of `tokens` positions. */
export function createRunFollower(
  out: string,
  run: {
    readonly key: string;
    readonly steps: number;
    readonly tokens: number;
    readonly tensorboard: boolean;
    readonly progress?: ProgressFactory | undefined;
    readonly onStep?: ((step: StepReport) => void) | undefined;
  },
): RunFollower {
  const { steps, progress = silentProgress, onStep } = run;
  let log: LogEntry[] = [];
  let monitor: RunMonitor | undefined;
  let bar: ReturnType<ProgressFactory> | undefined;
  /** Whether the event is the next step; puts it into the log. */
  const isNext = (event: TorchEvent): event is Extract<TorchEvent, { event: "step" }> => {
    if (event.event === "start") log = log.slice(0, event.step);
    if (event.event !== "step" || event.step !== log.length + 1) return false;
    const { step, loss, learning_rate, grad_norm } = event;
    log.push({ step, loss, learning_rate, grad_norm, tokens: step * run.tokens });
    return true;
  };
  const open = async (): Promise<RunMonitor> => openRunMonitor(out, run, log);
  return {
    get log() {
      return log;
    },
    remember(event) {
      isNext(event);
    },
    async take(event) {
      const next = isNext(event);
      if (event.event === "start") {
        await monitor?.close("running");
        monitor = await open();
        bar ??= progress("train", steps, "steps", event.step);
      }
      if (!next) return;
      // Without a start: a run on a cluster that went on while nobody followed it.
      bar ??= progress("train", steps, "steps", event.step - 1);
      const { step, loss, learning_rate: learningRate, seconds, memory } = event;
      const tokensPerSecond = run.tokens / seconds;
      const entry = log.at(-1)!;
      monitor ??= await openRunMonitor(out, run, log.slice(0, -1));
      await monitor.step({
        ...entry,
        tokens_per_second: Math.round(tokensPerSecond),
        time: new Date().toISOString(),
      });
      const secondsLeft = monitor.secondsLeft();
      onStep?.({ step, steps, loss, learningRate, tokens: entry.tokens, tokensPerSecond, secondsLeft });
      const gpu = memory === null ? "" : `, ${(memory / 2 ** 30).toFixed(1)} GiB of a GPU`;
      bar?.update(step, `loss ${loss.toFixed(3)}, ${Math.round(tokensPerSecond)} tokens/s${gpu}`);
    },
    async close(state) {
      if (state === "finished") {
        bar?.finish(`loss ${log.at(-1)?.loss.toFixed(3)}`);
        // A run whose processes were done before still needs its page.
        monitor ??= await open();
      }
      await monitor?.close(state);
    },
  };
}
