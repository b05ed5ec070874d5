// `apollo proxy sweep`: how strongly to steer.
import { loadSuite } from "../bench/index.ts";
import { UserError } from "../core/index.ts";
import { modelIdentity, parseModelSpec, sweepProxy, truncationNote } from "../flows/index.ts";
import { type Command, defineCommand } from "./command.ts";
import { MODEL_OPTIONS, readModelOptions } from "./model-options.ts";
import { withMembers } from "./proxy-members.ts";
import { percent, printTable } from "./table.ts";

const MEMBER = "file.gguf, folder/, hf:owner/name[:file] or http://host/v1#model";

/** `apollo proxy sweep`. */
export const proxySweepCommand: Command = defineCommand({
  name: "proxy sweep",
  summary: "score a proxy trio at several alphas: how much steering is right, language by language?",
  options: {
    base: { type: "string", value: "SPEC", required: true, help: `the large model: ${MEMBER}` },
    expert: { type: "string", value: "SPEC", required: true, help: "the small model after tuning" },
    anti: { type: "string", value: "SPEC", required: true, help: "the small model before tuning" },
    suite: {
      type: "string",
      value: "FILE",
      required: true,
      help: "suite in XMedBench's JSON, or JSON Lines",
    },
    alpha: {
      type: "string",
      value: "LIST",
      default: "0,0.5,1",
      help: "strengths with commas between them; 0 is what the others are compared with",
    },
    out: {
      type: "string",
      value: "RUN",
      required: true,
      help: "folder of the sweep, one bench run for each alpha; an unfinished one is continued",
    },
    mode: {
      type: "string",
      value: "letter|text",
      default: "letter",
      help: "score the letters or the option texts",
    },
    topk: {
      type: "whole",
      value: "K",
      help: "the offset moves the base's K likeliest tokens alone; default all",
    },
    candidates: {
      type: "whole",
      value: "K",
      help: "likeliest tokens to ask for when the base is on a server; default 20",
    },
    limit: { type: "whole", value: "N", help: "items per source, drawn by the seed; default all" },
    seed: { type: "whole", least: 0, value: "N", default: 0, help: "decides which items are drawn" },
    ...MODEL_OPTIONS,
  },
  examples: [
    "apollo proxy sweep --base large.gguf --expert tuned.gguf --anti small.gguf --suite test.json --out runs/sweep",
    "apollo proxy sweep --base large/ --expert tuned/ --anti small/ --suite test.json --alpha 0,0.25,0.5,1,1.5 --limit 50 --out runs/sweep --json",
  ],
  async run({ options, io }) {
    const { mode, limit } = options;
    if (mode !== "letter" && mode !== "text") {
      throw new UserError("bad-option", `--mode must be letter or text, found "${mode}"`, {
        remedy: "Score generated answers with apollo bench run --mode generate, one alpha at a time.",
      });
    }
    const alphas = readAlphas(options.alpha);
    const suite = await loadSuite(options.suite);
    for (const [reason, count] of Object.entries(suite.refused)) io.warn(`${count} items refused: ${reason}`);
    const specs = [options.base, options.expert, options.anti] as const;
    const [base, expert, anti] = await Promise.all(specs.map(modelIdentity));
    const parsed = specs.map(parseModelSpec);
    return withMembers(
      {
        base: parsed[0]!,
        expert: parsed[1]!,
        anti: parsed[2]!,
        ...(options.candidates === undefined ? {} : { candidates: options.candidates }),
      },
      { ...readModelOptions(options), progress: io.progress },
      async (models) => {
        const result = await sweepProxy({
          ...models,
          suite,
          alphas,
          ...(options.topk === undefined ? {} : { topK: options.topk }),
          out: options.out,
          mode,
          limit,
          seed: options.seed,
          identities: { base, expert, anti },
          progress: io.progress,
          signal: io.signal,
        });
        const cells = result.rows.map((row) => [
          String(row.alpha),
          row.language,
          String(row.n),
          percent(row.accuracy),
          `${percent(row.interval[0])} - ${percent(row.interval[1])}`,
          row.klToBase.toFixed(4),
          row.adjustedPValue === undefined ? "" : row.adjustedPValue.toPrecision(2),
        ]);
        const head = ["alpha", "language", "n", "accuracy", "95 % interval", "KL to base", "p (Holm)"];
        printTable(io, head, cells);
        io.print(
          alphas.includes(0)
            ? "KL: nats a position. p: McNemar against alpha 0 on the same items, exact, Holm over all rows."
            : "KL: nats a position. Without alpha 0 in --alpha nothing is compared.",
        );
        const { requests, positions, seconds } = result.pass;
        if (requests > 0) {
          io.print(
            `${requests} items, ${positions} positions in ${seconds.toFixed(1)} s: ${(requests / seconds).toFixed(1)} items/s for all ${alphas.length} alphas together`,
          );
        }
        if (result.speed !== undefined) {
          const { base: alone, trio } = result.speed;
          io.print(
            `one alpha by itself: ${trio.toFixed(1)} items/s, the base alone ${alone.toFixed(1)} (${(trio / alone).toFixed(2)} x)`,
          );
        }
        const note = truncationNote(models.base);
        if (note !== undefined) io.warn(note);
        io.print(`report: ${result.report}`);
        return {
          points: result.rows.map(({ alpha, language, n, accuracy, klToBase }) => ({
            alpha,
            language,
            n,
            accuracy,
            klToBase,
          })),
        };
      },
    );
  },
});

function readAlphas(text: string): number[] {
  return text.split(",").map((part) => {
    const alpha = Number(part);
    if (part.trim() === "" || !Number.isFinite(alpha))
      throw new UserError(
        "bad-option",
        `--alpha must be numbers with commas between them, found "${part}" in "${text}"`,
        { remedy: "For example: --alpha 0,0.5,1" },
      );
    return alpha;
  });
}
