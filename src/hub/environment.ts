// What the environment says about the hub: the variables that every Hugging Face tool reads, with the meaning they have in
// the Python client.
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../core/index.ts";

/** The variables, read once. */
export interface HubEnvironment {
  /** `HF_ENDPOINT` without a final slash; default `https://huggingface.co`. */
  readonly endpoint: string;
  /** `HF_HUB_CACHE`, else `$HF_HOME/hub`; `HF_HOME` defaults to `~/.cache/huggingface`. */
  readonly cacheFolder: string;
  readonly token: string | undefined;
  /** Where the token was found, for messages: a variable's name or a file. */
  readonly tokenSource: string | undefined;
  /** `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`: no request at all. */
  readonly offline: boolean;
  /** False with `HF_HUB_DISABLE_SYMLINKS`: snapshots then hold the files themselves. */
  readonly symlinks: boolean;
  /** `HF_HUB_ETAG_TIMEOUT`: longest wait for an answer about a repository, in ms. */
  readonly metadataTimeout: number;
  /** `HF_HUB_DOWNLOAD_TIMEOUT`: longest silence while downloading, in ms. */
  readonly downloadTimeout: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = "https://huggingface.co";
/** The Python client's default for both timeouts. */
const DEFAULT_TIMEOUT_SECONDS = 10;

/** Reads the environment; an unusable endpoint, token or timeout is a `UserError`. */
export async function readHubEnvironment(variables: Variables = process.env): Promise<HubEnvironment> {
  const cacheHome = variable(variables, "XDG_CACHE_HOME") ?? join(homedir(), ".cache");
  const home = expandPath(variable(variables, "HF_HOME") ?? join(cacheHome, "huggingface"), variables);
  const cache = variable(variables, "HF_HUB_CACHE") ?? variable(variables, "HUGGINGFACE_HUB_CACHE");
  return {
    endpoint: readEndpoint(variable(variables, "HF_ENDPOINT") ?? DEFAULT_ENDPOINT),
    cacheFolder: cache === undefined ? join(home, "hub") : expandPath(cache, variables),
    ...(await readToken(variables, home)),
    offline: isOn(variables, "HF_HUB_OFFLINE") || isOn(variables, "TRANSFORMERS_OFFLINE"),
    symlinks: !isOn(variables, "HF_HUB_DISABLE_SYMLINKS"),
    metadataTimeout: readSeconds(variables, "HF_HUB_ETAG_TIMEOUT"),
    downloadTimeout: readSeconds(variables, "HF_HUB_DOWNLOAD_TIMEOUT"),
  };
}

/** Refuses a token that cannot be a header value, without showing it: the system's own message would print it. */
export function checkToken(token: string, source: string): string {
  if (!/^[\x21-\x7e]+$/u.test(token)) {
    throw new UserError("bad-token", `the token from ${source} holds a space or another odd character`, {
      remedy: "Copy it again from the token page of your account.",
    });
  }
  return token;
}

async function readToken(
  variables: Variables,
  home: string,
): Promise<Pick<HubEnvironment, "token" | "tokenSource">> {
  if (isOn(variables, "HF_HUB_DISABLE_IMPLICIT_TOKEN")) return { token: undefined, tokenSource: undefined };
  for (const name of ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]) {
    const token = variable(variables, name);
    if (token !== undefined) return { token: checkToken(token, name), tokenSource: name };
  }
  const path = expandPath(variable(variables, "HF_TOKEN_PATH") ?? join(home, "token"), variables);
  let token = "";
  try {
    token = (await readFile(path, "utf8")).trim();
  } catch {
    // Most people have no token file, and public repositories need none.
  }
  if (token === "") return { token: undefined, tokenSource: undefined };
  return { token: checkToken(token, path), tokenSource: path };
}

function readEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/u.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new UserError("bad-endpoint", `HF_ENDPOINT is not a web address: ${JSON.stringify(text)}`, {
      remedy: `Expected something like ${DEFAULT_ENDPOINT}.`,
    });
  }
  return text.replace(/\/+$/u, "");
}

function readSeconds(variables: Variables, name: string): number {
  const text = variable(variables, name);
  const seconds = Number(text ?? DEFAULT_TIMEOUT_SECONDS);
  if (!(seconds > 0 && seconds < 1e6)) {
    throw new UserError("bad-timeout", `${name} must be a number of seconds, found ${JSON.stringify(text)}`, {
      remedy: `Leave it out for ${DEFAULT_TIMEOUT_SECONDS} seconds.`,
    });
  }
  return seconds * 1000;
}

/** A variable without surrounding white space; empty counts as absent. */
function variable(variables: Variables, name: string): string | undefined {
  const text = variables[name]?.trim();
  return text === "" ? undefined : text;
}

function isOn(variables: Variables, name: string): boolean {
  return ["1", "ON", "YES", "TRUE"].includes((variable(variables, name) ?? "").toUpperCase());
}

/** Expands a leading `~` and `$NAME`, as the Python client does; unknown names stay as they are. */
function expandPath(path: string, variables: Variables): string {
  return path
    .replace(/^~(?=$|[\\/])/u, () => homedir())
    .replace(/\$(?:\{(\w+)\}|(\w+))/gu, (whole, braced?: string, bare?: string) => {
      return variables[braced ?? bare ?? ""] ?? whole;
    });
}
