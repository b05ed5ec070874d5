// A pull before its first request: what is asked for, where it is kept, and who asks.
import type { ProgressFactory } from "../core/index.ts";
import { UserError } from "../core/index.ts";
import { openRepositoryCache, type RepositoryCache } from "./cache.ts";
import { checkToken, type HubEnvironment, readHubEnvironment } from "./environment.ts";
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

const DEFAULT_REVISION = "main";

/** Reads the name and the environment; nothing is asked of the hub. */
export async function openPull(spec: string, options: PullOptions) {
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

/** A pull under way. */
export interface PullState {
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
