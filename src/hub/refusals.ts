// What an answer of the hub means for the person waiting for it: one line that says what is wrong and what to do.
// The table is facts of the hub's API: status and `X-Error-Code` (docs: https://huggingface.co/docs/hub/api).
import { UserError } from "../core/index.ts";
import type { RepositoryType } from "./spec.ts";

/** What a request asked for, for messages. */
export interface RequestSubject {
  readonly type: RepositoryType;
  readonly id: string;
  readonly revision?: string | undefined;
  readonly path?: string | undefined;
}

/** Who asked whom. */
export interface RequestOrigin {
  readonly endpoint: string;
  /** Where the token came from; `undefined` when none was sent. */
  readonly tokenSource: string | undefined;
}

/** An answer of 400 and above. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  /** Its first few kilobytes. */
  readonly body: string;
}

/** A failure that may pass: a cut connection, a busy server, a rate limit. `userError` is what to say when it does not. */
export class TransientError extends Error {
  readonly userError: UserError;
  /** How long the server asked to wait, in ms; `undefined` leaves it to the back-off. */
  readonly wait: number | undefined;

  constructor(userError: UserError, wait?: number) {
    super(userError.message);
    this.name = "TransientError";
    this.userError = userError;
    this.wait = wait;
  }
}

/** Statuses worth another try: the Python client's list. */
const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
/** Longest text of a server shown to a person. */
const MESSAGE_LENGTH = 200;

/** Turns a status of 400 and above, answered by the hub itself, into the error to throw. */
export function explainRefusal(
  refusal: Refusal,
  subject: RequestSubject,
  origin: RequestOrigin,
): UserError | TransientError {
  const { status, headers } = refusal;
  const code = headers.get("x-error-code");
  const text = serverMessage(refusal);
  const requestId =
    headers.get("x-request-id") ?? headers.get("x-amzn-trace-id") ?? headers.get("x-amz-cf-id");
  const trace = requestId === null ? "" : ` (request ${clip(requestId)})`;
  const name = `${subject.type === "dataset" ? "datasets/" : ""}${subject.id}`;
  const page = `${origin.endpoint}/${name}`;
  const fail = (errorCode: string, message: string, remedy: string): UserError =>
    new UserError(errorCode, `${message}${trace}`, { remedy });
  const setToken = `set HF_TOKEN to a token of yours (${origin.endpoint}/settings/tokens)`;

  if (TRANSIENT_STATUSES.has(status)) {
    const wait = status === 429 ? rateLimitWait(headers) : undefined;
    if (status === 429) {
      const remedy = origin.tokenSource === undefined ? `Wait, or ${setToken} for a higher limit.` : "Wait.";
      const after = wait === undefined ? "" : `, asks to wait ${Math.ceil(wait / 1000)} s`;
      return new TransientError(
        fail("rate-limited", `${origin.endpoint} limits the rate of requests${after}`, remedy),
        wait,
      );
    }
    return new TransientError(
      fail(
        "hub-unavailable",
        `${origin.endpoint} answered ${status} for ${name}`,
        "Try again later; what was downloaded is kept.",
      ),
    );
  }
  if (status === 401 && /invalid credentials|invalid.*token|expired/iu.test(text)) {
    return fail(
      "bad-token",
      `${origin.endpoint} refused the token${origin.tokenSource === undefined ? "" : ` from ${origin.tokenSource}`}`,
      `Make a new one at ${origin.endpoint}/settings/tokens, or unset it: public repositories need none.`,
    );
  }
  if (code === "GatedRepo") {
    return status === 401
      ? fail(
          "gated-repository",
          `${name} is gated and no token was sent`,
          `Accept its terms at ${page}, then ${setToken}.`,
        )
      : fail(
          "gated-repository",
          `${name} is gated and your account is not on its list`,
          `Ask for access at ${page}, then try again.`,
        );
  }
  if (status === 401) {
    const remedy =
      origin.tokenSource === undefined
        ? `Check the name; if it is private or gated, ${setToken}.`
        : `Check the name and that the token from ${origin.tokenSource} may read it.`;
    return fail(
      "repository-not-found",
      `${name} does not exist, is private, or needs a token that may read it`,
      remedy,
    );
  }
  if (status === 403) {
    return /disabled/iu.test(text)
      ? fail(
          "repository-disabled",
          `${name} was disabled by ${origin.endpoint}`,
          `See ${page} for the reason.`,
        )
      : fail(
          "access-denied",
          `${origin.endpoint} denies access to ${name}${text === "" ? "" : `: ${text}`}`,
          origin.tokenSource === undefined
            ? `If it is private, ${setToken}.`
            : `Give the token from ${origin.tokenSource} the right to read it.`,
        );
  }
  if (status === 404 && code === "RevisionNotFound") {
    return fail(
      "revision-not-found",
      `${name} has no revision "${subject.revision ?? "main"}"`,
      `Its branches and tags are listed at ${page}/tree/main.`,
    );
  }
  if (status === 404 && code === "EntryNotFound" && subject.path !== undefined) {
    return fail(
      "entry-not-found",
      `${name} has no file "${subject.path}" at ${subject.revision ?? "main"}`,
      `Its files are listed at ${page}/tree/main.`,
    );
  }
  if (status === 404) {
    return fail(
      "repository-not-found",
      `there is no ${subject.type === "dataset" ? "data set" : "model"} ${subject.id} at ${origin.endpoint}, or it is private`,
      "Check the name; data sets are written datasets/owner/name.",
    );
  }
  return fail(
    "hub-refused",
    `${origin.endpoint} answered ${status} for ${name}${text === "" ? "" : `: ${text}`}`,
    "Check HF_ENDPOINT and the name.",
  );
}

