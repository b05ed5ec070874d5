// The built web pages, read once into memory: only the files that were there at the start can ever be asked for.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `npm run build` puts the pages: beside this room's compiled folder. */
export const WEB_ROOT = fileURLToPath(new URL("../web", import.meta.url));

/**
 * Pages run their own scripts and styles and talk to this server alone: nothing that a model writes can load or send anything.
 */
export const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

interface Page {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
  readonly tag: string;
}

/** Loads the pages under `root`; gives a function from a request to its page, or to nothing. */
export function loadPages(
  root: string,
): (path: string, ifNoneMatch: string | undefined) => Response | undefined {
  const pages = new Map<string, Page>();
  const files = existsSync(root)
    ? readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
  for (const file of files) {
    const full = join(file.parentPath, file.name);
    const path = full.slice(root.length).split(sep).join("/").replace(/^\/?/, "/");
    const bytes = new Uint8Array(readFileSync(full));
    const tag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
    const page: Page = {
      bytes,
      tag,
      headers: {
        "content-type": TYPES[extname(file.name)] ?? "application/octet-stream",
        // Vite puts a content hash into the names of assets.
        "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
        etag: tag,
      },
    };
    pages.set(path, page);
    if (path.endsWith("/index.html")) pages.set(path.slice(0, -"index.html".length), page);
  }
  return (path, ifNoneMatch) => {
    const page = pages.get(path);
    if (page === undefined) return undefined;
    if (ifNoneMatch === page.tag) return new Response(null, { status: 304, headers: page.headers });
    return new Response(page.bytes, { headers: page.headers });
  };
}
