// Pulls a model or a data set into the standard Hugging Face cache: find the commit, choose files, fetch what is missing, link.
import { UserError } from "../core/index.ts";
import { fetchFiles, lackingFiles } from "./fetch-files.ts";
import { COMMIT_PATTERN, fetchCommit, fetchListing, type RepositoryFile } from "./listing.ts";
import { openPull, type PullOptions, type PullState } from "./open-pull.ts";
import type { Selection } from "./select.ts";

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
