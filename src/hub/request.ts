// One request to the hub over Node's `fetch`: redirects followed by hand so that the token stays with the endpoint, a limit on
// silence, and retries with back-off.
import { setTimeout as sleep } from "node:timers/promises";
import { APOLLO_VERSION, UserError } from "../core/index.ts";
import { explainNetworkError, explainRefusal, type RequestSubject, TransientError } from "./refusals.ts";

/** How often and how patiently to try again. */
export interface RetryPolicy {
  /** Tries without progress before giving up. */
  readonly attempts: number;
  /** First wait in ms; doubled at every further try, up to eight times as long. */
  readonly wait: number;
  /** Longest wait that a server may ask for, in ms. */
  readonly longestWait: number;
}

/** Five tries, 1 s to 8 s apart, as the Python client; the hub's rate limits have windows of five minutes. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, wait: 1000, longestWait: 310_000 };

/** Everything requests of one pull share. */
export interface HubClient {
  /** Without a final slash. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly tokenSource: string | undefined;
  readonly retry: RetryPolicy;
  readonly signal: AbortSignal;
  /** Told before each wait: why, and for how many ms. */
  readonly onWait: (reason: string, milliseconds: number) => void;
  readonly warn: (line: string) => void;
}

/** An answer below 400 that is no redirect. */
export interface HubResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it comes; a cut connection or too long a silence is a `TransientError`. */
  read(): AsyncGenerator<Uint8Array>;
  /** Gives the body up; for answers that are not read. */
  discard(): Promise<void>;
}

/** Options of one request. */
export interface RequestOptions {
  readonly subject: RequestSubject;
  /** Longest silence, in ms. */
  readonly timeout: number;
  readonly range?: string;
}

const MAX_REDIRECTS = 10;
const REFUSAL_LENGTH = 8192;
const USER_AGENT = `apollo/${APOLLO_VERSION}; node/${process.versions.node}`;

/**
 * Sends one GET, without retries. Throws a `TransientError` when another try may help, else a `UserError`; status 416 is
 * handed to the caller. The token goes to the endpoint's own scheme, host and port, and nowhere else.
 */
export async function sendRequest(
  client: HubClient,
  url: string,
  options: RequestOptions,
): Promise<HubResponse> {
  const home = new URL(client.endpoint).origin;
  const watch = watchSilence(options.timeout, client.signal);
  let current = new URL(url);
  try {
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const own = current.origin === home;
      // Without "identity" small files come compressed: without a length, and not resumable.
      const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": USER_AGENT };
      if (own && client.token !== undefined) headers.authorization = `Bearer ${client.token}`;
      if (options.range !== undefined) headers.range = options.range;
      const response = await fetch(current, { headers, redirect: "manual", signal: watch.signal });
      watch.touch();
      showWarnings(response, client);
      const location = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        current = followRedirect(current, location);
        continue;
      }
      const answer = openBody(client, response, watch, current.host);
      if (response.status < 400 || response.status === 416) return answer;
      const { status, headers: sent } = response;
      const body = await readStart(answer);
      if (!own) throw storageRefusal(status, current.host);
      throw explainRefusal({ status, headers: sent, body }, options.subject, {
        endpoint: client.endpoint,
        tokenSource: client.token === undefined ? undefined : client.tokenSource,
      });
    }
    throw new UserError("too-many-redirects", `${current.host} redirects without end`, {
      remedy: "Check HF_ENDPOINT.",
    });
  } catch (error) {
    watch.stop();
    throw asHubError(error, client, current.host);
  }
}

function openBody(client: HubClient, response: Response, watch: SilenceWatch, host: string): HubResponse {
  return {
    status: response.status,
    headers: response.headers,
    async *read() {
      const reader = response.body?.getReader();
      // An abort alone can leave a read of Node 20's fetch pending forever; cancelling the reader ends it.
      const cancel = (): void => void reader?.cancel().catch(() => undefined);
      watch.signal.addEventListener("abort", cancel, { once: true });
      try {
        for (;;) {
          const step = await readChunk(reader, watch.signal).catch((error: unknown) => {
            throw asHubError(error, client, host);
          });
          if (step === undefined) return;
          watch.touch();
          yield step;
        }
      } finally {
        watch.signal.removeEventListener("abort", cancel);
        watch.stop();
        cancel();
      }
    },
    async discard() {
      watch.stop();
      await response.body?.cancel().catch(() => undefined);
    },
  };
}

