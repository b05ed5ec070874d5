// `apollo export`: a checkpoint, or a model of another program, as a GGUF file; an adapter and its base as a checkpoint.
import {
  type ExportOptions,
  type ExportResult,
  exportGguf,
  importLlama2c,
  LARGE_DIVERGENCE,
} from "../export/index.ts";
import { mergeAdapter, unmergeAdapter } from "../train/index.ts";
import { type Command, type CommandIo, defineCommand, type OptionDefinition } from "./command.ts";

const TYPE_HELP = "f32, f16, bf16, q8_0, or any type of llama.cpp's quantiser such as q4_k_m";

/** What both ways to a GGUF file take. */
const FILE_OPTIONS = {
  out: { type: "string", value: "FILE", required: true, help: "the file to write" },
  calibration: {
    type: "string",
    value: "FILE",
    multiple: true,
    help: "text in a language that must survive quantisation (.txt, .json, .jsonl): an importance matrix is made",
  },
} as const satisfies Record<string, OptionDefinition>;

const gguf = defineCommand({
  name: "export gguf",
  summary: "write a checkpoint as one GGUF file, complete with tokenizer, and try it out",
  positionals: "CHECKPOINT",
  options: {
    type: { type: "string", value: "TYPE", default: "f16", help: TYPE_HELP },
    ...FILE_OPTIONS,
    name: { type: "string", value: "NAME", help: "general.name; default the folder's name" },
  },
  examples: [
    "apollo export gguf checkpoints/tiny --type q8_0 --out tiny.gguf",
    "apollo export gguf run --type q3_k_m --calibration hindi.txt --calibration arabic.txt --out small.gguf",
  ],
  run({ options, positionals, io }) {
    const name = options.name === undefined ? {} : { name: options.name };
    return report(exportGguf(positionals[0]!, { ...exportOptions(options, io), ...name }), io);
  },
});

const llama2c = defineCommand({
  name: "export llama2c",
  summary: "convert a model of llama2.c to GGUF",
  positionals: "BIN",
  options: {
    tokenizer: { type: "string", value: "FILE", required: true, help: "its tokenizer.bin" },
    type: { type: "string", value: "TYPE", default: "f32", help: TYPE_HELP },
    ...FILE_OPTIONS,
  },
  examples: ["apollo export llama2c stories260K.bin --tokenizer tok512.bin --out stories.gguf"],
  run({ options, positionals, io }) {
    return report(importLlama2c(positionals[0]!, options.tokenizer, exportOptions(options, io)), io);
  },
});

const merge = defineCommand({
  name: "export merge",
  summary: "write a LoRA adapter and its base as one checkpoint",
  positionals: "ADAPTER",
  options: {
    out: { type: "string", value: "DIR", required: true, help: "the checkpoint folder to write" },
    base: { type: "string", value: "CHECKPOINT", help: "the base; default the one that the adapter names" },
    reversible: {
      type: "boolean",
      help: "write what rounding loses beside the weights, so that apollo export unmerge gives the base back exactly",
    },
  },
  examples: [
    "apollo export merge adapter --out merged",
    "apollo export merge adapter --reversible --out merged",
  ],
  async run({ options, positionals, io }) {
    const result = await mergeAdapter(positionals[0]!, {
      out: options.out,
      ...(options.base === undefined ? {} : { base: options.base }),
      reversible: options.reversible,
      progress: io.progress,
      signal: io.signal,
    });
    io.print(`${result.checkpoint}: ${result.merged} of ${result.tensors} weights of ${result.base} changed`);
    return result;
  },
});

const unmerge = defineCommand({
  name: "export unmerge",
  summary: "take a merged LoRA adapter out again: the base's weights to the bit",
  positionals: "MERGED",
  options: {
    adapter: { type: "string", value: "ADAPTER", required: true, help: "the adapter that was merged" },
    out: { type: "string", value: "DIR", required: true, help: "the checkpoint folder to write" },
  },
  examples: ["apollo export unmerge merged --adapter adapter --out base-again"],
  async run({ options, positionals, io }) {
    const { adapter, out } = options;
    const { progress, signal } = io;
    const result = await unmergeAdapter(positionals[0]!, { adapter, out, progress, signal });
    io.print(
      `${result.checkpoint}: ${result.restored} of ${result.tensors} weights as they were, ${result.corrected} values by the merge's record`,
    );
    return result;
  },
});

/** The commands of the export room. */
export const exportCommands: readonly Command[] = [gguf, llama2c, merge, unmerge];

function exportOptions(
  options: { readonly type: string; readonly out: string; readonly calibration: readonly string[] },
  io: CommandIo,
): ExportOptions {
  const { type, out, calibration } = options;
  return { type, out, calibration, progress: io.progress, signal: io.signal };
}

async function report(work: Promise<ExportResult>, io: CommandIo): Promise<ExportResult> {
  const result = await work;
  const tried = result.ran ? "loads and runs" : "too large to run here: only its header was checked";
  io.print(`${result.out}: ${(result.bytes / 2 ** 20).toFixed(1)} MiB, ${result.type}, ${tried}`);
  if (result.calibration !== undefined) {
    const { matrices, tokens } = result.calibration;
    io.print(`${matrices} matrices weighed by ${tokens} tokens of calibration text`);
  }
  if (result.maxLogitDifference !== null) {
    io.print(
      `beside F32: largest difference of a logit ${result.maxLogitDifference.toPrecision(3)}, divergence ${result.divergence!.toPrecision(2)} nats a token`,
    );
  }
  if ((result.divergence ?? 0) >= LARGE_DIVERGENCE) {
    io.warn(
      `it answers noticeably otherwise than the checkpoint (${LARGE_DIVERGENCE} nats and more): measure it (apollo bench run), or choose a larger type or --calibration`,
    );
  }
  return result;
}
