// `apollo corpus export`: a corpus in formats that others read.
import { UserError } from "../core/index.ts";
import { EXPORT_FORMATS, exportCorpus } from "../corpus/index.ts";
import { defineCommand } from "./command.ts";

export const corpusExportCommand = defineCommand({
  name: "corpus export",
  summary: "write a corpus as Apollo published it, as chat messages, or as Parquet",
  positionals: "CORPUS",
  options: {
    format: { type: "string", value: "FORMAT", required: true, help: EXPORT_FORMATS.join(", ") },
    out: { type: "string", value: "DIR", required: true, help: "folder for the files" },
  },
  examples: [
    "apollo corpus export clean --format apollo --out released",
    "apollo corpus export clean --format messages --out chats",
  ],
  async run({ options, positionals: [corpus = ""], io }) {
    const format = EXPORT_FORMATS.find((known) => known === options.format);
    if (format === undefined) {
      throw new UserError(
        "bad-option",
        `--format must be one of ${EXPORT_FORMATS.join(", ")}, found "${options.format}"`,
      );
    }
    const result = await exportCorpus(corpus, options.out, {
      format,
      progress: io.progress,
      signal: io.signal,
    });
    io.print(`${result.documents} documents in ${options.out}`);
    for (const [name, documents] of Object.entries(result.files)) io.print(`  ${name}  ${documents}`);
    return result;
  },
});
