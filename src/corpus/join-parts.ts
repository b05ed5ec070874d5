// What tasks left, joined: files of one name in the order of the tasks.
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createAtomicFile, exists } from "../core/index.ts";
import { isCompanion, ledgerPath } from "./corpus-files.ts";

/** Joins the corpora that tasks left in `folders` into one in `out`: files of one name in the order of the tasks, with their ledgers. */
export async function joinCorpora(folders: readonly string[], out: string): Promise<void> {
  const holders = new Map<string, string[]>();
  for (const folder of folders)
    for (const name of (await exists(folder)) ? await readdir(folder) : [])
      if (name.endsWith(".json") && !isCompanion(name))
        holders.set(name, [...(holders.get(name) ?? []), folder]);
  await Promise.all(
    [...holders].flatMap(([name, having]) => {
      const ledger = ledgerPath(name);
      const pathsOf = (file: string): string[] => having.map((folder) => join(folder, file));
      return [
        joinFiles(pathsOf(name), join(out, name), ARRAY),
        joinFiles(pathsOf(ledger), join(out, ledger)),
      ];
    }),
  );
}

/** Joins the list `name` of all `folders`. */
export function joinLists(folders: readonly string[], name: string, out: string): Promise<void> {
  return joinFiles(
    folders.map((folder) => join(folder, name)),
    join(out, name),
  );
}

/** What a corpus file begins and ends with, and what stands between two of its elements. */
const ARRAY = { open: "[\n", between: ",\n", close: "\n]\n" } as const;

async function joinFiles(
  paths: readonly string[],
  out: string,
  frame = { open: "", between: "", close: "" },
): Promise<void> {
  const file = await createAtomicFile(out);
  try {
    await file.write(frame.open);
    for (const [i, path] of paths.entries()) {
      const { size } = await stat(path);
      const [start, end] = [frame.open.length, size - frame.close.length];
      if (i > 0) await file.write(frame.between);
      if (end <= start) continue;
      for await (const block of createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 20 }))
        await file.write(block as Buffer);
    }
    await file.write(frame.close);
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}
