// The folder of a stage that makes a corpus from a corpus: whatever is begun in it ends together, whole or not at all.
import { join, relative, resolve } from "node:path";
import {
  type AtomicFile,
  createAtomicFile,
  createAtomicFolder,
  createJsonLinesWriter,
  hashFile,
  type JsonLinesWriter,
  matchingManifest,
  UserError,
  writeManifest,
} from "../core/index.ts";
import type { CorpusFileKind } from "./corpus-files.ts";
import { type CorpusWriter, createCorpusWriter } from "./write-corpus.ts";

/** A folder being filled. */
export interface StageFolder {
  readonly path: string;
  /** Begins the corpus of the folder, or one in a folder of that name in it. */
  corpus(name?: string): CorpusWriter;
  /** Begins a list in JSON lines. */
  lines(name: string): Promise<JsonLinesWriter>;
  /** Begins any other file. */
  file(name: string): Promise<AtomicFile>;
}

/** `UserError` when one of the folders that a stage reads is `out`, or lies in it: it would go when `out` is replaced. */
export function refuseToReplace(out: string, inputs: readonly string[]): void {
  for (const input of inputs)
    if (!/^\.\.(?:[\\/]|$)/u.test(relative(resolve(out), resolve(input))))
      throw new UserError("same-folder", `would be replaced while ${input} is read`, {
        file: out,
        remedy: "Choose another folder for --out.",
      });
}

/** What a stage gave when it made `out` from the same inputs before, as the manifest there has it; else it is made with `makeStageFolder`. */
export async function makeOnce<Result>(
  out: string,
  stage: string,
  recipe: unknown,
  work: (folder: StageFolder) => Promise<Result>,
): Promise<Result> {
  const done = await matchingManifest(out, stage, recipe);
  return done === undefined ? makeStageFolder(out, stage, recipe, work) : (done.result as Result);
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
  try {
    const result = await fillFolder(target.path, work);
    await writeManifest(target.path, stage, recipe, result);
    await target.commit();
    return result;
  } catch (error) {
    await target.abort();
    throw error;
  }
}

/** Fills the folder `path`: whatever `work` begins in it is ended with it, or taken back when it fails. */
export async function fillFolder<Result>(
  path: string,
  work: (folder: StageFolder) => Promise<Result>,
): Promise<Result> {
  const begun: Pick<CorpusWriter, "commit" | "abort">[] = [];
  const begin = <T extends Pick<CorpusWriter, "commit" | "abort">>(part: T): T => {
    begun.push(part);
    return part;
  };
  try {
    const result = await work({
      path,
      corpus: (name = "") => begin(createCorpusWriter(join(path, name))),
      lines: async (name) => begin(await createJsonLinesWriter(join(path, name))),
      file: async (name) => begin(await createAtomicFile(join(path, name))),
    });
    await Promise.all(begun.map((part) => part.commit()));
    return result;
  } catch (error) {
    for (const part of begun) await part.abort();
    throw error;
  }
}

/** What decides a stage's output about an input file. */
export interface DescribedFile {
  readonly kind: CorpusFileKind;
  readonly sha256: string;
}

/** What decides a stage's output about its input files: their kinds and contents, wherever they stand. */
export async function describeFiles(
  files: readonly { readonly file: string; readonly kind: CorpusFileKind }[],
): Promise<DescribedFile[]> {
  return Promise.all(files.map(async ({ file, kind }) => ({ kind, sha256: await hashFile(file) })));
}
