// What a repository holds: the commit that a revision stands for, and its files with sizes and hashes.
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { RequestSubject } from "./refusals.ts";
import { type HubClient, retry, sendRequest } from "./request.ts";
import { checkRepositoryPath } from "./spec.ts";

/** How a file's bytes are checked. */
export interface Digest {
  /** SHA-256 of the bytes for large (LFS) files; the SHA-1 that git gives a blob for the others. */
  readonly algorithm: "sha256" | "git-sha1";
  /** Lower-case hex; also the file's name among the cache's blobs. */
  readonly hex: string;
}

/** One file of a commit. */
export interface RepositoryFile {
  /** Relative, with forward slashes; checked. */
  readonly path: string;
  readonly size: number;
  readonly digest: Digest;
  /** Git's own id: for a large file that of its pointer. */
  readonly gitId: string;
  readonly xetHash?: string | undefined;
}

/** A full commit hash. */
export const COMMIT_PATTERN = /^[0-9a-f]{40}$/u;

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const sha1 = z.string().regex(COMMIT_PATTERN);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);
const infoSchema = z.object({ sha: sha1 });
const fileSchema = z.object({
  path: z.string(),
  size,
  oid: sha1,
  lfs: z.object({ oid: sha256, size }).nullish(),
  xetHash: z.string().nullish(),
});
const entrySchema = z.object({ type: z.string() });
const pageSchema = z.array(z.unknown());

/** The commit that a branch, tag or `refs/pr/N` stands for now. */
export async function fetchCommit(
  client: HubClient,
  subject: RequestSubject,
  timeout: number,
): Promise<string> {
  const revision = encodeURIComponent(subject.revision ?? "main");
  const url = `${client.endpoint}/api/${subject.type}s/${subject.id}/revision/${revision}`;
  const { value } = await fetchJson(client, url, subject, timeout);
  return parse(infoSchema, value, url).sha;
}

/** Every file of a commit, in the hub's order, through all pages. */
export async function fetchListing(
  client: HubClient,
  subject: RequestSubject,
  commit: string,
  timeout: number,
): Promise<RepositoryFile[]> {
  const files: RepositoryFile[] = [];
  const seen = new Set<string>();
  let url: string | undefined =
    `${client.endpoint}/api/${subject.type}s/${subject.id}/tree/${commit}?recursive=true&expand=false`;
  while (url !== undefined) {
    if (seen.has(url)) throw badAnswer(url, "its list of files never ends");
    seen.add(url);
    const page = await fetchJson(client, url, { ...subject, revision: commit }, timeout);
    for (const raw of parse(pageSchema, page.value, url)) {
      // Folders, and kinds of entry that may come one day, hold nothing to download.
      if (parse(entrySchema, raw, url).type === "file") files.push(readFile(raw, url));
    }
    url = page.next;
  }
  return files;
}

/** Where a file's bytes are: `/resolve/`, which redirects large files to storage. */
export function fileUrl(
  endpoint: string,
  subject: Pick<RequestSubject, "type" | "id">,
  commit: string,
  path: string,
): string {
  const folder = subject.type === "dataset" ? "datasets/" : "";
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return `${endpoint}/${folder}${subject.id}/resolve/${commit}/${encoded}`;
}

function readFile(raw: unknown, url: string): RepositoryFile {
  const entry = parse(fileSchema, raw, url);
  checkRepositoryPath(entry.path);
  return {
    path: entry.path,
    size: entry.lfs?.size ?? entry.size,
    digest: entry.lfs
      ? { algorithm: "sha256", hex: entry.lfs.oid }
      : { algorithm: "git-sha1", hex: entry.oid },
    gitId: entry.oid,
    xetHash: entry.xetHash ?? undefined,
  };
}

function fetchJson(
  client: HubClient,
  url: string,
  subject: RequestSubject,
  timeout: number,
): Promise<{ value: unknown; next: string | undefined }> {
  return retry(client, async () => {
    const response = await sendRequest(client, url, { subject, timeout });
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of response.read()) text += decoder.decode(chunk, { stream: true });
    try {
      return { value: JSON.parse(text), next: nextPage(response.headers.get("link"), url) };
    } catch {
      throw badAnswer(url, "the answer is not JSON");
    }
  });
}

/** The address in `Link: <...>; rel="next"`. */
function nextPage(link: string | null, url: string): string | undefined {
  const next = /<([^>]*)>\s*;\s*rel="?next"?/u.exec(link ?? "")?.[1];
  return next === undefined ? undefined : new URL(next, url).href;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, url: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw badAnswer(url, `${issue?.path.join(".") || "the answer"}: ${issue?.message ?? "malformed"}`);
}

function badAnswer(url: string, what: string): UserError {
  const { host } = new URL(url);
  return new UserError("not-a-hub", `${host} does not answer as a Hugging Face hub (${what})`, {
    at: url,
    remedy: "Check HF_ENDPOINT; a proxy or a login page may answer in its place.",
  });
}
