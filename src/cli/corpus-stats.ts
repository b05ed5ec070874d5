// `apollo corpus stats`: how much there is, and of packed rows what comes when.
import { type AtomicFile, createAtomicFile } from "../core/index.ts";
import { corpusStats, curriculumBlocks, curriculumPage, curriculumSvg } from "../corpus/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { defineCommand } from "./command.ts";
import { crossTable, statsTable } from "./corpus-tables.ts";

/** `apollo corpus stats`. */
export const statsCommand = defineCommand({
  name: "corpus stats",
  summary: "documents, characters and tokens by category and language; of packed rows, the curriculum",
  positionals: "FOLDER",
  options: {
    tokenizer: {
      type: "string",
      value: "T",
      help: "count tokens of a corpus: a folder, tokenizer.json, *.tiktoken or *.gguf",
    },
    svg: {
      type: "string",
      value: "FILE",
      help: "draw the share of each source along the run of packed rows",
    },
    html: { type: "string", value: "FILE", help: "the same as a page, with the table" },
  },
  examples: [
    "apollo corpus stats corpus --tokenizer models/base",
    "apollo corpus stats packed --svg curriculum.svg",
  ],
  async run({ options: { tokenizer: spec, ...options }, positionals: [folder = ""], io }) {
    const tokenizer = spec === undefined ? undefined : await loadTokenizer(spec);
    // Begun first: a place that cannot be written to is told before the work.
    let [svg, html]: (AtomicFile | undefined)[] = [];
    try {
      svg = await beginFile(options.svg);
      html = await beginFile(options.html);
      const result = await corpusStats(folder, {
        ...(tokenizer === undefined ? {} : { tokenizer }),
        curriculum: svg !== undefined || html !== undefined,
        progress: io.progress,
        signal: io.signal,
      });
      for (const line of statsTable(result)) io.print(line);
      const cross = crossTable(result);
      if (cross.length > 0) io.print();
      for (const line of cross) io.print(line);
      const { curriculum } = result;
      if (curriculum !== undefined) {
        io.print();
        io.print("share of each source from the first row to the last");
        for (const line of curriculumBlocks(curriculum)) io.print(`  ${line}`);
        await svg?.write(curriculumSvg(curriculum));
        await html?.write(curriculumPage({ ...result, curriculum }));
        await svg?.commit();
        await html?.commit();
      }
      return result;
    } catch (error) {
      await svg?.abort();
      await html?.abort();
      throw error;
    }
  },
});

function beginFile(path: string | undefined): Promise<AtomicFile | undefined> {
  return path === undefined ? Promise.resolve(undefined) : createAtomicFile(path);
}
