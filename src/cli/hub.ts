// `apollo pull`: models and data sets of the Hugging Face hub by name.
import { HUB_SHORTCUTS, pull } from "../hub/index.ts";
import { defineCommand } from "./command.ts";

/** `apollo pull`. */
export const pullCommand = defineCommand({
  name: "pull",
  summary:
    "fetch a model or data set from the Hugging Face hub into the standard cache, checked and resumable",
  positionals: "SPEC",
  options: {
    revision: {
      type: "string",
      value: "R",
      help: "branch, tag, refs/pr/N or commit (same as SPEC@R); default main",
    },
    include: {
      type: "string",
      value: "PATTERN",
      multiple: true,
      help: "files to pull instead of the default choice (* and ? match anything)",
    },
    exclude: { type: "string", value: "PATTERN", multiple: true, help: "files to leave out" },
  },
  examples: [
    "apollo pull apollo-0.5b",
    "apollo pull FreedomIntelligence/Apollo-0.5B@main",
    "apollo pull Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0",
    "apollo pull datasets/FreedomIntelligence/ApolloCorpus --include '*_hi*'",
    `short names: ${Object.keys(HUB_SHORTCUTS).join(", ")}`,
    "environment: HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE",
  ],
  async run({ options, positionals, io }) {
    const result = await pull(positionals[0] ?? "", {
      revision: options.revision,
      include: options.include,
      exclude: options.exclude,
      progress: io.progress,
      warn: io.warn,
      signal: io.signal,
    });
    for (const file of result.files) io.print(`  ${file}`);
    for (const [reason, count] of Object.entries(result.skipped))
      io.print(`  left out: ${count} (${reason})`);
    io.print(`${result.files.length} files of commit ${result.commit.slice(0, 12)} in`);
    io.print(result.folder);
    return result;
  },
});
