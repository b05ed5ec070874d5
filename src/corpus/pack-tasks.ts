// Packing divided into tasks: each tokenises its part and sorts its documents; rows are filled from all parts at once.
import { join, resolve } from "node:path";
import type { TaskCall } from "../core/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { joinLists } from "./join-parts.ts";
import type { Mixture } from "./mixture.ts";
import { DOCUMENTS_FILE } from "./packed-folder.ts";
import { createSegmenter } from "./segments.ts";
import { type CorpusPart, checkUnchanged, type DividedCorpus, readPart, runOnParts } from "./stage-tasks.ts";
import { type TokenisedPart, tokenisePart } from "./tokenise-part.ts";

/** Names of the folders in which tasks of packing live. */
export const PACK_TASK_FOLDERS = ["index", "tokenise"] as const;

/** The stage of the tasks. */
export const TOKENISE_STAGE = "corpus pack tokenise";

/** What a task needs beside its part. JSON. */
interface TokeniseCommon {
  /** Absolute path of the tokenizer, and what it is. */
  readonly tokenizer: string;
  readonly identity: string;
  readonly length: number;
  readonly seed: number;
  readonly mixture: Mixture;
}

/** Tokenises a divided corpus; the list of documents goes to `target`, the folder that is being made for `out`. */
export async function tokeniseInTasks(
  corpus: DividedCorpus,
  setting: TokeniseCommon,
  target: string,
): Promise<(TokenisedPart & { readonly folder: string })[]> {
  const common: TokeniseCommon = { ...setting, tokenizer: resolve(setting.tokenizer) };
  const { folders, results } = await runOnParts<TokenisedPart>(corpus, "tokenise", TOKENISE_STAGE, common, [
    common.tokenizer,
  ]);
  await joinLists(folders, DOCUMENTS_FILE, target);
  return results.map((result, i) => ({ ...result, folder: folders[i]! }));
}

/** Tokenises a part. */
export async function tokeniseTask({
  common,
  task,
  at,
  folder,
  progress,
  signal,
}: TaskCall): Promise<TokenisedPart> {
  const { tokenizer: path, identity, length, seed, mixture } = common as TokeniseCommon;
  const parts = task as readonly CorpusPart[];
  const tokenizer = await loadTokenizer(await at(path));
  checkUnchanged(tokenizer.identity, identity, "the tokenizer", path);
  const bar = progress("tokenise", parts.length, "parts");
  let begun = 0;
  const sources = function* () {
    for (const part of parts) {
      bar.update(begun++);
      yield { file: part.file, source: part.number, documents: readPart(part, at) };
    }
  };
  const result = await tokenisePart(sources(), {
    tokenise: createSegmenter(tokenizer, tokenizer.eosId!, length),
    seed,
    mixture,
    folder,
    list: join(folder, DOCUMENTS_FILE),
    tell: () => signal?.throwIfAborted(),
  });
  bar.finish();
  return result;
}
