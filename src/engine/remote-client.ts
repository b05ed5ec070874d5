// Talks to an OpenAI-compatible server: retries what passes, explains what does not.
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../core/index.ts";
import { type ConcurrencyLimit, type ConcurrencyPlace, createConcurrencyLimit } from "./concurrency.ts";
import type { Usage } from "./language-model.ts";

/** Sends requests below one base URL. */
export interface RemoteClient {
  readonly baseUrl: string;
  /** What the server is given at once. */
  readonly limit: ConcurrencyLimit;
  /** GET, twice at most; the parsed JSON answer, or `undefined` when the server has no such path. */
  get(path: string, signal?: AbortSignal): Promise<unknown>;
  /** POST of a JSON body; the whole answer parsed. */
  post(path: string, body: object, signal?: AbortSignal): Promise<unknown>;
  /** POST of a JSON body; the answer as it comes. It has a place in the concurrency limit until `signal` aborts: do so when done. */
  stream(path: string, body: object, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** Adds what an answer says that it took. */
  count(usage: TokenCounts): void;
  usage(): Usage;
}

/** Tokens of one answer, as the API names them. */
export interface TokenCounts {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null | undefined } | null | undefined;
}

/** What a million tokens cost, in any currency. */
export interface TokenPrice {
  readonly prompt: number;
  readonly completion: number;
}

/** The server did not take the request as it was. */
export class RemoteRefusal extends UserError {
  readonly status: number;
  /** The server named a time to come back. */
  retryAfter?: number;

  constructor(code: string, status: number, message: string, url: string, remedy?: string) {
    super(code, message, { file: url, ...(remedy === undefined ? {} : { remedy }) });
    this.status = status;
  }
}

const TOKENS_A_PRICE_IS_FOR = 1_000_000;
const ATTEMPTS = 5;
const FIRST_CONCURRENCY = 4;
const MOST_CONCURRENCY = 32;
const FIRST_WAIT_MILLISECONDS = 500;
const LONGEST_WAIT_MILLISECONDS = 8000;
/** A server that wants more patience than this is told of as an error. */
const LONGEST_RETRY_AFTER_MILLISECONDS = 120_000;
/** Statuses that a later attempt may not meet; 501 says that the server cannot, ever. */
const isPassing = (status: number): boolean =>
  status === 408 || status === 409 || status === 429 || (status >= 500 && status !== 501);

/** Options for `createRemoteClient`. */
export interface RemoteClientOptions {
  /** Default: not known. */
  readonly price?: TokenPrice | undefined;
  /** Times that a request is sent before its failure is told. Default 5; 1 for who has other servers to ask. */
  readonly attempts?: number;
  /** Told when a pause that the server asked for is over. */
  readonly onResume?: () => void;
}

