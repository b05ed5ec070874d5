// What flows share: a stage that is done once, anew when its inputs changed, and not at all when its artifact is there.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  exists,
  matchingManifest,
  type ProgressFactory,
  readJson,
  UserError,
  writeManifest,
} from "../core/index.ts";
import { chatTemplate, documentTexts, readCorpus } from "../corpus/index.ts";
import { exportGguf } from "../export/index.ts";
import { saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";

/** What every stage is run with. */
export interface StageRun {
  readonly progress: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** Learns a byte-level vocabulary of `size` tokens, `endToken` among them, from a corpus folder into `out`, unless it is there. */
export async function learnTokenizer(
  corpus: string,
  out: string,
  options: { readonly size: number; readonly endToken: string } & StageRun,
): Promise<void> {
  const { size, endToken, progress } = options;
  const inputs = { corpus: (await readJson(join(corpus, "manifest.json"))) as object, size };
  if ((await matchingManifest(out, "tokenizer train", inputs)) !== undefined) return;
  const texts: string[] = [];
  for await (const document of readCorpus(corpus)) texts.push(...documentTexts(document));
  const learnt = trainByteLevelBpe(texts, { vocabularySize: size, specialTokens: [endToken], progress });
  await saveTokenizer(learnt, out, { chatTemplate: chatTemplate(endToken), eosToken: endToken });
  await writeManifest(out, "tokenizer train", inputs, { tokens: learnt.vocabularySize });
}

/**
 * Exports a checkpoint folder of ours as GGUF, unless `out` was made from the same one. A folder without a manifest, such as a base
 * model's, is told by `identity`.
 */
export async function exportOnce(
  checkpoint: string,
  type: string,
  out: string,
  run: StageRun,
  identity?: unknown,
): Promise<void> {
  const manifest = `${out}.export`;
  const made = identity ?? (await readJson(join(checkpoint, "manifest.json")));
  const inputs = { checkpoint: made, type };
  if ((await exists(out)) && (await matchingManifest(manifest, "export gguf", inputs)) !== undefined) return;
  await writeManifest(manifest, "export gguf", inputs, await exportGguf(checkpoint, { type, out, ...run }));
}

/** Runs a stage; when its folder holds the work of other inputs (`code`), that is removed and the stage begins anew. */
export async function afresh<T>(folder: string, code: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== code) throw error;
    await rm(folder, { recursive: true, force: true });
    return work();
  }
}

/** Closes a model when the work with it is over, however it ends. */
export async function using<M extends { close(): Promise<void> }, T>(
  model: M,
  work: (model: M) => Promise<T>,
): Promise<T> {
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}
