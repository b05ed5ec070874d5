// apollo train --engine torch and --engine ray: a run whose steps PyTorch computes, and what --print says of it.
import { join } from "node:path";
import { UserError } from "../core/index.ts";
import {
  JOB_FOLDER,
  jobFiles,
  prepareTorch,
  type Recipe,
  rayLauncher,
  type TorchLauncher,
  torchrunLauncher,
} from "../train/index.ts";
import type { CommandIo } from "./command.ts";
import { readPlace } from "./engine-options.ts";

/** Who computes the steps. */
const TRAIN_ENGINES = ["local", "torch", "ray"] as const;

/** The launcher that `--engine` names; `undefined` for our own engine. `UserError` for another word, or options of another engine. */
export function chooseLauncher(
  options: {
    readonly engine: string;
    readonly python: string | undefined;
    readonly address: string | undefined;
  },
  io: Pick<CommandIo, "warn">,
): TorchLauncher | undefined {
  const { engine, python = process.env.APOLLO_PYTHON ?? "python3", address } = options;
  if (address !== undefined && engine !== "ray")
    throw new UserError("bad-option", `--address needs --engine ray, found ${engine}`);
  switch (engine) {
    case "local":
      return undefined;
    case "torch":
      return torchrunLauncher(python);
    case "ray": {
      const { api } = readPlace({ engine, ...(address === undefined ? {} : { address }) });
      return rayLauncher(api!, io.warn);
    }
    default:
      throw new UserError("bad-option", `--engine ${engine}: expected one of ${TRAIN_ENGINES.join(", ")}`);
  }
}

/** Prints the files and commands of a run, and starts nothing. */
export async function printJob(
  launcher: TorchLauncher,
  run: {
    readonly recipe: Recipe;
    readonly data: string;
    readonly out: string;
    readonly remoteBase: boolean;
  },
  io: CommandIo,
): Promise<unknown> {
  const { plan } = await prepareTorch({ ...run, thorough: false, progress: io.progress, signal: io.signal });
  const folder = join(run.out, JOB_FOLDER);
  const files = jobFiles(plan);
  for (const [name, text] of Object.entries(files)) io.print(`# ${join(folder, name)}\n${text}`);
  io.print(`# ${plan.steps} steps; a process adds up ${plan.accumulate} micro-batches in each`);
  const commands = launcher.commands(plan, folder);
  for (const command of commands) io.print(command.map(shellWord).join(" "));
  return {
    engine: launcher.name,
    steps: plan.steps,
    accumulate: plan.accumulate,
    job: plan.job,
    arguments: plan.trainingArguments,
    commands,
  };
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
