// Who starts the processes of a run with PyTorch: torchrun on this machine, or a cluster. Both are given a job folder that the processes see
// under the same path, and say when they have ended; what happens in between stands in the folder.
import { execFile, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UserError } from "../../core/index.ts";
import { launchCommands, type TorchPlan } from "./job.ts";
import type { TorchSettings } from "./settings.ts";

/** What the Python that would train has. */
export interface TorchProbe {
  readonly python: string;
  /** Versions of packages, `null` where one is missing. */
  readonly torch: string | null;
  readonly transformers: string | null;
  readonly accelerate: string | null;
  readonly peft: string | null;
  readonly pyarrow: string | null;
  readonly bitsandbytes: string | null;
  readonly "flash-attn": string | null;
  readonly ray: string | null;
  /** GPUs. */
  readonly devices: number;
  /** They compute in bfloat16. */
  readonly bf16: boolean;
  /** `model_type`s that its transformers can train. */
  readonly architectures: readonly string[];
}

/** How processes ended. */
export interface Ending {
  /** Absent: well. Else the last line that says why. */
  readonly failure?: string;
}

/** Starts runs. */
export interface TorchLauncher {
  /** What a person would call it: `"torchrun"`, `"ray"`. */
  readonly name: string;
  /** Commands that `start` runs, for `--print`. */
  commands(plan: TorchPlan, folder: string): readonly (readonly string[])[];
  /** Looks at the Python that would train, and that it sees the job's folder, which is there. `UserError` where it cannot be had. */
  probe(plan: TorchPlan, folder: string): Promise<TorchProbe>;
  /** Starts the processes and resolves when all have ended. Aborting `signal` kills them. Output goes to `folder/log.txt`. */
  start(plan: TorchPlan, folder: string, signal: AbortSignal): Promise<Ending>;
}

/** The folder of the Python files beside the compiled ones: `src/` is part of the package for them. */
export const PYTHON_FOLDER = fileURLToPath(new URL("../../../src/train/torch/python/", import.meta.url));

/** What every process runs. */
const TRAIN_SCRIPT = join(PYTHON_FOLDER, "train.py");

/** The oldest release of each package that has all that `train.py` asks for. */
const NEEDED = { torch: "2.7", transformers: "5.23", accelerate: "1.15", pyarrow: "10" } as const;
/** Processes that were killed are started again so often; what a process says itself of its end comes again in any case. */
const RESTARTS = 3;
const INSTALL = 'pip install torch "transformers>=5.23" "accelerate>=1.15" pyarrow peft';

/** torchrun on this machine: one process for each GPU, or for each part of a CPU. */
export function torchrunLauncher(python: string): TorchLauncher {
  const program = { python, script: TRAIN_SCRIPT };
  return {
    name: "torchrun",
    commands: (plan, folder) => launchCommands(plan, folder, program),
    probe: () => probePython(python),
    async start(plan, folder, signal) {
      const [command = []] = launchCommands(plan, folder, program);
      const log = join(folder, "log.txt");
      // Not left to torchrun: the processes that it starts again may find addresses of the dead ones in its store (torch 2.15).
      for (let restart = 0; ; restart++) {
        const { failure, killed } = await runLogged(command, log, environment(plan.settings), signal);
        if (failure === undefined) return {};
        if (signal.aborted || !killed || restart === RESTARTS) return { failure };
      }
    },
  };
}

/** Asks `python` what it has; `UserError` where it is missing or answers nonsense. */
export async function probePython(python: string): Promise<TorchProbe> {
  try {
    const { stdout } = await promisify(execFile)(python, [TRAIN_SCRIPT, "--probe"], { maxBuffer: 1 << 24 });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as TorchProbe;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new UserError(
      "no-python",
      missing ? "there is no such Python" : `this Python does not run: ${lastLine((error as Error).message)}`,
      {
        file: python,
        remedy: `Name one with --python, or in APOLLO_PYTHON; what it needs: ${INSTALL}.`,
        cause: error,
      },
    );
  }
}

