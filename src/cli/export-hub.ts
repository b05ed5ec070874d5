// `apollo export hf` and `apollo export card`: a model for the hub, and what its readers are told.
import { basename, resolve } from "node:path";
import { exportCard } from "../export/index.ts";
import { publishHf } from "../flows/index.ts";
import { type Command, defineCommand } from "./command.ts";

const hf = defineCommand({
  name: "export hf",
  summary: "write a checkpoint, or an adapter merged into its base, as the hub and transformers want it",
  positionals: "CHECKPOINT",
  options: {
    out: { type: "string", value: "DIR", required: true, help: "the folder to write" },
    type: { type: "string", value: "TYPE", help: "f32, f16 or bf16; default as each weight is stored" },
    base: { type: "string", value: "CHECKPOINT", help: "base of an adapter; default the one that it names" },
    "shard-gigabytes": { type: "number", least: 0.001, default: 5, help: "most GB of one file of weights" },
  },
  examples: ["apollo export hf run --type bf16 --out release", "apollo export hf adapter --out release"],
  async run({ options, positionals, io }) {
    const result = await publishHf(positionals[0]!, {
      out: options.out,
      ...(options.type === undefined ? {} : { type: options.type }),
      ...(options.base === undefined ? {} : { base: options.base }),
      shardBytes: options["shard-gigabytes"] * 1e9,
      progress: io.progress,
      signal: io.signal,
    });
    io.print(
      `${result.out}: ${result.tensors} weights, ${(result.bytes / 1e6).toFixed(1)} MB in ${result.files.length} file(s)`,
    );
    return result;
  },
});

const card = defineCommand({
  name: "export card",
  summary: "write a model card: results with intervals, data, recipe, limits, from the run's own files",
  positionals: "CHECKPOINT",
  options: {
    bench: { type: "string", value: "RUN", multiple: true, help: "a folder of apollo bench run" },
    corpus: { type: "string", value: "DIR", multiple: true, help: "a corpus folder that it was trained on" },
    base: { type: "string", value: "NAME", help: "the model it was made from, as the hub names it" },
    license: { type: "string", value: "NAME", help: "as the hub spells it, e.g. apache-2.0" },
    name: { type: "string", value: "NAME", help: "the model's name; default the folder's" },
    out: { type: "string", value: "FILE", help: "the file to write; default README.md in CHECKPOINT" },
  },
  examples: ["apollo export card release --bench runs/mine --corpus clean --license apache-2.0"],
  async run({ options, positionals, io }) {
    const folder = positionals[0]!;
    const result = await exportCard(folder, {
      name: options.name ?? basename(resolve(folder)),
      runs: options.bench,
      corpora: options.corpus,
      base: options.base,
      license: options.license,
      ...(options.out === undefined ? {} : { out: options.out }),
    });
    io.print(
      `${result.out}: results ${result.results}, languages ${result.languages.join(", ") || "unknown"}`,
    );
    if (result.missing.length > 0)
      io.warn(`the card says that these are not recorded: ${result.missing.join(", ")}`);
    return result;
  },
});

/** The commands that publish. */
export const exportHubCommands: readonly Command[] = [hf, card];
