// A real Slurm cluster of one node on this machine: munged, slurmctld and slurmd as processes of the test, in a folder of its own.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../core/until.test.helper.ts";

/** Why no cluster can be started here; `undefined` when one can. */
export function slurmMissing(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "slurmd wants to be root, on Linux";
  const path = { env: withSystemPath() };
  for (const program of ["munged", "slurmctld", "slurmd", "sbatch"])
    if (spawnSync("sh", ["-c", `command -v ${program}`], path).status !== 0)
      return `there is no ${program} (Debian: slurm-wlm, munge)`;
  return undefined;
}

/** A running cluster. */
export interface SlurmCluster {
  /** What its programs find it by: `SLURM_CONF`. */
  readonly conf: string;
  close(): Promise<void>;
}

/** Starts the three daemons; returns when the node is idle. Arrays may have four elements: sites have such limits, only larger. */
export async function startSlurm(): Promise<SlurmCluster> {
  const folder = await mkdtemp(join(tmpdir(), "slurm-"));
  const path = (name: string): string => join(folder, name);
  const host = hostname().split(".")[0] ?? "localhost";
  for (const name of ["spool", "state"]) await mkdir(path(name));
  await writeFile(path("munge.key"), randomBytes(1024), { mode: 0o400 });
  await writeFile(
    path("slurm.conf"),
    `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${await freePort()}
SlurmdPort=${await freePort()}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=${path("munge.sock")}
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${path("state")}
SlurmdSpoolDir=${path("spool")}
SlurmctldPidFile=${path("slurmctld.pid")}
SlurmdPidFile=${path("slurmd.pid")}
SlurmctldLogFile=${path("slurmctld.log")}
SlurmdLogFile=${path("slurmd.log")}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
ReturnToService=2
MaxArraySize=4
MailProg=/bin/true
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = { ...withSystemPath(), SLURM_CONF: path("slurm.conf") };
  const children: ChildProcess[] = [];
  const start = (program: string, ...words: string[]): void => {
    children.push(spawn(program, words, { env, stdio: "ignore" }));
  };
  start(
    "munged",
    ...["--foreground", "--force", `--key-file=${path("munge.key")}`, `--socket=${path("munge.sock")}`],
    ...[
      `--pid-file=${path("munged.pid")}`,
      `--log-file=${path("munged.log")}`,
      `--seed-file=${path("munge.seed")}`,
    ],
  );
  start("slurmctld", "-D", "-f", path("slurm.conf"));
  start("slurmd", "-D", "-f", path("slurm.conf"));
  const close = async (): Promise<void> => {
    for (const child of children.reverse()) {
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), 5000);
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      clearTimeout(hard);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const until = performance.now() + 60_000;
  while (
    !/idle/u.test(spawnSync("sinfo", ["--noheader", "--format=%T"], { env, encoding: "utf8" }).stdout ?? "")
  ) {
    if (performance.now() > until) {
      const log = await readFile(path("slurmctld.log"), "utf8").catch(() => "");
      await close();
      throw new Error(`slurm did not start: ${log.slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { conf: path("slurm.conf"), close };
}

function withSystemPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}
