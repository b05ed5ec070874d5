// Requests spread over the servers of a pool: each goes to the server that is expected to answer soonest, and to another one when that fails. Knows
// nothing of what is asked.
import { UserError } from "../core/index.ts";
import type { Endpoint, EndpointReport } from "./endpoint.ts";
import { RemoteRefusal } from "./remote-client.ts";

/** Gives requests to servers. */
export interface EndpointPool {
  add(endpoint: Endpoint): void;
  readonly endpoints: readonly Endpoint[];
  /** Call when a server may have room again. */
  changed(): void;
  /**
   * Does `work` with a server. One that fails is left for another; what a server refuses as wrong is asked of a second one, and refused when that
   * one says so too. `UserError` when the request itself is wrong, it failed everywhere, or no server answered anything for too long.
   */
  run<T>(work: (endpoint: Endpoint) => Promise<T>, signal?: AbortSignal): Promise<T>;
  report(): EndpointReport[];
}

/** What an error says of whom. */
type Verdict = "request" | "doubtful" | "busy" | "endpoint" | "endpoint-gone" | "ours";

/** A request's place at a server. */
interface Place {
  readonly endpoint: Endpoint;
  readonly end: ReturnType<Endpoint["begin"]>;
}

interface Waiting {
  readonly avoid: Endpoint | undefined;
  readonly start: (endpoint: Endpoint) => void;
  readonly fail: (error: unknown) => void;
}

/** Failures of one request, each at a server that was thought well, after which the request is taken to be the reason. */
const MOST_FAILURES = 6;
/** Time in which requests wait and nothing at all is answered. Servers of large models take minutes to start. */
const PATIENCE_MILLISECONDS = 600_000;

/** Makes a pool without servers. */
export function createEndpointPool({
  patience = PATIENCE_MILLISECONDS,
}: {
  readonly patience?: number;
} = {}): EndpointPool {
  const endpoints: Endpoint[] = [];
  const waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  function pick(avoid: Endpoint | undefined): Endpoint | undefined {
    let best: Endpoint | undefined;
    for (const endpoint of endpoints) {
      if (endpoint === avoid || !endpoint.hasRoom) continue;
      const better =
        best === undefined ||
        endpoint.cost < best.cost ||
        (endpoint.cost === best.cost && endpoint.jobs < best.jobs);
      if (better) best = endpoint;
    }
    return best;
  }

  function dispatch(): void {
    for (let i = 0; i < waiting.length; ) {
      const endpoint = pick(waiting[i]!.avoid);
      if (endpoint !== undefined) waiting.splice(i, 1)[0]!.start(endpoint);
      // Only who avoids a server can be stuck where another is not.
      else if (waiting[i]!.avoid === undefined) break;
      else i++;
    }
    if (waiting.length === 0) {
      clearTimeout(timer);
      timer = undefined;
    } else startTimer();
  }

  /** Also what keeps the process alive while all servers are out. */
  function startTimer(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      // Whatever is under way ends by itself: a connection on which nothing comes is given up after five minutes.
      if (endpoints.some(({ jobs }) => jobs > 0)) return startTimer();
      const error = nothingAnswers(endpoints, patience);
      for (const { fail } of waiting.splice(0)) fail(error);
    }, patience);
  }

  function place(avoid: Endpoint | undefined, signal: AbortSignal | undefined): Promise<Place> {
    signal?.throwIfAborted();
    if (endpoints.every(({ state }) => state === "left")) throw nothingAnswers(endpoints, 0);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        waiting.splice(waiting.indexOf(one), 1);
        reject(signal?.reason);
        dispatch();
      };
      const one: Waiting = {
        avoid,
        start(endpoint) {
          signal?.removeEventListener("abort", abort);
          // At once, so that whoever is next sees one place less.
          resolve({ endpoint, end: endpoint.begin() });
        },
        fail(error) {
          signal?.removeEventListener("abort", abort);
          reject(error);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      waiting.push(one);
      dispatch();
    });
  }

  return {
    endpoints,
    add(endpoint) {
      endpoints.push(endpoint);
      dispatch();
    },
    changed() {
      if (endpoints.every(({ state }) => state === "left"))
        for (const { fail } of waiting.splice(0)) fail(nothingAnswers(endpoints, 0));
      dispatch();
    },
    async run(work, signal) {
      let failures = 0;
      let doubt: { endpoint: Endpoint; error: UserError } | undefined;
      for (;;) {
        const { endpoint, end } = await place(doubt?.endpoint, signal);
        try {
          const result = await work(endpoint);
          // Another server took what the first refused: the fault was that one's.
          if (doubt !== undefined) doubt.endpoint.fail(doubt.error, false);
          // Something is answered: patience begins anew.
          clearTimeout(timer);
          timer = undefined;
          end("answered");
          return result;
        } catch (error) {
          if (signal?.aborted) {
            end("dropped");
            throw error;
          }
          const verdict = judge(error);
          if (verdict === "ours" || verdict === "request") {
            end("dropped");
            throw error;
          }
          if (verdict === "busy") {
            end("busy");
            continue;
          }
          if (verdict === "doubtful") {
            end("dropped");
            const others = endpoints.some(
              (other) => other !== endpoint && (other.state === "in" || other.state === "trial"),
            );
            if (doubt !== undefined || !others) throw error;
            doubt = { endpoint, error: error as UserError };
            continue;
          }
          const failure = asFailure(error);
          endpoint.fail(failure, verdict === "endpoint-gone");
          end("failed");
          if (++failures >= MOST_FAILURES) throw failure;
        }
      }
    },
    report: () => endpoints.map((endpoint) => endpoint.report()),
  };
}

function judge(error: unknown): Verdict {
  if (!(error instanceof UserError)) return isLostConnection(error) ? "endpoint" : "ours";
  if (error instanceof RemoteRefusal) {
    if (error.status === 429 || (error.status === 503 && error.retryAfter !== undefined)) return "busy";
    if (error.code === "remote-unauthorized") return "endpoint-gone";
    if (error.code === "context-length-exceeded") return "request";
    return error.code === "remote-unavailable" ? "endpoint" : "doubtful";
  }
  switch (error.code) {
    case "remote-unreachable":
      // Nobody listens: no second try there is worth it. A connection that broke may be the end of an idle one.
      return /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH/u.test(error.message)
        ? "endpoint-gone"
        : "endpoint";
    case "remote-broken-stream":
    case "remote-bad-answer":
    case "remote-failed":
      return "endpoint";
    case "remote-cannot-score":
      return "doubtful";
    default:
      return "request";
  }
}

/** A connection that ends in the middle of an answer is Node's `TypeError: terminated`. */
function isLostConnection(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return error instanceof TypeError && typeof cause?.code === "string";
}

function asFailure(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const { code } = (error as { cause: { code: string } }).cause;
  return new UserError("broken-connection", `the connection broke (${code})`, { cause: error });
}

function nothingAnswers(endpoints: readonly Endpoint[], waited: number): UserError {
  const told = endpoints.map(({ address, state, lastFailure }) => {
    const why = lastFailure?.message ?? (state === "left" ? "no longer named" : "no room");
    return `${address.url}: ${why}`;
  });
  return new UserError(
    "no-endpoint",
    waited === 0
      ? `no server is left that could answer (${told.join("; ")})`
      : `no server has answered for ${Math.round(waited / 1000)} s (${told.join("; ")})`,
    { remedy: "Start them again, then repeat the command: it goes on where it was." },
  );
}
