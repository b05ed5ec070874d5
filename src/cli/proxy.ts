// `apollo proxy`: how strongly to steer, and what steering does to each token.
import { loadSuite } from "../bench/index.ts";
import { UserError, writeFileAtomic } from "../core/index.ts";
import {
  modelIdentity,
  type OpenModelOptions,
  openMembers,
  type ProxyMembers,
  parseModelSpec,
  renderExplainReport,
  sweepProxy,
  truncationNote,
} from "../flows/index.ts";
import { type ExplainedToken, explainGeneration, type Opinion, showToken } from "../proxy/index.ts";
import { type Command, defineCommand } from "./command.ts";
import { MODEL_OPTIONS, readModelOptions } from "./model-options.ts";
import { percent, printTable } from "./table.ts";

const MEMBER = "file.gguf, folder/, hf:owner/name[:file] or http://host/v1#model";

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
    return withModels(
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

/** Tokens generated unless told otherwise. */
const DEFAULT_TOKENS = 48;

const explain = defineCommand({
  name: "proxy explain",
  summary: "show what base, expert and anti-expert each wanted at every token of an answer",
  positionals: "PROMPT",
  options: {
    model: {
      type: "string",
      value: "SPEC",
      required: true,
      help: "proxy:BASE+EXPERT-ANTI@ALPHA[?schedule=first:32&topk=50&chat=own|base&candidates=20]",
    },
    tokens: { type: "whole", value: "N", default: DEFAULT_TOKENS, help: "tokens to generate at most" },
    html: { type: "string", value: "FILE", help: "write a page with the answer as a heat map" },
    raw: { type: "boolean", help: "continue the prompt as it stands, without the model's chat format" },
    ...MODEL_OPTIONS,
  },
  examples: [
    'apollo proxy explain "How is oral rehydration solution made?" --model proxy:large.gguf+tuned.gguf-small.gguf@1 --html why.html',
  ],
  async run({ options, positionals, io }) {
    const [prompt = ""] = positionals;
    const maxTokens = options.tokens;
    if (prompt.trim() === "") throw new UserError("empty-prompt", "the prompt is empty");
    const spec = parseModelSpec(options.model);
    if (spec.kind !== "proxy") {
      throw new UserError("not-a-proxy", `"${options.model}" is one model, three were expected`, {
        remedy: "Write proxy:BASE+EXPERT-ANTI@ALPHA, each part a model by itself.",
      });
    }
    return withModels(spec, { ...readModelOptions(options), progress: io.progress }, async (models) => {
      const request = {
        input: options.raw ? { prompt } : { messages: [{ role: "user" as const, content: prompt }] },
        maxTokens,
        signal: io.signal,
      };
      const tokens: ExplainedToken[] = [];
      const { kind: _, base: _base, expert: _expert, anti: _anti, candidates: _asked, ...steering } = spec;
      for await (const token of explainGeneration({ ...models, ...steering, request })) tokens.push(token);
      const note = truncationNote(models.base);
      const spoken = tokens.filter(({ special }) => !special).map(({ bytes }) => bytes);
      const text = Buffer.concat(spoken).toString("utf8");
      printTable(
        io,
        [
          "",
          "token",
          "together",
          "base wanted",
          "expert wanted",
          "anti wanted",
          "KL",
          ...(note === undefined ? [] : ["not returned"]),
        ],
        tokens.map((token) => [
          token.changed ? "*" : "",
          showToken(token.bytes),
          wholePercent(token.combined.chosen),
          ...[token.base, token.expert, token.anti].map(
            ({ top: [first] }) => `${showToken(first!.bytes)} ${wholePercent(first!.probability)}`,
          ),
          token.klToBase.toFixed(2),
          ...(note === undefined ? [] : [wholePercent(token.truncated)]),
        ]),
      );
      const changed = tokens.filter((token) => token.changed).length;
      io.print(`* the base alone would have said something else: ${changed} of ${tokens.length} tokens`);
      if (note !== undefined) io.warn(note);
      io.print(text);
      if (options.html !== undefined) {
        const { base, expert, anti } = models;
        const model = `${base.id} + ${spec.alpha} × (${expert.id} − ${anti.id})`;
        await writeFileAtomic(options.html, renderExplainReport({ prompt, model, tokens, note }));
        io.print(`page: ${options.html}`);
      }
      return { text, tokens: tokens.map(explainedJson) };
    });
  },
});

/** The commands of the proxy room. */
export const proxyCommands: readonly Command[] = [sweep, explain];

function explainedJson(token: ExplainedToken) {
  const opinion = ({ chosen, top }: Opinion) => ({
    chosen,
    top: top.map(({ bytes, probability }) => ({ token: showToken(bytes), probability })),
  });
  const { id, changed, klToBase, truncated, base, expert, anti, combined } = token;
  return {
    id,
    token: showToken(token.bytes),
    changed,
    klToBase,
    truncated,
    base: opinion(base),
    expert: opinion(expert),
    anti: opinion(anti),
    combined: opinion(combined),
  };
}

function wholePercent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

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
  spec: Parameters<typeof openMembers>[0],
  settings: OpenModelOptions,
  use: (models: ProxyMembers) => Promise<T>,
): Promise<T> {
  const models = await openMembers(spec, settings);
  try {
    return await use(models);
  } finally {
    for (const model of Object.values(models)) await model.close();
  }
}
