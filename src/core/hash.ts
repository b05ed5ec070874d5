// Content hashes: of files, of text, and of values in a canonical form.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { asFileError } from "./errors.ts";

/** SHA-256 of a file's bytes, as hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
  } catch (error) {
    throw asFileError(error, path);
  }
  return hash.digest("hex");
}

/** SHA-256 of text or bytes, as hex. */
export function hashBytes(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** SHA-256 of a JSON value that does not depend on the order of its keys. */
export function hashValue(value: unknown): string {
  return hashBytes(canonicalJson(value));
}

/** JSON with object keys sorted, without spaces; `undefined` members are left out as in `JSON.stringify`. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === "object" && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
