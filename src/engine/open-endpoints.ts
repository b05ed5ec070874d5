// Several servers of one model as one `LanguageModel`, for work that wants more than one machine's answers. An answer is given when it is whole: one
// that breaks off in the middle was never begun for the reader, and another server gives it.
import { UserError } from "../core/index.ts";
import { createEndpoint, type Endpoint, type EndpointReport } from "./endpoint.ts";
import { type EndpointAddress, type EndpointSource, endpointsKey, readEndpoints } from "./endpoint-list.ts";
import { createEndpointPool } from "./endpoint-pool.ts";
import type { GenerateChunk, LanguageModel, Usage } from "./language-model.ts";
import type { TokenPrice } from "./remote-client.ts";
import { generateRemotely } from "./remote-generate.ts";
import { findRemoteModel, type RemoteModel } from "./remote-models.ts";
import { scoreRemotely } from "./remote-score.ts";

/** A model on several servers. */
export interface EndpointsModel extends LanguageModel {
  /** What came of each server so far, in the list's order. */
  endpoints(): EndpointReport[];
}

/** Options for `openEndpoints`. */
export interface EndpointsOptions {
  /** What a million tokens cost at servers for which the list says nothing. Default: not known. */
  readonly price?: TokenPrice;
  /** Told of servers that go out, come back, join or leave. */
  readonly onEvent?: (message: string) => void;
  /** Milliseconds between looks at the list. Default 5000. */
  readonly rereadAfter?: number;
  /** Milliseconds until a server that is out is asked whether it is back; they double up to a minute. Default 1000. */
  readonly probeAfter?: number;
  /** Milliseconds of no answer at all until the pool gives up. Default ten minutes. */
  readonly patience?: number;
}

const REREAD_MILLISECONDS = 5000;
/** A server that has not told its models by then is out at first. */
const OPEN_MILLISECONDS = 10_000;

/**
 * Opens `model` on the servers of a list. Those that do not answer are out until they do. `UserError` when none answers, when one has not the model, or
 * when they say different things of it (`mixed-endpoints`, which names them).
 */
