// The optimizer's loops on several threads: each works on ranges of the same arrays, which it knows by their addresses. Ranges are
// cut alike for any number of threads, and results are in their order, so that the numbers are the same for all.
import { Worker } from "node:worker_threads";
import koffi from "koffi";
import { addValues, sumOfSquares, type UpdateScalars, updateWeights } from "./vector-kernels.ts";

/** Values of a range. */
const RANGE = 2 ** 20;
/** Fewer values are done before a thread has heard of them. */
const WORTH_SHARING = 2 ** 21;
/** More would wait for the same memory. */
const MOST_THREADS = 8;

/**
 * One loop over arrays of one length: the sum of squares of one; `sum += part` over two; AdamW over four (weight, gradient, first and
 * second moment), with its scalars.
 */
export interface Loop<A = Float32Array> {
  readonly arrays: readonly A[];
  readonly scalars?: UpdateScalars;
}

/** A part of the loop at `loop`. */
export interface Range<A = Float32Array> extends Loop<A> {
  readonly loop: number;
  readonly from: number;
  readonly to: number;
}

/** An array of another thread: it stays where it is as long as ranges of it are worked on. */
export interface Place {
  readonly address: bigint;
  readonly values: number;
}

/** Threads for the optimizer's loops. */
export interface OptimizerThreads {
  /** Runs all loops; for each what it sums, in float64, 0 where it sums nothing. */
  run(loops: readonly Loop[]): Promise<number[]>;
  close(): Promise<void>;
}

/** `count` threads, this one among them; the others start when there is enough to do. */
export function createOptimizerThreads(count: number): OptimizerThreads {
  const workers: Worker[] = [];
  const start = (): Worker =>
    // Flags of this process may not suit a thread: --input-type and --eval are refused.
    new Worker(new URL("./optimizer-worker.js", import.meta.url), { execArgv: [] });
  return {
    async run(loops) {
      const ranges = loops.flatMap(cut);
      const values = loops.reduce((sum, { arrays }) => sum + arrays[0]!.length, 0);
      const threads = values < WORTH_SHARING ? 1 : Math.min(count, MOST_THREADS, ranges.length);
      while (workers.length < threads - 1) workers.push(start());
      const [own = [], ...others] = share(ranges, threads);
      const answers = others.map((part, i) => ask(workers[i]!, part.map(withPlaces)));
      const sums = [own.map(runRange), ...(await Promise.all(answers))].flat();
      const totals = loops.map(() => 0);
      ranges.forEach(({ loop }, i) => {
        totals[loop]! += sums[i]!;
      });
      return totals;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Does a range's work; what it sums, or 0. */
export function runRange({ arrays, scalars, from, to }: Range): number {
  const [first, second, third, fourth] = arrays.map((values) => values.subarray(from, to));
  if (scalars !== undefined) {
    const state = { weight: first!, gradient: second!, firstMoment: third!, secondMoment: fourth! };
    updateWeights(state, scalars);
    return 0;
  }
  if (second === undefined) return sumOfSquares(first!);
  addValues(first!, second);
  return 0;
}

function cut(loop: Loop, at: number): Range[] {
  const { length } = loop.arrays[0]!;
  return Array.from({ length: Math.ceil(length / RANGE) }, (_, i) => ({
    ...loop,
    loop: at,
    from: i * RANGE,
    to: Math.min(length, (i + 1) * RANGE),
  }));
}

/** Consecutive ranges for each thread, about as many values for each. */
function share(ranges: readonly Range[], threads: number): Range[][] {
  const total = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const parts: Range[][] = Array.from({ length: threads }, () => []);
  let before = 0;
  for (const range of ranges) {
    parts[Math.floor((before * threads) / total)]!.push(range);
    before += range.to - range.from;
  }
  return parts;
}

function withPlaces(range: Range): Range<Place> {
  const place = (values: Float32Array): Place => ({
    address: koffi.address(values) as bigint,
    values: values.length,
  });
  return { ...range, arrays: range.arrays.map(place) };
}

/** What a thread answers: the sums of its ranges. */
function ask(worker: Worker, ranges: readonly Range<Place>[]): Promise<number[]> {
  if (ranges.length === 0) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const end = (): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
    };
    const onMessage = (sums: number[]): void => {
      end();
      resolve(sums);
    };
    const onError = (error: unknown): void => {
      end();
      reject(error);
    };
    const onExit = (): void => onError(new Error("a thread of the optimizer ended"));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(ranges);
  });
}