/** Makes a client; `apiKey` goes into the Authorization header. */
export function createRemoteClient(
  baseUrl: string,
  apiKey: string | undefined,
  { price, attempts: mostAttempts = ATTEMPTS, onResume }: RemoteClientOptions = {},
): RemoteClient {
  const total = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
  const limit = createConcurrencyLimit(FIRST_CONCURRENCY, MOST_CONCURRENCY, onResume);
  /** Refusals for being busy since the last answer: the pause grows with them. */
  let busy = 0;
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (apiKey !== undefined && apiKey !== "") headers.authorization = `Bearer ${apiKey}`;

  async function send(
    path: string,
    init: RequestInit,
    attempts = mostAttempts,
    place?: ConcurrencyPlace,
  ): Promise<Response> {
    const url = `${baseUrl}${path}`;
    for (let attempt = 1; ; attempt++) {
      let wait = Math.min(
        FIRST_WAIT_MILLISECONDS * 2 ** (Math.max(attempt, Math.min(busy, ATTEMPTS)) - 1),
        LONGEST_WAIT_MILLISECONDS,
      );
      let failure: UserError;
      try {
        const response = await fetch(url, { ...init, headers });
        if (response.ok) {
          busy = 0;
          return response;
        }
        const refusal = await explainStatus(response, url);
        failure = refusal;
        if (!isPassing(response.status)) throw failure;
        const named = retryAfter(response.headers);
        if (named !== undefined) refusal.retryAfter = named;
        wait = named ?? wait;
        if (wait > LONGEST_RETRY_AFTER_MILLISECONDS && mostAttempts > 1) throw failure;
        if (response.status === 429 || response.status >= 500) {
          busy++;
          place?.slowDown(wait);
        }
      } catch (error) {
        if (error instanceof UserError || init.signal?.aborted) throw error;
        failure = new UserError("remote-unreachable", `the server does not answer (${causeOf(error)})`, {
          file: url,
          remedy: "Is it running, and the address right?",
          cause: error,
        });
      }
      if (attempt >= attempts) throw failure;
      await sleep(wait, undefined, init.signal ? { signal: init.signal } : {});
    }
  }

  async function parse(response: Response): Promise<unknown> {
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UserError("remote-bad-answer", `the answer is not JSON: ${excerpt(text)}`, {
        file: response.url,
        remedy: "Does the address end in /v1?",
        cause: error,
      });
    }
  }

  const postInit = (body: object, signal: AbortSignal | undefined): RequestInit => ({
    method: "POST",
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    baseUrl,
    limit,
    async get(path, signal) {
      try {
        const init = { method: "GET", ...(signal === undefined ? {} : { signal }) };
        return await parse(await send(path, init, Math.min(2, mostAttempts)));
      } catch (error) {
        if (error instanceof RemoteRefusal && error.status === 404) return undefined;
        throw error;
      }
    },
    post: (path, body, signal) =>
      limit.run(async (place) => parse(await send(path, postInit(body, signal), mostAttempts, place))),
    stream: (path, body, signal) =>
      new Promise((resolve, reject) => {
        limit
          .run(async (place) => {
            const { body: stream } = await send(path, postInit(body, signal), mostAttempts, place);
            if (stream === null)
              throw new UserError("remote-bad-answer", "the answer is empty", { file: `${baseUrl}${path}` });
            resolve(stream);
            // Servers send the head at once and then work: the request is over when its reader says so.
            if (!signal.aborted)
              await new Promise((over) => signal.addEventListener("abort", over, { once: true }));
          })
          .catch(reject);
      }),
    count(usage) {
      total.promptTokens += usage.prompt_tokens;
      total.completionTokens += usage.completion_tokens;
      total.reusedTokens += usage.prompt_tokens_details?.cached_tokens ?? 0;
    },
    usage: () => ({
      ...total,
      ...(price === undefined
        ? {}
        : {
            cost:
              (total.promptTokens * price.prompt + total.completionTokens * price.completion) /
              TOKENS_A_PRICE_IS_FOR,
          }),
    }),
  };
}

async function explainStatus(response: Response, url: string): Promise<RemoteRefusal> {
  const { status } = response;
  const text = await response.text();
  const message = errorMessage(text);
  if (status === 401 || status === 403) {
    return new RemoteRefusal(
      "remote-unauthorized",
      status,
      `access denied (${message})`,
      url,
      "Set OPENAI_API_KEY.",
    );
  }
  if (/context_length_exceeded|context length|context size|maximum.*tokens/iu.test(text) && status < 500) {
    const remedy = "Shorten the text.";
    return new RemoteRefusal(
      "context-length-exceeded",
      status,
      `the text is too long (${message})`,
      url,
      remedy,
    );
  }
  if (isPassing(status))
    return new RemoteRefusal(
      "remote-unavailable",
      status,
      `the server answers ${status} (${message})`,
      url,
      "Try later.",
    );
  return new RemoteRefusal("remote-refused", status, `the server answers ${status} (${message})`, url);
}

/** The message of `{error: {message}}`, `{error: "..."}` or `{message}`, else the start of the text. */
export function errorMessage(text: string): string {
  try {
    const { error, message } = JSON.parse(text) as {
      error?: { message?: unknown } | string;
      message?: unknown;
    };
    const found = typeof error === "string" ? error : (error?.message ?? message);
    if (typeof found === "string") return excerpt(found);
  } catch {
    // Not JSON: shown as it is.
  }
  return excerpt(text);
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line === "" ? "no message" : line.length > 200 ? `${line.slice(0, 200)}...` : line;
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error;
  const { code, message: reason } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  return code ?? reason ?? message;
}

/** What `Retry-After` asks for, in milliseconds: seconds or a date. */
function retryAfter(headers: Headers): number | undefined {
  const milliseconds = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (milliseconds >= 0) return milliseconds;
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
