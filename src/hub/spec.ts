// Names of things on the hub: `owner/name`, `datasets/owner/name`, with `:file` and `@revision`, and short names for the
// published Apollo family.
import { UserError } from "../core/index.ts";

/** The hub's kinds of repository that this room reads. */
export type RepositoryType = "model" | "dataset";

/** What a spec names. */
export interface HubSpec {
  readonly type: RepositoryType;
  /** `owner/name`. */
  readonly id: string;
  /** Branch, tag, `refs/pr/N` or commit; `undefined` means the default branch, `main`. */
  readonly revision: string | undefined;
  /** One file of the repository; `undefined` means the default choice for its type. */
  readonly file: string | undefined;
  /** Patterns that a short name leaves out of the default choice. */
  readonly exclude: readonly string[];
}

interface Shortcut {
  readonly type: RepositoryType;
  readonly id: string;
  readonly exclude?: readonly string[];
}

/**
 * Short names of the published family, spelt as on its model cards
 * (https://huggingface.co/FreedomIntelligence/Apollo-7B, links "ApolloCorpus" and "XMedBench": the latter has a small b).
 */
export const HUB_SHORTCUTS: Readonly<Record<string, Shortcut>> = {
  "apollo-0.5b": { type: "model", id: "FreedomIntelligence/Apollo-0.5B" },
  "apollo-1.8b": { type: "model", id: "FreedomIntelligence/Apollo-1.8B" },
  "apollo-2b": { type: "model", id: "FreedomIntelligence/Apollo-2B" },
  "apollo-6b": { type: "model", id: "FreedomIntelligence/Apollo-6B" },
  "apollo-7b": { type: "model", id: "FreedomIntelligence/Apollo-7B" },
  xmedbench: { type: "dataset", id: "FreedomIntelligence/XMedbench" },
  // The zip (5.5 GB) holds the same files as the folders beside it.
  "apollo-corpus": {
    type: "dataset",
    id: "FreedomIntelligence/ApolloCorpus",
    exclude: ["ApolloCorpus.zip"],
  },
};

const EXAMPLES = "Write owner/name[:file], datasets/owner/name[:file] or a short name";

/**
 * Parses `owner/name[@revision][:file]`, `datasets/owner/name[@revision][:file]` or a short name in their place.
 * `@revision` may also come last; a file whose own name holds an `@` needs the revision in front: `o/n@main:a@b.gguf`.
 * Throws a `UserError` `bad-hub-spec` or `unsafe-path`.
 */
export function parseHubSpec(text: string): HubSpec {
  const colon = text.indexOf(":");
  let head = colon < 0 ? text : text.slice(0, colon);
  let file = colon < 0 ? undefined : text.slice(colon + 1);
  let revision: string | undefined;
  const at = head.indexOf("@");
  if (at >= 0) {
    revision = head.slice(at + 1);
    head = head.slice(0, at);
  } else if (file?.includes("@")) {
    const last = file.lastIndexOf("@");
    revision = file.slice(last + 1);
    file = file.slice(0, last);
  }
  if (/^https?$/u.test(head) && file?.startsWith("//")) {
    throw badSpec(text, "is an address", `${EXAMPLES}; a mirror is named by HF_ENDPOINT.`);
  }
  if (file !== undefined) checkRepositoryPath(file);
  if (revision !== undefined) checkRevision(revision);
  const shortcut = HUB_SHORTCUTS[head.toLowerCase()];
  if (shortcut !== undefined) {
    return { type: shortcut.type, id: shortcut.id, revision, file, exclude: shortcut.exclude ?? [] };
  }
  const parts = head.split("/");
  const type: RepositoryType = parts[0] === "datasets" ? "dataset" : "model";
  const id = (type === "dataset" ? parts.slice(1) : parts).join("/");
  checkRepositoryId(text, id);
  return { type, id, revision, file, exclude: [] };
}

/** The hub's own rules for names; `--` would also make two repositories share a cache folder. */
function checkRepositoryId(text: string, id: string): void {
  const names = id.split("/");
  const good =
    names.length === 2 &&
    id.length <= 96 &&
    names.every((name) => /^\w(?:[\w.-]*\w)?$/u.test(name) && !/--|\.\./u.test(name));
  if (!good) {
    const shortNames = Object.keys(HUB_SHORTCUTS).join(", ");
    throw badSpec(text, "does not name a repository", `${EXAMPLES} (${shortNames}).`);
  }
}

/**
 * Refuses a path that could leave the snapshot's folder: absolute, with `..`, a drive letter, a backslash or an empty part.
 * Paths come from users and from servers alike, and are joined to the cache folder.
 */
export function checkRepositoryPath(path: string): void {
  const parts = path.split("/");
  const bad =
    path === "" ||
    /^[A-Za-z]:/u.test(path) ||
    path.includes("\\") ||
    hasControlCharacter(path) ||
    parts.some((part) => part === "" || part === "." || part === "..");
  if (bad) {
    throw new UserError("unsafe-path", `${JSON.stringify(path)} is not a path inside a repository`, {
      remedy: "Expected a relative path with forward slashes and without . or .. parts.",
    });
  }
}

/** Refuses what git would not take as a branch or tag, and what could leave the cache's `refs` folder. */
export function checkRevision(revision: string): void {
  const parts = revision.split("/");
  const bad =
    /[\\:~^?*[\s]/u.test(revision) ||
    hasControlCharacter(revision) ||
    parts.some((part) => part === "" || part === "." || part.includes(".."));
  if (bad) {
    throw new UserError("bad-revision", `${JSON.stringify(revision)} is not a revision`, {
      remedy: "Expected a branch, a tag, refs/pr/N or a commit hash.",
    });
  }
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < " " || character === "\u007f");
}

function badSpec(text: string, what: string, remedy: string): UserError {
  return new UserError("bad-hub-spec", `${JSON.stringify(text)} ${what}`, { remedy });
}
