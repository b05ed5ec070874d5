// Who may ask: checks that run before any API route. Nothing here answers other origins, so there are no CORS headers at all.
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./errors.ts";

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

/**
 * Without a key the server trusts whoever is on this machine, but a web page can point a name of its own at 127.0.0.1 (DNS
 * rebinding): such a request still carries that name.
 */
export const loopbackNamesOnly: MiddlewareHandler = async (c, next) => {
  const { hostname } = new URL(c.req.url);
  if (!isLoopback(hostname)) {
    throw new ApiError(403, `requests for the host "${hostname}" are not answered without an API key`);
  }
  await next();
};

/** Refuses requests that a page of another origin makes: browsers name it in `Origin`. */
export const sameOriginOnly: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header("origin");
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== new URL(c.req.url).host)) {
    throw new ApiError(403, `requests from the origin "${origin}" are not answered`);
  }
  await next();
};

/** Asks for `Authorization: Bearer KEY`; compared as hashes in constant time. */
export function requireApiKey(key: string): MiddlewareHandler {
  const isKey = keyCheck(key);
  return async (c, next) => {
    const given = /^Bearer +(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (given === undefined || !isKey(given.trim())) {
      const message =
        given === undefined ? "an API key is needed: Authorization: Bearer KEY" : "the API key is wrong";
      throw new ApiError(401, message, { code: "invalid_api_key" });
    }
    await next();
  };
}

/** The same for pages, which a browser opens without such a header: it asks its user for a name (any) and the key as password. */
export function requirePassword(key: string): MiddlewareHandler {
  const isKey = keyCheck(key);
  return async (c, next) => {
    const [, scheme = "", given = ""] =
      /^(Bearer|Basic) +(.+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    const basic = scheme.toLowerCase() === "basic";
    const words = basic
      ? Buffer.from(given, "base64")
          .toString()
          .replace(/^[^:]*:/u, "")
      : given.trim();
    if (scheme === "" || !isKey(words)) {
      return c.text("The API key is needed: give it as the password, with any name.", 401, {
        "www-authenticate": 'Basic realm="Apollo: any name, the API key as password", charset="UTF-8"',
      });
    }
    await next();
  };
}

function keyCheck(key: string): (given: string) => boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const expected = digest(key);
  return (given) => timingSafeEqual(digest(given), expected);
}
