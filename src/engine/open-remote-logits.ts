// A model on a server as a `LogitModel` of candidates: rows hold the log-probabilities of the likeliest tokens, and -Infinity for
// all others. It costs one request a token, which sends the whole text again; a server that keeps prefixes evaluates only the new token.
import { UserError } from "../core/index.ts";
import type { ChatMessage, LogitModel, Session } from "./language-model.ts";
import { createLogitModel } from "./logit-model.ts";
import { type Candidates, createCandidateReader } from "./remote-candidates.ts";
import { createRemoteClient, type RemoteClient, RemoteRefusal, type TokenPrice } from "./remote-client.ts";
import { cleanUrl, findRemoteModel } from "./remote-models.ts";

/** Options for `openRemoteLogits`. */
export interface RemoteLogitsOptions {
  /** A local model of the same family: its vocabulary must be the server's, which gives none away. */
  readonly vocabulary: LogitModel;
  /** Likeliest tokens to ask for; servers have a limit of their own. Default 20, which OpenAI and vLLM allow. */
  readonly candidates?: number;
  /** Default: the environment's OPENAI_API_KEY. */
  readonly apiKey?: string;
  /** What a million tokens cost. Default: not known. */
  readonly price?: TokenPrice;
}

const DEFAULT_CANDIDATES = 20;
/** What OpenAI's API allows. */
const STRONGEST_BIAS = 100;

/** How a text is sent: ids are exact; as text the server tokenises it anew. */
type Form = (ids: Int32Array) => object;

/**
 * Opens `model` at `url` (`http://host:port/v1`) for its candidates. Conversations follow the server's own template, through
 * `/apply-template` (llama-server), `/tokenize` (vLLM) or else its chat route with `continue_final_message`. `UserError`
 * when the server does not answer, has no such model, or means other texts by its ids.
 */
