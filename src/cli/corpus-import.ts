// `apollo corpus import`: files of many formats into a corpus.
import { UserError } from "../core/index.ts";
import {
  COLUMN_ROLES,
  type ColumnRole,
  type ImportOptions,
  INPUT_FORMATS,
  importCorpus,
  listCounts,
} from "../corpus/index.ts";
import { withBuckets } from "./bucket-folders.ts";
import { defineCommand } from "./command.ts";
import { readTaskOptions, TASK_OPTIONS } from "./task-options.ts";

export const corpusImportCommand = defineCommand({
  name: "corpus import",
  summary: "bring files into a corpus: checked, without exact duplicates, with a ledger",
  positionals: "IN...",
  options: {
    out: { type: "string", value: "DIR", required: true, help: "folder of the corpus, or s3://BUCKET/NAME" },
    category: {
      type: "string",
      value: "NAME",
      help: "category, when names of files and folders do not tell",
    },
    language: {
      type: "string",
      value: "CODE",
      help: "language, when names do not tell; of a TMX file, the only one to take",
    },
    kind: { type: "string", value: "text|qa", help: "kind, when names and contents do not tell" },
    format: {
      type: "string",
      value: "FORMAT",
      help: `${INPUT_FORMATS.join(", ")}; default by name and content`,
    },
    encoding: {
      type: "string",
      value: "NAME",
      help: "utf-8, utf-16le, gb18030, windows-1252, ...; default by content (UTF-8, UTF-16, GB18030)",
    },
    columns: {
      type: "string",
      value: "ROLE=NAME,...",
      help: `columns or fields with other than the usual names; roles: ${COLUMN_ROLES.join(", ")}`,
    },
    "keep-going": {
      type: "boolean",
      help: "leave broken records and the rest of broken files out, counted; the exit code is then 2",
    },
    workers: {
      type: "whole",
      value: "N",
      help: "threads for big JSON files; default the machine's, at most 2; each takes up to 300 MB",
    },
    ...TASK_OPTIONS,
  },
  examples: [
    "apollo corpus import samples/corpus --out corpus",
    "apollo corpus import leaflets/ --category medicalGuideline --language hi --out corpus",
    "apollo corpus import chats.jsonl --category medicalPatient --language es --keep-going --out corpus",
    "apollo corpus import faq.csv --category medicalWeb --language fr --columns question=Q,answer=R --out corpus",
  ],
  async run({ options, positionals, io }) {
    const { out, category, language, kind, encoding, workers } = options;
    if (kind !== undefined && kind !== "text" && kind !== "qa")
      throw new UserError("bad-option", `--kind must be text or qa, found "${kind}"`);
    const format = INPUT_FORMATS.find((known) => known === options.format);
    if (options.format !== undefined && format === undefined) {
      throw new UserError(
        "bad-option",
        `--format must be one of ${INPUT_FORMATS.join(", ")}, found "${options.format}"`,
      );
    }
    const chosen: ImportOptions = {
      ...(category === undefined ? {} : { category }),
      ...(language === undefined ? {} : { language }),
      ...(kind === undefined ? {} : { kind }),
      ...(format === undefined ? {} : { format }),
      ...(encoding === undefined ? {} : { encoding }),
      ...(options.columns === undefined ? {} : { columns: parseColumns(options.columns) }),
      ...(workers === undefined ? {} : { workers }),
      keepGoing: options["keep-going"],
    };
    const result = await withBuckets({ inputs: positionals, out }, io, ({ inputs, nameOf, ...to }) =>
      importCorpus(inputs, to.out, {
        ...chosen,
        ...(nameOf === undefined ? {} : { nameOf }),
        ...readTaskOptions(options, io, to.bucket),
        progress: io.progress,
        signal: io.signal,
      }),
    );
    io.print(`${result.documents} documents in ${out}`);
    io.print(`  by language     ${listCounts(result.byLanguage)}`);
    io.print(`  by category     ${listCounts(result.byCategory)}`);
    io.print(`  dropped         ${listCounts(result.dropped)}`);
    io.print(`  changed         ${listCounts(result.notes)}`);
    io.print(`  other language  ${listCounts(result.otherLanguage)}`);
    if (Object.keys(result.skippedFiles).length > 0)
      io.warn(`files left alone: ${listCounts(result.skippedFiles)}`);
    if (result.broken > 0) {
      io.warn(`${result.broken} broken records or rests of files were left out; see ${out}/dropped.jsonl`);
      process.exitCode = 2;
    }
    return result;
  },
});

/** `question=Q,answer=A`. */
function parseColumns(text: string): Partial<Record<ColumnRole, string>> {
  const columns: Partial<Record<ColumnRole, string>> = {};
  for (const part of text.split(",")) {
    const [name = "", ...rest] = part.split("=");
    const role = COLUMN_ROLES.find((known) => known === name.trim());
    const column = rest.join("=").trim();
    if (role === undefined || column === "") {
      throw new UserError("bad-option", `--columns has "${part}", expected ROLE=NAME`, {
        remedy: `Roles are ${COLUMN_ROLES.join(", ")}.`,
      });
    }
    columns[role] = column;
  }
  return columns;
}
