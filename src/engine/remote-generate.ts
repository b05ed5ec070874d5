// Generation by a server: streamed chat completions for conversations, completions for raw prompts.
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { GenerateChunk, GenerateRequest, TokenLogProbability } from "./language-model.ts";
import { errorMessage, type RemoteClient, RemoteRefusal } from "./remote-client.ts";
import { readServerEvents } from "./server-events.ts";
import { createTextStream } from "./text-stream.ts";

/** Most stop texts that every server takes; the others are applied here. */
const MOST_STOPS = 4;
/** The completions route's own default is 16, and the rest of the context is not known without the server's tokenizer. */
const DEFAULT_MAX_TOKENS = 1024;
/** A server does not say which ids its tokens have. */
const UNKNOWN_ID = -1;

const logProbability = z.number().catch(Number.NEGATIVE_INFINITY);
const chatToken = z.object({ token: z.string(), logprob: logProbability });
/** What an answer took. */
export const usageSchema = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number().default(0),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
});
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        text: z.string().nullish(),
        finish_reason: z.string().nullish(),
        logprobs: z
          .object({
            content: z.array(chatToken.extend({ top_logprobs: z.array(chatToken).nullish() })).nullish(),
            tokens: z.array(z.string()).nullish(),
            token_logprobs: z.array(logProbability).nullish(),
            top_logprobs: z.array(z.record(z.string(), logProbability).nullish()).nullish(),
          })
          .nullish(),
      }),
    )
    .default([]),
  usage: usageSchema.nullish(),
});
type Choice = z.infer<typeof chunkSchema>["choices"][number];
type ReportedToken = NonNullable<GenerateChunk["token"]>;

/** `LanguageModel.generate` through the server; token ids are -1, and `usage` is the server's. */
export async function* generateRemotely(
  client: RemoteClient,
  model: string,
  request: GenerateRequest,
): AsyncGenerator<GenerateChunk> {
  request.signal?.throwIfAborted();
  const abort = new AbortController();
  const signal =
    request.signal === undefined ? abort.signal : AbortSignal.any([request.signal, abort.signal]);
  const text = createTextStream(request.stop ?? []);
  let finish: "stop" | "length" | undefined;
  let usage: z.infer<typeof usageSchema> | undefined;
  let tokens = 0;
  try {
    const body = await openStream(client, model, request, signal);
    for await (const data of readServerEvents(body)) {
      if (data === "[DONE]") break;
      const chunk = readChunk(client, data);
      usage = chunk.usage ?? usage;
      const choice = chunk.choices[0];
      if (choice === undefined) continue;
      const content = choice.delta?.content ?? choice.text ?? "";
      const shown = text.push(Buffer.from(content));
      const reported = request.topLogProbabilities === undefined ? [] : readTokens(choice);
      tokens += Math.max(reported.length, content === "" ? 0 : 1);
      for (const token of reported.slice(0, -1)) yield { text: "", token };
      const token = reported.at(-1);
      if (shown.text !== "" || token !== undefined)
        yield token === undefined ? { text: shown.text } : { text: shown.text, token };
      if (shown.stopped) {
        finish = "stop";
        break;
      }
      if (choice.finish_reason) finish = choice.finish_reason === "length" ? "length" : "stop";
    }
    request.signal?.throwIfAborted();
    if (finish === undefined) {
      throw new UserError("remote-broken-stream", "the answer broke off before its end", {
        file: client.baseUrl,
        remedy: "Look into the server's log.",
      });
    }
    yield {
      text: text.end().text,
      finish,
      usage: {
        promptTokens: usage?.prompt_tokens ?? 0,
        completionTokens: usage?.completion_tokens ?? tokens,
      },
    };
  } finally {
    abort.abort();
    if (usage !== undefined) client.count(usage);
  }
}

