// Shares the CPU between decodes. llama.cpp's worker threads spin while they wait for each other: when more of them run
// than there are cores, throughput falls tenfold, so a decode waits until its threads have cores of their own.
import { availableParallelism } from "node:os";

interface Waiting {
  readonly threads: number;
  readonly start: () => void;
}

const cores = availableParallelism();
const queue: Waiting[] = [];
let busy = 0;

/** Runs `work` when `threads` cores are free, in order of arrival; more threads than cores take the whole machine. */
export async function withCores<T>(threads: number, work: () => Promise<T>): Promise<T> {
  const wanted = Math.min(threads, cores);
  await new Promise<void>((start) => {
    queue.push({ threads: wanted, start });
    startWaiting();
  });
  try {
    return await work();
  } finally {
    busy -= wanted;
    startWaiting();
  }
}

function startWaiting(): void {
  for (let next = queue[0]; next !== undefined && busy + next.threads <= cores; next = queue[0]) {
    queue.shift();
    busy += next.threads;
    next.start();
  }
}