export async function openRemoteLogits(
  url: string,
  model: string,
  options: RemoteLogitsOptions,
): Promise<LogitModel> {
  const { vocabulary, candidates = DEFAULT_CANDIDATES } = options;
  const { tokenizer, vocabularySize } = vocabulary;
  const apiKey = options.apiKey ?? process.env.OPENAI_API_KEY;
  const client = createRemoteClient(cleanUrl(url), apiKey, { price: options.price });
  const root = createRemoteClient(client.baseUrl.replace(/\/v1$/u, ""), apiKey);
  const { name, contextLength } = await findRemoteModel(client, model);
  const read = createCandidateReader(tokenizer, client.baseUrl);
  const seen = { rows: 0, mass: 0, largest: 0 };
  const sampling = { model: name, temperature: 0, seed: 0, max_tokens: 1 };

  const plain = { ...sampling, logprobs: candidates };
  const forms: readonly Form[] = [
    (ids) => ({ ...plain, prompt: [...ids], return_tokens_as_token_ids: true }),
    (ids) => ({ ...plain, prompt: [...ids] }),
    (ids) => ({ ...plain, prompt: asText(ids) }),
  ];
  let known: Form | undefined;

  function asText(ids: Int32Array): string {
    const rest = tokenizer.addBos && ids[0] === tokenizer.bosId ? ids.subarray(1) : ids;
    const text = tokenizer.decode(rest, { special: true });
    if (!text.includes("\u{fffd}")) return text;
    throw new UserError(
      "remote-half-character",
      "a server that takes text alone cannot go on inside a character",
      {
        file: client.baseUrl,
        remedy: "Use a server whose completions take token ids, as vLLM, llama-server and `apollo serve` do.",
      },
    );
  }

  /**
   * llama-server tells nothing of a token that breaks off inside a character. Made to choose a letter it does: what it tells are
   * probabilities before any bias. Where the bias shows in them, the letter being all but certain, they are not taken.
   */
  async function readCompletion(body: object, signal: AbortSignal): Promise<Candidates> {
    try {
      return read(await client.post("/completions", body, signal));
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "remote-no-candidates") throw error;
      const [letter = 0] = tokenizer.encode("a");
      try {
        const biased = { ...body, logit_bias: { [letter]: STRONGEST_BIAS } };
        const found = read(await client.post("/completions", biased, signal));
        const place = found.ids.indexOf(letter);
        if (place < 0 || Math.exp(found.logProbabilities[place]!) < 0.5) return found;
      } catch (second) {
        if (!(second instanceof UserError)) throw second;
      }
      throw error;
    }
  }

  async function complete(ids: Int32Array, signal: AbortSignal): Promise<Candidates> {
    let reason: unknown;
    for (const form of known === undefined ? forms : [known]) {
      try {
        const found = await readCompletion(form(ids), signal);
        known = form;
        const sent = found.usage?.prompt_tokens;
        // Zero is said by servers that do not count.
        if (sent && sent !== ids.length && form !== forms[2]) throw readOtherwise(client, sent, ids.length);
        return found;
      } catch (error) {
        if (known !== undefined || !(error instanceof RemoteRefusal) || error.code !== "remote-refused")
          throw error;
        reason ??= error;
      }
    }
    throw reason;
  }

  /** Writes the candidates into `row`. */
  function fill(row: Float32Array, { ids, logProbabilities, usage }: Candidates): Float32Array {
    if (usage) client.count(usage);
    row.fill(Number.NEGATIVE_INFINITY);
    let sum = 0;
    ids.forEach((id, i) => {
      row[id] = logProbabilities[i]!;
      sum += Math.exp(logProbabilities[i]!);
    });
    const missing = Math.max(0, 1 - sum);
    seen.rows++;
    seen.mass += missing;
    seen.largest = Math.max(seen.largest, missing);
    return row;
  }

  /** A text that grows; `ask` gets all its tokens and how many of them were its first advance. */
  function openSession(
    ask: (tokens: Int32Array, first: number, signal: AbortSignal) => Promise<Candidates>,
  ): Session {
    const abort = new AbortController();
    const row = new Float32Array(vocabularySize);
    const tokens: number[] = [];
    let first = 0;
    return {
      get length() {
        return tokens.length;
      },
      async advance(more) {
        const before = tokens.length;
        if (before === 0) first = more.length;
        for (const token of more) tokens.push(token);
        try {
          return fill(row, await ask(Int32Array.from(tokens), first, abort.signal));
        } catch (error) {
          tokens.length = before;
          throw error;
        }
      },
      rewind(length) {
        tokens.length = Math.min(length, tokens.length);
      },
      dispose: () => abort.abort(),
    };
  }

  /** A conversation in the server's format: as ids where the server tells them, else through its chat route. */
  function openChat(messages: readonly ChatMessage[]): Session {
    let prompt: Promise<Int32Array | undefined> | undefined;
    let promptTokens: number | undefined;
    return openSession(async (tokens, first, signal) => {
      prompt ??= askForPrompt(messages, signal);
      const ids = await prompt;
      const generated = tokens.subarray(first);
      if (ids !== undefined) return complete(Int32Array.of(...ids, ...generated), signal);
      const begun = generated.length > 0;
      const found = read(
        await client.post(
          "/chat/completions",
          {
            ...sampling,
            logprobs: true,
            top_logprobs: candidates,
            messages: begun ? [...messages, { role: "assistant", content: asText(generated) }] : messages,
            ...(begun ? { continue_final_message: true, add_generation_prompt: false } : {}),
          },
          signal,
        ),
      );
      const sent = found.usage?.prompt_tokens;
      if (!begun) promptTokens = sent;
      else if (sent && promptTokens && sent > promptTokens + generated.length)
        throw readOtherwise(client, sent, promptTokens + generated.length);
      return found;
    });
  }

  async function askForPrompt(
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): Promise<Int32Array | undefined> {
    const ask = async (path: string, body: object): Promise<unknown> => {
      try {
        return await root.post(path, body, signal);
      } catch (error) {
        if (error instanceof RemoteRefusal) return undefined;
        throw error;
      }
    };
    const applied = (await ask("/apply-template", { messages })) as { prompt?: unknown } | undefined;
    if (typeof applied?.prompt === "string")
      return tokenizer.encode(applied.prompt, { special: "parse", bos: true });
    const tokenised = (await ask("/tokenize", { model: name, messages, add_generation_prompt: true })) as
      | { tokens?: unknown }
      | undefined;
    const ids = tokenised?.tokens;
    return Array.isArray(ids) && ids.length > 0 && ids.every(Number.isInteger)
      ? Int32Array.from(ids)
      : undefined;
  }

  return createLogitModel({
    id: name,
    contextLength,
    vocabularySize,
    tokenizer,
    formatChat: vocabulary.formatChat,
    encodeChat: vocabulary.encodeChat,
    open: () => openSession((tokens, _, signal) => complete(tokens, signal)),
    openChat,
    truncation: () => ({ ...seen }),
    usage: client.usage,
    async visitLogits(prefix, continuations, visit) {
      const row = new Float32Array(vocabularySize);
      const { signal } = new AbortController();
      const at = async (ids: Int32Array, wanted: readonly (number | undefined)[]): Promise<Float32Array> => {
        fill(row, await complete(ids, signal));
        const missing = wanted.find((id) => id !== undefined && row[id] === Number.NEGATIVE_INFINITY);
        if (missing === undefined) return row;
        const text = JSON.stringify(Buffer.from(tokenizer.bytes(missing)).toString("utf8"));
        throw new UserError(
          "not-a-candidate",
          `token ${missing} ${text} is not among the ${candidates} candidates that the server was asked for`,
          {
            file: client.baseUrl,
            remedy:
              "Ask for more (--candidates N, or ?candidates=N after alpha), or let the model generate instead of scoring.",
          },
        );
      };
      visit(
        await at(
          prefix,
          continuations.map(([token]) => token),
        ),
        undefined,
        0,
      );
      for (const [index, continuation] of continuations.entries())
        for (let position = 1; position < continuation.length; position++)
          visit(
            await at(Int32Array.of(...prefix, ...continuation.subarray(0, position)), [
              continuation[position],
            ]),
            index,
            position,
          );
    },
    close: () => Promise.resolve(),
  });
}

function readOtherwise(client: RemoteClient, found: number, expected: number): UserError {
  return new UserError(
    "remote-reads-otherwise",
    `the server read ${found} prompt tokens where ${expected} were meant: it does not continue the text as it stands`,
    {
      file: client.baseUrl,
      remedy:
        "Use a server that continues token ids or a begun answer, as vLLM, llama-server and `apollo serve` do.",
    },
  );
}
