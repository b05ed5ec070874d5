// Tasks on a Ray cluster: one job for a stage, whose driver starts a Ray task for each open index (docs/decisions/2026-11-22-one-ray-job.md).
import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import {
  type Executor,
  hashValue,
  openTasks,
  silentProgress,
  type TaskList,
  UserError,
} from "../core/index.ts";
import type { TaskBucket } from "./bucket-tasks.ts";
import type { RayApi } from "./ray-api.ts";
import { DRIVER_ENTRYPOINT, driverFiles, readDriverLine } from "./ray-driver.ts";
import { followRayJob, patiently, type RayJobEnd, runRayJob } from "./ray-job.ts";
import { checkRayCluster } from "./ray-preflight.ts";
import { taskFailure } from "./task-failure.ts";
import { waitUntilSeen } from "./wait-until-seen.ts";

/** How tasks run on a Ray cluster. */
export interface RayExecutorOptions {
  readonly api: RayApi;
  /** Ways to call Apollo on a node; the first one that is there is taken. */
  readonly commands: readonly (readonly string[])[];
  /** Cores of a task. Default 1. */
  readonly cpus?: number | undefined;
  /** Bytes of memory of a task, for Ray to count with. */
  readonly memory?: number | undefined;
  /** Tasks at once. Default: as many as there is room for. */
  readonly atOnce?: number | undefined;
  /** How long a head that is away is waited for. Default 15 minutes. */
  readonly patienceSeconds?: number | undefined;
  /** What nodes see instead of our folders. Default: they see the folders. */
  readonly bucket?: TaskBucket | undefined;
  /** Told what a user should know while it runs: lost tasks, a head that is away. */
  readonly warn?: (line: string) => void;
}

/** A task lost so often is given up. */
const TASK_ATTEMPTS = 4;
/** So many jobs in a row may end without a single task done. */
const IDLE_JOBS = 3;

/** Runs tasks on the cluster behind `api`; every node is probed first, once for the folders of one folder. */
export function createRayExecutor(options: RayExecutorOptions): Executor {
  const { api, commands, cpus = 1, bucket, warn = () => {} } = options;
  const probed = new Set<string>();
  const look = async (list: TaskList): Promise<number[]> => {
    await bucket?.bring(list);
    return openTasks(list);
  };
  return {
    name: "ray",
    async run(given, { progress = silentProgress, signal } = {}) {
      const list = { ...given, folder: resolve(given.folder) };
      const total = list.tasks.length;
      let open = await look(list);
      if (open.length === 0) return;
      const place = bucket?.url ?? dirname(list.folder);
      if (!probed.has(place)) {
        const folder = bucket?.url ?? list.folder;
        const checks = await checkRayCluster(api, { folder, commands, cpus, signal });
        const wrong = checks.flatMap(({ error }) => error ?? []);
        if (wrong[0] !== undefined) throw wrong[0];
        probed.add(place);
      }
      const folder = (await bucket?.send(list)) ?? list.folder;
      const bar = progress(list.stage, total, "tasks", total - open.length);
      let idle = 0;
      while (open.length > 0) {
        const before = open.length;
        const done = new Set(list.tasks.keys());
        for (const index of open) done.delete(index);
        const { end, failure, adopted } = await runJob(
          options,
          list,
          folder,
          open,
          signal,
          (tasks, partly, note) => {
            for (const index of tasks) done.add(index);
            bar.update(Math.floor(10 * Math.min(done.size + partly, total)) / 10, note);
          },
        );
        if (failure !== undefined) throw failure;
        // Only what stands there counts.
        open = await waitUntilSeen(list, end.status === "SUCCEEDED" && !adopted, look);
        bar.update(total - open.length);
        if (open.length === 0) break;
        idle = open.length < before ? 0 : idle + 1;
        if (end.status === "STOPPED")
          throw new UserError(
            "ray-stopped",
            `somebody stopped the job with ${open.length} of ${total} tasks open`,
            {
              file: api.address,
              remedy: "Run the same command again to go on.",
            },
          );
        if (idle >= IDLE_JOBS)
          throw new UserError(
            "ray-job-failed",
            `${IDLE_JOBS} jobs in a row ended without a task done: ${end.message.trim().split("\n").at(-1)}`,
            {
              file: api.address,
              remedy: "See the jobs in Ray's dashboard.",
            },
          );
        warn(`ray: the job ended early (${end.status}); ${open.length} tasks are submitted again`);
      }
      bar.finish();
    },
  };
}

async function runJob(
  options: RayExecutorOptions,
  list: TaskList,
  folder: string,
  open: readonly number[],
  signal: AbortSignal | undefined,
  show: (tasks: readonly number[], partly: number, note?: string) => void,
): Promise<{ end: RayJobEnd; failure: Error | undefined; adopted: boolean }> {
  const { api, commands, cpus = 1, memory, atOnce, patienceSeconds, warn = () => {} } = options;
  let failure: Error | undefined;
  const follow = {
    signal,
    patienceSeconds,
    onAway: (why: string | undefined) =>
      warn(why === undefined ? "ray: the head is back" : `ray: ${why}; waiting for it`),
    onLine(text: string) {
      const line = readDriverLine(text);
      if (line?.kind === "done")
        show(
          line.tasks.map(([index]) => index),
          line.partly ?? 0,
          line.note,
        );
      else if (line?.kind === "starved") show([], 0, "waiting for a node with cores");
      else if (line?.kind === "lost")
        warn(
          `ray: task ${line.task} was lost${line.node ? ` on ${line.node}` : ""} (${line.why}); submitted again`,
        );
      else if (line?.kind === "failed") failure = taskFailure(list, line.task, line);
    },
  };
  // A job of an earlier run of the same command may still be at work: it is followed, not doubled.
  const prefix = `apollo-${hashValue([folder, list.stage]).slice(0, 16)}-`;
  const jobs = await patiently(() => api.jobs(), follow);
  const alive = jobs.find(
    ({ id, status }) => id.startsWith(prefix) && (status === "PENDING" || status === "RUNNING"),
  );
  const end =
    alive === undefined
      ? await runRayJob(
          api,
          {
            id: `${prefix}${randomBytes(4).toString("hex")}`,
            entrypoint: DRIVER_ENTRYPOINT,
            files: await driverFiles({
              mode: "run",
              stage: list.stage,
              folder,
              indexes: open,
              commands,
              cpus,
              memory,
              atOnce,
              attempts: TASK_ATTEMPTS,
            }),
          },
          follow,
        )
      : await followRayJob(api, alive.id, follow);
  return { end, failure, adopted: alive !== undefined };
}
