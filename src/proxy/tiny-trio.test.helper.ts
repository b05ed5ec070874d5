// For tests: small models of random weights, in files that are removed when the tests of a file are over.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import {
  type LogitModel,
  openGguf,
  type TinyGgufOptions,
  tinyVocabulary,
  writeTinyGguf,
} from "../engine/index.ts";

/** The same tokens under other ids. */
export const TURNED_VOCABULARY = [...tinyVocabulary().slice(100), ...tinyVocabulary().slice(0, 100)];

/** The id that a token has in `TURNED_VOCABULARY`. */
export function turnedId(id: number): number {
  return (id + TURNED_VOCABULARY.length - 100) % TURNED_VOCABULARY.length;
}

/** Opens models until the file's tests are over. */
export function useTinyModels(
  contextLength?: number,
): (name: string, options: TinyGgufOptions) => Promise<LogitModel> {
  const opened: LogitModel[] = [];
  let folder: string | undefined;
  after(async () => {
    for (const model of opened) await model.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });
  return async (name, options) => {
    folder ??= await mkdtemp(join(tmpdir(), "apollo-trio-"));
    const path = join(folder, `${name}.gguf`);
    await writeTinyGguf(path, options);
    const model = await openGguf(path, {
      threads: 1,
      ...(contextLength === undefined ? {} : { contextLength }),
    });
    opened.push(model);
    return model;
  };
}

/** A base, and a smaller expert and anti-expert. */
export async function openTinyTrio(open: ReturnType<typeof useTinyModels>) {
  return {
    base: await open("base", { seed: 1, hiddenSize: 64, layers: 3 }),
    expert: await open("expert", { seed: 2 }),
    anti: await open("anti", { seed: 3 }),
  };
}

/** A trio whose expert has other ids; `base` adds to the base's options. */
export async function openTurnedTrio(open: ReturnType<typeof useTinyModels>, base: TinyGgufOptions = {}) {
  return {
    base: await open("base", { seed: 1, ...base }),
    expert: await open("expert", { seed: 2, vocabulary: TURNED_VOCABULARY }),
    anti: await open("anti", { seed: 3 }),
  };
}
