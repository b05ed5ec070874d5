// `apollo proxy explain`: what steering does to each token.
import { createAtomicFile, UserError } from "../core/index.ts";
import { parseModelSpec, renderExplainReport, truncationNote } from "../flows/index.ts";
import { type ExplainedToken, explainGeneration, type Opinion, showToken } from "../proxy/index.ts";
import { type Command, defineCommand } from "./command.ts";
import { MODEL_OPTIONS, readModelOptions } from "./model-options.ts";
import { withMembers } from "./proxy-members.ts";
import { printTable } from "./table.ts";

/** Tokens generated unless told otherwise. */
const DEFAULT_TOKENS = 48;

/** `apollo proxy explain`. */
export const proxyExplainCommand: Command = defineCommand({
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
    // Before the models are loaded: a page that cannot be written is no news for after the work.
    const page = options.html === undefined ? undefined : await createAtomicFile(options.html);
    const explained = withMembers(
      spec,
      { ...readModelOptions(options), progress: io.progress },
      async (models) => {
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
        if (page !== undefined) {
          const { base, expert, anti } = models;
          const model = `${base.id} + ${spec.alpha} × (${expert.id} − ${anti.id})`;
          await page.write(renderExplainReport({ prompt, model, tokens, note }));
          await page.commit();
          io.print(`page: ${options.html}`);
        }
        return { text, tokens: tokens.map(explainedJson) };
      },
    );
    return explained.catch(async (error) => {
      await page?.abort();
      throw error;
    });
  },
});

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
