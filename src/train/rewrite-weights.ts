// A checkpoint written anew as float32, each weight changed on the way: one at a time in memory.
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type ProgressFactory, readJson, writeFileAtomic } from "../core/index.ts";
import { asFloat32, type Checkpoint, configText, isCompanionFile, writeSafetensors } from "../model/index.ts";

interface RewriteOptions {
  /** The checkpoint's folder. */
  readonly from: string;
  /** The progress bar's name. */
  readonly bar: string;
  readonly progress: ProgressFactory;
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes weights, tokenizer and settings of a checkpoint into the folder `to`; `change` is given each weight as float32 and changes it in
 * place, or not.
 */
export async function rewriteWeights(
  checkpoint: Checkpoint,
  to: string,
  { from, bar: name, progress, signal }: RewriteOptions,
  change: (name: string, weight: Float32Array) => Promise<void>,
): Promise<void> {
  const bar = progress(name, checkpoint.tensors.size, "tensors");
  await copyCompanions(from, to);
  let done = 0;
  const tensors = [...checkpoint.tensors].map(([name, { shape }]) => ({
    name,
    shape,
    async data() {
      signal?.throwIfAborted();
      const weight = await checkpoint.read(name);
      await change(name, weight);
      bar.update(++done);
      return weight;
    },
  }));
  await writeSafetensors(join(to, "model.safetensors"), tensors);
  bar.finish();
}

/** Copies tokenizer and settings of a checkpoint, and its configuration as one of float32 weights. */
async function copyCompanions(from: string, to: string): Promise<void> {
  for (const name of await readdir(from))
    if (isCompanionFile(name)) await copyFile(join(from, name), join(to, name));
  const config = (await readJson(join(from, "config.json"))) as Record<string, unknown>;
  await writeFileAtomic(join(to, "config.json"), configText(asFloat32(config)));
}