async function openStream(
  client: RemoteClient,
  model: string,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { path, body } = buildRequest(model, request);
  try {
    return await client.stream(path, body, signal);
  } catch (error) {
    // OpenAI's newer models know only the newer name.
    const renamed =
      error instanceof RemoteRefusal &&
      error.status === 400 &&
      error.message.includes("max_completion_tokens");
    if (!renamed) throw error;
    const { max_tokens, ...rest } = body as { max_tokens?: number };
    return client.stream(path, { ...rest, max_completion_tokens: max_tokens }, signal);
  }
}

function buildRequest(model: string, request: GenerateRequest): { path: string; body: object } {
  const { input, temperature = 0, topP = 1, topLogProbabilities, maxTokens } = request;
  const stop = (request.stop ?? []).filter((text) => text !== "").slice(0, MOST_STOPS);
  const shared = {
    model,
    stream: true,
    stream_options: { include_usage: true },
    temperature,
    top_p: topP,
    seed: request.seed ?? 0,
    ...(stop.length > 0 ? { stop } : {}),
    // Not OpenAI's, but known to vLLM, SGLang, llama-server and our own; sent only when they do something.
    ...(request.topK ? { top_k: request.topK } : {}),
    ...(request.minP ? { min_p: request.minP } : {}),
    ...(request.repetitionPenalty !== undefined && request.repetitionPenalty !== 1
      ? { repetition_penalty: request.repetitionPenalty }
      : {}),
    ...(request.grammar === undefined ? {} : { grammar: request.grammar }),
    // OpenAI's own.
    ...(request.frequencyPenalty ? { frequency_penalty: request.frequencyPenalty } : {}),
    ...(request.presencePenalty ? { presence_penalty: request.presencePenalty } : {}),
    ...(request.logitBias?.size ? { logit_bias: Object.fromEntries(request.logitBias) } : {}),
  };
  if ("messages" in input) {
    return {
      path: "/chat/completions",
      body: {
        ...shared,
        messages: input.messages,
        ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
        ...(topLogProbabilities === undefined ? {} : { logprobs: true, top_logprobs: topLogProbabilities }),
      },
    };
  }
  return {
    path: "/completions",
    body: {
      ...shared,
      prompt: input.prompt,
      max_tokens: maxTokens ?? DEFAULT_MAX_TOKENS,
      ...(topLogProbabilities === undefined ? {} : { logprobs: topLogProbabilities }),
    },
  };
}

function readChunk(client: RemoteClient, data: string): z.infer<typeof chunkSchema> {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new UserError("remote-bad-answer", `an event is not JSON: ${errorMessage(data)}`, {
      file: client.baseUrl,
    });
  }
  // A server that fails in the middle can only say so in the stream.
  if (value !== null && typeof value === "object" && "error" in value && value.error)
    throw new UserError("remote-failed", `the server failed (${errorMessage(data)})`, {
      file: client.baseUrl,
    });
  const chunk = chunkSchema.safeParse(value);
  if (!chunk.success)
    throw new UserError("remote-bad-answer", `an event is not a completion: ${errorMessage(data)}`, {
      file: client.baseUrl,
    });
  return chunk.data;
}

function readTokens({ logprobs }: Choice): ReportedToken[] {
  const token = (text: string, value: number): TokenLogProbability => ({
    id: UNKNOWN_ID,
    text,
    logProbability: value,
  });
  if (logprobs?.content)
    return logprobs.content.map((entry) => ({
      ...token(entry.token, entry.logprob),
      top: (entry.top_logprobs ?? []).map((other) => token(other.token, other.logprob)),
    }));
  return (logprobs?.tokens ?? []).map((text, i) => ({
    ...token(text, logprobs?.token_logprobs?.[i] ?? Number.NEGATIVE_INFINITY),
    top: Object.entries(logprobs?.top_logprobs?.[i] ?? {})
      .map(([other, value]) => token(other, value))
      .sort((a, b) => b.logProbability - a.logProbability),
  }));
}
