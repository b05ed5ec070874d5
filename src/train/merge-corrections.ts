// What rounding loses in W + s B A. Taking s B A away again gives W back where the sum did not outgrow W's binade; the few other values
// (1 % with adapters of a hundredth of W) are written down, and a hash of every matrix, so that what is given back can be checked.
import { join } from "node:path";
import { z } from "zod";
import { createJsonLinesWriter, exists, hashBytes, readJsonLines } from "../core/index.ts";

const CORRECTIONS_FILE = "merge-corrections.jsonl";

const correctionSchema = z.object({
  weight: z.string(),
  /** Of the base's values as float32, SHA-256. */
  hash: z.string(),
  places: z.array(z.int().nonnegative()),
  /** The base's values there: bit patterns of float32, which unlike numbers in JSON can tell -0 from 0. */
  bits: z.array(z.int().nonnegative()),
});

/** What `unmerge` must put right in one matrix. */
export type Correction = z.infer<typeof correctionSchema>;

/** The value of a weight before `product` was added to it, but for rounding. */
export function withoutProduct(merged: number, product: number): number {
  return Math.fround(merged - product);
}

/** Bytes of values, for their hash. */
export function hashWeight(values: Float32Array): string {
  return hashBytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** The corrections of one matrix in the making. */
export interface NotedCorrections {
  /** `value` is about to become the float32 nearest to value + product. */
  note(value: number, product: number, place: number): void;
  end(): Promise<void>;
}

/** Writes the corrections of a merge into the folder of the merged checkpoint. */
export async function createCorrections(folder: string): Promise<{
  /** `weight` as the base has it. */
  begin(name: string, weight: Float32Array): NotedCorrections;
  commit(): Promise<void>;
  abort(): Promise<void>;
}> {
  const file = await createJsonLinesWriter(join(folder, CORRECTIONS_FILE));
  const float = new Float32Array(1);
  const pattern = new Uint32Array(float.buffer);
  return {
    begin(weight, values) {
      const correction: Correction = { weight, hash: hashWeight(values), places: [], bits: [] };
      return {
        note(value, product, place) {
          if (Object.is(withoutProduct(Math.fround(value + product), product), value)) return;
          float[0] = value;
          correction.places.push(place);
          correction.bits.push(pattern[0]!);
        },
        end: () => file.write(correction),
      };
    },
    commit: () => file.commit(),
    abort: () => file.abort(),
  };
}

/** Reads the corrections of a merged checkpoint, by weight; `undefined` where it was merged without them. */
export async function readCorrections(folder: string): Promise<Map<string, Correction> | undefined> {
  const path = join(folder, CORRECTIONS_FILE);
  if (!(await exists(path))) return undefined;
  const corrections = new Map<string, Correction>();
  for await (const { value } of readJsonLines(path)) {
    const correction = correctionSchema.parse(value);
    corrections.set(correction.weight, correction);
  }
  return corrections;
}

/** Puts a correction's values in their places. */
export function applyCorrection(weight: Float32Array, { places, bits }: Correction): void {
  const patterns = new Uint32Array(weight.buffer, weight.byteOffset, weight.length);
  places.forEach((place, i) => {
    patterns[place] = bits[i]!;
  });
}
