// `apollo proxy`: how strongly to steer, and what steering does to each token.
import { loadSuite } from "../bench/index.ts";
import { UserError } from "../core/index.ts";
import type { LogitModel } from "../engine/index.ts";
import { modelIdentity, openLogitModel, parseModelSpec, sweepProxy } from "../flows/index.ts";
import { type Command, type CommandIo, defineCommand } from "./command.ts";

const MEMBER = "file.gguf, folder/ or hf:owner/name[:file]";

const sweep = defineCommand({
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
    limit: { type: "number", value: "N", help: "items per source, drawn by the seed; default all" },
    seed: { type: "number", value: "N", default: 0, help: "decides which items are drawn" },
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
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1))
      throw new UserError("bad-option", `--limit must be a whole number of at least 1, found ${limit}`);
    const alphas = readAlphas(options.alpha);
    const suite = await loadSuite(options.suite);
    for (const [reason, count] of Object.entries(suite.refused)) io.warn(`${count} items refused: ${reason}`);
    const specs = [options.base, options.expert, options.anti] as const;
    const [base, expert, anti] = await Promise.all(specs.map(modelIdentity));
    return withModels(specs, io, async (models) => {
      const result = await sweepProxy({
        ...models,
        suite,
        alphas,
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
    });
  },
});

/** The commands of the proxy room. */
export const proxyCommands: readonly Command[] = [sweep];

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

/** Opens base, expert and anti-expert, and closes them whatever happens. */
async function withModels<T>(
  specs: readonly [string, string, string],
  io: CommandIo,
  use: (models: { base: LogitModel; expert: LogitModel; anti: LogitModel }) => Promise<T>,
): Promise<T> {
  const opened: LogitModel[] = [];
  try {
    for (const spec of specs)
      opened.push(await openLogitModel(parseModelSpec(spec), { progress: io.progress }));
    const [base, expert, anti] = opened as [LogitModel, LogitModel, LogitModel];
    return await use({ base, expert, anti });
  } finally {
    for (const model of opened) await model.close();
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function printTable(io: CommandIo, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [head, ...rows]) io.print(row.map((cell, i) => cell.padStart(widths[i]!)).join("  "));
}
