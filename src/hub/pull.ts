// Pulls a model or a data set into the standard Hugging Face cache: find the commit, choose files, fetch what is missing, link.
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { exists, type ProgressFactory, silentProgress, UserError } from "../core/index.ts";
import { openRepositoryCache, type RepositoryCache } from "./cache.ts";
import { downloadBlob } from "./download.ts";
import { checkToken, type HubEnvironment, readHubEnvironment } from "./environment.ts";
import { COMMIT_PATTERN, fetchCommit, fetchListing, fileUrl, type RepositoryFile } from "./listing.ts";
import { sizeOnDisk } from "./partial-file.ts";
import type { RequestSubject } from "./refusals.ts";
import { DEFAULT_RETRY, type HubClient, type RetryPolicy } from "./request.ts";
import { type Selection, selectFiles } from "./select.ts";
import { checkRevision, type HubSpec, parseHubSpec } from "./spec.ts";

/** Options for `pull`. */
export interface PullOptions {
  /** Branch, tag, `refs/pr/N` or commit; default: the spec's, else `main`. */
  readonly revision?: string | undefined;
  /** Patterns (`*`, `?`, `folder/`) of the files to pull instead of the default choice. */
  readonly include?: readonly string[];
  /** Patterns of files to leave out. */
  readonly exclude?: readonly string[];
  /** Default: `HF_TOKEN`, else the token that `hf auth login` saved. */
  readonly token?: string | undefined;
  /** Use the cache only; default: `HF_HUB_OFFLINE`. */
  readonly offline?: boolean | undefined;
  /** Downloads at once; default 4. */
  readonly concurrency?: number;
  /** Default: none shown. */
  readonly progress?: ProgressFactory;
  /** Told what a person should know though the pull goes on; default: nobody. */
  readonly warn?: (line: string) => void;
  /** Stops the pull; what was downloaded is kept for the next one. */
  readonly signal?: AbortSignal;
  /** Where `HF_HOME` and its kin are read; default `process.env`. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly retry?: RetryPolicy;
}

/** What a pull leaves. */
export interface PullResult {
  /** The snapshot's folder; `files` are in it. */
  readonly folder: string;
  /** Relative paths with forward slashes, sorted. */
  readonly files: string[];
  /** The commit, 40 hex digits. */
  readonly commit: string;
  /** Number of the repository's files that were left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

const DEFAULT_CONCURRENCY = 4;
const DEFAULT_REVISION = "main";
/** Failures of the hub, not of the request: a cached snapshot may stand in. */
const HUB_FAILURES = new Set(["hub-unreachable", "hub-unavailable", "rate-limited"]);

/**
 * Makes `owner/name[:file]` or `datasets/owner/name[:file]` (each with an optional `@revision`) available on this machine.
 * Every byte is checked against the hub's hash while it arrives; a second pull of a pinned commit makes no request.
 * Throws a `UserError` when the repository, revision or file is missing or refused, or the hub cannot be reached.
 */
export async function pull(spec: string, options: PullOptions = {}): Promise<PullResult> {
  const { state, choose } = await openPull(spec, options);
  const { cache, environment } = state;
  const { revision } = state.subject;
  if (options.offline ?? environment.offline) return useCache(state, choose);
  let commit: string;
  let listing: readonly RepositoryFile[];
  try {
    commit = await findCommit(state);
    listing = await listFiles(state, commit);
  } catch (error) {
    if (!(error instanceof UserError && HUB_FAILURES.has(error.code))) throw error;
    const cached = await useCache(state, choose).catch(() => undefined);
    if (cached === undefined) throw error;
    options.warn?.(`${error.message}: using the copy in the cache, commit ${cached.commit.slice(0, 12)}`);
    return cached;
  }
  const selection = choose(listing.map((file) => file.path));
  const wanted = new Set(selection.paths);
  await fetchFiles(
    state,
    commit,
    listing.filter((file) => wanted.has(file.path)),
  );
  // Last, so that the revision never stands for a snapshot with holes.
  if (commit !== revision) await cache.writeRef(revision, commit);
  return resultOf(state, commit, selection);
}

/** What a pull would do. */
export interface PullPlan {
  readonly commit: string;
  /** The files that would be pulled, in order of their paths. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Of all files together. */
  readonly bytes: number;
  /** What is not in the cache yet; parts of files that a stopped pull left count as there. */
  readonly toCome: number;
}

/** Asks the hub what `pull` with the same words would fetch, and fetches nothing. Errors as `pull`. */
export async function planPull(spec: string, options: PullOptions = {}): Promise<PullPlan> {
  const { state, choose } = await openPull(spec, options);
  if (options.offline ?? state.environment.offline) {
    throw new UserError("offline", `${spec} was not looked up: the hub is switched off`, {
      remedy: "Unset HF_HUB_OFFLINE.",
    });
  }
  const commit = await findCommit(state);
  const listing = await listFiles(state, commit);
  const wanted = new Set(choose(listing.map((file) => file.path)).paths);
  const files = listing.filter(({ path }) => wanted.has(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    commit,
    files: files.map(({ path, size }) => ({ path, size })),
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    toCome: (await lackingFiles(state, commit, files)).toCome,
  };
}

async function openPull(spec: string, options: PullOptions) {
  const environment = await readHubEnvironment(options.variables);
  const parsed = parseHubSpec(spec);
  const revision = chooseRevision(parsed, options.revision);
  const cache = openRepositoryCache(environment.cacheFolder, parsed.type, parsed.id, environment);
  const client = createClient(environment, options);
  const subject = { type: parsed.type, id: parsed.id, revision };
  const state: PullState = { cache, client, subject, environment, options };
  const choose = (paths: readonly string[]): Selection =>
    selectFiles(paths, {
      type: parsed.type,
      id: parsed.id,
      file: parsed.file,
      include: options.include,
      exclude: [...parsed.exclude, ...(options.exclude ?? [])],
    });
  return { state, choose };
}

interface PullState {
  readonly cache: RepositoryCache;
  readonly client: HubClient;
  readonly subject: RequestSubject & { readonly revision: string };
  readonly environment: HubEnvironment;
  readonly options: PullOptions;
}

function chooseRevision(spec: HubSpec, given: string | undefined): string {
  if (given !== undefined) checkRevision(given);
  if (given !== undefined && spec.revision !== undefined && given !== spec.revision) {
    throw new UserError("two-revisions", `asked for revision "${spec.revision}" and for "${given}"`, {
      remedy: "Give one.",
    });
  }
  return given ?? spec.revision ?? DEFAULT_REVISION;
}

function createClient(environment: HubEnvironment, options: PullOptions): HubClient {
  const token = options.token?.trim();
  return {
    endpoint: environment.endpoint,
    ...(token === undefined || token === ""
      ? { token: environment.token, tokenSource: environment.tokenSource }
      : { token: checkToken(token, "the token option"), tokenSource: "the token option" }),
    retry: options.retry ?? DEFAULT_RETRY,
    signal: options.signal ?? new AbortController().signal,
    onWait: (reason, milliseconds) => {
      // Short pauses are no news.
      if (milliseconds >= 2000)
        options.warn?.(`${reason}: trying again in ${Math.ceil(milliseconds / 1000)} s`);
    },
    warn: options.warn ?? (() => {}),
  };
}

async function findCommit({ client, subject, environment }: PullState): Promise<string> {
  if (COMMIT_PATTERN.test(subject.revision)) return subject.revision;
  return fetchCommit(client, subject, environment.metadataTimeout);
}

async function listFiles(state: PullState, commit: string): Promise<RepositoryFile[]> {
  const known = await state.cache.readListing(commit);
  if (known !== undefined) return known;
  const files = await fetchListing(state.client, state.subject, commit, state.environment.metadataTimeout);
  await state.cache.writeListing(commit, files);
  return files;
}

/** Answers from the cache alone. */
async function useCache(
  state: PullState,
  choose: (paths: readonly string[]) => Selection,
): Promise<PullResult> {
  const { cache } = state;
  const { revision, id } = state.subject;
  const commit = COMMIT_PATTERN.test(revision) ? revision : await cache.readRef(revision);
  const remedy = "Pull it once without HF_HUB_OFFLINE.";
  if (commit === undefined) {
    throw new UserError("not-in-cache", `${id} at ${revision} is not in the cache`, {
      file: cache.folder,
      remedy,
    });
  }
  const listing = await cache.readListing(commit);
  const present = await cache.snapshotFiles(commit);
  // Without a list (an older tool made the snapshot) what is there is all that can be known.
  const selection = choose(listing?.map((file) => file.path) ?? present);
  const wanted = new Set(selection.paths);
  const missing: string[] = [];
  for (const file of listing ?? []) {
    if (wanted.has(file.path) && !(await cache.hasFile(commit, file))) missing.push(file.path);
  }
  if (missing.length > 0) {
    const more = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
    throw new UserError("not-in-cache", `${id} is not whole in the cache: ${missing[0]}${more} missing`, {
      file: cache.snapshotFolder(commit),
      remedy,
    });
  }
  return resultOf(state, commit, selection);
}

function resultOf({ cache }: PullState, commit: string, { paths, skipped }: Selection): PullResult {
  return { folder: cache.snapshotFolder(commit), files: [...paths], commit, skipped };
}

/** The files that the snapshot lacks, and how many of their bytes are still to come. */
async function lackingFiles(
  { cache }: PullState,
  commit: string,
  files: readonly RepositoryFile[],
): Promise<{ readonly queue: RepositoryFile[]; readonly toCome: number }> {
  const queue: RepositoryFile[] = [];
  let toCome = 0;
  for (const file of files) {
    if (await cache.hasFile(commit, file)) continue;
    queue.push(file);
    toCome += file.size - Math.min(file.size, await sizeOnDisk(cache.blobPath(file.digest.hex)));
  }
  return { queue, toCome };
}

/** Downloads what the snapshot lacks, several files at once, and links each as soon as it is whole. */
async function fetchFiles(state: PullState, commit: string, files: readonly RepositoryFile[]): Promise<void> {
  const { cache, client, subject, environment, options } = state;
  const { queue, toCome } = await lackingFiles(state, commit, files);
  if (queue.length === 0) return;
  await checkSpace(environment.cacheFolder, toCome);

  const total = queue.reduce((sum, file) => sum + file.size, 0);
  const progress = (options.progress ?? silentProgress)(`pull ${subject.id}`, megabytes(total), "MB");
  const counts = new Map<string, number>();
  let done = 0;
  const count = (path: string, bytes: number): void => {
    done += bytes - (counts.get(path) ?? 0);
    counts.set(path, bytes);
    progress.update(megabytes(done), path);
  };
  // The first failure stops the other downloads, which then fail with the same reason.
  const failure = new AbortController();
  const signal = AbortSignal.any([client.signal, failure.signal]);
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const { path, size, digest } = file;
      await downloadBlob(
        { ...client, signal },
        {
          url: fileUrl(client.endpoint, subject, commit, path),
          subject: { ...subject, path },
          size,
          digest,
          path: cache.blobPath(digest.hex),
          timeout: environment.downloadTimeout,
          onBytes: (bytes) => count(path, bytes),
        },
      );
      await cache.linkFile(commit, file);
    }
  };
  const workers = Array.from({ length: options.concurrency ?? DEFAULT_CONCURRENCY }, () =>
    work().catch((error: unknown) => {
      failure.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  progress.finish(failure.signal.aborted ? "stopped" : "");
  if (failure.signal.aborted) throw failure.signal.reason;
}

/** Refuses a pull that cannot fit, before its first byte. */
async function checkSpace(cacheFolder: string, bytes: number): Promise<void> {
  let folder = cacheFolder;
  while (!(await exists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined || disk.bavail * disk.bsize >= bytes) return;
  throw new UserError(
    "disk-full",
    `${megabytes(bytes)} MB to download, ${megabytes(disk.bavail * disk.bsize)} MB free`,
    { file: cacheFolder, remedy: "Free some space, or set HF_HOME to a folder on another disk." },
  );
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
