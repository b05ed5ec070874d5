// The socket under the application: listening, and stopping without cutting anyone off in mid-sentence.
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { UserError } from "../core/index.ts";
import type { App } from "./app.ts";

/** Options for `startServer`. */
export interface ServerOptions {
  readonly app: App;
  /** Address to listen at. Default `127.0.0.1`: this machine only. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
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

/** Starts to listen. `UserError` when the address cannot be had. */
export async function startServer({ app, host = "127.0.0.1", port }: ServerOptions): Promise<RunningServer> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
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
  server.prependListener("request", (_, response) => response.setHeader("connection", "close"));
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