/** Enough of a refusal's body for its message; whatever goes wrong here, the status says more. */
async function readStart(answer: HubResponse): Promise<string> {
  let text = "";
  try {
    for await (const chunk of answer.read()) {
      text += Buffer.from(chunk).toString("utf8");
      if (text.length > REFUSAL_LENGTH) break;
    }
  } catch {
    // A cut refusal is still a refusal.
  }
  return text;
}

async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  signal.throwIfAborted();
  const step = await reader?.read();
  signal.throwIfAborted();
  return step?.value;
}

/** What a failure while sending or reading becomes: our own errors and the user's abort pass, the rest is the network's. */
function asHubError(error: unknown, client: HubClient, host: string): unknown {
  if (client.signal.aborted) return client.signal.reason;
  // `fetch` reports the network's failures as a TypeError with a cause; one without is a mistake of ours.
  const fromNetwork = error instanceof SilenceError || (error as Error).cause !== undefined;
  return fromNetwork && !(error instanceof UserError) ? explainNetworkError(error, host) : error;
}

/** Runs `attempt` until it succeeds, fails for good, or has failed `attempts` times without `progress()` changing. */
export async function retry<T>(
  client: HubClient,
  attempt: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  let failures = 0;
  let before = progress();
  for (;;) {
    client.signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const now = progress();
      failures = now > before ? 1 : failures + 1;
      before = now;
      const { attempts, wait, longestWait } = client.retry;
      const pause = error.wait ?? wait * 2 ** Math.min(failures - 1, 3);
      if (failures >= attempts || pause > longestWait) throw error.userError;
      client.onWait(error.message, pause);
      await sleep(pause, undefined, { signal: client.signal }).catch(() => client.signal.throwIfAborted());
    }
  }
}

class SilenceError extends Error {}

interface SilenceWatch {
  readonly signal: AbortSignal;
  touch(): void;
  stop(): void;
}

/** Aborts after `timeout` ms without a `touch`, or when `outer` aborts. */
function watchSilence(timeout: number, outer: AbortSignal): SilenceWatch {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new SilenceError(`no answer for ${timeout / 1000} s`));
  }, timeout);
  const forward = (): void => controller.abort(outer.reason);
  if (outer.aborted) forward();
  outer.addEventListener("abort", forward, { once: true });
  return {
    signal: controller.signal,
    touch: () => void timer.refresh(),
    stop: () => {
      clearTimeout(timer);
      outer.removeEventListener("abort", forward);
    },
  };
}

function followRedirect(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined || !/^https?:$/u.test(to.protocol)) {
    throw new UserError("bad-redirect", `${from.host} redirects to ${JSON.stringify(location)}`, {
      remedy: "Check HF_ENDPOINT.",
    });
  }
  if (from.protocol === "https:" && to.protocol === "http:") {
    throw new UserError("bad-redirect", `${from.host} redirects to an unencrypted address (${to.host})`, {
      remedy: "Check HF_ENDPOINT.",
    });
  }
  return to;
}

/** The storage behind the hub refuses a signed address once it has expired; the next try asks the hub for a new one. */
function storageRefusal(status: number, host: string): TransientError {
  return new TransientError(
    new UserError("download-failed", `the hub's storage at ${host} answered ${status}`, {
      remedy: "Try again later; what was downloaded is kept.",
    }),
  );
}

const shownWarnings = new Set<string>();

/** `X-HF-Warning: topic; message` comes with every answer; it is shown once per topic. */
function showWarnings(response: Response, client: HubClient): void {
  const text = response.headers.get("x-hf-warning");
  if (text === null) return;
  const topic = text.split(";")[0] ?? "";
  if (shownWarnings.has(topic)) return;
  shownWarnings.add(topic);
  client.warn(`${new URL(client.endpoint).host}: ${text.slice(topic.length + 1).trim() || topic}`);
}
