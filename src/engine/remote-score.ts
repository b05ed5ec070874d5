// Scoring by a server: it echoes the prompt with the log-probability of each of its tokens, as lm-evaluation-harness's
// `local-completions` asks for. The prompt alone is echoed too: its number of tokens says where the continuation starts.
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { ContinuationScore, ScoreRequest } from "./language-model.ts";
import { type RemoteClient, RemoteRefusal } from "./remote-client.ts";

const answerSchema = z.object({
  choices: z.array(
    z.object({
      index: z.number(),
      text: z.string(),
      logprobs: z
        .object({
          tokens: z.array(z.string()),
          token_logprobs: z.array(z.number().nullable()),
          top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
        })
        .nullish(),
    }),
  ),
});

/** A text that the server echoed, token by token. */
interface Echo {
  readonly tokens: readonly string[];
  readonly logProbabilities: readonly (number | null)[];
  readonly top: readonly (Readonly<Record<string, number>> | null)[];
}

/**
 * `LanguageModel.score` for one request; `UserError` when the server cannot echo log-probabilities. The same numbers as a
 * local model gives, unless prompt and continuation merge at their border: texts are sent, and the server tokenises them.
 */
export async function scoreRemotely(
  client: RemoteClient,
  model: string,
  { prompt, continuations }: ScoreRequest,
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
  const [alone, ...whole] = await echo(client, model, texts);
  return whole.map((text) => scoreEcho(client, alone!, text));
}

async function echo(client: RemoteClient, model: string, texts: readonly string[]): Promise<Echo[]> {
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
    answer = await client.post("/completions", { ...body, max_tokens: 1 });
  }
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) throw cannotScore(client, "its answer has no choices with text");
  const choices = [...parsed.data.choices].sort((a, b) => a.index - b.index);
  if (choices.length !== texts.length)
    throw cannotScore(client, `it gave ${choices.length} answers to ${texts.length} prompts`);
  return choices.map(({ text, logprobs }, i) => {
    if (!text.includes(texts[i]!)) throw cannotScore(client, "it does not echo the prompt");
    if (!logprobs || logprobs.token_logprobs.length <= generated)
      throw cannotScore(client, "it gives no log-probabilities of the prompt");
    const end = logprobs.token_logprobs.length - generated;
    return {
      tokens: logprobs.tokens.slice(0, end),
      logProbabilities: logprobs.token_logprobs.slice(0, end),
      top: logprobs.top_logprobs ?? [],
    };
  });
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
    const best = Object.values(whole.top[i] ?? {});
    greedy &&= best.length > 0 && value >= Math.max(...best);
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
      "It must support echo with logprobs, as vLLM and `apollo serve` do; or score with a local GGUF file.",
  });
}
