// The socket under the application: listening, and stopping without cutting anyone off in mid-sentence.
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { UserError } from "../core/index.ts";
import type { App } from "./app.ts";
import { ApiError } from "./errors.ts";

/** Options for `startServer`. */
export interface ServerOptions {
  readonly app: App;
  /** Address to listen at. Default `127.0.0.1`: this machine only. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Seconds that a client may take to send a request's head (a third of it) and all of it. Default 60. */
  readonly requestSeconds?: number;
}

/** A listening server. */
export interface RunningServer {
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
  /**
   * Takes no new connections, lets the answers in progress end, and cuts off what is left after `graceSeconds` (default 30).
   * Calling it again waits for the same end.
   */
  close(graceSeconds?: number): Promise<void>;
}

const DEFAULT_GRACE_SECONDS = 30;
const DEFAULT_REQUEST_SECONDS = 60;
/** An idle connection is kept for so long; longer than the proxies' usual minute, which close it on their side. */
const IDLE_SECONDS = 75;
/** Of them, an idle one costs some kilobytes; a process may usually have so many files open. */
const MAX_CONNECTIONS = 10_000;

/** Starts to listen. `UserError` when the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, host = "127.0.0.1", port, requestSeconds = DEFAULT_REQUEST_SECONDS } = options;
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      headersTimeout: (1000 * requestSeconds) / 3,
      requestTimeout: 1000 * requestSeconds,
      connectionsCheckingInterval: Math.min(5000, 250 * requestSeconds),
      keepAliveTimeout: 1000 * IDLE_SECONDS,
      // Whatever a proxy in front would read otherwise than we do is refused.
      insecureHTTPParser: false,
    },
  }) as Server;
  server.maxConnections = MAX_CONNECTIONS;
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    throw asListenError(error, host, port);
  }
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    port: address.port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    close(graceSeconds = DEFAULT_GRACE_SECONDS) {
      closed ??= closeServer(server, graceSeconds);
      return closed;
    },
  };
}

async function closeServer(server: Server, graceSeconds: number): Promise<void> {
  // A connection that is kept alive would otherwise hold the server open after its last answer.
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    response.setHeader("connection", "close");
    response.setHeader("retry-after", "10");
    response.setHeader("content-type", "application/json");
    const { body } = new ApiError(503, "the server is shutting down", { code: "shutting_down" });
    response.writeHead(503).end(JSON.stringify(body));
    request.resume();
  });
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  const cutOff = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    clearInterval(sweep);
    clearTimeout(cutOff);
  }
}

function asListenError(error: unknown, host: string, port: number): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return new UserError("port-in-use", `port ${port} at ${host} is in use`, {
        remedy: "Choose another one with --port (0 takes any free one).",
      });
    case "EACCES":
      return new UserError("port-denied", `port ${port} at ${host} may not be used`, {
        remedy: "Choose one above 1023 with --port.",
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UserError("bad-host", `this machine has no address "${host}"`, {
        remedy: "Use 127.0.0.1 for this machine only, 0.0.0.0 for all its addresses.",
      });
    case "ERR_SOCKET_BAD_PORT":
      return new UserError("bad-port", `${port} is not a port number (0 to 65535)`);
    default:
      return error;
  }
}
