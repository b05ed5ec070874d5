// A thread of optimizer-threads.ts.
import { parentPort } from "node:worker_threads";
import koffi from "koffi";
import { type Place, type Range, runRange } from "./optimizer-threads.ts";

/** Made once for each array: views count as memory of this thread until they are collected. */
const views = new Map<bigint, Float32Array>();

function view({ address, values }: Place): Float32Array {
  const known = views.get(address);
  if (known?.length === values) return known;
  const found = new Float32Array(koffi.view(address, 4 * values));
  views.set(address, found);
  return found;
}

parentPort!.on("message", (ranges: readonly Range<Place>[]) => {
  parentPort!.postMessage(ranges.map((range) => runRange({ ...range, arrays: range.arrays.map(view) })));
});
