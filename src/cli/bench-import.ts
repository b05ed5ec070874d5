// `apollo bench import`: published exams into a suite.
import { IMPORT_FORMATS, type ImportFormatName, importSuite } from "../bench/index.ts";
import { UserError } from "../core/index.ts";
import { defineCommand } from "./command.ts";

const FORMATS = Object.keys(IMPORT_FORMATS) as ImportFormatName[];

export const importCommand = defineCommand({
  name: "bench import",
  summary: `make a suite of a published exam: ${FORMATS.join(", ")}`,
  positionals: "FORMAT IN...",
  options: {
    out: { type: "string", value: "FILE", required: true, help: "suite to write, in XMedBench's JSON" },
    source: { type: "string", value: "NAME", help: "source of the items; default XMedBench's name for it" },
  },
  examples: [
    "apollo bench import mmlu data/test --out mmlu-medical.json",
    "apollo bench import headqa test_es.json --out headqa.json --json",
  ],
  async run({ options, positionals, io }) {
    const [name, ...inputs] = positionals;
    const format = FORMATS.find((known) => known === name);
    if (format === undefined) {
      throw new UserError("bad-format", `the format must be one of ${FORMATS.join(", ")}, found "${name}"`, {
        remedy: "See: apollo bench import --help",
      });
    }
    const result = await importSuite(format, inputs, options.out, { source: options.source });
    for (const [reason, count] of Object.entries(result.refused))
      io.warn(`${count} records refused: ${reason}`);
    if (result.skippedFiles.length > 0)
      io.warn(
        `${result.skippedFiles.length} files are not part of XMedBench: ${result.skippedFiles.join(", ")}`,
      );
    for (const [source, count] of Object.entries(result.bySource)) io.print(`${count} items of ${source}`);
    io.print(`written to ${result.out}`);
    return result;
  },
});
