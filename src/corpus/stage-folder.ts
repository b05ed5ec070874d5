// The folder of a stage that makes a corpus from a corpus: whatever is begun in it ends together, whole or not at all.
import { join } from "node:path";
import {
  createAtomicFolder,
  createJsonLinesWriter,
  hashFile,
  type JsonLinesWriter,
  writeManifest,
} from "../core/index.ts";
import type { CorpusFileKind } from "./corpus-files.ts";
import { type CorpusWriter, createCorpusWriter } from "./write-corpus.ts";

/** A folder being made. */
export interface StageFolder {
  /** Where it is made. */
  readonly path: string;
  /** Begins the corpus of the folder, or one in a folder of that name in it. */
  corpus(name?: string): CorpusWriter;
  /** Begins a list in JSON lines. */
  lines(name: string): Promise<JsonLinesWriter>;
}

/**
 * Makes the folder `out`: `work` fills it and gives its result, which the manifest keeps; then corpora and lists are ended, the
 * manifest is written and the folder is put in its place. When `work` fails, nothing is left and `out` is as it was.
 */
export async function makeStageFolder<Result>(
  out: string,
  stage: string,
  recipe: unknown,
  work: (folder: StageFolder) => Promise<Result>,
): Promise<Result> {
  const target = await createAtomicFolder(out);
  const begun: Pick<CorpusWriter, "commit" | "abort">[] = [];
  const begin = <T extends Pick<CorpusWriter, "commit" | "abort">>(part: T): T => {
    begun.push(part);
    return part;
  };
  try {
    const result = await work({
      path: target.path,
      corpus: (name = "") => begin(createCorpusWriter(join(target.path, name))),
      lines: async (name) => begin(await createJsonLinesWriter(join(target.path, name))),
    });
    for (const part of begun) await part.commit();
    await writeManifest(target.path, stage, recipe, result);
    await target.commit();
    return result;
  } catch (error) {
    for (const part of begun) await part.abort();
    await target.abort();
    throw error;
  }
}

/** What decides a stage's output about its input files: their kinds and contents, wherever they stand. */
export async function describeFiles(
  files: readonly { readonly file: string; readonly kind: CorpusFileKind }[],
): Promise<unknown[]> {
  return Promise.all(files.map(async ({ file, kind }) => ({ kind, sha256: await hashFile(file) })));
}
