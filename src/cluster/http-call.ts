// One HTTP request by Node's own client. Not by `fetch`: that adds `Sec-Fetch-Mode`, by which Ray takes it for a browser and refuses everything
// but GET.
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";

/** An answer, whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** What to send. */
export interface HttpCall {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly timeoutMilliseconds: number;
}

/** Sends a request and reads the answer; redirections are not followed. Rejects with the system's error when nobody answers in time. */
export function callHttp(
  url: string,
  { method, headers, body, timeoutMilliseconds }: HttpCall,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith("https:") ? requestSecure : requestPlain;
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    const request = send(
      url,
      {
        method,
        // A connection of its own: one kept open breaks just when the head goes, and a request that finds it so would tell nothing.
        agent: false,
        headers: { ...headers, "content-length": length },
        // The whole of it, not the silence in between.
        signal: AbortSignal.timeout(timeoutMilliseconds),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
