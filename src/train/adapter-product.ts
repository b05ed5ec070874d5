// The product of an adapter's matrices, which merging adds to a weight and unmerging takes from it.
import { UserError } from "../core/index.ts";
import type { Checkpoint, Safetensors } from "../model/index.ts";
import { ADAPTER_FILE, ADAPTER_PREFIX, type AdapterConfig } from "./adapter-format.ts";

/** Names of A and B in the adapter's file. */
export interface AdapterPair {
  readonly a: string;
  readonly b: string;
}

/** A and B of every base weight that has them; everything in the adapter must be one of them and fit. */
export function pairAdapters(
  adapter: Safetensors,
  base: Checkpoint,
  { rank }: AdapterConfig,
): Map<string, AdapterPair> {
  const refuse = (at: string, message: string): never => {
    throw new UserError("bad-adapter", message, {
      file: adapter.path,
      at,
      remedy: "The adapter must be plain LoRA, made for this base.",
    });
  };
  const pairs = new Map<string, AdapterPair>();
  for (const name of adapter.tensors.keys()) {
    const [, module] = /^(.*)\.lora_[AB]\.weight$/u.exec(name) ?? [];
    if (module === undefined || !module.startsWith(ADAPTER_PREFIX)) refuse(name, "is no A or B of LoRA");
    const weight = `${module!.slice(ADAPTER_PREFIX.length)}.weight`;
    pairs.set(weight, { a: `${module}.lora_A.weight`, b: `${module}.lora_B.weight` });
  }
  if (pairs.size === 0) refuse(ADAPTER_FILE, "holds no adapter");
  for (const [weight, { a, b }] of pairs) {
    const [out, width, ...more] = base.tensors.get(weight)?.shape ?? refuse(a, `the base has no ${weight}`);
    if (width === undefined || more.length > 0) refuse(a, `${weight} of the base is no matrix`);
    for (const [name, shape] of [
      [a, [rank, width]],
      [b, [out, rank]],
    ] as const) {
      const found = adapter.tensors.get(name)?.shape ?? refuse(name, "is missing");
      if (found.join() !== shape.join())
        refuse(name, `has shape [${found}], r and the base ask for [${shape}]`);
    }
  }
  return pairs;
}

/** change(value, scale * (b a) there) for every value of a weight, in order; the product is summed in float64. */
export async function eachProduct(
  weight: Float32Array,
  adapter: Safetensors,
  { a, b }: AdapterPair,
  { rank, scale }: AdapterConfig,
  change: (value: number, product: number, place: number) => number,
): Promise<void> {
  const [left, right] = [await adapter.read(b), await adapter.read(a)];
  const width = right.length / rank;
  const row = new Float64Array(width);
  for (let from = 0; from < weight.length; from += width) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = left[(from / width) * rank + r]!;
      for (let i = 0; i < width; i++) row[i]! += factor * right[r * width + i]!;
    }
    for (let i = 0; i < width; i++) weight[from + i] = change(weight[from + i]!, scale * row[i]!, from + i);
  }
}
