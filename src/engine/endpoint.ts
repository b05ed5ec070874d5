// One server of a pool: how fast it answers, how many requests it gets, and whether it gets any. The last is a circuit breaker: taken out after
// failures, asked from time to time whether it is well, let back with one request as a trial (M. Nygard, Release It!, 2nd ed., section 5.2).
import { setTimeout as sleep } from "node:timers/promises";
import type { UserError } from "../core/index.ts";
import type { EndpointAddress } from "./endpoint-list.ts";
import type { Usage } from "./language-model.ts";
import { createRemoteClient, type RemoteClient, type TokenPrice } from "./remote-client.ts";
import type { KnownWay } from "./remote-score.ts";

/**
 * `in` gets requests, `trial` one at a time until one is answered, `out` none until it answers a probe, `left` none ever again: it serves another
 * model, or the list names it no more.
 */
export type EndpointState = "in" | "trial" | "out" | "left";

/** What came of a server. */
export interface EndpointReport extends Usage {
  readonly url: string;
  readonly state: EndpointState;
  /** Requests that it answered. */
  readonly requests: number;
  /** Requests that it failed, each of which was asked of another. */
  readonly failures: number;
  /** Refusals for being busy. */
  readonly busy: number;
  /** Times that it was taken out. */
  readonly outages: number;
  /** Seconds that a request takes, lately. */
  readonly seconds: number;
  /** Requests that it gets at once, at present. */
  readonly concurrency: number;
  /** Why it failed last. */
  readonly lastFailure?: string;
}

/** A server of a pool. */
export interface Endpoint {
  readonly address: EndpointAddress;
  readonly client: RemoteClient;
  /** How it was found to score. */
  readonly known: KnownWay;
  readonly state: EndpointState;
  /** Requests under way. */
  readonly jobs: number;
  /** Whether it may get another request now. */
  readonly hasRoom: boolean;
  /** What a request more would cost: seconds a request takes, times the requests that would be under way ("peak EWMA", Finagle's least-loaded balancer). */
  readonly cost: number;
  readonly lastFailure: UserError | undefined;
  /** Takes a place and gives it back, with what became of it. */
  begin(): (outcome: "answered" | "failed" | "busy" | "dropped") => void;
  /** Counts a failure against it; `gravely` takes it out at once. */
  fail(error: UserError, gravely: boolean): void;
  leave(error?: UserError): void;
  report(): EndpointReport;
  close(): void;
}

/** How a server is watched. */
export interface EndpointOptions {
  readonly price?: TokenPrice | undefined;
  /** Resolves when the server answers and has the model; throws what is wrong otherwise. */
  readonly probe: (endpoint: Endpoint, signal: AbortSignal) => Promise<void>;
  /** Whether a failed probe means that the server never comes back. */
  readonly isFinal: (error: unknown) => boolean;
  /** Told when something changed: there may be room. */
  readonly onChange: (endpoint: Endpoint, event?: "out" | "back" | "left") => void;
  /** Milliseconds until the first probe; they double up to a minute. Default 1000. */
  readonly probeAfter?: number;
}

/** Failures in a row that take a server out. */
const FAILURES_TO_GO_OUT = 3;
const FIRST_PROBE_MILLISECONDS = 1000;
const LONGEST_PROBE_WAIT_MILLISECONDS = 60_000;
const PROBE_ANSWER_MILLISECONDS = 10_000;
/** Share of the past in the average of seconds, after each faster answer; a slower one counts at once. */
const MEMORY = 0.9;

/** A server that is thought to be well, or is `out` and probed. */
export function createEndpoint(
  address: EndpointAddress,
  options: EndpointOptions,
  initial: "in" | "out" = "in",
): Endpoint {
  const { onChange, probeAfter = FIRST_PROBE_MILLISECONDS } = options;
  const price = address.price ?? options.price;
  const closing = new AbortController();
  let state: EndpointState = "in";
  let [jobs, requests, failures, busy, outages, failuresInARow] = [0, 0, 0, 0, 0, 0];
  let wait = probeAfter;
  let seconds: number | undefined;
  let lastFailure: UserError | undefined;
  const client = createRemoteClient(address.url, process.env[address.key ?? "OPENAI_API_KEY"], {
    attempts: 1,
    price,
    onResume: () => onChange(endpoint),
  });

  function goOut(): void {
    if (state === "out" || state === "left") return;
    state = "out";
    outages++;
    onChange(endpoint, "out");
    watch();
  }

  /** Probes until the server is well again; the wait between probes doubles while trials keep failing. */
  function watch(): void {
    const probe = async (): Promise<void> => {
      while (state === "out") {
        await sleep(wait, undefined, { ref: false, signal: closing.signal });
        wait = Math.min(2 * wait, LONGEST_PROBE_WAIT_MILLISECONDS);
        try {
          await options.probe(
            endpoint,
            AbortSignal.any([closing.signal, AbortSignal.timeout(PROBE_ANSWER_MILLISECONDS)]),
          );
          if (state !== "out") return;
          state = "trial";
          onChange(endpoint, "back");
        } catch (error) {
          if (options.isFinal(error)) endpoint.leave(error as UserError);
        }
      }
    };
    probe().catch(() => undefined);
  }

  const endpoint: Endpoint = {
    address,
    client,
    known: {},
    get state() {
      return state;
    },
    get jobs() {
      return jobs;
    },
    get hasRoom() {
      const most = state === "in" ? client.limit.allowed : state === "trial" ? 1 : 0;
      return jobs < most && !client.limit.paused;
    },
    get cost() {
      return (seconds ?? 0) * (jobs + 1);
    },
    get lastFailure() {
      return lastFailure;
    },
    begin() {
      jobs++;
      const began = performance.now();
      return (outcome) => {
        jobs--;
        if (outcome === "answered") {
          const took = (performance.now() - began) / 1000;
          seconds = seconds === undefined || took > seconds ? took : MEMORY * seconds + (1 - MEMORY) * took;
          requests++;
          failuresInARow = 0;
          wait = probeAfter;
          if (state === "trial") state = "in";
        } else if (outcome === "busy") busy++;
        onChange(endpoint);
      };
    },
    fail(error, gravely) {
      failures++;
      failuresInARow++;
      lastFailure = error;
      if (gravely || state === "trial" || failuresInARow >= FAILURES_TO_GO_OUT) goOut();
    },
    leave(error) {
      if (state === "left") return;
      state = "left";
      lastFailure = error ?? lastFailure;
      onChange(endpoint, "left");
    },
    report: () => ({
      url: address.url,
      state,
      requests,
      failures,
      busy,
      outages,
      seconds: seconds ?? 0,
      concurrency: state === "in" ? client.limit.allowed : 0,
      ...client.usage(),
      ...(lastFailure === undefined ? {} : { lastFailure: lastFailure.message }),
    }),
    close() {
      closing.abort();
      client.limit.close();
    },
  };
  if (initial === "out") goOut();
  return endpoint;
}
