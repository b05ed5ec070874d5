// One job on a Ray cluster, from submission to its end: its lines are handed on as they come, a head that is away is waited for, an abort
// cancels it there too.
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../core/index.ts";
import { isUnreachable, type RayApi, type RayJobRequest, type RayJobState } from "./ray-api.ts";

/** How to follow a job. */
export interface FollowOptions {
  /** Every whole line that the job prints, once, in order. */
  readonly onLine?: (line: string) => void;
  /** Told once when the head stops answering (why) and once when it is back (`undefined`). */
  readonly onAway?: (why: string | undefined) => void;
  readonly signal?: AbortSignal | undefined;
  /** How long a head that does not answer is waited for. Default 15 minutes. */
  readonly patienceSeconds?: number | undefined;
}

/** How a job ended; `"LOST"`: the head was restarted and knows it no more. */
export interface RayJobEnd {
  readonly status: "SUCCEEDED" | "FAILED" | "STOPPED" | "LOST";
  readonly message: string;
}

const PATIENCE_SECONDS = 900;
const FIRST_WAIT_MILLISECONDS = 1000;
const LONGEST_WAIT_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 500;
/** The API gives a log as a whole: one more millisecond between two looks for so many characters of it. */
const CHARACTERS_PER_MILLISECOND = 200;
const CANCEL_MILLISECONDS = 20_000;

/** Submits a job and follows it to its end. */
export async function runRayJob(
  api: RayApi,
  request: RayJobRequest,
  options: FollowOptions = {},
): Promise<RayJobEnd> {
  await patiently(() => api.submit(request), options);
  return followRayJob(api, request.id, options);
}

/** Follows a job that was submitted before, from its first line to its end. */
export async function followRayJob(api: RayApi, id: string, options: FollowOptions = {}): Promise<RayJobEnd> {
  const { onLine, signal } = options;
  let read = 0;
  const readLines = async (last: boolean): Promise<void> => {
    const logs = await api.logs(id);
    const end = last ? logs.length : logs.lastIndexOf("\n") + 1;
    const lines = logs.slice(read, end).split("\n");
    read = Math.max(read, end);
    for (const line of lines) if (line !== "") onLine?.(line);
  };
  try {
    for (;;) {
      const state = await patiently(async () => {
        const found = await api.job(id);
        if (found !== undefined) await readLines(isOver(found));
        return found;
      }, options);
      if (state === undefined) return { status: "LOST", message: "the head was restarted" };
      if (isOver(state)) return { status: state.status as RayJobEnd["status"], message: state.message };
      await sleep(POLL_MILLISECONDS + read / CHARACTERS_PER_MILLISECOND, undefined, {
        ...(signal === undefined ? {} : { signal }),
      });
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    await cancel(api, id);
    throw signal.reason;
  }
}

function isOver({ status }: RayJobState): boolean {
  return status === "SUCCEEDED" || status === "FAILED" || status === "STOPPED";
}

/** Calls `work` until the head answers, at growing intervals. */
export async function patiently<Result>(
  work: () => Promise<Result>,
  { onAway, signal, patienceSeconds = PATIENCE_SECONDS }: FollowOptions,
): Promise<Result> {
  const began = performance.now();
  for (let wait = FIRST_WAIT_MILLISECONDS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MILLISECONDS)) {
    signal?.throwIfAborted();
    try {
      const result = await work();
      if (wait > FIRST_WAIT_MILLISECONDS) onAway?.(undefined);
      return result;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      const away = error as UserError;
      if (wait === FIRST_WAIT_MILLISECONDS) onAway?.(away.message);
      const left = 1000 * patienceSeconds - (performance.now() - began);
      if (left <= 0)
        throw new UserError("ray-unreachable", `${away.message}, for ${Math.round(patienceSeconds)} s`, {
          file: away.file,
          remedy: "Bring the head back and run the same command again: finished tasks are not done again.",
          cause: error,
        });
      await sleep(Math.min(wait, left), undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** Ends the job on the cluster and waits until it has; a cluster that is away keeps it. */
async function cancel(api: RayApi, id: string): Promise<void> {
  const until = performance.now() + CANCEL_MILLISECONDS;
  try {
    await api.stop(id);
    while (performance.now() < until) {
      const state = await api.job(id);
      if (state === undefined || isOver(state)) return;
      await sleep(POLL_MILLISECONDS);
    }
  } catch (error) {
    if (!isUnreachable(error)) throw error;
  }
}
