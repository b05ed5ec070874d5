// One import, and what came of it.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import { type ImportOptions, importCorpus } from "./import-corpus.ts";

/** Removed when the tests of the file are done. */
export const folder = await mkdtemp(join(tmpdir(), "apollo-import-"));
after(() => rm(folder, { recursive: true }));

let imports = 0;
/** Imports one file with such a content; gives what `importFolder` gives. */
export async function imported(name: string, content: string | Uint8Array, options: ImportOptions = {}) {
  const input = join(folder, String(imports++));
  await mkdir(join(input, name, ".."), { recursive: true });
  await writeFile(join(input, name), content);
  return importFolder(input, options);
}

/** Imports a folder of files; gives the result, files of the corpus as JSON, and the lines of its ledgers. */
export async function importFolder(input: string, options: ImportOptions = {}) {
  const out = `${input}-out`;
  const result = await importCorpus([input], out, options);
  return {
    result,
    json: async (file: string) => JSON.parse(await readFile(join(out, file), "utf8")),
    ledger: (file: string) => jsonLines(join(out, file)),
  };
}