/** `UserError` names what the Python that would train lacks for this plan. */
export function refuseProbe(
  probe: TorchProbe,
  plan: TorchPlan,
  { architecture, where }: { readonly architecture: string; readonly where: string },
): void {
  const refuse = (code: string, message: string, remedy: string): never => {
    throw new UserError(code, message, { file: where, remedy });
  };
  const { settings } = plan;
  for (const [name, least] of Object.entries(NEEDED)) {
    const found = probe[name as keyof typeof NEEDED];
    if (found === null) refuse("no-torch", `has no ${name}`, `Install it: ${INSTALL}.`);
    else if (olderThan(found, least))
      refuse("no-torch", `has ${name} ${found}, ${least} or newer is needed`, `Install it: ${INSTALL}.`);
  }
  if (plan.job.adapter && probe.peft === null)
    refuse("no-torch", "has no peft, which adapters need", `Install it: ${INSTALL}.`);
  if (plan.job.quantize !== null && probe.bitsandbytes === null)
    refuse(
      "no-torch",
      "has no bitsandbytes, which a base in four bits needs",
      "Install it: pip install bitsandbytes.",
    );
  if (settings.attentionKernel === "flash_attention_2" && probe["flash-attn"] === null) {
    refuse(
      "no-torch",
      "has no flash-attn",
      "Install it (pip install flash-attn), or take the slower --set torch.attentionKernel=sdpa.",
    );
  }
  if (!probe.architectures.includes(architecture)) {
    refuse(
      "cannot-honour",
      `its transformers ${probe.transformers} does not know the architecture ${JSON.stringify(architecture)}`,
      "Take a base that it knows, or a newer transformers.",
    );
  }
  if (settings.device === "cpu") return;
  if (probe.devices < settings.processesPerNode) {
    refuse(
      "no-gpu",
      `sees ${probe.devices} GPUs on a machine, the recipe asks for ${settings.processesPerNode}`,
      "Set torch.processesPerNode to what there is; to try it out on a CPU: --set torch.device=cpu.",
    );
  }
  if (settings.precision === "bf16" && !probe.bf16)
    refuse(
      "no-gpu",
      "its GPUs do not compute in bfloat16",
      "Set torch.precision: float32 and torch.attentionKernel: sdpa.",
    );
}

function olderThan(found: string, least: string): boolean {
  const [a, b] = [found, least].map((version) => version.split(/[.+]/u).map(Number)) as [number[], number[]];
  for (let i = 0; i < b.length; i++) if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) < b[i]!;
  return false;
}

/** One thread a process on a CPU, so that results do not depend on the machine's load; nothing is fetched while training. */
function environment({ device }: TorchSettings): NodeJS.ProcessEnv {
  return {
    ...process.env,
    TOKENIZERS_PARALLELISM: "false",
    // Without whom nobody would follow them.
    APOLLO_OWNER: String(process.pid),
    ...(device === "cpu"
      ? { OMP_NUM_THREADS: process.env.OMP_NUM_THREADS ?? "1", CUDA_VISIBLE_DEVICES: "" }
      : {}),
  };
}

/** Runs a command to its end, its output appended to a file. */
async function runLogged(
  command: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Ending & { readonly killed?: boolean }> {
  const log = createWriteStream(logFile, { flags: "a" });
  // A group of its own: Ctrl-C reaches us alone. torchrun ends its processes when it is told to end.
  const child = spawn(command[0]!, command.slice(1), {
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = (): void => {
    if (child.exitCode === null) child.kill("SIGTERM");
  };
  signal.addEventListener("abort", kill, { once: true });
  process.once("exit", kill);
  let tail = "";
  const keep = (text: Buffer): void => {
    log.write(text);
    tail = (tail + text.toString()).slice(-20_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  try {
    const code = await new Promise<number | string>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, killedBy) => resolve(status ?? killedBy ?? "?"));
    });
    if (code === 0) return {};
    // torchrun ends the others with signal 15.
    const killed = /exitcode\s*:\s*-(?!15\b)\d+/u.test(tail);
    return { failure: failureLine(tail) ?? `ended with ${code}`, killed };
  } finally {
    signal.removeEventListener("abort", kill);
    process.removeListener("exit", kill);
    await new Promise((resolve) => log.end(resolve));
  }
}

/** What another process's end looks like from here. */
const ECHO =
  /ChildFailedError|Connection closed by peer|Connection reset|Broken pipe|SignalException|SIGTERM/u;

/**
 * The line of Python's output that says what was wrong. Earlier attempts are in it too, and processes that only felt another's end: the last
 * line that speaks for itself, else the first that does not.
 */
export function failureLine(output: string): string | undefined {
  const lines = output
    .split("\n")
    .map((line) => line.replace(/^(?:\[[^\]]*\]:|\(\w+ pid=[^)]*\))/u, "").trim())
    .filter((line) =>
      /^(?:[\w.]*(?:Error|Exception|SystemExit|Interrupt)\b|\d+ (?:trained|processes)\b|the \w+ became|weights are)/u.test(
        line,
      ),
    );
  return lines.findLast((line) => !ECHO.test(line)) ?? lines[0];
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
