// Scoring by a server: it echoes the prompt with the log-probability of each of its tokens, as lm-evaluation-harness's
// `local-completions` asks for; or it gives vLLM's `prompt_logprobs`. The prompt alone is asked for too: its number of tokens
// says where the continuation starts.
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { ContinuationScore, ScoreRequest } from "./language-model.ts";
import { type RemoteClient, RemoteRefusal } from "./remote-client.ts";
import { usageSchema } from "./remote-generate.ts";

const answerSchema = z.object({
  choices: z.array(
    z.object({
      index: z.number(),
      text: z.string().default(""),
      logprobs: z
        .object({
          tokens: z.array(z.string()),
          token_logprobs: z.array(z.number().nullable()),
          top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
        })
        .nullish(),
      prompt_logprobs: z
        .array(
          z
            .record(
              z.string(),
              z.object({ logprob: z.number(), rank: z.number(), decoded_token: z.string() }),
            )
            .nullable(),
        )
        .nullish(),
    }),
  ),
  usage: usageSchema.nullish(),
});
type Answer = z.infer<typeof answerSchema>;

/** How a server was found to score, for the requests after the first. */
export interface KnownWay {
  way?: (client: RemoteClient, model: string, texts: readonly string[]) => Promise<Echo[]>;
}

/** A text as the server's tokens. */
interface Echo {
  readonly tokens: readonly string[];
  readonly logProbabilities: readonly (number | null)[];
  /** Whether a token was the likeliest at its place. */
  readonly greedy: readonly boolean[];
}

/**
 * `LanguageModel.score` for one request; `UserError` when the server cannot echo log-probabilities. The same numbers as a
 * local model gives, unless prompt and continuation merge at their border: texts are sent, and the server tokenises them.
 */
export async function scoreRemotely(
  client: RemoteClient,
  model: string,
  { prompt, continuations }: ScoreRequest,
  known: KnownWay = {},
): Promise<ContinuationScore[]> {
  const context = prompt.trimEnd();
  if (context === "") {
    throw new UserError(
      "empty-prompt",
      "the prompt is empty: a server gives no probability for the first token",
      {
        file: client.baseUrl,
        remedy: "Give a prompt, or score with a local GGUF file.",
      },
    );
  }
  if (continuations.length === 0) return [];
  const texts = [context, ...continuations.map((continuation) => prompt + continuation)];
  const [alone, ...whole] = await echo(client, model, texts, known);
  return whole.map((text) => scoreEcho(client, alone!, text));
}

/** Texts in the server's tokens: by echo, else by `prompt_logprobs`; the first reason is told when neither works. */
async function echo(
  client: RemoteClient,
  model: string,
  texts: readonly string[],
  known: KnownWay,
): Promise<Echo[]> {
  if (known.way !== undefined) return known.way(client, model, texts);
  let reason: unknown;
  for (const way of [askForEcho, askForPromptLogprobs]) {
    try {
      const echoes = await way(client, model, texts);
      known.way = way;
      return echoes;
    } catch (error) {
      const refused = error instanceof UserError && /^remote-(cannot-score|refused)$/u.test(error.code);
      if (!refused) throw error;
      reason ??= error;
    }
  }
  throw reason;
}

