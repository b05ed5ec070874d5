// Slurm's own programs, as far as they are needed: sbatch, squeue, scancel, scontrol.
import { execFile } from "node:child_process";
import { UserError } from "../core/index.ts";

/** An element of an array that is not over. */
export interface SlurmElement {
  /** Number in the array; `undefined` for the rest of an array that waits as one. */
  readonly element: number | undefined;
  /** `PENDING`, `RUNNING`, ... */
  readonly state: string;
  /** Why it waits, e.g. `Resources`; `None` while it runs. */
  readonly reason: string;
}

/** What Slurm's programs say when it is not the request that is at fault, and what to do then. */
const REFUSALS: readonly (readonly [words: RegExp, code: string, remedy: string])[] = [
  [
    /unable to contact slurm controller|connection refused|timed out/iu,
    "slurm-unreachable",
    "Bring the controller back and run the same command again.",
  ],
  [
    /configuration source|slurm\.conf/iu,
    "slurm-unconfigured",
    "Slurm's programs are here, but no cluster: run on a login node, or name its slurm.conf in SLURM_CONF.",
  ],
];

/** Elements that one submission may have when the controller does not say. */
const USUAL_ARRAY = 1001;

/** Submits a script; gives the job's number. */
export async function submitScript(file: string): Promise<string> {
  const said = await callSlurm("sbatch", ["--parsable", file]);
  // 12345 or 12345;cluster
  return said.trim().split(";")[0] ?? "";
}

/** Elements of `job` that wait or run; none once it is over. */
export async function queuedElements(job: string): Promise<SlurmElement[]> {
  let said: string;
  try {
    said = await callSlurm("squeue", ["--noheader", "--array", "--format=%K|%T|%r", `--jobs=${job}`]);
  } catch (error) {
    // The controller forgets a job some minutes after its end.
    if (error instanceof UserError && /invalid job id/iu.test(error.message)) return [];
    throw error;
  }
  return said
    .split("\n")
    .filter((line) => line.includes("|"))
    .map((line) => {
      const [element = "", state = "", reason = ""] = line.trim().split("|");
      return { element: /^\d+$/u.test(element) ? Number(element) : undefined, state, reason };
    });
}

/** How the elements of `job` ended, as far as Slurm still knows: state and exit code (`0:9`: by signal 9), by element. */
export async function endedElements(job: string): Promise<Map<number, string>> {
  // Not sacct: many sites keep no accounts, and then it says nothing at all.
  const said = await callSlurm("scontrol", ["show", "job", job, "--oneliner"]).catch(() => "");
  const ends = new Map<number, string>();
  for (const line of said.split("\n")) {
    const field = (name: string): string | undefined => new RegExp(` ${name}=(\\S+)`, "u").exec(line)?.[1];
    const element = field("ArrayTaskId");
    if (element !== undefined && /^\d+$/u.test(element))
      ends.set(
        Number(element),
        `${field("JobState")}, exit code ${field("ExitCode")}, on ${field("NodeList")}`,
      );
  }
  return ends;
}

/** Cancels a job; does nothing when it is over. */
export async function cancelJob(job: string): Promise<void> {
  await callSlurm("scancel", [job]).catch(() => undefined);
}

/** How many elements one array may have on this site. */
export async function largestArray(): Promise<number> {
  const said = await callSlurm("scontrol", ["show", "config"]);
  return Number(/MaxArraySize\s*=\s*(\d+)/u.exec(said)?.[1] ?? USUAL_ARRAY);
}

/** Runs one of Slurm's programs; `UserError` when it is not here or refuses, in its own words. */
export function callSlurm(program: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...words], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if ((error as NodeJS.ErrnoException).code === "ENOENT")
        return reject(
          new UserError("no-slurm", `there is no ${program} on this machine`, {
            remedy: "Run on a login node of the Slurm cluster, or add --print to get the scripts for one.",
          }),
        );
      const said = (stderr.trim() || error.message).split("\n").at(-1)?.replace(`${program}: `, "") ?? "";
      const [, code, remedy] = REFUSALS.find(([words]) => words.test(said)) ?? [];
      return reject(new UserError(code ?? "slurm-refused", `${program}: ${said}`, { remedy, cause: error }));
    });
  });
}
