// Turns files of a published format into a suite as XMedBench released it, item for item.
import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { exists, isFolder, UserError, writeJson } from "../core/index.ts";
import { openImportFile } from "./import-file.ts";
import type { ImportFormat } from "./import-format.ts";
import { IMPORT_FORMATS, type ImportFormatName } from "./import-formats.ts";
import type { ImportRefusal, ReleasedItem } from "./import-item.ts";

/** What an import did. */
export interface ImportedSuite {
  readonly out: string;
  readonly items: number;
  readonly bySource: Readonly<Record<string, number>>;
  /** Records that gave no item, by reason. */
  readonly refused: Readonly<Partial<Record<ImportRefusal, number>>>;
  /** Files of a folder that are not part of XMedBench; name one to import it all the same. */
  readonly skippedFiles: readonly string[];
}

/**
 * Reads `inputs` (files, or folders as published: of `test/` and `dev/` the test is taken, and of it the files that XMedBench
 * took) and writes a suite to `out`. `source` renames the items' source. `UserError` when nothing could be read.
 */
export async function importSuite(
  format: ImportFormatName,
  inputs: readonly string[],
  out: string,
  options: { readonly source?: string | undefined } = {},
): Promise<ImportedSuite> {
  const reader: ImportFormat = IMPORT_FORMATS[format];
  const items: ReleasedItem[] = [];
  const refused: Partial<Record<ImportRefusal, number>> = {};
  const skippedFiles: string[] = [];
  const paths: string[] = [];
  for (const input of inputs)
    paths.push(...((await isFolder(input)) ? await filesOf(input, reader, skippedFiles) : [input]));
  for (const read of await reader.read(await Promise.all(paths.map(openImportFile)))) {
    if (typeof read === "string") refused[read] = (refused[read] ?? 0) + 1;
    else items.push(options.source === undefined ? read : { ...read, source: options.source });
  }
  if (items.length === 0) {
    const reasons = Object.entries(refused).map(([reason, count]) => `${reason}: ${count}`);
    throw new UserError(
      "nothing-imported",
      `no item of format ${format}${reasons.length > 0 ? ` (${reasons.join(", ")})` : ""}`,
      {
        file: inputs.join(", "),
        remedy: `A record looks like: ${reader.shape}`,
      },
    );
  }
  await writeJson(out, items);
  const bySource: Record<string, number> = {};
  for (const { source } of items) bySource[source] = (bySource[source] ?? 0) + 1;
  return { out, items: items.length, bySource, refused, skippedFiles };
}

/** The files of a published folder, in the order of their names, which is XMedBench's. */
async function filesOf(folder: string, format: ImportFormat, skipped: string[]): Promise<string[]> {
  const inner = join(folder, "test");
  const place = (await exists(inner)) && (await isFolder(inner)) ? inner : folder;
  const names = (await readdir(place)).filter((name) => format.extensions.includes(extname(name))).sort();
  const taken = names.filter((name) => {
    const stem = basename(name, extname(name)).replace(/_(?:test|dev|val)$/u, "");
    return format.files === undefined || format.files.includes(stem);
  });
  skipped.push(...names.filter((name) => !taken.includes(name)).map((name) => join(place, name)));
  if (taken.length > 0) return taken.map((name) => join(place, name));
  throw new UserError("empty-folder", `has no ${format.extensions.join(" or ")} file of this format`, {
    file: place,
    remedy: "Name the files themselves.",
  });
}
