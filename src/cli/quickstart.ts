// apollo quickstart
import pc from "picocolors";
import { openModel, type QuickstartResult, quickstart } from "../flows/index.ts";
import { type Command, type CommandIo, defineCommand } from "./command.ts";
import { serveModels } from "./serve.ts";

const quickstartCommand = defineCommand({
  name: "quickstart",
  summary:
    "everything on the shipped samples: corpus, train, export, bench, proxy, serve; minutes on two cores",
  options: {
    out: {
      type: "string",
      value: "DIR",
      help: "folder of all artifacts; a stopped run goes on there",
      default: "runs/quickstart",
    },
    "no-serve": { type: "boolean", help: "end before serving the model" },
    port: { type: "number", value: "PORT", help: "port to serve at (default: 8080, or any free one)" },
    threads: { type: "whole", help: "CPU threads (default: all cores, at most 8)" },
    set: {
      type: "string",
      value: "KEY=VALUE",
      help: "change a value of recipes/quickstart.yaml",
      multiple: true,
    },
  },
  examples: ["apollo quickstart", "apollo quickstart --no-serve --json"],
  async run({ options, io }) {
    const result = await quickstart({
      out: options.out,
      settings: options.set,
      progress: io.progress,
      signal: io.signal,
      onStage: (stage, what) => io.print(`${pc.bold(pc.cyan(stage.padEnd(7)))} ${what}`),
      ...(options.threads === undefined ? {} : { threads: options.threads }),
    });
    printResult(result, io);
    const { seconds, languages, report } = result;
    if (options["no-serve"]) return { seconds, languages, report };
    io.print();
    io.print(`${pc.bold(pc.cyan("serve".padEnd(7)))} ${result.model}`);
    const model = await openModel(result.model);
    await serveModels([model], { host: "127.0.0.1", port: options.port, io });
    return { seconds, languages, report };
  },
});

function printResult({ languages, seconds, report, model }: QuickstartResult, io: CommandIo): void {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`.padStart(8);
  io.print();
  io.print(pc.bold("          taught facts      held-out facts     proxy"));
  io.print(pc.dim("language   before   after    before   after    taught     n"));
  for (const row of languages) {
    io.print(
      `${row.language.padEnd(8)} ${percent(row.taughtBefore)}${pc.bold(percent(row.taughtAfter))}  ${percent(row.heldOutBefore)}` +
        `${percent(row.heldOutAfter)}  ${percent(row.proxy)}${String(row.n).padStart(6)}`,
    );
  }
  io.print();
  io.print("Right answers out of four options (guessing: 25 %). Held-out facts are in no training text.");
  io.print(`${seconds.toFixed(0)} s. Report: ${report}   Model: ${model}`);
}

/** Commands of the flows. */
export const flowCommands: readonly Command[] = [quickstartCommand];