/** What `fetch` throws as our error, transient where another try may help; the real reason sits in its `cause`. */
export function explainNetworkError(error: unknown, host: string): UserError | TransientError {
  const cause = (error as { cause?: NodeJS.ErrnoException } | null)?.cause;
  const reason = cause?.code ?? cause?.message ?? (error as Error).message;
  const userError = new UserError("hub-unreachable", `cannot read from ${host} (${clip(String(reason))})`, {
    remedy: "Check the connection and HF_ENDPOINT and run it again: what was downloaded is kept.",
    cause: error,
  });
  // Ports of other services (6667, say) are closed to `fetch` for good, whoever listens there.
  return cause?.message === "bad port" ? userError : new TransientError(userError);
}

/**
 * Milliseconds a 429 asks to wait: `RateLimit: "api";r=0;t=55` says 55 s to the end of the window (one more to be past it),
 * else `Retry-After` in seconds or as a date.
 */
export function rateLimitWait(headers: Headers): number | undefined {
  const limit = headers.get("ratelimit");
  const left = /;\s*r=(\d+)/u.exec(limit ?? "")?.[1];
  const reset = /;\s*t=(\d+)/u.exec(limit ?? "")?.[1];
  if (left === "0" && reset !== undefined) return (Number(reset) + 1) * 1000;
  const after = headers.get("retry-after")?.trim();
  if (after === undefined || after === "") return undefined;
  if (/^\d+(?:\.\d+)?$/u.test(after)) return Number(after) * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** The server's own words: a header, else `error` of a JSON body; one short line. */
function serverMessage({ headers, body }: Refusal): string {
  const header = headers.get("x-error-message");
  if (header !== null) return clip(header);
  try {
    const value = JSON.parse(body) as { error?: unknown; errors?: { message?: unknown }[] } | null;
    return clip([value?.error ?? value?.errors?.[0]?.message ?? ""].flat().join("; "));
  } catch {
    return "";
  }
}

function clip(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length > MESSAGE_LENGTH ? `${line.slice(0, MESSAGE_LENGTH)}...` : line;
}
