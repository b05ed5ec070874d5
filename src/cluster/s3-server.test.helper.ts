// A small S3-speaking server for tests: buckets in memory, signatures checked, and whatever faults a test wants.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { S3Account } from "./s3-request.ts";
import { signRequest } from "./s3-signature.ts";

/** What a test does to a request instead of the answer. */
export type Fault = "slow-down" | "refused" | "cut" | "hang-up";

/** A running server. */
export interface S3Server {
  readonly account: S3Account;
  /** What another process needs to find it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Objects by `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  /** Requests so far, as `GET bucket/key?query`, with their range. */
  readonly requests: string[];
  /** Asked before each request: what is to go wrong with it. */
  fault: (request: string) => Fault | undefined;
  close(): Promise<void>;
}

const PAGE = 5;

/** Starts a server with one empty bucket, `bucket`; lists come in pages of five. */
export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  /** Of objects that came in parts: MD5 of the parts' MD5s, and how many. */
  const tags = new WeakMap<Buffer, string>();
  const tagOf = (content: Buffer): string => tags.get(content) ?? `"${md5(content).toString("hex")}"`;
  const requests: string[] = [];
  const credentials = { accessKeyId: "test-key", secretAccessKey: "test/secret+key" };
  const own = { fault: (_: string): Fault | undefined => undefined };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const account: S3Account = { endpoint, region: "test-1", credentials, wait: 1 };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = "", headers } = request;
    const url = new URL(request.url ?? "", endpoint);
    const name = decodeURIComponent(url.pathname.slice(1));
    const range = headers.range === undefined ? "" : ` ${headers.range}`;
    const said = `${method} ${name}${url.search}${range}`;
    requests.push(said);
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<Error><Code>${code}</Code><Message>${code} it is</Message></Error>`);
    };
    const fault = own.fault(said);
    if (fault === "hang-up") {
      response.destroy();
      return;
    }
    if (fault === "slow-down") return refuse(503, "SlowDown");
    if (fault === "refused" || !isSigned(request, url, body)) return refuse(403, "AccessDenied");
    const [bucket] = name.split("/");
    if (bucket !== "bucket") return refuse(404, "NoSuchBucket");
    if (!name.includes("/")) return list(url.searchParams, response);
    if (method === "PUT" || method === "POST") return write(method, name, url.searchParams, body, response);
    if (method === "DELETE") {
      objects.delete(name);
      response.writeHead(204).end();
      return;
    }
    const object = objects.get(name);
    if (object === undefined) return refuse(404, "NoSuchKey");
    if (headers["if-match"] !== undefined && headers["if-match"] !== tagOf(object))
      return refuse(412, "PreconditionFailed");
    const [, from = 0, to = object.length - 1] = (/^bytes=(\d+)-(\d+)$/u.exec(headers.range ?? "") ?? []).map(
      Number,
    );
    const part = object.subarray(from, to + 1);
    response.writeHead(range === "" ? 200 : 206, { "content-length": part.length, etag: tagOf(object) });
    if (fault !== "cut") {
      response.end(part);
      return;
    }
    response.write(part.subarray(0, Math.ceil(part.length / 2)), () => response.destroy());
  }

  /** Signs what came as its sender should have and compares. */
  function isSigned(request: IncomingMessage, url: URL, body: Buffer): boolean {
    const [, names = ""] = /SignedHeaders=([^,]+)/u.exec(request.headers.authorization ?? "") ?? [];
    const headers = Object.fromEntries(
      names.split(";").map((header) => [header, String(request.headers[header])]),
    );
    const time = String(request.headers["x-amz-date"]);
    const now = new Date(time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/u, "$1-$2-$3T$4:$5:$6Z"));
    const { authorization } = signRequest(
      { method: request.method ?? "", url, headers, body },
      credentials,
      "test-1",
      now,
    );
    return authorization === request.headers.authorization;
  }

  function list(query: URLSearchParams, response: ServerResponse): void {
    const prefix = `bucket/${query.get("prefix") ?? ""}`;
    const after = query.get("continuation-token") ?? "";
    const names = [...objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
    const page = names.slice(0, Math.min(PAGE, Number(query.get("max-keys") ?? PAGE)));
    const contents = page.map((name) => {
      const object = objects.get(name)!;
      const key = encodeURIComponent(name.slice("bucket/".length));
      return `<Contents><Key>${key}</Key><ETag>${tagOf(object).replaceAll('"', "&quot;")}</ETag><Size>${object.length}</Size></Contents>`;
    });
    const more = page.length < names.length;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
    response.end(
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`,
    );
  }

  function write(
    method: string,
    name: string,
    query: URLSearchParams,
    body: Buffer,
    response: ServerResponse,
  ): void {
    const uploadId = query.get("uploadId") ?? "";
    if (query.has("uploads")) {
      uploads.set(name, new Map());
      response.end(
        `<InitiateMultipartUploadResult><UploadId>${name}</UploadId></InitiateMultipartUploadResult>`,
      );
    } else if (method === "POST") {
      const parts = [...uploads.get(uploadId)!].sort(([a], [b]) => a - b).map(([, part]) => part);
      const whole = Buffer.concat(parts);
      tags.set(whole, `"${md5(Buffer.concat(parts.map(md5))).toString("hex")}-${parts.length}"`);
      objects.set(name, whole);
      response.end("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
    } else {
      if (uploadId === "") objects.set(name, body);
      else uploads.get(uploadId)!.set(Number(query.get("partNumber")), body);
      response.writeHead(200, { etag: tagOf(body) }).end();
    }
  }

  return {
    account,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: account.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    objects,
    requests,
    get fault() {
      return own.fault;
    },
    set fault(value) {
      own.fault = value;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function md5(content: Buffer): Buffer {
  return createHash("md5").update(content).digest();
}
