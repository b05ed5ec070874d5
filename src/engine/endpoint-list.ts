// Where the servers of a pool are found: named one by one, in a file that may change while a run goes on, or by Ray Serve.
import { extname } from "node:path";
import { z } from "zod";
import { hashValue, loadConfigFile, readText, UserError } from "../core/index.ts";
import { findRayServeEndpoints } from "./ray-serve.ts";
import type { TokenPrice } from "./remote-client.ts";
import { cleanUrl } from "./remote-models.ts";

/** A server of a pool. */
export interface EndpointAddress {
  /** Base URL, `http://host:port/v1`. */
  readonly url: string;
  /** Environment variable that holds its key. Default OPENAI_API_KEY. */
  readonly key?: string;
  /** What it asks for a million tokens, where that differs from the pool's price. */
  readonly price?: TokenPrice;
}

/** Where a pool's servers are named. */
export type EndpointSource =
  | { readonly kind: "urls"; readonly urls: readonly string[] }
  /** Lines of `URL [KEY_VARIABLE]`, or YAML/JSON `endpoints:` with `url`, `key`, `price: {prompt, completion}`. */
  | { readonly kind: "file"; readonly path: string }
  /** The dashboard's address; one application's endpoints, or all. */
  | { readonly kind: "ray-serve"; readonly dashboard: string; readonly application?: string | undefined };

const priceSchema = z.strictObject({ prompt: z.number().min(0), completion: z.number().min(0) });
const fileSchema = z.strictObject({
  endpoints: z
    .array(
      z.union([
        z.string(),
        z.strictObject({ url: z.string(), key: z.string().optional(), price: priceSchema.optional() }),
      ]),
    )
    .nonempty(),
});

/** The servers now; `UserError` when the list cannot be had, is empty, or names no address. */
export async function readEndpoints(source: EndpointSource): Promise<EndpointAddress[]> {
  const found = await readSource(source);
  const seen = new Map<string, EndpointAddress>();
  for (const endpoint of found) {
    const url = cleanUrl(endpoint.url);
    if (seen.has(url) && source.kind !== "ray-serve")
      throw new UserError("bad-endpoints", `${url} is named twice`, {
        ...(source.kind === "file" ? { file: source.path } : {}),
        remedy: "Name each server once: how many requests it gets is found out.",
      });
    seen.set(url, { ...endpoint, url });
  }
  return [...seen.values()];
}

/** Changes when the list does. */
export function endpointsKey(endpoints: readonly EndpointAddress[]): string {
  return hashValue(endpoints);
}

async function readSource(source: EndpointSource): Promise<EndpointAddress[]> {
  switch (source.kind) {
    case "urls":
      return source.urls.map((url) => ({ url }));
    case "ray-serve":
      return findRayServeEndpoints(source.dashboard, source.application);
    case "file":
      return [".yaml", ".yml", ".json"].includes(extname(source.path))
        ? readStructured(source.path)
        : readLines(source.path);
    default:
      return source satisfies never;
  }
}

async function readStructured(path: string): Promise<EndpointAddress[]> {
  const parsed = fileSchema.safeParse(await loadConfigFile(path, "endpoints"));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError("bad-endpoints", issue?.message ?? "not a list of servers", {
      file: path,
      at: issue?.path.join("."),
      remedy:
        "Write endpoints: [{url: http://a/v1, key: NAME_OF_VARIABLE, price: {prompt: 0.5, completion: 1.5}}].",
    });
  }
  return parsed.data.endpoints.map((endpoint) => {
    if (typeof endpoint === "string") return { url: endpoint };
    const { url, key, price } = endpoint;
    return { url, ...(key === undefined ? {} : { key }), ...(price === undefined ? {} : { price }) };
  });
}

/** `URL [KEY_VARIABLE]` a line; `#` begins a remark. */
async function readLines(path: string): Promise<EndpointAddress[]> {
  const endpoints = (await readText(path)).split("\n").flatMap((line, index) => {
    const words = line
      .replace(/(^|\s)#.*$/u, "")
      .trim()
      .split(/\s+/u);
    const [url = "", key, ...more] = words;
    if (url === "") return [];
    if (
      !/^https?:\/\//u.test(url) ||
      more.length > 0 ||
      (key !== undefined && !/^[A-Z_][A-Z0-9_]*$/iu.test(key))
    )
      throw new UserError(
        "bad-endpoints",
        `found "${line.trim()}", expected an address and perhaps a variable's name`,
        {
          file: path,
          at: `line ${index + 1}`,
          remedy: "Write one server a line: http://host:8000/v1 NAME_OF_KEY_VARIABLE",
        },
      );
    return [{ url, ...(key === undefined ? {} : { key }) }];
  });
  if (endpoints.length === 0)
    throw new UserError("bad-endpoints", "names no server", {
      file: path,
      remedy: "Write one address a line.",
    });
  return endpoints;
}