async function askForEcho(client: RemoteClient, model: string, texts: readonly string[]): Promise<Echo[]> {
  const body = { model, prompt: texts, temperature: 0, seed: 0, logprobs: 1, echo: true };
  let generated = 0;
  let answer: unknown;
  try {
    answer = await client.post("/completions", { ...body, max_tokens: 0 });
  } catch (error) {
    if (!(error instanceof RemoteRefusal) || error.code !== "remote-refused") throw error;
    if (error.status === 404 || error.status === 501) throw cannotScore(client, error.message);
    // Some servers generate at least one token, whose entry is then the last.
    generated = 1;
    answer = await client.post("/completions", { ...body, max_tokens: 1 }).catch((refusal: unknown) => {
      const refused = refusal instanceof RemoteRefusal && refusal.code === "remote-refused";
      throw refused ? cannotScore(client, refusal.message) : refusal;
    });
  }
  return readChoices(client, answer, texts).map(({ text, logprobs }, i) => {
    if (!text.includes(texts[i]!)) throw cannotScore(client, "it does not echo the prompt");
    if (!logprobs || logprobs.token_logprobs.length <= generated)
      throw cannotScore(client, "it gives no log-probabilities of the prompt");
    const end = logprobs.token_logprobs.length - generated;
    const logProbabilities = logprobs.token_logprobs.slice(0, end);
    return {
      tokens: logprobs.tokens.slice(0, end),
      logProbabilities,
      greedy: logProbabilities.map((value, place) => {
        const best = Object.values(logprobs.top_logprobs?.[place] ?? {});
        return best.length > 0 && value !== null && value >= Math.max(...best);
      }),
    };
  });
}

async function askForPromptLogprobs(
  client: RemoteClient,
  model: string,
  texts: readonly string[],
): Promise<Echo[]> {
  const body = { model, prompt: texts, temperature: 0, seed: 0, max_tokens: 1, prompt_logprobs: 1 };
  return readChoices(client, await client.post("/completions", body), texts).map(({ prompt_logprobs }) => {
    if (!prompt_logprobs) throw cannotScore(client, "it gives no log-probabilities of the prompt");
    // An entry holds the prompt's token and, when it is another one, the likeliest: the prompt's has the lower rank.
    const actual = prompt_logprobs.map((entry) =>
      Object.values(entry ?? {}).reduce<PromptToken | undefined>(
        (last, token) => (last && last.rank > token.rank ? last : token),
        undefined,
      ),
    );
    return {
      tokens: actual.map((token) => token?.decoded_token ?? ""),
      logProbabilities: actual.map((token) => token?.logprob ?? null),
      greedy: actual.map((token) => token?.rank === 1),
    };
  });
}

interface PromptToken {
  readonly logprob: number;
  readonly rank: number;
  readonly decoded_token: string;
}

/** The answers in the order of the prompts. */
function readChoices(client: RemoteClient, answer: unknown, texts: readonly string[]): Answer["choices"] {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) throw cannotScore(client, "its answer has no choices with text");
  const { choices, usage } = parsed.data;
  if (usage) client.count(usage);
  if (choices.length !== texts.length)
    throw cannotScore(client, `it gave ${choices.length} answers to ${texts.length} prompts`);
  return [...choices].sort((a, b) => a.index - b.index);
}

function scoreEcho(client: RemoteClient, context: Echo, whole: Echo): ContinuationScore {
  let start = context.tokens.length;
  // A continuation that merged into the prompt's last token starts where the two tokenisations part.
  if (
    whole.tokens.length < start ||
    (whole.tokens.length === start && whole.tokens.some(differsFrom(context)))
  ) {
    start = whole.tokens.findIndex(differsFrom(context));
    if (start < 0) start = whole.tokens.length - 1;
  }
  let logProbability = 0;
  let greedy = true;
  for (let i = start; i < whole.tokens.length; i++) {
    const value = whole.logProbabilities[i];
    if (typeof value !== "number") throw cannotScore(client, `token ${i} of its echo has no log-probability`);
    logProbability += value;
    greedy &&= whole.greedy[i]!;
  }
  return { logProbability, tokens: whole.tokens.length - start, greedy };
}

function differsFrom(context: Echo): (token: string, index: number) => boolean {
  return (token, index) => token !== context.tokens[index];
}

function cannotScore(client: RemoteClient, reason: string): UserError {
  return new UserError("remote-cannot-score", `the server cannot score texts: ${reason}`, {
    file: `${client.baseUrl}/completions`,
    remedy:
      "It must support echo with logprobs or prompt_logprobs, as vLLM and `apollo serve` do; else let it generate: --mode generate.",
  });
}
