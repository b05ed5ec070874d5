// A small Hugging Face hub on this machine: it serves given files by the hub's routes, headers and redirects. Tests of
// everything that pulls run against it, and so does `reproduce --scale tiny`; `intercept` lets a test make it misbehave.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RepositoryType } from "./spec.ts";

/** One repository to serve. */
export interface LocalRepository {
  readonly type: RepositoryType;
  /** `owner/name`. */
  readonly id: string;
  /** Content by relative path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Branches and tags; all stand for the one commit. Default `["main"]`. */
  readonly revisions?: readonly string[];
  /** Tokens that may read it; default: everybody. Without one the answer is 401 or 403 with `GatedRepo`. */
  readonly gatedFor?: readonly string[];
}

/** One request as it came, for tests. */
export interface SeenRequest {
  readonly server: "hub" | "storage";
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

/** Options for `startLocalHub`. */
export interface LocalHubOptions {
  /** Which files are kept as large (LFS) files, served by a redirect to the storage server. Default: weights and archives. */
  readonly isLarge?: (path: string) => boolean;
  /** Sees each request first; true means that it has answered. */
  readonly intercept?: (request: SeenRequest, response: ServerResponse) => boolean;
  /** Entries per page of a listing; default 1000, as the hub. */
  readonly pageSize?: number;
}

/** A running local hub. */
export interface LocalHub {
  /** For `HF_ENDPOINT`. */
  readonly endpoint: string;
  /** The host and port of its storage, to which large files are redirected. */
  readonly storageHost: string;
  /** Every request so far, in order. */
  readonly requests: readonly SeenRequest[];
  /** The commit of a repository; it depends on the files only. */
  commitOf(id: string): string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

interface StoredFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** Git's id of what git stores: the file, or the pointer of a large one. */
  readonly gitId: string;
  readonly sha256: string | undefined;
  readonly pointerSize: number;
}

interface StoredRepository extends LocalRepository {
  readonly commit: string;
  readonly stored: readonly StoredFile[];
}

const LARGE = /\.(?:safetensors|gguf|bin|zip|parquet|pt|pth|h5|onnx)$/iu;

/** Starts the hub and its storage on free ports of the loopback interface. */
export async function startLocalHub(
  repositories: readonly LocalRepository[],
  options: LocalHubOptions = {},
): Promise<LocalHub> {
  const isLarge = options.isLarge ?? ((path) => LARGE.test(path));
  const stored = repositories.map((repository) => storeRepository(repository, isLarge));
  const contents = new Map(stored.flatMap((r) => r.stored.map((file) => [file.sha256 ?? "", file.bytes])));
  const requests: SeenRequest[] = [];
  const listen = (
    server: SeenRequest["server"],
    answer: (url: URL, headers: IncomingMessage["headers"]) => Answer,
  ): Promise<Server> => {
    const http = createServer((request, response) => {
      const { method = "GET", url = "/", headers } = request;
      const seen: SeenRequest = { server, method, url, headers };
      requests.push(seen);
      if (options.intercept?.(seen, response)) return;
      const { status, headers: sent, body } = answer(new URL(url, `http://${headers.host}`), headers);
      response.writeHead(status, { ...sent, "content-length": body?.length ?? 0 });
      response.end(method === "HEAD" ? undefined : body);
    });
    return new Promise((resolve, reject) => {
      http.once("error", reject).listen(0, "127.0.0.1", () => resolve(http));
    });
  };
  const storage = await listen("storage", (url, headers) => {
    // Signed addresses carry their permission; storage of the S3 kind rejects a second one.
    if (headers.authorization !== undefined) return refuse(400, "two authorizations");
    const bytes = contents.get(url.pathname.slice(1));
    return bytes === undefined ? refuse(404, "no such object") : answerBytes(bytes, headers.range);
  });
  const storageHost = hostOf(storage);
  const served: HubContents = { stored, storageHost, pageSize: options.pageSize ?? 1000 };
  const hub = await listen("hub", (url, headers) => answerHub(served, url, headers));
  return {
    endpoint: `http://${hostOf(hub)}`,
    storageHost,
    requests,
    commitOf: (id) => stored.find((repository) => repository.id === id)?.commit ?? "",
    async close() {
      for (const server of [hub, storage]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

interface HubContents {
  readonly stored: readonly StoredRepository[];
  readonly storageHost: string;
  readonly pageSize: number;
}

const API = /^\/api\/(model|dataset)s\/([^/]+\/[^/]+)(?:\/(revision|tree)\/([^/]+))?$/u;
const RESOLVE = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/u;

function answerHub(hub: HubContents, url: URL, headers: IncomingMessage["headers"]): Answer {
  const [, apiType, apiId, verb, apiRevision] = API.exec(url.pathname) ?? [];
  const [, datasets, fileId, fileRevision, filePath] = RESOLVE.exec(url.pathname) ?? [];
  const type = apiType ?? (datasets === undefined ? "model" : "dataset");
  const id = apiId ?? fileId;
  const repository = hub.stored.find((one) => one.type === type && one.id === id);
  const token = /^Bearer (.+)$/u.exec(headers.authorization ?? "")?.[1];
  if (repository === undefined) {
    // To the anonymous a missing repository and a private one look alike.
    return refuse(token === undefined ? 401 : 404, "Repository not found", "RepoNotFound");
  }
  if (repository.gatedFor !== undefined && !repository.gatedFor.includes(token ?? "")) {
    const message = `Access to ${type} ${id} is restricted.`;
    return refuse(token === undefined ? 401 : 403, message, "GatedRepo");
  }
  const revision = decodeURIComponent(apiRevision ?? fileRevision ?? "main");
  if (revision !== repository.commit && !(repository.revisions ?? ["main"]).includes(revision)) {
    return refuse(404, `Invalid rev id: ${revision}`, "RevisionNotFound");
  }
  const answer =
    filePath !== undefined
      ? answerFile(hub, repository, decodeURIComponent(filePath), headers.range)
      : verb === "tree"
        ? answerTree(hub, repository, url)
        : answerInfo(repository);
  return { ...answer, headers: { ...answer.headers, "x-repo-commit": repository.commit } };
}

function answerInfo({ id, commit, gatedFor, stored }: StoredRepository): Answer {
  return answerJson({
    _id: commit.slice(0, 24),
    id,
    sha: commit,
    private: false,
    gated: gatedFor === undefined ? false : "manual",
    tags: [],
    siblings: stored.map(({ path }) => ({ rfilename: path })),
  });
}

function answerFile(
  hub: HubContents,
  { stored }: StoredRepository,
  path: string,
  range: string | undefined,
): Answer {
  const file = stored.find((one) => one.path === path);
  if (file === undefined) return refuse(404, "Entry not found", "EntryNotFound");
  if (file.sha256 === undefined) {
    const answer = answerBytes(file.bytes, range);
    return { ...answer, headers: { ...answer.headers, etag: `"${file.gitId}"` } };
  }
  return {
    status: 302,
    headers: {
      location: `http://${hub.storageHost}/${file.sha256}?Expires=1&Signature=s`,
      "x-linked-etag": `"${file.sha256}"`,
      "x-linked-size": String(file.bytes.length),
    },
  };
}

function answerTree(hub: HubContents, { stored }: StoredRepository, url: URL): Answer {
  const folders = new Set(
    stored.flatMap(({ path }) => path.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))),
  );
  folders.delete("");
  const entries = [
    ...[...folders].map((path) => ({ type: "directory", oid: gitBlobId(Buffer.from(path)), size: 0, path })),
    ...stored.map(({ path, bytes, gitId, sha256, pointerSize }) => ({
      type: "file",
      oid: gitId,
      size: bytes.length,
      path,
      ...(sha256 === undefined ? {} : { lfs: { oid: sha256, size: bytes.length, pointerSize } }),
    })),
  ];
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const to = from + hub.pageSize;
  const page = answerJson(entries.slice(from, to));
  if (to >= entries.length) return page;
  const next = new URL(url);
  next.searchParams.set("cursor", String(to));
  return { ...page, headers: { ...page.headers, link: `<${next.href}>; rel="next"` } };
}

/** Bytes, or the part that `Range: bytes=N-` or `bytes=N-M` asks for. */
function answerBytes(bytes: Buffer, range: string | undefined): Answer {
  const headers = { "accept-ranges": "bytes" };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/u.exec(range ?? "") ?? [];
  if (first === undefined) return { status: 200, headers, body: bytes };
  const start = Number(first);
  if (start >= bytes.length) return { status: 416, headers: { "content-range": `bytes */${bytes.length}` } };
  const end = last ? Math.min(Number(last) + 1, bytes.length) : bytes.length;
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${end - 1}/${bytes.length}` },
    body: bytes.subarray(start, end),
  };
}

function answerJson(value: unknown): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: Buffer.from(JSON.stringify(value)),
  };
}

function refuse(status: number, message: string, code?: string): Answer {
  const { headers, body } = answerJson({ error: message });
  const detail = { "x-error-message": message, "x-request-id": "Root=1-local" };
  return {
    status,
    headers: { ...headers, ...detail, ...(code === undefined ? {} : { "x-error-code": code }) },
    ...(body === undefined ? {} : { body }),
  };
}

function storeRepository(repository: LocalRepository, isLarge: (path: string) => boolean): StoredRepository {
  const stored = Object.entries(repository.files).map(([path, content]): StoredFile => {
    const bytes = Buffer.from(content as Uint8Array);
    if (!isLarge(path)) return { path, bytes, gitId: gitBlobId(bytes), sha256: undefined, pointerSize: 0 };
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const pointer = Buffer.from(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes.length}\n`,
    );
    return { path, bytes, gitId: gitBlobId(pointer), sha256, pointerSize: pointer.length };
  });
  const commit = createHash("sha1");
  for (const { path, gitId } of stored) commit.update(`${gitId} ${path}\n`);
  return { ...repository, stored, commit: commit.digest("hex") };
}

function gitBlobId(bytes: Buffer): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function hostOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
