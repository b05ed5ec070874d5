// Requests to S3-compatible storage: signed, sent again with back-off where that may help, every refusal named.
import { randomInt } from "node:crypto";
import { Agent, type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure, Agent as SecureAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../core/index.ts";
import { encodeKey, type S3Credentials, signRequest } from "./s3-signature.ts";

/** The storage and who asks. */
export interface S3Account {
  /** Without a final slash. Buckets are the first part of its paths. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: S3Credentials;
  /** The first wait before a request is sent again, in ms; doubled at each further one. Default 250. */
  readonly wait?: number;
}

/** A request about a bucket, or about the object `key` in it. */
export interface S3Call {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly bucket: string;
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** An answer below 400 whose body is still to be read. */
export interface S3Answer {
  readonly headers: IncomingMessage["headers"];
  readonly body: IncomingMessage;
}

const ATTEMPTS = 6;
const FIRST_WAIT_MILLISECONDS = 250;
const SILENCE_MILLISECONDS = 60_000;
const REFUSAL_CHARACTERS = 8192;

/**
 * What variables and their values tell, by the names that AWS's own tools use: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`,
 * `AWS_REGION` or `AWS_DEFAULT_REGION`, and for other storage than Amazon's `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`. `UserError` without keys.
 */
export function readS3Account(environment: NodeJS.ProcessEnv = process.env): S3Account {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = environment;
  if (!accessKeyId || !secretAccessKey)
    throw new UserError("bucket-no-keys", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set", {
      remedy: "Set them wherever s3:// is read or written, on workers too.",
    });
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || "us-east-1";
  const given = environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL;
  const endpoint = (given || `https://s3.${region}.amazonaws.com`).replace(/\/+$/u, "");
  if (!/^https?:/u.test(endpoint) || !URL.canParse(endpoint))
    throw new UserError("bad-option", `AWS_ENDPOINT_URL must be http://... or https://..., found "${given}"`);
  return {
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
  };
}

/** Another try may help. */
export class TransientRefusal extends Error {}

/** Of the system: nobody listens, or the connection broke. */
const TRANSIENT = new Set(
  "ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH".split(
    " ",
  ),
);

function isTransient(error: unknown): boolean {
  return error instanceof TransientRefusal || TRANSIENT.has((error as NodeJS.ErrnoException).code ?? "");
}

/**
 * Sends a request, up to six times when the storage is busy, broken or cut off, and gives what `read` makes of the answer; a connection that breaks
 * while it reads is such a reason too, and what is asked may then be less. `UserError` for what the user can mend; status 404 of an object gives `undefined`.
 */
export async function callS3<Result>(
  account: S3Account,
  asked: S3Call | (() => S3Call),
  read: (answer: S3Answer) => Promise<Result>,
): Promise<Result | undefined> {
  const { wait = FIRST_WAIT_MILLISECONDS } = account;
  for (let attempt = 1; ; attempt++) {
    const call = typeof asked === "function" ? asked() : asked;
    try {
      const response = await send(account, call);
      if ((response.statusCode ?? 0) < 300) return await read({ headers: response.headers, body: response });
      const refusal = explainRefusal(call, response.statusCode ?? 0, await readRefusal(response));
      if (refusal === undefined) return undefined;
      throw refusal;
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (attempt === ATTEMPTS)
        throw new UserError("bucket-unreachable", `${attempt} times: ${(error as Error).message}`, {
          file: account.endpoint,
          remedy: "Check AWS_ENDPOINT_URL and the network. The same command goes on where it was.",
          cause: error,
        });
      // Thousands of tasks that were refused together must not come back together.
      const longest = wait * 2 ** (attempt - 1);
      await sleep(longest / 2 + randomInt(Math.ceil(longest / 2) + 1));
    }
  }
}

/** What a refusal means; `undefined` when there is no such object. */
function explainRefusal(
  { bucket, key }: S3Call,
  status: number,
  { code, text }: { readonly code: string; readonly text: string },
): Error | undefined {
  const file = `s3://${bucket}${key === undefined ? "" : `/${key}`}`;
  if (status === 429 || status >= 500 || code === "RequestTimeout")
    return new TransientRefusal(`${status} ${text}`);
  if (code === "NoSuchBucket")
    return new UserError("no-bucket", "there is no such bucket", {
      file: `s3://${bucket}`,
      remedy: "Make it, or check AWS_ENDPOINT_URL.",
    });
  if (status === 404) return undefined;
  if (status === 412)
    return new UserError("changed-input", "is not the object that it was a moment ago", {
      file,
      remedy: "Start the command again.",
    });
  if (status === 401 || status === 403)
    return new UserError("bucket-refused", `the storage refuses the request: ${text}`, {
      file,
      remedy: "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do there.",
    });
  return new UserError("bucket-refused", `the storage answered ${status}: ${text}`, {
    file,
    remedy: "Check AWS_REGION and AWS_ENDPOINT_URL.",
  });
}

/** The answer's body, whole. */
export async function readBody({ body }: S3Answer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Connections at once. */
const SOCKETS = { keepAlive: true, maxSockets: 16 };
const AGENTS = { "http:": new Agent(SOCKETS), "https:": new SecureAgent(SOCKETS) };

function send(account: S3Account, call: S3Call): Promise<IncomingMessage> {
  const { method, bucket, key, query = {}, headers = {}, body } = call;
  const url = new URL(`${account.endpoint}/${encodeKey(key === undefined ? bucket : `${bucket}/${key}`)}`);
  // Encoded as the signature has it: URLSearchParams would write blanks otherwise.
  url.search = Object.entries(query)
    .map(([name, value]) => `${encodeKey(name)}=${encodeURIComponent(value)}`)
    .join("&");
  const signed = signRequest({ method, url, headers, body }, account.credentials, account.region, new Date());
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const secure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const request = (secure ? requestSecure : requestPlain)(
      url,
      {
        method,
        agent: AGENTS[secure ? "https:" : "http:"],
        headers: { ...signed, "content-length": length },
        timeout: SILENCE_MILLISECONDS,
      },
      resolve,
    );
    request.on("timeout", () =>
      request.destroy(new TransientRefusal(`silent for ${SILENCE_MILLISECONDS / 1000} s`)),
    );
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (isTransient(error)) reject(error);
      else
        reject(
          new UserError("bucket-unreachable", error.message, {
            file: account.endpoint,
            remedy: "Check AWS_ENDPOINT_URL.",
            cause: error,
          }),
        );
    });
    request.end(body);
  });
}

/** S3 says what is wrong in XML. */
async function readRefusal(
  response: IncomingMessage,
): Promise<{ readonly code: string; readonly text: string }> {
  let body = "";
  for await (const chunk of response.setEncoding("utf8"))
    body += body.length < REFUSAL_CHARACTERS ? chunk : "";
  const [, code = ""] = /<Code>([^<]*)<\/Code>/u.exec(body) ?? [];
  const [, message = ""] = /<Message>([^<]*)<\/Message>/u.exec(body) ?? [];
  return { code, text: [code, message].filter((part) => part !== "").join(": ") || body.slice(0, 200) };
}
