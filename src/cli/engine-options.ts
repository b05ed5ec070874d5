// Options of every command that may run on other machines, and the executor they name.
import { fileURLToPath } from "node:url";
import {
  createRayApi,
  createRayExecutor,
  createSlurmExecutor,
  type RayApi,
  type TaskBucket,
} from "../cluster/index.ts";
import { createLocalExecutor, type Executor, UserError } from "../core/index.ts";
import type { CommandIo, OptionDefinition, OptionValues } from "./command.ts";

const ENGINES = ["local", "ray", "slurm"];

/** Where something runs: to be spread into a command's options. */
export const PLACE_OPTIONS = {
  engine: {
    type: "string",
    value: "WHERE",
    help: "where tasks run: local (default), ray or slurm; see docs/scale.md",
  },
  address: {
    type: "string",
    value: "URL",
    help: "the Ray head's dashboard, http://HEAD:8265; default $RAY_API_SERVER_ADDRESS; token from $RAY_AUTH_TOKEN",
  },
  "worker-command": {
    type: "string",
    value: "COMMAND",
    help: "what calls apollo on a worker; default this installation's own path, else apollo",
  },
  "task-cpus": { type: "number", value: "N", help: "cores of a task, for ray and slurm; default 1" },
} as const satisfies Record<string, OptionDefinition>;

/** How tasks run: to be spread into the options of a command that divides its work. */
export const ENGINE_OPTIONS = {
  ...PLACE_OPTIONS,
  processes: { type: "whole", value: "N", help: "tasks at once; default one a core" },
  "task-memory": { type: "number", value: "GB", help: "memory of a task, for ray and slurm to reserve" },
  sbatch: {
    type: "string",
    value: "NAME=VALUE",
    multiple: true,
    help: "an option for sbatch, e.g. partition=long",
  },
  print: {
    type: "boolean",
    help: "with --engine slurm: print the scripts instead; submit them, then run the same command again",
  },
} as const satisfies Record<string, OptionDefinition>;

/** The built command, as tasks start it. */
const PROGRAM = [process.execPath, fileURLToPath(new URL("./main.js", import.meta.url))];

/** Where the user wants it to run. `UserError` for a place that is none and for options of another one. */
export function readPlace(options: Partial<OptionValues<typeof PLACE_OPTIONS>>): {
  readonly engine: "local" | "ray" | "slurm";
  /** The head, when it is Ray. */
  readonly api: RayApi | undefined;
  /** Ways to call Apollo on another machine. */
  readonly commands: readonly (readonly string[])[];
  readonly cpus: number | undefined;
} {
  const { engine = "local", address, "worker-command": command, "task-cpus": cpus } = options;
  if (!ENGINES.includes(engine))
    throw new UserError("bad-option", `--engine must be one of ${ENGINES.join(", ")}, found "${engine}"`);
  if (address !== undefined && engine !== "ray")
    throw new UserError("bad-option", `--address needs --engine ray, found ${engine}`);
  if (engine === "local" && (command !== undefined || cpus !== undefined))
    throw new UserError(
      "bad-option",
      `--${command === undefined ? "task-cpus" : "worker-command"} needs --engine ray or slurm`,
    );
  if (cpus !== undefined && !(cpus > 0))
    throw new UserError("bad-option", `--task-cpus must be above 0, found ${cpus}`);
  const head = address ?? process.env.RAY_API_SERVER_ADDRESS;
  if (engine === "ray" && head === undefined)
    throw new UserError("missing-option", "--engine ray needs --address", {
      remedy: "Give the address of the Ray dashboard: --address http://HEAD:8265.",
    });
  return {
    engine: engine as "local" | "ray" | "slurm",
    api: engine === "ray" && head !== undefined ? createRayApi(head) : undefined,
    commands:
      command === undefined
        ? [PROGRAM, ["node", ...PROGRAM.slice(1)], ["apollo"]]
        : [command.trim().split(/\s+/u)],
    cpus,
  };
}

/** The executor that the user named; its machines find what they share in `bucket`, when there is one. */
export function readExecutor(
  options: Partial<OptionValues<typeof ENGINE_OPTIONS>>,
  io?: Pick<CommandIo, "print" | "warn">,
  bucket?: TaskBucket,
): Executor {
  const { engine, api, commands, cpus } = readPlace(options);
  const { processes, "task-memory": gigabytes, sbatch = [], print = false } = options;
  if (gigabytes !== undefined && (engine === "local" || !(gigabytes > 0)))
    throw new UserError("bad-option", `--task-memory must be above 0 and needs --engine ray or slurm`);
  if (engine !== "slurm" && (print || sbatch.length > 0))
    throw new UserError("bad-option", `--${print ? "print" : "sbatch"} needs --engine slurm`);
  const warn = (line: string): void => io?.warn(line);
  if (api !== undefined)
    return createRayExecutor({
      api,
      commands,
      cpus,
      memory: gigabytes === undefined ? undefined : Math.round(gigabytes * 1e9),
      atOnce: processes,
      bucket,
      warn,
    });
  if (engine === "slurm" && bucket !== undefined)
    throw new UserError("needs-shared-folder", "Slurm's nodes work in a folder that all of them see", {
      file: bucket.url,
      remedy: "Give --out as such a folder; inputs may be in a bucket.",
    });
  if (engine === "slurm")
    return createSlurmExecutor({
      commands,
      resources: {
        options: readSbatch(sbatch),
        cpus,
        megabytes: gigabytes === undefined ? undefined : Math.round(gigabytes * 1000),
        atOnce: processes,
      },
      print: print ? (line) => io?.print(line) : undefined,
      warn,
    });
  return createLocalExecutor({ program: PROGRAM, processes });
}

function readSbatch(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^(?:--)?([a-z][a-z-]*)=(.+)$/u.exec(text) ?? [];
      if (name === undefined || value === undefined || /[\r\n]/u.test(value))
        throw new UserError("bad-option", `--sbatch must be NAME=VALUE, found "${text}"`, {
          remedy: "Use the long name: --sbatch partition=long --sbatch time=2:00:00.",
        });
      return [name, value];
    }),
  );
}
