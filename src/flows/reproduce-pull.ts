// Pulls what a reproduction needs, and pins it: the commits of the first pull are written down, so that a run that goes on next
// week does so with the same bytes, and without the network once they are here.
import { join } from "node:path";
import { exists, readJson, UserError, writeJson } from "../core/index.ts";
import { HUB_SHORTCUTS, type PullOptions, pull } from "../hub/index.ts";
import type { Recipe } from "../train/index.ts";
import { CORPUS_FILES, EXAM_FILES } from "./reproduce-family.ts";

/** A repository as it was pulled. */
export interface Pin {
  readonly repository: string;
  readonly commit: string;
}

/** What was pulled, and where it is. */
export interface Pulled {
  readonly pins: { readonly base: Pin; readonly corpus: Pin; readonly exam: Pin };
  /** Folder of the base model. */
  readonly base: string;
  readonly corpusFiles: readonly string[];
  /** Folder of the exam's files. */
  readonly exam: string;
}

/** A file in the reproduction's folder. */
const PINS_FILE = "pins.json";

/** The name on the hub of a recipe's base model. */
export function baseId({ base }: Recipe): string {
  const id = /^hf:(.+)$/u.exec(base ?? "")?.[1];
  if (id !== undefined) return id;
  throw new UserError("bad-recipe", `needs a base on the hub (hf:owner/name), found ${base ?? "none"}`, {
    at: "base",
    remedy: "Train other bases with: apollo train --set base=FOLDER",
  });
}

/** What is pulled, by the words that `pull` takes. */
export function pullsOf(recipe: Recipe) {
  return {
    base: { spec: baseId(recipe), files: {} },
    corpus: { spec: "apollo-corpus", files: CORPUS_FILES },
    exam: { spec: "xmedbench", files: EXAM_FILES },
  } as const;
}

/** Pulls base, corpus and exam at the commits that `out` has pinned, else at their newest, which are then pinned. */
export async function pullPinned(recipe: Recipe, out: string, options: PullOptions): Promise<Pulled> {
  const path = join(out, PINS_FILE);
  const known = ((await exists(path)) ? await readJson(path) : {}) as Partial<Record<string, Pin>>;
  const bring = async (name: keyof ReturnType<typeof pullsOf>) => {
    const { spec, files } = pullsOf(recipe)[name];
    const repository = HUB_SHORTCUTS[spec]?.id ?? spec;
    // A recipe that was given another base asks for another repository.
    const pinned = known[name]?.repository === repository ? known[name].commit : undefined;
    const { folder, files: paths, commit } = await pull(spec, { ...options, ...files, revision: pinned });
    return { pin: { repository, commit }, folder, paths };
  };
  const [base, corpus, exam] = [await bring("base"), await bring("corpus"), await bring("exam")];
  const pins = { base: base.pin, corpus: corpus.pin, exam: exam.pin };
  await writeJson(path, pins);
  return {
    pins,
    base: base.folder,
    corpusFiles: corpus.paths.map((file) => join(corpus.folder, file)),
    exam: join(exam.folder, "test"),
  };
}