export async function openEndpoints(
  source: EndpointSource,
  model: string,
  options: EndpointsOptions = {},
): Promise<EndpointsModel> {
  const {
    price,
    onEvent = () => undefined,
    rereadAfter = REREAD_MILLISECONDS,
    probeAfter,
    patience,
  } = options;
  const pool = createEndpointPool(patience === undefined ? {} : { patience });
  let reference: Known | undefined;

  const find = ({ client }: Endpoint, signal: AbortSignal): Promise<RemoteModel> =>
    findRemoteModel(client, model, signal);
  /** The first server's model must be the others'. */
  const accept = (url: string, found: RemoteModel): void => {
    if (reference === undefined) reference = { found, url };
    else compare(reference, { found, url });
  };

  const create = (address: EndpointAddress, initial: "in" | "out"): Endpoint =>
    createEndpoint(
      address,
      {
        price,
        probe: async (endpoint, signal) => accept(address.url, await find(endpoint, signal)),
        isFinal: (error) => error instanceof UserError && FINAL.has(error.code),
        onChange(endpoint, event) {
          const why = endpoint.lastFailure?.line ?? "";
          if (event === "out" && endpoint.lastFailure !== undefined)
            onEvent(`${address.url} is taken out: ${why}`);
          if (event === "back") onEvent(`${address.url} is back`);
          if (event === "left")
            onEvent(`${address.url} is left out from now on: ${why || "the list names it no more"}`);
          pool.changed();
        },
        ...(probeAfter === undefined ? {} : { probeAfter }),
      },
      initial,
    );

  const addresses = await readEndpoints(source);
  let key = endpointsKey(addresses);
  const close = (): void => {
    for (const endpoint of pool.endpoints) endpoint.close();
  };
  const failures: UserError[] = [];
  const asked = addresses.map((address) => {
    const endpoint = create(address, "in");
    return { endpoint, found: find(endpoint, AbortSignal.timeout(OPEN_MILLISECONDS)) };
  });
  const settled = await Promise.allSettled(asked.map(({ found }) => found));
  try {
    for (const [i, { endpoint }] of asked.entries()) {
      const { address } = endpoint;
      const answer = settled[i]!;
      if (answer.status === "fulfilled") {
        accept(address.url, answer.value);
        pool.add(endpoint);
        continue;
      }
      endpoint.close();
      const error = asUserError(answer.reason, address.url);
      if (FINAL.has(error.code)) throw error;
      failures.push(error);
      onEvent(`${address.url} is out: ${error.line}`);
      pool.add(create(address, "out"));
    }
  } catch (error) {
    for (const { endpoint } of asked) endpoint.close();
    close();
    throw error;
  }
  if (reference === undefined) {
    close();
    throw failures.length === 1
      ? failures[0]!
      : new UserError("no-endpoint", `no server answers (${failures.map(({ line }) => line).join("; ")})`, {
          remedy: "Are they running, and the addresses right?",
        });
  }
  const { name, contextLength } = (reference as Known).found;

  /** Takes in servers that the list names now, and lets go those that it does not. */
  async function reread(): Promise<void> {
    let next: EndpointAddress[];
    try {
      next = await readEndpoints(source);
    } catch (error) {
      if (error instanceof UserError) return onEvent(`the list of servers stays as it was: ${error.line}`);
      throw error;
    }
    if (endpointsKey(next) === key) return;
    key = endpointsKey(next);
    const keyOf = (address: EndpointAddress): string => endpointsKey([address]);
    const wanted = new Set(next.map(keyOf));
    for (const endpoint of pool.endpoints) if (!wanted.has(keyOf(endpoint.address))) endpoint.leave();
    const known = new Set(
      pool.endpoints.filter(({ state }) => state !== "left").map(({ address }) => keyOf(address)),
    );
    for (const address of next) {
      if (known.has(keyOf(address))) continue;
      onEvent(`${address.url} joins`);
      // It gets requests once it was found to have the model.
      pool.add(create(address, "out"));
    }
  }
  let rereading: Promise<void> = Promise.resolve();
  const timer =
    source.kind === "urls"
      ? undefined
      : setInterval(() => {
          rereading = rereading.then(reread).catch(() => undefined);
        }, rereadAfter).unref();

  return {
    id: name,
    contextLength,
    endpoints: pool.report,
    score: (requests) =>
      Promise.all(
        requests.map((request) =>
          pool.run(({ client, known }) => scoreRemotely(client, name, request, known)),
        ),
      ),
    async *generate(request) {
      request.signal?.throwIfAborted();
      const whole = await pool.run(async ({ client }) => {
        const chunks: GenerateChunk[] = [];
        for await (const chunk of generateRemotely(client, name, request)) chunks.push(chunk);
        return chunks;
      }, request.signal);
      yield* whole;
    },
    usage: () => sumUsage(pool.report()),
    async close() {
      clearInterval(timer);
      await rereading;
      close();
    },
  };
}

/** Another model is not one to come back to. */
const FINAL = new Set(["mixed-endpoints", "remote-model-not-found"]);

/** A time limit that has passed is the server's fault; anything else that is no user error is ours. */
function asUserError(error: unknown, url: string): UserError {
  if (error instanceof UserError) return error;
  if ((error as Error).name !== "TimeoutError") throw error;
  return new UserError("remote-unreachable", "the server does not answer (no reply in time)", {
    file: url,
    cause: error,
  });
}

interface Known {
  readonly found: RemoteModel;
  readonly url: string;
}

function compare(first: Known, second: Known): void {
  const differing: [string, string | number, string | number][] = [];
  if (first.found.name !== second.found.name) differing.push(["model", first.found.name, second.found.name]);
  for (const [trait, value] of Object.entries(second.found.traits)) {
    const other = first.found.traits[trait];
    if (other !== undefined && other !== value) differing.push([trait, other, value]);
  }
  const [difference] = differing;
  if (difference === undefined) return;
  const [trait, one, other] = difference;
  throw new UserError(
    "mixed-endpoints",
    `the servers do not have one model: ${trait} is ${JSON.stringify(one)} at ${first.url} and ${JSON.stringify(other)} at ${second.url}`,
    {
      remedy:
        "Start them alike, or name only those that are: answers would depend on which server gave them.",
    },
  );
}

function sumUsage(reports: readonly EndpointReport[]): Usage {
  const sum = (field: (report: EndpointReport) => number): number =>
    reports.reduce((total, report) => total + field(report), 0);
  const priced = reports.every(({ cost, requests }) => cost !== undefined || requests === 0);
  return {
    promptTokens: sum(({ promptTokens }) => promptTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    reusedTokens: sum(({ reusedTokens }) => reusedTokens),
    ...(priced && reports.some(({ cost }) => cost !== undefined)
      ? { cost: sum(({ cost = 0 }) => cost) }
      : {}),
  };
}
